/** Limits the steps that reading commands and scripts may take, however deep they call each other. */
import { CHARACTERS_PER_STEP, Work } from '../work.ts';
import type { Script, Word } from './shell-syntax.ts';

/** How many steps one verdict may take; a script of a thousand lines needs a tenth of that. */
const MAX_STEPS = 20_000;
/** A longer script is a program of its own, and belongs into a file: it is not read. */
export const MAX_SCRIPT_LENGTH = 65_536;
/** How many programs may stand before each other (`env A=b gosu app sh -c "exec app"` are four); what is deeper is not followed. */
export const MAX_NESTING = 8;
/** What is gone through without being followed, such as the words of a command, takes a quarter of a step. */
const LOG_ITEMS_PER_STEP = 2;

/** So many words of a command are looked through in less time than a step of a script takes. */
const SHORT_COMMAND = 32;

/** Bounds the work of one verdict. */
export class StepBudget {
  readonly #work: Work;
  #left = MAX_STEPS;
  #spent = 0;

  /** @param work what counts these steps among all others of the evaluation */
  constructor(work = Work.UNBOUNDED) {
    this.#work = work;
  }

  /** How many steps were counted so far. */
  get spent(): number {
    return this.#spent;
  }

  /**
   * @throws TooMuch where nothing is left
   * @throws OutOfTimeError where the whole evaluation has no time left
   */
  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooMuch('the script is too large to be followed');
    this.#spent += steps;
    this.#work.spend(steps);
  }

  /**
   * Spends what it takes to read a text.
   *
   * @throws TooMuch where nothing is left, and for a text that is too long for a script
   */
  spendOnText({ length }: string): void {
    if (length > MAX_SCRIPT_LENGTH) throw new TooMuch('the script is too long to be followed');
    this.spend(Math.ceil(length / CHARACTERS_PER_STEP));
  }

  /** Spends what it takes to go through a list without following what is in it. */
  spendOnList({ length }: { readonly length: number }): void {
    this.spend(length >> LOG_ITEMS_PER_STEP);
  }

  /**
   * Counts that the words of a command are looked through, which takes nothing from what one verdict may take. A short command is counted
   * with the container that has it.
   *
   * @throws OutOfTimeError where the whole evaluation has no time left
   */
  countWords({ length }: readonly unknown[]): void {
    if (length <= SHORT_COMMAND) return;
    this.#spent += length;
    this.#work.spend(length);
  }

  /**
   * Spends what it takes to expand words, or to compare with them: a command in a loop does it in every round.
   *
   * @throws TooMuch where nothing is left
   */
  spendOnWords(words: readonly Word[]): void {
    let items = 0;
    for (const { parts } of words) {
      items += parts.length;
      for (const part of parts) {
        if ('text' in part) items += Math.floor(part.text.length / CHARACTERS_PER_STEP);
        else if (part.kind === 'substitution') items += wordsIn(part.script);
      }
    }
    this.spend(items >> LOG_ITEMS_PER_STEP);
  }
}

/** Of a script in a word, what is looked at without following it. */
function wordsIn({ lines }: Script): number {
  let words = 0;
  for (const { statements } of lines)
    for (const { first } of statements) for (const command of first.commands) words += command.kind === 'simple' ? command.words.length : 1;
  return words;
}

/** What ends a reading that would cost too much; caught where verdicts are made. */
export class TooMuch extends Error {}
