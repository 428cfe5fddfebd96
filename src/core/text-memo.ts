/**
 * Keeps what was computed from a short text, because the same texts come again and again: one request names the same image
 * and amount a dozen times, and the next request does so too. The memo is bounded, because anybody can send texts: a full
 * memo is emptied.
 */
export class TextMemo<T> {
  readonly #known = new Map<string, T>();
  readonly #maxTexts: number;
  readonly #longestText: number;

  /** @param longestText in UTF-16 units; longer ones are not kept */
  constructor(maxTexts: number, longestText: number) {
    this.#maxTexts = maxTexts;
    this.#longestText = longestText;
  }

  get(text: string): T | undefined {
    return this.#known.get(text);
  }

  set(text: string, value: T): void {
    if (text.length > this.#longestText) return;
    if (this.#known.size >= this.#maxTexts) this.#known.clear();
    this.#known.set(text, value);
  }
}

/** The same answer for the same text, kept in a memo. @param maxTexts as a `TextMemo` has them, and `longestText` */
export function rememberedByText<T extends string | boolean>(
  maxTexts: number,
  longestText: number,
  answerTo: (text: string) => T,
): (text: string) => T {
  const memo = new TextMemo<T>(maxTexts, longestText);
  return (text) => {
    let answer = memo.get(text);
    if (answer === undefined) memo.set(text, (answer = answerTo(text)));
    return answer;
  };
}
