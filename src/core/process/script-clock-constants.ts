/** Variables that nobody may change any more (`readonly`), as far as they are remembered. */

/** How many names are remembered: a bound on the time that it takes to join two ways. */
const MAX_CONSTANTS = 64;

/** The names; undefined where there are more than are remembered, or where nobody knows them: any variable may be one then. */
export type Constants = ReadonlySet<string> | undefined;

export const NO_CONSTANTS: Constants = new Set();

/** @param names undefined for each that is not known */
export function withNames(constants: Constants, names: Iterable<string | undefined>): Constants {
  if (constants === undefined) return undefined;
  let after: Set<string> | undefined;
  for (const name of names) {
    if (name === undefined) return undefined;
    const before = after ?? constants;
    if (before.has(name)) continue;
    if (before.size >= MAX_CONSTANTS) return undefined;
    after ??= new Set(constants);
    after.add(name);
  }
  return after ?? constants;
}

/** What may be constant after one of two ways: one of the two where it holds the other. */
export function eitherConstants(a: Constants, b: Constants): Constants {
  if (a === b || a === undefined || b === undefined) return a === b ? a : undefined;
  return a.size < b.size ? withNames(b, a) : withNames(a, b);
}

export function mayBeConstant(constants: Constants, name: string): boolean {
  return constants === undefined || constants.has(name);
}
