/** Shortens long names for messages. Anybody can write a long name, and nobody reads more than its beginning. */

/** @param longest how many characters of the text a message repeats */
export function shortened(text: string, longest = 80): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
