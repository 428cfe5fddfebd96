/**
 * Where a key may have begun whose `:` is still to come: one place outside of brackets, and one for each level within.
 *
 * Follows the `simple_key` functions in `scannerc.go` of go.yaml.in/yaml/v2 v2.4.2,
 * a port of libyaml (MIT, licenses/go-yaml/LICENSE.libyaml).
 */
import type { Cursor } from './cursor.ts';
import { YamlProblem } from './yaml-problem.ts';

/** YAML 1.1 and 1.2 both: the `:` of a key without `?` stands on its line, at most so many characters on. */
const MAX_KEY_LENGTH = 1024;

const MISSING_COLON = 'a ":" must follow the key on its line';

export interface SimpleKey {
  isPossible: boolean;
  /** Where nothing but a key can stand, its lack is an error. */
  isRequired: boolean;
  /** The number of the token that it begins with. */
  tokenNumber: number;
  offset: number;
  lineStart: number;
}

export class SimpleKeys {
  readonly #cursor: Cursor;
  /** The innermost of `#levels`. */
  #key = newSimpleKey(0);
  readonly #levels: SimpleKey[] = [this.#key];
  /** The number of the token that may begin a key outside of brackets, or -1; within, from such numbers to levels. */
  #outerToken = -1;
  readonly #levelByToken = new Map<number, number>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  get inFlow(): boolean {
    return this.#levels.length > 1;
  }

  /** Whether a KEY token may yet have to go before a token. */
  mayBeginWith(tokenNumber: number): boolean {
    const level = tokenNumber === this.#outerToken ? 0 : this.#levelByToken.size === 0 ? undefined : this.#levelByToken.get(tokenNumber);
    const key = level === undefined ? undefined : this.#levels[level];
    return key !== undefined && this.#isStillPossible(key);
  }

  /** Remembers that a key may begin where the cursor is. */
  save(tokenNumber: number, isRequired: boolean): void {
    this.drop();
    const key = this.#key;
    key.isPossible = true;
    key.isRequired = isRequired;
    key.tokenNumber = tokenNumber;
    key.offset = this.#cursor.at;
    key.lineStart = this.#cursor.lineStart;
    if (this.inFlow) this.#levelByToken.set(tokenNumber, this.#levels.length - 1);
    else this.#outerToken = tokenNumber;
  }

  /** At a `:`, the key that it belongs to; undefined where that began with `?`, or there is none. */
  take(): SimpleKey | undefined {
    const key = this.#key;
    if (!this.#isStillPossible(key)) return undefined;
    key.isPossible = false;
    this.#forget(key.tokenNumber);
    return key;
  }

  /** Where no `:` can follow any more. */
  drop(): void {
    const key = this.#key;
    if (!key.isPossible) return;
    if (key.isRequired) throw new YamlProblem(MISSING_COLON, this.#cursor.at);
    key.isPossible = false;
    this.#forget(key.tokenNumber);
  }

  enterFlow(tokenNumber: number): void {
    this.#key = newSimpleKey(tokenNumber);
    this.#levels.push(this.#key);
  }

  /** Does nothing outside of brackets. */
  leaveFlow(): void {
    if (!this.inFlow) return;
    this.#forget(this.#key.tokenNumber);
    this.#levels.pop();
    this.#key = this.#levels.at(-1) ?? this.#key;
  }

  #isStillPossible(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    const { lineStart, at } = this.#cursor;
    if (key.lineStart === lineStart && key.offset + MAX_KEY_LENGTH >= at) return true;
    if (key.isRequired) throw new YamlProblem(MISSING_COLON, at);
    key.isPossible = false;
    return false;
  }

  /** By its token alone: the bracket of `[]` has the number that its level began with, and no longer counts as a key then. */
  #forget(tokenNumber: number): void {
    if (tokenNumber === this.#outerToken) this.#outerToken = -1;
    else if (this.#levelByToken.size > 0) this.#levelByToken.delete(tokenNumber);
  }
}

function newSimpleKey(tokenNumber: number): SimpleKey {
  return { isPossible: false, isRequired: false, tokenNumber, offset: 0, lineStart: 0 };
}
