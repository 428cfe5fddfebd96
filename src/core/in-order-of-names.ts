/**
 * The objects of a map by their names, so that a message names the same one of several in whatever order files or events have brought
 * them.
 */
export function inOrderOfNames<T>(byName: ReadonlyMap<string, T>): T[] {
  const entries = [...byName];
  return entries.sort(([one], [other]) => compareNames(one, other)).map(([, object]) => object);
}

function compareNames(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
