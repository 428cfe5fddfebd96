/**
 * A command with its words known: a function, a builtin such as `exec`, `command` and `eval` that runs others, or a program.
 */
import type { Argv } from './argv.ts';
import type { WalkOptions } from './script-ends.ts';
import { momentOf } from './script-moment.ts';
import { only, returnedTo, waited, type Outcome, type Path } from './script-path.ts';
import { afterBuiltin, behindCommand, statusAt } from './script-walk-builtins.ts';
import type { Position } from './script-walk-loops.ts';
import type { WalkPrograms } from './script-walk-programs.ts';
import { parseShellAs } from './shell-parser.ts';
import type { Command, Script } from './shell-syntax.ts';
import { behindCall, MAX_CALLS } from './shell-values.ts';
import { dialectOf } from './shells.ts';
import { MAX_NESTING } from './step-budget.ts';

/** What the walk does with what such a command leads to. */
export interface CommandRunner {
  readonly options: WalkOptions;
  readonly programs: WalkPrograms;
  command(command: Command, path: Path, position: Position): Outcome;
  script(script: Script, path: Path, position: Position): Outcome;
  /** The shell ends at what it refuses. */
  refused(path: Path): Outcome;
  /** The shell ends. @param succeeded its status, undefined where nobody knows */
  over(path: Path, succeeded: boolean | undefined): Outcome;
  /** How often it has ended at what it refuses. */
  refusals(): number;
}

/** Where a command stands. */
export interface CommandEntry {
  readonly path: Path;
  readonly position: Position;
}

/**
 * Runs a command, and follows it to where the shell goes on.
 *
 * @param argv its words as far as they are known
 * @param commands how many `command` stand before it: behind one, what it refuses only fails
 */
export function runOutcome(argv: Argv, at: CommandEntry, shell: CommandRunner, commands = 0): Outcome {
  const { path, position } = at;
  shell.options.budget.spend();
  const isForgiven = commands > 0;
  const [name] = argv;
  if (name === undefined) return shell.programs.run(argv, path, position);
  const body = path.functions.get(name);
  if (body !== undefined) return callOutcome(body, argv, at, shell);
  if (name === 'shift') shell.options.budget.spendOnList(path.parameters);
  const after = afterBuiltin(argv, path, position, shell.options);
  // To dash and ash, `command local` outside a function is nothing wrong.
  if (after === 'refused' && isForgiven) return only({ ...path, succeeded: name === 'local' });
  if (after === 'refused') return shell.refused(path);
  if (after === 'ends') return shell.over(path, name === 'exit' ? statusAt(argv.slice(1), path) : undefined);
  if (after !== undefined) return after;
  switch (name) {
    case 'exec':
      return shell.programs.exec(argv, path, position);
    case 'command':
    case 'builtin':
      return behindCommandOutcome(argv, at, shell, commands);
    case 'eval':
      return isForgiven ? forgivenEvalOutcome(argv.slice(1), at, shell) : evalOutcome(argv.slice(1), at, shell);
    default:
      return shell.programs.run(argv, path, position);
  }
}

/** `command app`, `builtin app` */
function behindCommandOutcome(argv: Argv, { path, position }: CommandEntry, shell: CommandRunner, commands: number): Outcome {
  // In zsh it starts programs only.
  if (shell.options.program === 'zsh') return only({ ...path, moment: momentOf('foreground', path.traps), isOpaque: true });
  if (commands > MAX_NESTING) return only({ ...path, moment: momentOf('busy', path.traps), isOpaque: true });
  const inner = behindCommand(argv);
  if (inner === undefined) return only({ ...path, succeeded: undefined });
  return path.functions.has(inner[0] ?? '')
    ? shell.programs.run(inner, path, position)
    : runOutcome(inner, { path, position }, shell, commands + 1);
}

function callOutcome(body: Command, argv: Argv, { path, position }: CommandEntry, shell: CommandRunner): Outcome {
  if (position.calls >= MAX_CALLS) return only({ ...path, moment: momentOf('busy', path.traps), isOpaque: true });
  // Of the shells, ash alone leaves the loops of whoever called the function.
  const loops = shell.options.flavour === 'ash' ? position.loops : 0;
  const inner: Position = { ...position, isTail: false, calls: position.calls + 1, isInFunction: true, loops };
  const { parameters, variables } = path;
  const { open, left } = returnedTo(parameters, shell.command(body, { ...path, parameters: [parameters[0], ...argv.slice(1)] }, inner));
  const back = (after: Path): Path => ({ ...after, variables: behindCall(body, variables, after.variables, shell.options.budget) });
  return { open: open.map(back), left: left.map(back) };
}

function evalOutcome(args: Argv, { path, position }: CommandEntry, shell: CommandRunner): Outcome {
  if (args.some((word) => word === undefined)) {
    // `eval "exec app $OPTIONS"`
    const [name] = args;
    if (name !== undefined) return runOutcome(args, { path, position: { ...position, isTail: false, calls: position.calls + 1 } }, shell);
    const moment = { ...momentOf('foreground', path.traps), unknown: 'variable' } as const;
    return only({ ...waited(path, moment), isOpaque: true, succeeded: undefined });
  }
  const text = args.join(' ');
  shell.options.budget.spendOnText(text);
  const script = parseShellAs(text, dialectOf(shell.options.flavour));
  if (script.isRefused === true && script.lines.length === 0) return shell.refused(path);
  if (script.problem !== undefined || position.calls >= MAX_CALLS) return only({ ...path, isOpaque: true });
  return shell.script(script, path, { ...position, isTail: false, calls: position.calls + 1 });
}

/** `command eval …`: what is refused in it ends the text and not the shell, so where that happens the rest is not known. */
function forgivenEvalOutcome(args: Argv, at: CommandEntry, shell: CommandRunner): Outcome {
  const { path } = at;
  const before = shell.refusals();
  const outcome = evalOutcome(args, at, shell);
  return shell.refusals() === before ? outcome : { ...outcome, open: [...outcome.open, { ...path, isOpaque: true, succeeded: undefined }] };
}
