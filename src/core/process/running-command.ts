/** The commands of a container that go on for as long as it lives, with the files that the script sends what they write into. */
import type { Argv } from './argv.ts';
import { isHarmless, isShort } from './program-length.ts';
import { parseShell } from './shell-parser.ts';
import { literalOf, type Command, type Pipeline, type Script, type SimpleCommand, type Statement } from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH } from './step-budget.ts';

export interface RunningCommand {
  /** Undefined where the shell expands a word. */
  readonly words: Argv;
  /** The files that take what it writes, as the script names them: `>> /var/log/app.log`, `| tee /var/log/app.log`. */
  readonly files: readonly string[];
}

/**
 * What runs for long, as far as the words tell: the program itself, and of a script its last command, what it starts with `&`, and
 * the body of an endless loop. What stands behind a condition is left out: it may never run.
 *
 * @param argv what the container runs, the entrypoint of the image apart
 */
export function runningCommandsOf(argv: readonly string[]): readonly RunningCommand[] {
  if (!isShell(argv)) return [{ words: argv, files: [] }];
  const { script } = readShellStart(argv.slice(argv[0]?.endsWith('busybox') === true ? 2 : 1));
  if (script === undefined) return [{ words: argv, files: [] }];
  if (script.length > MAX_SCRIPT_LENGTH) return [];
  const parsed = parseShell(script);
  if (parsed.problem !== undefined) return [];
  const found: RunningCommand[] = [];
  collect(parsed, { isLoop: false, files: [] }, found, 0);
  return found;
}

interface Within {
  /** Whether it runs again and again, for ever. */
  readonly isLoop: boolean;
  /** What the script around it sends its output into. */
  readonly files: readonly string[];
}

function collect({ lines }: Script, within: Within, into: RunningCommand[], depth: number): void {
  if (depth > MAX_NESTING) return;
  let { files } = within;
  const statements = lines.flatMap((line) => line.statements);
  for (const [index, statement] of statements.entries()) {
    // `exec > file` holds for everything that comes after it.
    const redirected = filesOfExec(statement);
    if (redirected !== undefined) files = redirected;
    else if (statement.isBackground || within.isLoop || index === statements.length - 1)
      collectPipeline((statement.rest.at(-1) ?? { pipeline: statement.first }).pipeline, { ...within, files }, into, depth);
  }
}

function collectPipeline({ commands }: Pipeline, { isLoop, files: around }: Within, into: RunningCommand[], depth: number): void {
  const [first] = commands;
  const last = commands.at(-1);
  if (first === undefined || last === undefined) return;
  const piped = commands.length > 1 ? filesOfTee(last) : [];
  const redirected = filesOf(last);
  const files = [...piped, ...(redirected.length > 0 || commands.length > 1 ? redirected : around)];
  if (first.kind === 'simple') {
    const words = first.words.map(literalOf);
    // What is over in a moment writes a line; again and again, that is a log too.
    if (words.length > 0 && (isLoop ? appends(last) || piped.length > 0 : !isHarmless(words) && !isShort(words)))
      into.push({ words, files });
  } else if (first.kind === 'group' || first.kind === 'subshell') {
    collect(first.body, { isLoop, files }, into, depth + 1);
  } else if (first.kind === 'while' || first.kind === 'until') {
    if (isEndless(first.condition, first.kind)) collect(first.body, { isLoop: true, files }, into, depth + 1);
  }
}

function isEndless({ lines }: Script, kind: 'while' | 'until'): boolean {
  const statements = lines.flatMap((line) => line.statements);
  const [statement] = statements;
  const command = statements.length === 1 && statement?.rest.length === 0 ? statement.first.commands[0] : undefined;
  const word = command?.kind === 'simple' && command.words[0] !== undefined ? literalOf(command.words[0]) : undefined;
  return kind === 'while' ? word === 'true' || word === ':' : word === 'false';
}

/** @returns undefined for anything but `exec` with redirections alone */
function filesOfExec({ first, rest }: Statement): readonly string[] | undefined {
  const [command] = first.commands;
  if (rest.length > 0 || first.commands.length !== 1 || command?.kind !== 'simple') return undefined;
  const [word] = command.words;
  return command.words.length === 1 && word !== undefined && literalOf(word) === 'exec' ? filesOf(command) : undefined;
}

const WRITES: ReadonlySet<string> = new Set(['>', '>>', '>|', '&>', '&>>']);

function filesOf(command: Command): readonly string[] {
  return command.redirections.flatMap(({ operator, descriptor, target }) => {
    const file =
      WRITES.has(operator) && (descriptor === undefined || descriptor === '1' || descriptor === '2') ? literalOf(target) : undefined;
    return file === undefined ? [] : [file];
  });
}

/** Outside of `tee`, only `>>` grows a file that is opened again and again. */
function appends(command: Command): boolean {
  return command.redirections.every(({ operator }) => operator !== '>' && operator !== '>|' && operator !== '&>');
}

function filesOfTee(command: Command): readonly string[] {
  if (command.kind !== 'simple') return [];
  const [program, ...rest] = wordsOf(command);
  return program === 'tee' ? rest.flatMap((word) => (word === undefined || word.startsWith('-') ? [] : [word])) : [];
}

function wordsOf({ words }: SimpleCommand): Argv {
  return words.map(literalOf);
}
