/** Tokens that are scanned and not yet parsed; each has a number, from 0 at the start of the text. */
import { TOKEN, type Scalar, type Token, type TokenKind } from './tokens.ts';

export class TokenQueue {
  /** From `#head` to `#tail`; the places are used again and again. */
  readonly #tokens: Token[] = [];
  #head = 0;
  #tail = 0;
  /** How many were taken so far: the number of the token at the head. */
  #taken = 0;

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  get headNumber(): number {
    return this.#taken;
  }

  /** What the next token to be pushed will have. */
  get nextNumber(): number {
    return this.#taken + this.#tail - this.#head;
  }

  get head(): Token {
    const token = this.#tokens[this.#head];
    if (token === undefined) throw new Error('the queue of tokens is empty');
    return token;
  }

  takeHead(): void {
    this.#taken += 1;
    this.#head += 1;
    // It runs empty at every line that holds no bracket, so it stays short.
    if (this.#head === this.#tail) this.#head = this.#tail = 0;
  }

  push(kind: TokenKind, offset: number, text = ''): void {
    this.#append({ kind, offset, text, isPlain: false, end: offset });
  }

  pushScalar({ offset, text, isPlain, end }: Scalar): void {
    this.#append({ kind: TOKEN.SCALAR, offset, text, isPlain, end });
  }

  #append(token: Token): void {
    this.#tokens[this.#tail] = token;
    this.#tail += 1;
  }

  /**
   * Puts a token before the one with a number. Few stand behind that, so moving them one by one is fastest. Where it is
   * taken already (`[]: a`: upstream forgets that this bracket may begin a key), the token goes to the end.
   */
  insert(number: number, kind: TokenKind, offset: number): void {
    if (number < this.#taken) {
      this.push(kind, offset);
      return;
    }
    const place = this.#head + number - this.#taken;
    for (let index = this.#tail; index > place; index--) {
      const moved = this.#tokens[index - 1];
      if (moved !== undefined) this.#tokens[index] = moved;
    }
    this.#tokens[place] = { kind, offset, text: '', isPlain: false, end: offset };
    this.#tail += 1;
  }
}
