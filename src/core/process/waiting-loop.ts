/** Whether a command waits in a loop that only its own condition ends. */
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { splitOf } from './env-command.ts';
import { afterLauncher, INIT_OPTIONS, LAUNCHERS } from './launchers.ts';
import { isShell, readShellStart } from './shells.ts';
import { parseShell } from './shell-parser.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH } from './step-budget.ts';
import type { Command, Loop, Script, SimpleCommand, Statement, Word } from './shell-syntax.ts';
import { bodiesOf, literalOf } from './shell-syntax.ts';

const HAS_LOOP = /\b(?:while|until)\b/;

/**
 * Whether the shell script of a command has a `while` or `until` loop that sleeps, and that nothing in it leaves: no `break`, no
 * `exit`, no counter, no look at the time.
 *
 * @returns false also for what cannot be read: nothing is said of it
 */
export function waitsForEver(argv: Argv): boolean {
  const command = behindStarters(argv);
  if (!isShell(command)) return false;
  const { script } = readShellStart(command.slice(1));
  if (script === undefined || script.length > MAX_SCRIPT_LENGTH || !script.includes('sleep') || !HAS_LOOP.test(script)) return false;
  return hasWait(parseShell(script), 0, new Set());
}

/**
 * The command that is left behind inits and launchers, which stay as long as it does or become it: `tini -- env A=b sh -c …`.
 *
 * `timeout` stays where it is: it is a deadline.
 */
function behindStarters(argv: Argv): Argv {
  let command = withoutBusybox(argv);
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    const name = programName(command[0] ?? '');
    const launcher = LAUNCHERS.get(name);
    const isStarter = launcher !== undefined && (launcher.manner === 'becomes' || launcher.manner === 'waits');
    const options = INIT_OPTIONS.get(name) ?? (isStarter ? launcher : undefined);
    if (options === undefined) return command;
    const words = afterLauncher((name === 'env' ? splitOf(command) : undefined) ?? command, options);
    command = withoutBusybox(launcher?.shell === undefined ? words : [launcher.shell, ...words]);
  }
  return command;
}

/** @param waiting the functions that wait; what the script defines is added */
function hasWait({ lines }: Script, depth: number, waiting: Set<string>): boolean {
  if (depth > MAX_NESTING) return false;
  return lines.some(({ statements }) =>
    statements.some((statement) => !statement.isBackground && commandsOf(statement).some((command) => isWait(command, depth, waiting))),
  );
}

function commandsOf({ first, rest }: Statement): readonly Command[] {
  return [first, ...rest.map(({ pipeline }) => pipeline)].flatMap(({ commands }) => commands);
}

function isWait(command: Command, depth: number, waiting: Set<string>): boolean {
  switch (command.kind) {
    case 'while':
    case 'until':
      return isEndlessLoop(command, depth, false);
    case 'function':
      // Its commands run where it is called.
      if (isWait(command.body, depth + 1, waiting)) waiting.add(command.name);
      else waiting.delete(command.name);
      return false;
    case 'simple':
      return command.words[0] !== undefined && waiting.has(literalOf(command.words[0]) ?? '');
    default:
      return bodiesOf(command).some((body) => hasWait(body, depth + 1, waiting));
  }
}

/**
 * Whether a loop of a script waits for something, and nobody says for how long: it sleeps, and it does not count. It may be left by `break`.
 */
export function isOpenWait(loop: Loop): boolean {
  let isOpen = OPEN_WAITS.get(loop);
  if (isOpen === undefined) {
    isOpen = isEndlessLoop(loop, 0, true);
    OPEN_WAITS.set(loop, isOpen);
  }
  return isOpen;
}

/** A function may be called many times, and its loops are read once. */
const OPEN_WAITS = new WeakMap<Loop, boolean>();

/** @param mayBreak whether `break`, `exit` and `return` are a condition like any other */
function isEndlessLoop(loop: Loop, depth: number, mayBreak: boolean): boolean {
  let sleeps = false;
  const leaves = (script: Script, level: number): boolean => {
    if (level > MAX_NESTING) return true;
    return script.lines.some(({ statements }) =>
      statements.some((statement) =>
        commandsOf(statement).some((command) => {
          // `((i++))`, `[[ $i -lt 30 ]]`: whatever is counted there, it may end the loop.
          if (command.kind === 'test') return command.isSum || !ASKS_NO_COUNT.test(command.text) || ASKS_COUNT.test(command.text);
          if (command.kind !== 'simple') return bodiesOf(command).some((body) => leaves(body, level + 1));
          const words = command.words.map(literalOf);
          if (mayBreak && command.assignments.some(({ value }) => value !== undefined && counts(value))) return true;
          // What a variable stands for, or `eval` reads, may end it as well.
          if (command.words.length > 0 && words[0] === undefined) return true;
          if (words[0] === 'sleep' || words[0] === 'usleep') sleeps = true;
          return (
            words.some((word) => word !== undefined && (LEAVES.has(word) || (!mayBreak && BREAKS.has(word)))) ||
            (words.some((word) => word !== undefined && COMPARES.has(word)) && !comparesPrinted(command)) ||
            words.some((word) => word === undefined && isCounting(command))
          );
        }),
      ),
    );
  };
  return !leaves(loop.condition, depth) && !leaves(loop.body, depth) && sleeps;
}

/** What ends a loop besides its condition, and what counts. */
const LEAVES: ReadonlySet<string> = new Set(['exec', 'eval', '.', 'source', 'kill', 'timeout', 'read', 'let', 'shift']);

/** How conditions count, unless it is what a program prints that they look at. */
const COMPARES: ReadonlySet<string> = new Set(['-lt', '-le', '-gt', '-ge', '-eq']);

/** `[ "$(ls /run/ready.d | wc -l)" -gt 0 ]`; with `date` it is the time that counts. */
function comparesPrinted({ words }: SimpleCommand): boolean {
  return words.some(({ parts }) => parts.some(({ kind }) => kind === 'substitution')) && !words.some(counts);
}

const BREAKS: ReadonlySet<string> = new Set(['break', 'exit', 'return']);

/** `[[ ! -f /run/ready ]]`, `[[ $(curl …) != 200 ]]` */
const ASKS_NO_COUNT = /\$\(|^\s*(?:!\s*)?-[defhLprsSwxz]\s/;
const ASKS_COUNT = /\s-(?:lt|le|gt|ge|eq)\s|\bSECONDS\b|\$\(\(/;

/** `$((i + 1))`, `$(expr $i + 1)` */
function counts({ parts }: Word): boolean {
  return parts.some((part) => {
    if (part.kind !== 'substitution') return part.kind === 'arithmetic';
    const [command] = part.script.lines[0]?.statements[0]?.first.commands ?? [];
    return command?.kind === 'simple' && command.words[0] !== undefined && /^(?:expr|date)$/.test(literalOf(command.words[0]) ?? '');
  });
}

/** `i=$((i + 1))` is no word; `expr $i + 1` and `test $i = 30` are, and so is a program whose words say nothing of a count. */
function isCounting({ words }: { readonly words: readonly { readonly parts: readonly { readonly kind: string }[] }[] }): boolean {
  return words.some(({ parts }) => parts.some(({ kind }) => kind === 'arithmetic'));
}
