/** Shortens long names and long lists of them for messages. Anybody can write them, and nobody reads more than their beginning. */

/** @param longest how many characters of the text a message repeats */
export function shortened(text: string, longest = 80): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** @returns `a, b and 3 more`: the first names, each shortened, and how many others there are */
export function listed(names: readonly string[], most: number): string {
  const first = names
    .slice(0, most)
    .map((name) => shortened(name))
    .join(', ');
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}
