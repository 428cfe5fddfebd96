/** Which word somebody probably meant. */

/** Of a word of this many letters, one may be wrong; of twice as many, two. */
const LETTERS_FOR_A_MISTAKE = 4;

/** @returns the most similar of the words, the first of several; undefined where none is similar enough */
export function similarWord(word: string, words: readonly string[]): string | undefined {
  let most = Math.floor(word.length / LETTERS_FOR_A_MISTAKE);
  let found: string | undefined;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) > most) continue;
    const distance = editDistance(word, candidate);
    if (distance > most) continue;
    found = candidate;
    most = distance - 1;
  }
  return found;
}

/** How many letters have to be added, removed, replaced or swapped with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const [removed = 0, added = 0, replaced = 0] = [last[j], row[j - 1], last[j - 1]];
      let distance = Math.min(removed + 1, added + 1, replaced + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1);
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? a.length;
}
