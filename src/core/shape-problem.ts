/** Problems with the types of fields: how each is worded, and which of many are listed. */
import type { FieldPath } from './path.ts';
import type { Work } from './work.ts';

export interface ShapeProblem {
  readonly path: FieldPath;
  /** Starts with "must", as the messages of rules do, or with "could not be judged: ". */
  readonly message: string;
  /** It counts the problems that are not listed: any field may be meant, and nobody can tell whether they were there before. */
  readonly isRest?: true;
}

/** Nobody reads more of them, and an object can hold hundreds of thousands. */
const MAX_PROBLEMS = 20;

/** The first problems as they are found; the others are counted. */
export class ShapeProblems {
  readonly work: Work;
  readonly #first: ShapeProblem[] = [];
  #more = 0;

  constructor(work: Work) {
    this.work = work;
  }

  /** @param message made only where it is kept */
  add(path: FieldPath, message: () => string): void {
    if (!this.isFull) this.#first.push({ path, message: message() });
    else this.#more += 1;
  }

  /** Whether the next ones are only counted: then nobody reads where they are. */
  get isFull(): boolean {
    return this.#first.length === MAX_PROBLEMS;
  }

  /** @param path of the whole value, which is the place of the problem that counts the rest */
  listed(path: FieldPath): readonly ShapeProblem[] {
    if (this.#more === 0) return this.#first;
    const message = `must have the right type in ${this.#more} more ${this.#more === 1 ? 'field' : 'fields'}`;
    return [...this.#first, { path, message, isRest: true }];
  }
}

/** What stands where another type is expected; completes "but is …". */
export function inWords(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${shortJson(value)}`;
}

/** As JSON, of a long text its beginning. */
export function shortJson(value: unknown): string {
  return typeof value === 'string' && value.length > SHOWN_CHARACTERS
    ? `${JSON.stringify(value.slice(0, SHOWN_CHARACTERS))}…`
    : JSON.stringify(value);
}

const SHOWN_CHARACTERS = 40;
