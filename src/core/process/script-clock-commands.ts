/** What the first word of a command runs while the time of a script is added up: a function, a builtin, or a program. */
import type { Argv } from './argv.ts';
import { waysOfBuiltin } from './script-clock-builtins.ts';
import { afterProgram } from './script-clock-children.ts';
import { afterSignal, endOfShellBy, listsLines } from './script-clock-signals.ts';
import { either, join, NO_WAY, on, refused, type Clock, type Place, type Ways } from './script-ways.ts';
import { behindCall, MAX_CALLS, NO_FUNCTIONS, NO_VARIABLES, type Variables } from './shell-values.ts';
import { programOfExec } from './script-walk-builtins.ts';
import { OWN_NUMBER } from './own-number.ts';
import { sendsSignal } from './server-stop.ts';
import { refusesBuiltin } from './shell-differences.ts';
import { parseShell, parseShellAs } from './shell-parser.ts';
import type { Command, Script } from './shell-syntax.ts';
import { dialectOf, type ShellFlavour } from './shells.ts';
import { MAX_NESTING, type StepBudget } from './step-budget.ts';
import type { Timing } from './timing.ts';

export interface ClockOptions {
  readonly parameters: Argv;
  /** Those of the environment, as far as they are known. */
  readonly variables?: Variables;
  /** The shell was started with `-e`. */
  readonly exitsOnError?: boolean;
  /** It was started with `-u`. */
  readonly endsAtUnset?: boolean;
  /** It may lack a variable that each script has from the start: `env -u HOME sh`. */
  readonly lacksStart?: boolean;
  /** It was started with `-o pipefail`. */
  readonly hasPipefail?: boolean;
  /** The shell that reads it; undefined where nothing in the script is read by one and refused by another. */
  readonly flavour?: ShellFlavour | undefined;
  readonly budget: StepBudget;
  /** What a program takes that the script starts. */
  time(argv: Argv): Timing;
}

/** Follows what a function and the text of `eval` hold. */
export interface CommandRunner {
  script(script: Script, start: Clock, place: Place): Ways;
  command(command: Command, clock: Clock, place: Place): Ways;
}

/** A longer word of a command costs steps, because it is searched for signals each time that the command runs. */
const LONGEST_FREE_WORD = 512;

export class ClockCommands {
  readonly #runner: CommandRunner;
  readonly #options: ClockOptions;
  #mayFailByEach: boolean;

  constructor(runner: CommandRunner, options: ClockOptions) {
    this.#runner = runner;
    this.#options = options;
    this.#mayFailByEach = options.hasPipefail === true;
  }

  /** Whether a pipe may fail by each of its commands: `set -o pipefail`. */
  get mayFailByEach(): boolean {
    return this.#mayFailByEach;
  }

  /** @param commands how many `command` stand before it */
  run(argv: Argv, clock: Clock, place: Place, commands = 0): Ways {
    this.#options.budget.spend();
    const [name, ...args] = argv;
    if (name === undefined) return on({ ...clock, isOpen: true, succeeded: undefined });
    if (name === 'set' && args.includes('pipefail')) this.#mayFailByEach = true;
    if (name === 'shift') this.#options.budget.spendOnList(clock.parameters ?? []);
    const body = clock.functions.get(name);
    if (body !== undefined) return this.#call(body, args, clock, place);
    const ways = waysOfBuiltin(argv, clock, place, this.#options.flavour);
    if (ways !== undefined) return ways;
    switch (name) {
      case 'exec':
        return this.#exec(argv, clock, place);
      case 'command':
      case 'builtin':
        return this.#behindCommand(args, clock, place, commands);
      case 'eval':
        return this.#eval(args, clock, place);
      default:
        return this.#external(argv, clock, place);
    }
  }

  #exec(argv: Argv, clock: Clock, place: Place): Ways {
    const inner = programOfExec(argv);
    if (inner.length === 0) return on({ ...clock, succeeded: true });
    const { on: goesOn, ended: isEnded, stuck } = this.#external(inner, clock, place);
    return { ...NO_WAY, ended: either(goesOn, isEnded), stuck };
  }

  /** `command app`, `builtin app` */
  #behindCommand(args: Argv, clock: Clock, place: Place, commands: number): Ways {
    const { flavour } = this.#options;
    if (args.length === 0 || args[0]?.startsWith('-') === true) return on({ ...clock, succeeded: undefined });
    if (commands > MAX_NESTING) return on({ ...clock, isOpen: true, succeeded: undefined });
    // What is refused behind it only fails; to dash and ash, `command local` outside a function is nothing wrong.
    if (flavour !== undefined && refusesBuiltin(flavour, args)) return on({ ...clock, succeeded: false });
    if (args[0] === 'local' && place.calls === 0 && flavour?.endsWith('bash') === false) return on({ ...clock, succeeded: true });
    // Not the function of that name.
    const inner = this.run(args, { ...clock, functions: NO_FUNCTIONS }, place, commands + 1);
    const next = inner.on && { ...inner.on, functions: clock.functions };
    // What is refused in the text ends the text and not the shell: the rest is not known then.
    const isForgiven = args[0] === 'eval' && inner.ended !== undefined;
    return { ...inner, on: isForgiven ? either(next, { ...clock, isOpen: true, succeeded: undefined }) : next };
  }

  #call(body: Command, args: Argv, clock: Clock, place: Place): Ways {
    if (place.depth >= MAX_CALLS) return on({ ...clock, isOpen: true });
    const beyond = place.loops > 0 ? 'function' : place.beyond;
    const inner = { ...place, calls: place.calls + 1, depth: place.depth + 1, loops: 0, beyond };
    const { parameters, variables } = clock;
    const ways = this.#runner.command(body, { ...clock, parameters: [parameters?.[0], ...args] }, inner);
    const back = (after: Clock | undefined): Clock | undefined =>
      after && { ...after, parameters, variables: behindCall(body, variables, after.variables, this.#options.budget) };
    return { ...ways, on: back(either(ways.on, ways.returned)), broken: back(ways.broken), next: back(ways.next), returned: undefined };
  }

  #eval(args: Argv, clock: Clock, place: Place): Ways {
    const open = on({
      ...clock,
      isOpen: true,
      variables: NO_VARIABLES,
      parameters: undefined,
      exitsOnError: undefined,
      succeeded: undefined,
    });
    if (args.includes(undefined) || place.depth >= MAX_CALLS) return open;
    const text = args.join(' ').replaceAll(OWN_NUMBER, '$$$$');
    this.#options.budget.spendOnText(text);
    const { flavour } = this.#options;
    const script = flavour === undefined ? parseShell(text) : parseShellAs(text, dialectOf(flavour));
    // Of what cannot be read, a shell may end.
    if (script.problem !== undefined) return join(open, refused(clock));
    if (script.isRefused === true && script.lines.length === 0) return refused(clock);
    return this.#runner.script(script, { ...clock, succeeded: true }, { ...place, depth: place.depth + 1 });
  }

  #external(argv: Argv, clock: Clock, place: Place): Ways {
    for (const word of argv) if (word !== undefined && word.length > LONGEST_FREE_WORD) this.#options.budget.spendOnText(word);
    const timing = this.#options.time(argv);
    const end = endOfShellBy(argv);
    const ran = afterProgram(clock, timing, end !== 'no' || sendsSignal(argv));
    const after = listsLines(argv) ? { ...ran, knowsLines: true } : ran;
    return timing.isEndless ? { ...NO_WAY, stuck: after } : afterSignal(end, after, place);
  }
}
