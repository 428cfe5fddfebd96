/**
 * How long a script runs, and when it first stops the server: its sleeps added up along the ways that it may take.
 *
 * A counting loop is run through. If nothing is known of a condition, both ways are followed, and a loop on such a condition makes
 * the length open. The name of a command says how long it takes; the time of a program of the image is not known. Where dash, bash
 * and busybox ash differ (`return` outside a function, `break` in a subshell), the ways of all of them are followed.
 */
import { isChecked, withEndOnError } from './script-clock-errors.ts';
import { afterChild, afterJob, afterSubstitution, besideEachOther, NO_JOBS } from './script-clock-children.ts';
import { mayBeConstant } from './script-clock-constants.ts';
import { BOTH_HELD, callsRedirected, keepsOpen, outputsAfter } from './script-clock-outputs.ts';
import { failureOf, mayWaitForHost, redirectsTheShell } from './script-clock-redirections.ts';
import { LoopClock } from './script-clock-loops.ts';
import { ClockCommands, type ClockOptions } from './script-clock-commands.ts';
import { afterSignal, mayNameTheShell, namesKill, possibleEndByKill, withEndBySignal } from './script-clock-signals.ts';
import { mayEndAtConstant, mayEndAtUnsetIn, mayEndAtWords, withConstants, withDefaults } from './script-clock-names.ts';
import { ClockWords, mayEndShell } from './script-clock-words.ts';
import {
  either,
  join,
  mergedOf,
  NO_WAY,
  on,
  refused,
  START,
  withEach,
  withJobsSignalled,
  without,
  type Clock,
  type Place,
  type Ways,
} from './script-ways.ts';
import { caseBodies, NO_VARIABLES, stepsOfCopy, withFunction, withValue } from './shell-values.ts';
import {
  expandedIn,
  type CaseCommand,
  type Command,
  type ForLoop,
  type IfBranch,
  type Pipeline,
  type Script,
  type SimpleCommand,
  type Statement,
  type Word,
} from './shell-syntax.ts';
import { refusesCommand, refusesWords } from './shell-differences.ts';
import { OPEN, type Timing } from './timing.ts';

/** @throws TooMuch for a script that would take too many steps */
export function timeScript(script: Script, options: ClockOptions): Timing {
  if (script.problem !== undefined) return OPEN;
  const { parameters, variables = NO_VARIABLES, exitsOnError = false, endsAtUnset = false, lacksStart = false } = options;
  const start = { ...START, parameters, variables, exitsOnError, endsAtUnset, lacksStart };
  const read = new ScriptClock(options).script(script, start, TOP);
  const ways = script.isRefused === true ? join(without(read), refused(read.on)) : read;
  const ended = mergedOf(ways);
  const { stuck } = ways;
  const clock = ended ?? stuck ?? START;
  const { holdersLeast, holdersEnd, areHoldersOpen } = clock;
  return {
    min: Math.max(0, clock.min),
    max: Math.max(clock.max, stuck?.max ?? 0),
    held: holdersEnd > 0 || areHoldersOpen ? { min: holdersLeast, max: holdersEnd, isOpen: areHoldersOpen } : undefined,
    isOpen: clock.isOpen || (ended !== undefined && stuck !== undefined),
    isEndless: ended === undefined && stuck !== undefined,
    stop: either(ended, stuck)?.stop,
    succeeded: clock.succeeded,
  };
}

const TOP: Place = { calls: 0, isChild: false, depth: 0, loops: 0, beyond: undefined, isTested: false };

class ScriptClock {
  readonly #options: ClockOptions;

  readonly #words: ClockWords;
  readonly #loops: LoopClock;
  readonly #commands: ClockCommands;

  constructor(options: ClockOptions) {
    this.#options = options;
    this.#words = new ClockWords(options.budget, options.flavour);
    this.#loops = new LoopClock(this, this.#words, options.budget);
    this.#commands = new ClockCommands(this, options);
  }

  script({ lines }: Script, start: Clock, place: Place): Ways {
    let ways = on(start);
    for (const { statements } of lines) {
      for (const statement of statements) {
        if (ways.on === undefined) return ways;
        const further = this.#statement(statement, ways.on, place);
        ways = join(without(ways), further);
      }
    }
    return ways;
  }

  /** Follows what has succeeded and what has failed apart from each other, as `a || exit; b` asks for. */
  #statement(statement: Statement, clock: Clock, place: Place): Ways {
    this.#options.budget.spend();
    const { first, rest, isBackground } = statement;
    if (isBackground) return withEndBySignal(on(this.#background({ ...statement, isBackground: false }, clock, place)), place);
    const tested = { ...place, isTested: true };
    let ways = this.#pipeline(first, clock, rest.length === 0 ? place : tested);
    if (rest.length === 0) return ways;
    let succeeded = ways.on?.succeeded === false ? undefined : ways.on;
    let failed = ways.on?.succeeded === true ? undefined : ways.on;
    for (const [index, { operator, pipeline }] of rest.entries()) {
      const from = operator === '&&' ? succeeded : failed;
      if (from === undefined) continue;
      const further = this.#pipeline(pipeline, from, index === rest.length - 1 ? place : tested);
      ways = join(without(ways), without(further));
      const now = further.on;
      if (operator === '&&') succeeded = undefined;
      else failed = undefined;
      if (now?.succeeded !== false) succeeded = either(succeeded, now);
      if (now?.succeeded !== true) failed = either(failed, now);
    }
    const end = either(succeeded && { ...succeeded, succeeded: true }, failed && { ...failed, succeeded: false });
    return { ...without(ways), on: end };
  }

  /** What a child of the shell does: it changes no variables here, and no `exit` in it ends more than it. */
  #inChild(run: (clock: Clock, place: Place) => Ways, clock: Clock, place: Place): Ways {
    const beyond = place.loops > 0 ? 'subshell' : place.beyond;
    const ways = run({ ...clock, ...NO_JOBS }, { ...place, isChild: true, loops: 0, beyond });
    return afterChild(ways, clock);
  }

  #background(statement: Statement, clock: Clock, place: Place): Clock {
    const from = { ...clock, isOpen: false, holdersLeast: 0, hasSignalled: false, leavesOutputs: false };
    const ways = this.#inChild((start, inner) => this.#statement(statement, start, inner), from, place);
    const job = either(ways.on, ways.stuck) ?? from;
    const isOpen = job.isOpen || ways.stuck !== undefined;
    const { flavour = '' } = this.#options;
    const isOwn = keepsOpen(statement, clock.outputs);
    const isOfCall = !isOwn && !flavour.endsWith('bash') && callsRedirected(statement, clock.functions);
    const isHeldOpen = isOwn || (isOfCall && (clock.outputs.out || clock.outputs.error));
    return afterJob(clock, job, { isOpen, isHeldOpen, mayLeave: job.leavesOutputs || (isOfCall && flavour === '') });
  }

  #pipeline({ commands, isNegated }: Pipeline, clock: Clock, place: Place): Ways {
    const [only] = commands;
    if (only === undefined) return on(clock);
    const inner = isNegated ? { ...place, isTested: true } : place;
    const ran = commands.length === 1 ? this.command(only, clock, inner) : this.#pipe(commands, clock, inner);
    const ways = withEndBySignal(ran, place);
    const { on: now } = ways;
    if (!inner.isTested && commands.length > 1) return this.#failingIn(commands).reduce(withEndOnError, ways);
    if (!inner.isTested && isChecked(only)) return withEndOnError(ways, only);
    return isNegated && now?.succeeded !== undefined ? { ...ways, on: { ...now, succeeded: !now.succeeded } } : ways;
  }

  /** The commands by which a pipe may fail: the last one, with `pipefail` each. */
  #failingIn(commands: readonly Command[]): readonly Command[] {
    return (this.#commands.mayFailByEach ? commands : commands.slice(-1)).filter(({ kind }) => kind === 'simple');
  }

  /** The commands of a pipe run at once. */
  #pipe(commands: readonly Command[], clock: Clock, place: Place): Ways {
    let longest = clock;
    let isStuck = false;
    let hasSignalled = false;
    let { knowsLines } = clock;
    for (const command of commands) {
      const ways = this.#inChild((start, inner) => this.command(command, start, inner), { ...clock, knowsLines }, place);
      const own = either(ways.on, ways.stuck) ?? clock;
      hasSignalled ||= own.hasSignalled;
      knowsLines ||= own.knowsLines;
      // What writes on ends when nobody reads it any more: `tail -f log | head -1`.
      isStuck = ways.stuck !== undefined && ways.on === undefined;
      const mayStay = ways.stuck !== undefined && (ways.on !== undefined || command !== commands.at(-1));
      longest = besideEachOther(longest, mayStay ? { ...own, isOpen: true } : own);
    }
    const end = { ...(hasSignalled ? withJobsSignalled(longest) : longest), knowsLines, succeeded: undefined };
    return isStuck ? { ...NO_WAY, stuck: end } : on(end);
  }

  command(command: Command, clock: Clock, place: Place): Ways {
    this.#options.budget.spend();
    const { redirections } = command;
    if (command.kind === 'function' || redirections.length === 0) return this.#unredirected(command, clock, place);
    this.#options.budget.spendOnList(redirections);
    const targets = redirections.map(({ target }) => target);
    const start = this.#connected(targets, this.substituted(targets, clock, place));
    const outputs = outputsAfter(redirections, start.outputs);
    const ran = this.#unredirected(command, { ...start, outputs }, place);
    const isOfShell = redirectsTheShell(command);
    const ways = withEach(ran, (after) =>
      isOfShell ? { ...after, leavesOutputs: after.leavesOutputs || outputs !== clock.outputs } : { ...after, outputs: clock.outputs },
    );
    if (mayEndAtWords(targets, start)) return join(ways, refused(start));
    const failure = failureOf(command);
    if (failure === undefined) return ways;
    return join(ways, failure === 'shell' ? refused(start) : on({ ...start, succeeded: false }));
  }

  /** The clock after the shell has opened what a command reads and writes. */
  #connected(targets: readonly Word[], clock: Clock): Clock {
    const waits = targets.some((target) => mayWaitForHost(target, this.#words.value(target, clock), this.#options.flavour));
    return waits ? { ...clock, isOpen: true } : clock;
  }

  #unredirected(command: Command, clock: Clock, place: Place): Ways {
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, clock, place);
      case 'function': {
        const functions = withFunction(clock.functions, command.name, command.body);
        return on(functions === undefined ? { ...clock, isOpen: true } : { ...clock, functions, succeeded: true });
      }
      case 'test':
        this.#options.budget.spendOnText(command.text);
        return mayEndAtUnsetIn(command, clock)
          ? join(on(this.#words.test(command, clock)), refused(clock))
          : on(this.#words.test(command, clock));
      case 'coprocess':
        return on({ ...clock, isOpen: true });
      case 'group':
        return this.script(command.body, clock, place);
      case 'subshell':
        return this.#inChild((start, inner) => this.script(command.body, start, inner), clock, place);
      case 'if':
        return this.#if(command.branches, command.otherwise, clock, place);
      case 'case':
        return this.#case(command, clock, place);
      case 'for':
        return this.#for(command, clock, place);
      case 'while':
      case 'until':
        return this.#loops.loop(command, clock, place);
      case 'other loop':
        return this.#loops.counted(command, clock, place);
    }
  }

  #case(command: CaseCommand, clock: Clock, place: Place): Ways {
    if (this.#refuses([command.subject])) return refused(clock);
    const asked = this.substituted([command.subject], clock, place);
    for (const { patterns } of command.items) this.#options.budget.spendOnWords(patterns);
    const { bodies, isCovered } = caseBodies(command, this.#words.value(command.subject, asked));
    let ways = isCovered ? NO_WAY : on({ ...asked, succeeded: true });
    if (mayEndAtWords([command.subject], asked)) ways = join(ways, refused(asked));
    for (const body of bodies) ways = join(ways, this.script(body, { ...asked, succeeded: true }, place));
    return ways;
  }

  #for(command: ForLoop, clock: Clock, place: Place): Ways {
    const { variable, words = [] } = command;
    this.#options.budget.spendOnWords(words);
    if (this.#refuses(words)) return refused(clock);
    const ways = this.#loops.for(command, clock, place);
    return mayEndAtWords(words, clock) || mayBeConstant(clock.constants, variable) ? join(ways, refused(clock)) : ways;
  }

  #if(branches: readonly IfBranch[], otherwise: Script | undefined, start: Clock, place: Place): Ways {
    let ways = NO_WAY;
    let clock = start;
    for (const { condition, body } of branches) {
      const asked = this.script(condition, clock, { ...place, isTested: true });
      ways = join(ways, without(asked));
      const { on: now } = asked;
      if (now === undefined) return ways;
      if (now.succeeded !== false) ways = join(ways, this.script(body, now, place));
      if (now.succeeded === true) return ways;
      clock = now;
    }
    return join(ways, otherwise === undefined ? on({ ...clock, succeeded: true }) : this.script(otherwise, clock, place));
  }

  // Commands

  #refuses(words: readonly Word[]): boolean {
    const { flavour } = this.#options;
    return flavour !== undefined && refusesWords(words, flavour);
  }

  #simple(command: SimpleCommand, start: Clock, place: Place): Ways {
    const { flavour, budget } = this.#options;
    const expanded = expandedIn(command);
    budget.spendOnWords(expanded);
    if (flavour !== undefined && refusesCommand(command, flavour)) return refused(start);
    const before = this.substituted(expanded, start, place);
    const clock = withDefaults(expanded, before, budget);
    const ways = this.#expanded(command, clock, before === start, place);
    const mayEnd = expanded.some(mayEndShell) || mayEndAtWords(expanded, before) || mayEndAtConstant(command, before);
    return mayEnd ? join(ways, refused(before)) : ways;
  }

  /** @param isPlain no command ran in its words */
  #expanded({ words, assignments }: SimpleCommand, clock: Clock, isPlain: boolean, place: Place): Ways {
    if (words.length === 0) {
      let { variables } = clock;
      this.#options.budget.spend(assignments.length * stepsOfCopy(variables));
      for (const { name, value } of assignments) variables = withValue(variables, name, value && this.#words.value(value, clock));
      return on({ ...clock, variables, succeeded: isPlain ? true : clock.succeeded });
    }
    const argv = this.#words.command(words, clock);
    const ways = withConstants(argv, this.#commands.run(argv, clock, place), this.#options.budget);
    return namesKill(words) && words.some((word) => mayNameTheShell(word, clock))
      ? join(ways, afterSignal(possibleEndByKill(argv), clock, place))
      : ways;
  }

  /** The clock after the commands in `$(…)`, as far as they are not sums or counts that take no time. */
  substituted(words: readonly Word[], start: Clock, place: Place): Clock {
    let clock = start;
    // bash switches `set -e` off in there, the others do not.
    const exitsOnError = start.exitsOnError === false ? false : undefined;
    for (const { parts } of words) {
      for (const part of parts) {
        // What reads from it, or writes to it, may wait for it.
        if (part.kind === 'process') clock = { ...clock, isOpen: true, areHoldersOpen: true };
        if (part.kind !== 'substitution') continue;
        const ways = this.#inChild(
          (from, inner) => this.script(part.script, { ...from, exitsOnError, outputs: BOTH_HELD, holdersEnd: 0, holdersLeast: 0 }, inner),
          clock,
          place,
        );
        clock = ways.stuck === undefined ? afterSubstitution(clock, ways.on) : { ...clock, isOpen: true };
      }
    }
    return clock;
  }
}
