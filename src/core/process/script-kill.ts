/**
 * Whether a command of a trap tells what runs in the background to end. As measured with dash 0.5.12, busybox ash 1.35 and bash 5.2
 * (`test/core/process/measured/`).
 */
import { programName, type Argv } from './argv.ts';
import { isHarmless } from './program-length.ts';
import type { TrappingShell } from './script-traps.ts';
import { parseShell } from './shell-parser.ts';
import { bodiesOf, literalOf, type Command, type Script, type SimpleCommand, type Word } from './shell-syntax.ts';
import { isJobNumber, leadingIn } from './job-number.ts';
import { PIPED_JOB } from './piped-job.ts';
import { MAX_CALLS, type Functions, type Variables } from './shell-values.ts';
import { isPosixBash, type ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

/** - `maybe`: a program that stops the server in its own way, or a signal that jobs in the background may ignore. */
export type Telling = 'certainly' | 'maybe' | 'no';

/** Signals whose default action is to end, and that a shell lets its jobs in the background have (POSIX XCU 2.11). */
const ENDING: ReadonlySet<string> = new Set(['TERM', '15', 'KILL', '9', 'HUP', '1', 'USR1', '10', 'USR2', '12', 'ABRT', '6']);

/**
 * Whether one command sends a signal to what runs in the background.
 *
 * @param variables when it runs
 */
export function tellingOf({ words, redirections }: SimpleCommand, variables: Variables, shell: TrappingShell): Telling {
  const argv = words.map(literalOf);
  const [name] = argv;
  if (name === undefined) return 'maybe';
  if (name === 'kill') return tellingOfKill(words, variables, shell);
  if (programName(name) === 'pkill' && isRefusedByPkill(argv)) return 'no';
  if (['kill', 'pkill', 'killall', 'killall5'].includes(programName(name))) return 'certainly';
  return isHarmless(argv) && redirections.length === 0 ? 'no' : 'maybe';
}

/**
 * Whether `kill` names the last commands of pipes, of which others run for long: `app | tee log & P=$!; kill $P`. They do not hear of it.
 *
 * @returns `maybe` where it names others as well, or an argument of its function
 */
export function namesPipe(words: readonly Word[], variables: Variables): 'certainly' | 'maybe' | 'no' {
  const isOfPipe = (name: string): boolean => variables.get(name) === PIPED_JOB;
  const names = namesIn(words);
  if (names.length === 0) return 'no';
  if (names.every(isOfPipe)) return 'certainly';
  const takesArgument = names.some((name) => /^\d+$/.test(name));
  return names.some(isOfPipe) || (takesArgument && [...variables.values()].includes(PIPED_JOB)) ? 'maybe' : 'no';
}

/** The variables that are words of their own: `$P`, `"${P}"`. */
export function namesIn(words: readonly Word[]): string[] {
  return words.flatMap(({ parts: [part, more] }) => (part?.kind === 'parameter' && more === undefined ? [part.name] : []));
}

/** `pkill -P $`, which the kubelet makes of `pkill -P $$`: the number of a parent, group or session is none. */
function isRefusedByPkill(argv: Argv): boolean {
  return argv.some((word, index) => word !== undefined && /^-[Pgs]$/.test(argv[index - 1] ?? '') && !/^\d+(?:,\d+)*$/.test(word));
}

function tellingOfKill(words: readonly Word[], variables: Variables, shell: TrappingShell): Telling {
  const { flavour } = shell;
  let at = 1;
  let signal: string | undefined = 'TERM';
  const [, first = '', second] = words.map(literalOf);
  if (first === '-s' || first === '-n') {
    if (first === '-n' && !flavour.endsWith('bash')) return 'no';
    signal = second;
    at = 3;
  } else if (/^-\w+$/.test(first)) {
    signal = first.slice(1);
    at = 2;
  }
  const name = signal?.toUpperCase();
  // Behind `-TERM`, dash takes `--` for the number of a process, and sends nothing.
  if (at === 2 && flavour === 'dash' && second === '--') return 'no';
  // `kill -SIGTERM`: to dash, and to bash as `sh`, that is no signal.
  if (name?.startsWith('SIG') === true && (flavour === 'dash' || isPosixBash(shell))) return 'no';
  if (name === '0' || name === 'L') return 'no';
  // dash knows no jobs by their numbers.
  const targets = words.slice(at).filter((word) => literalOf(word) !== '--');
  // What is no number stands for nobody: `kill $`, which the kubelet makes of `kill $$`.
  if (targets.every((word) => !/^(?:-?\d+|%.*)$/.test(literalOf(word) ?? '1'))) return 'no';
  if (targets.every((word) => listsNoJobs(word, flavour) || (flavour === 'dash' && literalOf(word)?.startsWith('%') === true))) return 'no';
  return tellingOfSignal(
    name,
    targets.map((word) => findsGroup(word, variables)),
    shell,
  );
}

/** @param groups whether each of those that are named is there */
function tellingOfSignal(name: string | undefined, groups: readonly Telling[], shell: TrappingShell): Telling {
  const telling = name !== undefined && ENDING.has(name.replace(/^SIG/, '')) ? 'certainly' : 'maybe';
  if (groups.includes('certainly')) return telling;
  // `kill` fails where it finds nobody.
  return groups.includes('maybe') || shell.endsAtFailure === true ? 'maybe' : 'no';
}

/**
 * Whether there is a group `-$P`, of which the number may be that of a job, which leads none; the one in `-$(cat /run/app.pid)` nobody knows.
 * What is no such word may stand for anybody.
 */
function findsGroup({ parts: [sign, part, more] }: Word, variables: Variables): Telling {
  if (sign?.kind !== 'text' || sign.text !== '-' || more !== undefined) return 'certainly';
  if (part?.kind === 'substitution') return 'maybe';
  if (part?.kind !== 'parameter' || part.name === '$') return 'certainly';
  const value = part.operator === '' ? variables.get(part.name) : undefined;
  if (value !== undefined && isJobNumber(value)) return leadingIn(value) ?? 'no';
  // The group of the shell itself, which is PID 1, and all processes.
  return value === '0' || value === '1' ? 'certainly' : 'maybe';
}

/** Whether a word is `$(jobs -p)` and stands for nothing: dash has no jobs in a substitution, and busybox ash knows no `jobs -r`. */
export function listsNoJobs({ parts }: Word, flavour: ShellFlavour): boolean {
  return parts.some((part) => part.kind === 'substitution' && scriptListsNoJobs(part.script, flavour));
}

function scriptListsNoJobs({ lines }: Script, flavour: ShellFlavour): boolean {
  return lines.some(({ statements }) =>
    statements.some(({ first: { commands } }) =>
      commands.some((command) => {
        const [name, ...options] = command.kind === 'simple' ? command.words.map(literalOf) : [];
        if (name !== 'jobs') return false;
        return flavour === 'dash' || (flavour === 'ash' && options.some((word) => word !== undefined && /^-.*[^lp]/.test(word)));
      }),
    ),
  );
}

/** Whether an action sends a signal to anybody: to what runs in the background, for that is what it has to stop. */
export function tellingOfAction(
  action: string,
  { functions, variables }: { readonly functions: Functions; readonly variables: Variables },
  budget: StepBudget,
  shell: TrappingShell,
): Telling {
  budget.spendOnText(action);
  const script = parseShell(action);
  if (script.problem !== undefined) return 'maybe';
  return tellingIn(script, (word) => functions.get(word), { calls: 0, variables, budget, shell });
}

/** With undefined for a command whose name is not known. */
const SENDS_SIGNALS: ReadonlySet<string | undefined> = new Set(['killall', undefined, 'eval', '.', 'source']);

interface Teller {
  readonly calls: number;
  readonly variables: Variables;
  readonly budget: StepBudget;
  readonly shell: TrappingShell;
}

function tellingIn({ lines }: Script, bodyOf: (name: string) => Command | undefined, teller: Teller): Telling {
  let telling: Telling = 'no';
  for (const { statements } of lines)
    for (const { first, rest } of statements)
      for (const { commands } of [first, ...rest.map(({ pipeline }) => pipeline)])
        for (const command of commands) telling = stronger(telling, tellingOfCommand(command, bodyOf, teller));
  return telling;
}

function tellingOfCommand(command: Command, bodyOf: (name: string) => Command | undefined, teller: Teller): Telling {
  const { calls, variables, budget, shell } = teller;
  budget.spend();
  const ofBodies = (of: Command, inner: Teller): Telling =>
    bodiesOf(of).reduce<Telling>((telling, body) => stronger(telling, tellingIn(body, bodyOf, inner)), 'no');
  if (command.kind !== 'simple') return ofBodies(command, teller);
  budget.spendOnWords(command.words);
  const [word] = command.words;
  if (word === undefined) return 'no';
  const name = literalOf(word);
  const body = name === undefined ? undefined : bodyOf(name);
  if (body !== undefined) return calls > MAX_CALLS ? 'maybe' : ofBodies(body, { ...teller, calls: calls + 1 });
  if (name === 'kill' || name === 'pkill') return tellingOfSender(command, variables, shell);
  return SENDS_SIGNALS.has(name) ? 'certainly' : 'no';
}

function tellingOfSender(command: SimpleCommand, variables: Variables, shell: TrappingShell): Telling {
  const telling = tellingOf(command, variables, shell);
  if (telling === 'no') return 'no';
  const ofPipe = namesPipe(command.words, variables);
  return ofPipe === 'no' ? telling : ofPipe === 'maybe' ? 'maybe' : 'no';
}

function stronger(a: Telling, b: Telling): Telling {
  return a === 'certainly' || b === 'no' ? a : b;
}
