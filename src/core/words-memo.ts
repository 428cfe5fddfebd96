/**
 * Keeps what was computed from a short list of words, such as the command of a container: all Pods of a workload have the same. The words are
 * looked up one by one, because to put them together into one text takes longer. The memo is bounded as a `TextMemo` is: a full one is
 * emptied.
 */
export class WordsMemo<T> {
  #root: Place<T> = {};
  #places = 0;
  readonly #maxPlaces: number;
  readonly #longestList: number;

  /**
   * @param maxPlaces how many words are kept; those with which several lists begin count once
   * @param longestList in UTF-16 units, and one for each word; longer ones are not kept
   */
  constructor(maxPlaces: number, longestList: number) {
    this.#maxPlaces = maxPlaces;
    this.#longestList = longestList;
  }

  /** @param kind tells apart what was computed from the same words in different ways */
  get(kind: string, words: readonly string[]): T | undefined {
    let place = this.#root.next?.get(kind);
    for (let index = 0; place !== undefined && index < words.length; index++) place = place.next?.get(words[index] ?? '');
    return place?.value;
  }

  set(kind: string, words: readonly string[], value: T): void {
    let length = kind.length;
    for (const word of words) {
      length += word.length + 1;
      if (length > this.#longestList) return;
    }
    if (this.#places + 1 + words.length > this.#maxPlaces) {
      this.#root = {};
      this.#places = 0;
    }
    let place = this.#below(this.#root, kind);
    for (const word of words) place = this.#below(place, word);
    place.value = value;
  }

  #below(place: Place<T>, word: string): Place<T> {
    place.next ??= new Map();
    let below = place.next.get(word);
    if (below === undefined) {
      below = {};
      place.next.set(word, below);
      this.#places += 1;
    }
    return below;
  }
}

/** What is known of the words on the way to here, and the words that may follow them. */
interface Place<T> {
  value?: T;
  next?: Map<string, Place<T>>;
}
