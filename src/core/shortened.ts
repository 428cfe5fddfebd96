/** Nobody reads more than the beginning of a long name, and anybody can write a longer one. */

/** @param longest how many characters of the text a message repeats */
export function shortened(text: string, longest = 80): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
