/**
 * How long a script runs, and when it first stops the server: its sleeps added up along the ways that it may take.
 *
 * Counting loops are run through, conditions that nothing is known of go both ways, and a loop on such a condition makes the
 * length an open one. What a command takes is told by its name; a program of the image takes as long as it does.
 */
import { assignmentIn, compare, evaluate } from './arithmetic.ts';
import { programName, type Argv } from './programs.ts';
import {
  onlyCommandOf,
  type Command,
  type Pipeline,
  type Redirection,
  type Script,
  type SimpleCommand,
  type Statement,
  type Word,
} from './shell-syntax.ts';
import type { StepBudget } from './step-budget.ts';
import { OPEN, type Timing } from './timing.ts';

const MAX_CALLS = 6;
const MAX_NAMES = 64;
const MAX_VALUE_LENGTH = 512;

export interface ClockOptions {
  readonly parameters: Argv;
  readonly budget: StepBudget;
  /** What a program takes that the script starts. */
  time(argv: Argv): Timing;
}

/** One moment of the script. */
interface Clock {
  /** Seconds since the script began: the least and the most that they may be. */
  readonly min: number;
  readonly max: number;
  /** Something ran whose length is not known. */
  readonly isOpen: boolean;
  /** It is here for ever. */
  readonly isStuck: boolean;
  /** When the script first tells the server to stop; undefined where it has not. */
  readonly stop: { readonly seconds: number; readonly isCertain: boolean } | undefined;
  /** When what runs in the background has ended. */
  readonly jobsEnd: number;
  readonly areJobsOpen: boolean;
  /** The same of those that keep standard output open, for which whoever started the script waits. */
  readonly holdersEnd: number;
  readonly areHoldersOpen: boolean;
  readonly succeeded: boolean | undefined;
  readonly variables: ReadonlyMap<string, string | undefined>;
  readonly functions: ReadonlyMap<string, Command>;
  /** How it goes on: `ended` by exit and exec, `left` by break and return. */
  readonly flow: 'on' | 'ended' | 'left';
}

/** @throws TooMuch for a script that would take too many steps */
export function timeScript(script: Script, options: ClockOptions): Timing {
  if (script.problem !== undefined) return OPEN;
  const clock = new ScriptClock(options).script(script, START, options.parameters, 0);
  const max = Math.max(clock.max, clock.holdersEnd);
  return {
    min: Math.max(clock.min, clock.areHoldersOpen ? 0 : clock.holdersEnd),
    max,
    isOpen: clock.isOpen || clock.areHoldersOpen,
    isEndless: clock.isStuck,
    stop: clock.stop,
    succeeded: clock.succeeded,
  };
}

const START: Clock = {
  min: 0,
  max: 0,
  isOpen: false,
  isStuck: false,
  stop: undefined,
  jobsEnd: 0,
  areJobsOpen: false,
  holdersEnd: 0,
  areHoldersOpen: false,
  succeeded: true,
  variables: new Map(),
  functions: new Map(),
  flow: 'on',
};

class ScriptClock {
  readonly #options: ClockOptions;

  constructor(options: ClockOptions) {
    this.#options = options;
  }

  script({ lines }: Script, start: Clock, parameters: Argv, calls: number): Clock {
    let clock = start;
    for (const { statements } of lines) {
      for (const statement of statements) {
        if (clock.flow !== 'on' || clock.isStuck) return clock;
        clock = this.#statement(statement, clock, parameters, calls);
      }
    }
    return clock;
  }

  #statement(statement: Statement, clock: Clock, parameters: Argv, calls: number): Clock {
    this.#options.budget.spend();
    const { first, rest, isBackground } = statement;
    if (isBackground) return this.#background({ ...statement, isBackground: false }, clock, parameters, calls);
    let now = this.#pipeline(first, clock, parameters, calls);
    for (const { operator, pipeline } of rest) {
      if (now.flow !== 'on' || now.isStuck) return now;
      const runsOn = operator === '&&';
      if (now.succeeded === !runsOn) continue;
      const after = this.#pipeline(pipeline, now, parameters, calls);
      now = now.succeeded === undefined ? either(after, { ...now, succeeded: !runsOn }) : after;
    }
    return now;
  }

  #background(statement: Statement, clock: Clock, parameters: Argv, calls: number): Clock {
    const job = this.#statement(statement, { ...clock, jobsEnd: clock.max, areJobsOpen: false }, parameters, calls);
    const end = Math.max(job.max, job.jobsEnd);
    const isOpen = (job.isOpen && !clock.isOpen) || job.areJobsOpen || job.isStuck;
    const isHeldOpen = !isSilenced(statement);
    return {
      ...clock,
      succeeded: true,
      stop: clock.stop ?? (job.stop && { ...job.stop, isCertain: false }),
      jobsEnd: Math.max(clock.jobsEnd, end),
      areJobsOpen: clock.areJobsOpen || isOpen,
      holdersEnd: isHeldOpen ? Math.max(clock.holdersEnd, end) : clock.holdersEnd,
      areHoldersOpen: clock.areHoldersOpen || (isHeldOpen && isOpen),
    };
  }

  #pipeline({ commands, isNegated }: Pipeline, clock: Clock, parameters: Argv, calls: number): Clock {
    const [only] = commands;
    if (only === undefined) return clock;
    if (commands.length === 1) {
      const after = this.#command(only, clock, parameters, calls);
      return isNegated && after.succeeded !== undefined ? { ...after, succeeded: !after.succeeded } : after;
    }
    // The commands of a pipe run at once.
    let longest = clock;
    for (const command of commands) {
      const own = this.#command(command, clock, parameters, calls);
      longest = {
        ...longest,
        min: Math.max(longest.min, own.min),
        max: Math.max(longest.max, own.max),
        isOpen: longest.isOpen || own.isOpen,
        isStuck: longest.isStuck || own.isStuck,
        stop: longest.stop ?? own.stop,
      };
    }
    return { ...longest, succeeded: undefined, flow: 'on' };
  }

  #command(command: Command, clock: Clock, parameters: Argv, calls: number): Clock {
    this.#options.budget.spend();
    const run = (script: Script, from: Clock): Clock => this.script(script, from, parameters, calls);
    switch (command.kind) {
      case 'simple':
        return this.#simple(command, clock, parameters, calls);
      case 'function':
        if (clock.functions.size >= MAX_NAMES) return { ...clock, isOpen: true };
        return { ...clock, functions: new Map(clock.functions).set(command.name, command.body), succeeded: true };
      case 'test':
        return this.#test(command.text, clock);
      case 'coprocess':
        return { ...clock, isOpen: true };
      case 'group':
        return run(command.body, clock);
      case 'subshell': {
        const after = run(command.body, clock);
        return { ...after, flow: 'on', variables: clock.variables, functions: clock.functions };
      }
      case 'if':
        return this.#if(command.branches, command.otherwise, clock, parameters, calls);
      case 'case': {
        const outcomes = command.items.map(({ body }) => run(body, clock));
        return outcomes.reduce(either, { ...clock, succeeded: undefined });
      }
      case 'for':
        return this.#for(command, clock, parameters, calls);
      case 'while':
      case 'until':
        return this.#loop(command, clock, parameters, calls);
      case 'other loop':
        return { ...run(command.body, clock), isOpen: true, flow: 'on', variables: new Map() };
    }
  }

  #if(
    branches: readonly { condition: Script; body: Script }[],
    otherwise: Script | undefined,
    start: Clock,
    parameters: Argv,
    calls: number,
  ): Clock {
    let result: Clock | undefined;
    let clock = start;
    const add = (outcome: Clock): void => {
      result = result === undefined ? outcome : either(result, outcome);
    };
    for (const { condition, body } of branches) {
      const asked = this.script(condition, clock, parameters, calls);
      if (asked.flow !== 'on' || asked.isStuck) return asked;
      if (asked.succeeded !== false) add(this.script(body, asked, parameters, calls));
      if (asked.succeeded === true) return result ?? asked;
      clock = asked;
    }
    add(otherwise === undefined ? { ...clock, succeeded: true } : this.script(otherwise, clock, parameters, calls));
    return result ?? clock;
  }

  #for({ variable, words, body }: Extract<Command, { kind: 'for' }>, start: Clock, parameters: Argv, calls: number): Clock {
    const values = words === undefined ? parameters.slice(1) : words.flatMap((word) => this.#valuesOf(word, start, parameters));
    let clock = start;
    for (const value of values) {
      if (value === MANY) return { ...this.#once(body, clock, parameters, calls), isOpen: true };
      clock = this.script(body, { ...clock, variables: withValue(clock.variables, variable, value) }, parameters, calls);
      if (clock.isStuck || clock.flow === 'ended') return clock;
      if (clock.flow === 'left') return { ...clock, flow: 'on' };
    }
    return { ...clock, succeeded: true };
  }

  /** A body that may or may not run, once or often. */
  #once(body: Script, clock: Clock, parameters: Argv, calls: number): Clock {
    const after = this.script(body, clock, parameters, calls);
    return { ...either(after, clock), min: clock.min, flow: 'on', succeeded: undefined };
  }

  #loop({ kind, condition, body }: Extract<Command, { kind: 'while' | 'until' }>, start: Clock, parameters: Argv, calls: number): Clock {
    let clock = start;
    const goesOn = kind === 'while';
    for (;;) {
      this.#options.budget.spend();
      const asked = this.script(condition, clock, parameters, calls);
      if (asked.flow !== 'on' || asked.isStuck) return asked;
      if (asked.succeeded === !goesOn) return { ...asked, succeeded: true };
      if (asked.succeeded === undefined) return { ...this.#once(body, asked, parameters, calls), isOpen: true };
      const after = this.script(body, asked, parameters, calls);
      if (after.isStuck || after.flow === 'ended') return after;
      if (after.flow === 'left') return { ...after, flow: 'on' };
      // Nothing that the condition reads has changed: it goes round for ever.
      if (after.variables === clock.variables && isConstant(condition)) return { ...after, isStuck: true };
      clock = after;
    }
  }

  // Commands

  #simple({ words, assignments, redirections }: SimpleCommand, clock: Clock, parameters: Argv, calls: number): Clock {
    if (words.length === 0) {
      let { variables } = clock;
      for (const { name, value } of assignments) variables = withValue(variables, name, value && this.#value(value, clock, parameters));
      return { ...clock, variables, succeeded: true };
    }
    const argv = words.flatMap((word) => this.#valuesOf(word, clock, parameters)).map((value) => (value === MANY ? undefined : value));
    return this.#run(argv, redirections, clock, parameters, calls);
  }

  #run(argv: Argv, redirections: readonly Redirection[], clock: Clock, parameters: Argv, calls: number): Clock {
    this.#options.budget.spend();
    const [name, ...args] = argv;
    if (name === undefined) return { ...clock, isOpen: true, succeeded: undefined };
    const body = clock.functions.get(name);
    if (body !== undefined) {
      if (calls >= MAX_CALLS) return { ...clock, isOpen: true };
      const after = this.#command(body, clock, [parameters[0], ...args], calls + 1);
      return after.flow === 'left' ? { ...after, flow: 'on' } : after;
    }
    switch (name) {
      case ':':
      case 'true':
        return { ...clock, succeeded: true };
      case 'false':
        return { ...clock, succeeded: false };
      case 'exit':
        return { ...clock, flow: 'ended', succeeded: args[0] === undefined ? clock.succeeded : args[0] === '0' };
      case 'return':
      case 'break':
        return { ...clock, flow: 'left' };
      case 'continue':
        return clock;
      case 'exec': {
        const inner = args[0] === '--' ? args.slice(1) : args;
        return inner.length === 0 ? clock : { ...this.#external(inner, clock), flow: 'ended' };
      }
      case 'command':
      case 'builtin':
        return args.length === 0 || args[0]?.startsWith('-') === true
          ? { ...clock, succeeded: undefined }
          : this.#run(args, redirections, clock, parameters, calls);
      case 'eval':
      case '.':
      case 'source':
        return { ...clock, isOpen: true, succeeded: undefined };
      case 'wait':
        return {
          ...clock,
          min: Math.max(clock.min, clock.areJobsOpen ? 0 : clock.jobsEnd),
          max: Math.max(clock.max, clock.jobsEnd),
          isOpen: clock.isOpen || clock.areJobsOpen,
        };
      case '[':
      case 'test':
        return { ...clock, succeeded: this.#tested(name === '[' ? args.slice(0, -1) : args) };
      case 'let': {
        const change = args[0] === undefined ? undefined : assignmentIn(args[0], (variable) => clock.variables.get(variable));
        return change === undefined ? { ...clock, variables: new Map(), succeeded: undefined } : changed(clock, change);
      }
      case 'export':
      case 'local':
      case 'readonly':
      case 'declare':
      case 'typeset': {
        let { variables } = clock;
        for (const word of args) {
          const equals = word?.indexOf('=') ?? -1;
          if (word !== undefined && equals > 0) variables = withValue(variables, word.slice(0, equals), word.slice(equals + 1));
        }
        return { ...clock, variables, succeeded: true };
      }
      case 'read':
        return { ...clock, isOpen: true, variables: new Map(), succeeded: undefined };
      default:
        return this.#external(argv, clock);
    }
  }

  #external(argv: Argv, clock: Clock): Clock {
    const { min, max, isOpen, isEndless, stop, succeeded } = this.#options.time(argv);
    return {
      ...clock,
      min: clock.min + min,
      max: clock.max + max,
      isOpen: clock.isOpen || isOpen,
      isStuck: isEndless,
      stop: clock.stop ?? (stop && { seconds: clock.max + stop.seconds, isCertain: stop.isCertain && !clock.isOpen }),
      succeeded,
    };
  }

  /** `[ "$i" -lt 10 ]`, `[ a = a ]`. */
  #tested(args: Argv): boolean | undefined {
    const [left, operator, right, more] = args;
    if (more !== undefined || left === undefined || operator === undefined || right === undefined) return undefined;
    if (operator === '=' || operator === '==') return left === right;
    if (operator === '!=') return left !== right;
    const [a, b] = [left, right].map((text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined));
    return a === undefined || b === undefined ? undefined : compare(a, operator, b);
  }

  /** `((i < 10))`, `((i++))`; of `[[ … ]]` nothing is known. */
  #test(text: string, clock: Clock): Clock {
    const lookup = (name: string): string | undefined => clock.variables.get(name);
    const change = assignmentIn(text, lookup);
    if (change !== undefined) return changed(clock, change);
    const value = evaluate(text, lookup);
    if (value !== undefined) return { ...clock, succeeded: value !== 0 };
    return { ...clock, succeeded: undefined };
  }

  // Words

  /** The values of a word; `MANY` stands for any number of values that are not known. */
  #valuesOf(word: Word, clock: Clock, parameters: Argv): (string | undefined | typeof MANY)[] {
    const [part, more] = word.parts;
    if (more === undefined && part?.kind === 'parameter' && part.operator === '' && part.name === '@') {
      this.#options.budget.spend(parameters.length);
      return parameters.slice(1);
    }
    if (more === undefined && part?.kind === 'substitution' && !part.isQuoted)
      return this.#sequence(part.script, clock, parameters) ?? [MANY];
    const value = this.#value(word, clock, parameters);
    if (value === undefined)
      return [word.parts.every((each) => each.kind === 'text' || ('isQuoted' in each && each.isQuoted)) ? undefined : MANY];
    if (word.parts.every(({ kind }) => kind === 'text')) return this.#braces(word, value);
    return word.parts.some((each) => each.kind !== 'text' && !each.isQuoted)
      ? value.split(/[ \t\n]+/).filter((text) => text !== '')
      : [value];
  }

  /** `{1..10}` of bash. */
  #braces({ parts }: Word, value: string): string[] {
    const [, first, last] =
      (parts.length === 1 && parts[0]?.kind === 'text' && !parts[0].isQuoted && /^\{(-?\d{1,6})\.\.(-?\d{1,6})\}$/.exec(value)) || [];
    return first === undefined ? [value] : this.#range(Number(first), Number(last), Number(first) <= Number(last) ? 1 : -1);
  }

  #range(first: number, last: number, step: number): string[] {
    if (step === 0) return [];
    const count = Math.max(0, Math.floor((last - first) / step) + 1);
    this.#options.budget.spend(count);
    return Array.from({ length: count }, (_, index) => String(first + index * step));
  }

  /** `$(seq 1 10)` */
  #sequence(script: Script, clock: Clock, parameters: Argv): string[] | undefined {
    const command = onlyCommandOf(script);
    if (command === undefined) return undefined;
    const words = command.words.map((word) => this.#value(word, clock, parameters));
    if (programName(words[0] ?? '') !== 'seq') return undefined;
    const numbers = words.slice(1).map((text) => (text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : undefined));
    const [first, second, third] = numbers;
    if (numbers.length === 0 || numbers.length > 3 || numbers.includes(undefined)) return undefined;
    if (second === undefined) return this.#range(1, first ?? 0, 1);
    return third === undefined ? this.#range(first ?? 0, second, 1) : this.#range(first ?? 0, third, second);
  }

  #value(word: Word, clock: Clock, parameters: Argv): string | undefined {
    let text = '';
    for (const part of word.parts) {
      let value: string | undefined;
      if (part.kind === 'text') value = part.text;
      else if (part.kind === 'parameter' && part.operator === '')
        value = /^\d+$/.test(part.name) ? parameters[Number(part.name)] : clock.variables.get(part.name);
      else if (part.kind === 'arithmetic') value = evaluate(part.text, (name) => clock.variables.get(name))?.toString();
      else if (part.kind === 'substitution') value = this.#sum(part.script, clock, parameters);
      if (
        value === undefined ||
        text.length + value.length > Math.max(MAX_VALUE_LENGTH, part.kind === 'text' ? value.length + text.length : 0)
      )
        return undefined;
      text += value;
    }
    return text;
  }

  /** `$(expr $i + 1)` */
  #sum(script: Script, clock: Clock, parameters: Argv): string | undefined {
    const command = onlyCommandOf(script);
    if (command === undefined) return undefined;
    const [program, ...words] = command.words.map((word) => this.#value(word, clock, parameters));
    if (program !== 'expr' || words.includes(undefined)) return undefined;
    return evaluate(words.join(' '), () => undefined)?.toString();
  }
}

const MANY: unique symbol = Symbol('any number of values');

function changed(clock: Clock, { name, value }: { readonly name: string; readonly value: number }): Clock {
  return { ...clock, variables: withValue(clock.variables, name, String(value)), succeeded: undefined };
}

function withValue(variables: Clock['variables'], name: string, value: string | undefined): Clock['variables'] {
  if (variables.get(name) === value && variables.has(name)) return variables;
  if (variables.size >= MAX_NAMES && !variables.has(name)) return variables;
  return new Map(variables).set(name, value !== undefined && value.length > MAX_VALUE_LENGTH ? undefined : value);
}

/** What may be the case after one of two ways. */
function either(a: Clock, b: Clock): Clock {
  const isSame = a.variables === b.variables;
  return {
    ...a,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    isOpen: a.isOpen || b.isOpen || a.isStuck !== b.isStuck,
    isStuck: a.isStuck && b.isStuck,
    stop: a.stop === b.stop ? a.stop : joinedStop(a.stop, b.stop),
    jobsEnd: Math.max(a.jobsEnd, b.jobsEnd),
    areJobsOpen: a.areJobsOpen || b.areJobsOpen,
    holdersEnd: Math.max(a.holdersEnd, b.holdersEnd),
    areHoldersOpen: a.areHoldersOpen || b.areHoldersOpen,
    succeeded: a.succeeded === b.succeeded ? a.succeeded : undefined,
    variables: isSame ? a.variables : new Map(),
    flow: a.flow === b.flow ? a.flow : 'on',
  };
}

/** One of the ways stops the server, and nobody knows whether it is taken. */
function joinedStop(a: Clock['stop'], b: Clock['stop']): Clock['stop'] {
  const one = a ?? b;
  if (one === undefined || a === undefined || b === undefined) return one && { ...one, isCertain: false };
  return { seconds: Math.max(a.seconds, b.seconds), isCertain: a.isCertain && b.isCertain };
}

/** Whether a condition is `true` and the like, which nothing changes. */
function isConstant({ lines }: Script): boolean {
  return lines.every(({ statements }) =>
    statements.every(({ first, rest }) => rest.length === 0 && first.commands.every(isConstantCommand)),
  );
}

function isConstantCommand(command: Command): boolean {
  if (command.kind === 'test') return !/[A-Za-z_]/.test(command.text);
  return command.kind === 'simple' && command.words.every(({ parts }) => parts.every(({ kind }) => kind === 'text'));
}

/** Whether a statement sends both of its outputs elsewhere, so that nobody waits for it. */
function isSilenced({ first, rest }: Statement): boolean {
  const commands = [first, ...rest.map(({ pipeline }) => pipeline)].flatMap((pipeline) => pipeline.commands);
  return commands.every((command) => {
    const redirections = command.redirections;
    const both = redirections.some(({ operator }) => operator.startsWith('&>'));
    const out = redirections.some(({ operator, descriptor }) => operator.startsWith('>') && (descriptor ?? '1') === '1');
    const error = redirections.some(({ operator, descriptor }) => operator.startsWith('>') && descriptor === '2');
    return both || (out && error);
  });
}
