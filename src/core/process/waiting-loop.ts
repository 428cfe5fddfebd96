/** Whether a command waits in a loop that only its own condition ends. */
import { isShell, readShellStart } from './shells.ts';
import { parseShell } from './shell-parser.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH } from './step-budget.ts';
import type { Command, Loop, Script, Statement } from './shell-syntax.ts';
import { bodiesOf, literalOf } from './shell-syntax.ts';

const HAS_LOOP = /\b(?:while|until)\b/;

/**
 * Whether the shell script of a command has a `while` or `until` loop that sleeps, and that nothing in it leaves: no `break`, no
 * `exit`, no counter, no look at the time.
 *
 * @returns false also for what cannot be read: nothing is said of it
 */
export function waitsForEver(argv: readonly string[]): boolean {
  if (!isShell(argv)) return false;
  const { script } = readShellStart(argv.slice(argv[0]?.endsWith('busybox') === true ? 2 : 1));
  if (script === undefined || script.length > MAX_SCRIPT_LENGTH || !script.includes('sleep') || !HAS_LOOP.test(script)) return false;
  return hasWait(parseShell(script), 0, new Set());
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
      return isEndlessLoop(command, depth);
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

function isEndlessLoop(loop: Loop, depth: number): boolean {
  let sleeps = false;
  const leaves = (script: Script, level: number): boolean => {
    if (level > MAX_NESTING) return true;
    return script.lines.some(({ statements }) =>
      statements.some((statement) =>
        commandsOf(statement).some((command) => {
          // `((i++))`, `[[ $i -lt 30 ]]`: whatever is counted there, it may end the loop.
          if (command.kind === 'test') return true;
          if (command.kind !== 'simple') return bodiesOf(command).some((body) => leaves(body, level + 1));
          const words = command.words.map(literalOf);
          // What a variable stands for, or `eval` reads, may end it as well.
          if (command.words.length > 0 && words[0] === undefined) return true;
          if (words[0] === 'sleep' || words[0] === 'usleep') sleeps = true;
          return (
            words.some((word) => word !== undefined && LEAVES.has(word)) || words.some((word) => word === undefined && isCounting(command))
          );
        }),
      ),
    );
  };
  return !leaves(loop.condition, depth) && !leaves(loop.body, depth) && sleeps;
}

/** What ends a loop besides its condition, and how conditions count. */
const LEAVES: ReadonlySet<string> = new Set([
  'break',
  'exit',
  'return',
  'exec',
  'eval',
  '.',
  'source',
  'kill',
  'timeout',
  'read',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-eq',
]);

/** `i=$((i + 1))` is no word; `expr $i + 1` and `test $i = 30` are, and so is a program whose words say nothing of a count. */
function isCounting({ words }: { readonly words: readonly { readonly parts: readonly { readonly kind: string }[] }[] }): boolean {
  return words.some(({ parts }) => parts.some(({ kind }) => kind === 'arithmetic'));
}
