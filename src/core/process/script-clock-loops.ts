/** Loops while the time of a script is added up: those that are run through, and those that nobody knows the rounds of. */
import { assignmentIn, evaluate } from './arithmetic.ts';
import { allOf, changed, MANY, type ClockWords } from './script-clock-words.ts';
import { isConstantTest } from './script-test.ts';
import { either, join, mergedOf, NO_WAY, opened, without, type Clock, type Place, type Ways } from './script-ways.ts';
import type { Command, ForLoop, Loop, OtherLoop, Script, Word } from './shell-syntax.ts';
import { NO_VARIABLES, withValue } from './shell-values.ts';
import type { StepBudget } from './step-budget.ts';

/** Follows what stands in a loop. */
export interface LoopRunner {
  script(script: Script, start: Clock, place: Place): Ways;
  /** The clock after the commands in `$(…)`. */
  substituted(words: readonly Word[], start: Clock, place: Place): Clock;
}

/** How many rounds of a script are followed whose condition is not known; more are not counted one by one. */
const MAX_UNCLEAR_ROUNDS = 600;

export class LoopClock {
  readonly #runner: LoopRunner;
  readonly #words: ClockWords;
  readonly #budget: StepBudget;
  #unclearRounds = 0;

  constructor(runner: LoopRunner, words: ClockWords, budget: StepBudget) {
    this.#runner = runner;
    this.#words = words;
    this.#budget = budget;
  }

  /** `for i in a b` and `for i` */
  for({ variable, words, body }: ForLoop, start: Clock, place: Place): Ways {
    let clock = this.#runner.substituted(words ?? [], start, place);
    const values =
      words === undefined
        ? allOf(clock.parameters)
        : words.flatMap<string | undefined | typeof MANY>((word) => (isPattern(word) ? [MANY] : this.#words.valuesOf(word, clock)));
    clock = { ...clock, succeeded: true };
    let behind: Clock | undefined;
    let left = NO_WAY;
    for (const value of values) {
      this.#budget.spend();
      if (value === MANY) return join({ ...left, on: behind }, this.#severalTimes(body, withUnknown(clock, variable), place));
      const variables = withValue(clock.variables, variable, value);
      const round = leftOf(this.#runner.script(body, { ...clock, variables }, { ...place, loops: place.loops + 1 }));
      behind = either(behind, round.behind);
      left = join(left, round.left);
      if (round.again === undefined) return { ...left, on: behind };
      clock = round.again;
    }
    return { ...left, on: either(behind, clock) };
  }

  /** A loop that may go round any number of times, also none. */
  #severalTimes(body: Script, clock: Clock, place: Place): Ways {
    const { again, behind, left } = leftOf(this.#runner.script(body, clock, { ...place, loops: place.loops + 1 }));
    const end = either(clock, either(again, behind));
    return { ...opened(left), on: { ...end, min: clock.min, isOpen: true, succeeded: undefined } };
  }

  /** `for ((i = 0; i < 10; i++))` */
  counted({ header, body }: OtherLoop, start: Clock, place: Place): Ways {
    const several = (clock: Clock): Ways => this.#severalTimes(body, { ...clock, variables: NO_VARIABLES }, place);
    const [first = '', condition = '', step = ''] = header?.split(';') ?? [];
    let clock = this.#stepped(first, start);
    let behind: Clock | undefined;
    let left = NO_WAY;
    while (clock !== undefined) {
      this.#budget.spend();
      const { variables } = clock;
      const value = evaluate(condition, (name) => variables.get(name));
      if (value === undefined) return join({ ...left, on: behind }, several(clock));
      if (value === 0) return { ...left, on: either(behind, { ...clock, succeeded: true }) };
      const round = leftOf(this.#runner.script(body, clock, { ...place, loops: place.loops + 1 }));
      behind = either(behind, round.behind);
      left = join(left, round.left);
      if (round.again === undefined) return { ...left, on: behind };
      const next = this.#stepped(step, round.again);
      if (next === undefined) return join({ ...left, on: behind }, several(round.again));
      clock = next;
    }
    return join({ ...left, on: behind }, several(start));
  }

  /** The clock after `i = 0` or `i++`; undefined for any other expression. */
  #stepped(text: string, clock: Clock): Clock | undefined {
    const change = assignmentIn(text, (name) => clock.variables.get(name));
    return change && changed(clock, change);
  }

  /** `while` and `until` */
  loop({ kind, condition, body }: Loop, start: Clock, place: Place): Ways {
    const goesOn = kind === 'while';
    const inner = { ...place, loops: place.loops + 1 };
    let clock = start;
    let status: boolean | undefined = true;
    let behind: Clock | undefined;
    let left = NO_WAY;
    let unbounded: Ways | undefined;
    for (;;) {
      this.#budget.spend();
      const asked = leftOf(this.#runner.script(condition, clock, { ...inner, isTested: true }));
      behind = either(behind, asked.behind);
      left = join(left, asked.left);
      const { again: now } = asked;
      if (now === undefined) return { ...left, on: behind };
      if (now.succeeded === !goesOn) return { ...left, on: either(behind, { ...now, succeeded: status }) };
      if (now.succeeded === undefined) {
        // A counter may end it all the same: `while [ $i -lt 10 ] && pgrep app`, or a `break` in the body.
        unbounded ??= join({ ...left, on: behind }, this.#severalTimes(body, now, place));
        if (this.#unclearRounds++ >= MAX_UNCLEAR_ROUNDS) return unbounded;
        behind = either(behind, { ...now, succeeded: undefined });
      }
      const round = leftOf(this.#runner.script(body, now, inner));
      behind = either(behind, round.behind);
      left = join(left, round.left);
      if (round.again === undefined) return { ...left, on: behind };
      if (unbounded !== undefined && round.again.variables === now.variables) return unbounded;
      // Nothing that the condition reads has changed: it goes round for ever, or until another way leads out.
      if (round.again.variables === clock.variables && isConstant(condition)) {
        const ways = { ...left, on: behind };
        return mergedOf(ways) === undefined ? { ...ways, stuck: either(ways.stuck, round.again) } : opened(ways);
      }
      clock = round.again;
      status = clock.succeeded;
    }
  }
}

/** Whether a word is a pattern, which stands for as many files as it matches: `/run/*.pid`. */
function isPattern({ parts }: Word): boolean {
  return parts.some((part) => part.kind === 'text' && !part.isQuoted && /[*?]/.test(part.text));
}

/** What comes of one round of a loop. */
function leftOf(ways: Ways): {
  /** It goes round again. */
  readonly again: Clock | undefined;
  /** It goes on behind the loop. */
  readonly behind: Clock | undefined;
  /** It leaves more than the loop. */
  readonly left: Ways;
} {
  const { broken, next } = ways;
  const isInner = (clock: Clock | undefined): boolean => clock !== undefined && clock.levels <= 1;
  const outer = (clock: Clock | undefined): Clock | undefined =>
    clock === undefined || isInner(clock) ? undefined : { ...clock, levels: clock.levels - 1 };
  return {
    again: either(ways.on, isInner(next) ? next : undefined),
    behind: isInner(broken) ? broken : undefined,
    left: { ...without(ways), broken: outer(broken), next: outer(next) },
  };
}

function withUnknown(clock: Clock, variable: string): Clock {
  return { ...clock, variables: withValue(clock.variables, variable, undefined) };
}

/** Whether a condition is `true` and the like, which nothing changes. */
function isConstant({ lines }: Script): boolean {
  return lines.every(({ statements }) =>
    statements.every(({ first, rest }) => rest.length === 0 && first.commands.every(isConstantCommand)),
  );
}

function isConstantCommand(command: Command): boolean {
  if (command.kind === 'test') return isConstantTest(command);
  return command.kind === 'simple' && command.words.every(({ parts }) => parts.every(({ kind }) => kind === 'text'));
}
