/**
 * What a command in exec form executes: the first word names a program, the others are its arguments, and no shell looks at
 * any of them. Hooks, probes and entrypoints are all like that (`execve(2)`); each of these faults was seen in manifests.
 */
import { WordsMemo } from '../words-memo.ts';
import type { Work } from '../work.ts';
import { programName, withoutBusybox } from './argv.ts';
import { afterLauncher, INIT_OPTIONS, LAUNCHERS } from './launchers.ts';
import { parseShell } from './shell-parser.ts';
import {
  BUILTINS,
  inShell,
  isShellAssignment,
  isRefusedByShell,
  isSureOperator,
  lineOf,
  lineSpelling,
  mayBeOperator,
  quoted,
  quotedVariable,
  SUBSTITUTED,
  unquoted,
} from './shell-spelling.ts';
import { literalOf, onlyCommandOf } from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH } from './step-budget.ts';

/** Why a command does not do what its words seem to say. */
export interface ExecFormFault {
  readonly kind:
    /** No word at all, or an empty first one. */
    | 'no program'
    /** `["sleep 10"]`: there is no program of that name. */
    | 'one word'
    /** `["sleep", "10", "&&", "app"]`: an argument like any other. */
    | 'operators'
    /** `["$APP"]`, `["sleep", "${DRAIN}"]`: no shell puts the value in. */
    | 'variable'
    /** `["pg_isready", "-U", "$USER"]`, `["kill", "$(cat /run/pid)"]`: the program gets the text. */
    | 'argument'
    /** `["exit", "0"]`: only a shell knows it. */
    | 'builtin'
    /** `["sh", "sleep 10"]`: a file of that name is looked for. */
    | 'no -c'
    /** `["sh", "-c"]` */
    | 'no script'
    /** `["sh", "-c sleep 10"]`: each letter is an option to the shell, and the blank is none. */
    | 'option and script'
    /** `["sh", "-c", "sleep", "10"]`: what comes after the script is `$0`, `$1`, …, which it does not use. */
    | 'words after the script';
  /** What is wrong with it: the first word, the operator, the words that nothing reads. */
  readonly word: string;
  /** The command as its author means it; undefined where nobody knows. */
  readonly spelling: readonly string[] | undefined;
  /** Whether it cannot start, so that it fails at once; else it starts and does less than it says. */
  readonly failsAtOnce: boolean;
}

const HAS_CHARACTER_OF_OPERATORS = /[;&|<>]/;

/** Programs whose arguments may look like operators: `find … -exec … ;`, `expr 1 > 0`, `grep |`. */
const TAKES_OPERATORS: ReadonlySet<string> = new Set(
  'find expr awk gawk jq yq sed echo printf grep egrep fgrep cut tr sort column test [ env xargs parallel'.split(' '),
);
/** Of those, the ones that have no use for a `|` of their own. */
const TAKES_NO_PIPE: ReadonlySet<string> = new Set(['find', 'echo', 'printf', 'test', '[']);
/** Programs whose output is all that they are for. */
const PRINTS: ReadonlySet<string> = new Set(['echo', 'printf', 'env', 'date', 'hostname']);
/** Programs whose arguments may end in `;`: what they are given is a script of their own. */
const TAKES_STATEMENTS: ReadonlySet<string> = new Set(
  'psql mysql mariadb sqlite3 clickhouse-client cqlsh sqlcmd mongo mongosh perl python python3 ruby node php lua bc'.split(' '),
);
/** Programs that take their arguments as they are: `$NAME` in one of them stands for a value that its author counts on. */
const EXPANDS_NOTHING: ReadonlySet<string> = new Set(
  (
    'kill pkill killall curl wget nc test [ cat touch rm mv cp ls stat pgrep pidof nginx pg_isready pg_ctl mysqladmin mariadb-admin ' +
    'redis-cli valkey-cli rabbitmqctl rabbitmq-diagnostics supervisorctl etcdctl grpc_health_probe'
  ).split(' '),
);
/** `$(cat /run/pid)`, `$((5 + 5))` and `` `hostname` ``, which only a shell runs. */
const SUBSTITUTION = /\$\(\(|\$\([^)\s]{0,128}\s|`[^`]+`/;

/** JSON, GraphQL, Lua and settings of nginx, which have variables of their own: what is left of a word without those of a shell. */
const OTHER_LANGUAGE = /[{(;]/;
const BRACKETS_OF_SHELL = /\$\{\w+\}|\$\([^)]{0,128}\)/g;

/** `C:\Program Files\web\web.exe`, `C:/Program Files/web.exe`, `\\server\share\web.exe`: a Pod for Windows that does not say so. */
const WINDOWS_PATH = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/** What a shell is taken for a program by: `["sh", "sleep", "10"]`. Each is no file of text. */
const NO_SCRIPTS: ReadonlySet<string> = new Set(
  'sleep kill true false echo cat touch rm mkdir cp mv date printf test curl wget nginx'.split(' '),
);

/**
 * @param argv command and args, or the command of a hook or probe
 * @param expands whether the kubelet puts the values of `$(NAME)` in: it does so for containers and probes, and not for hooks
 *   (`RunInContainer` in pkg/kubelet/lifecycle/handlers.go)
 * @param work counts each time that a long list of words is gone through
 * @returns undefined where nothing is wrong with the form
 */
export function execFormFaultOf(argv: readonly string[], expands = true, work?: Work): ExecFormFault | undefined {
  const kind = expands ? '' : 'hook';
  const known = FAULTS.get(kind, argv);
  if (known !== undefined) return known.fault;
  const found = faultOf(argv, { variable: expands ? SHELL_VARIABLE : ANY_VARIABLE, work }, 0);
  const fault = found?.spelling !== undefined && isRefusedByShell(found.spelling) ? { ...found, spelling: undefined } : found;
  FAULTS.set(kind, argv, { fault });
  return fault;
}

/** All Pods of a workload have the same commands. Those that are kept have too few words to be counted (`Work.spendAt`). */
const FAULTS = new WordsMemo<{ readonly fault: ExecFormFault | undefined }>(2048, 127);

/** `$NAME` and `${NAME}`, of which the kubelet knows nothing. */
const SHELL_VARIABLE = /\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})/;
const ANY_VARIABLE = /\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\}|\([A-Za-z_]\w*\))/;

/** How the words of a command are read. */
interface Reading {
  /** What only a shell replaces. */
  readonly variable: RegExp;
  readonly work: Work | undefined;
}

function faultOf(argv: readonly string[], reading: Reading, depth: number): ExecFormFault | undefined {
  const [first = ''] = argv;
  if (first.trim() === '') {
    return { kind: 'no program', word: first, spelling: argv.length <= 1 ? undefined : argv.slice(1), failsAtOnce: true };
  }
  if (isShell(argv)) return shellFault(argv, reading);
  if (WINDOWS_PATH.test(first)) return undefined;
  const fault = nameFault(argv, reading) ?? variableFault(argv, reading);
  if (fault !== undefined) return fault;
  if (BUILTINS.has(first) || isShellAssignment(first))
    return { kind: 'builtin', word: first, spelling: inShell(lineOf(argv)), failsAtOnce: true };
  const inner = startedBy(argv, reading);
  if (inner.length > 0 && depth < MAX_NESTING) {
    const innerFault = faultOf(inner, reading, depth + 1);
    const own = argv.slice(0, argv.length - inner.length);
    return innerFault && { ...innerFault, spelling: innerFault.spelling && [...own, ...innerFault.spelling] };
  }
  return operatorFault(argv, reading) ?? unexpandedFault(argv, reading);
}

/** The first word that is meant. */
function findWord(
  words: readonly string[],
  isMeant: (word: string, index: number) => boolean,
  { work }: Pick<Reading, 'work'>,
): string | undefined {
  for (const [index, word] of words.entries()) {
    work?.spendAt(index);
    if (isMeant(word, index)) return word;
  }
  return undefined;
}

function countedWords<T>(words: readonly string[], become: (word: string) => T, { work }: Reading): T[] {
  return words.map((word, index) => {
    work?.spendAt(index);
    return become(word);
  });
}

/** `["'app'"]`, `["sleep 10"]`: the first word is no name of a program. */
function nameFault(argv: readonly string[], reading: Reading): ExecFormFault | undefined {
  const [first = ''] = argv;
  const bare = unquoted(first);
  if (bare !== first) {
    const spelling = /\s/.test(bare) ? lineSpelling([bare, ...argv.slice(1)]) : countedWords(argv, unquoted, reading);
    return { kind: 'one word', word: first, spelling, failsAtOnce: true };
  }
  // `["$APP --flag"]` too: in quotes it would be one word again.
  return /[\s;&|]/.test(first) ? { kind: 'one word', word: first, spelling: lineSpelling(argv), failsAtOnce: true } : undefined;
}

/** `["$APP"]`, `["sleep", "${DRAIN}"]`: without the value, the command fails at once. */
function variableFault(argv: readonly string[], reading: Reading): ExecFormFault | undefined {
  const [first = ''] = argv;
  const { variable } = reading;
  const inArguments = programName(first) === 'sleep' ? findWord(argv, (word) => isUnexpanded(word, variable), reading) : undefined;
  const word = first.search(variable) === 0 ? first : inArguments;
  return word === undefined ? undefined : { kind: 'variable', word, spelling: shellLine(argv, reading), failsAtOnce: true };
}

/** `["sleep", "10", "&&", "app"]`. `sleep 10 &&` is no number of seconds, and sleep ends at once; what others make of the word, nobody knows. */
function operatorFault(argv: readonly string[], reading: Reading): ExecFormFault | undefined {
  const word = operatorIn(argv, reading);
  if (word === undefined) return undefined;
  return { kind: 'operators', word, spelling: shellLine(argv, reading, word), failsAtOnce: programName(argv[0] ?? '') === 'sleep' };
}

/** `["kill", "$(cat /run/pid)"]` is no number of a process; what others make of the text, nobody knows. */
function unexpandedFault(argv: readonly string[], reading: Reading): ExecFormFault | undefined {
  const name = programName(argv[0] ?? '');
  if (!EXPANDS_NOTHING.has(name)) return undefined;
  const word = findWord(argv, (each) => isUnexpanded(each, reading.variable) && !isOtherLanguage(each), reading);
  return word === undefined ? undefined : { kind: 'argument', word, spelling: shellLine(argv, reading), failsAtOnce: name === 'kill' };
}

/** Whether a word has something in it that only a shell replaces. */
function isUnexpanded(word: string, variable: RegExp): boolean {
  return variable.test(word) || SUBSTITUTION.test(word);
}

/** The words as a command of a shell, which replaces what is to be replaced. @param operator is meant as one */
function shellLine(argv: readonly string[], reading: Reading, operator?: string): readonly string[] {
  const isKill = programName(argv[0] ?? '') === 'kill';
  const asWritten = (word: string): string => {
    // `kill $(pidof app)`: in quotes, several numbers would be one word.
    if (isKill && SUBSTITUTED.test(word)) return word;
    return isUnexpanded(word, reading.variable) ? quotedVariable(word) : quoted(word);
  };
  return ['sh', '-c', countedWords(argv, (word) => (word === operator ? word : asWritten(word)), reading).join(' ')];
}

function isOtherLanguage(word: string): boolean {
  return OTHER_LANGUAGE.test(word.replaceAll(BRACKETS_OF_SHELL, ''));
}

/** The command that a launcher or an init starts; empty where the program is none, or where its words cannot be told apart. */
function startedBy(argv: readonly string[], reading: Reading): readonly string[] {
  const name = programName(argv[0] ?? '');
  const launcher = LAUNCHERS.get(name);
  const options =
    INIT_OPTIONS.get(name) ??
    (launcher?.shell === undefined && (launcher?.manner === 'becomes' || launcher?.manner === 'forwards') ? launcher : undefined);
  // `env -S 'app --flag'` takes a word apart itself.
  if (
    options === undefined ||
    (name === 'env' && findWord(argv, (word) => /^-[a-zA-Z]*S|^--split-string/.test(word), reading) !== undefined)
  )
    return [];
  return afterLauncher(argv, options) as readonly string[];
}

function operatorIn(argv: readonly string[], { work }: Reading): string | undefined {
  const name = programName(argv[0] ?? '');
  const isSure = TAKES_OPERATORS.has(name);
  for (let index = 1; index < argv.length; index++) {
    work?.spendAt(index);
    const word = argv[index] ?? '';
    if (!HAS_CHARACTER_OF_OPERATORS.test(word)) continue;
    if (isSureOperator(word)) return word;
    if (isOperatorFor(name, argv, index)) return word;
    if (isSure) continue;
    if (mayBeOperator(word)) return word;
    const next = argv[index + 1];
    const endsStatement = /^[^\s;]+;$/.test(word) && !TAKES_STATEMENTS.has(name);
    if (endsStatement && (name === 'sleep' || (next !== undefined && !next.startsWith('-')))) return word;
  }
  return undefined;
}

/** Whether a sign that may be text to other programs has no such use for this one. */
function isOperatorFor(name: string, argv: readonly string[], index: number): boolean {
  const isLast = index === argv.length - 1;
  // `find /x -mmin -1 | grep .`; a last word may be text.
  if (argv[index] === '|') return TAKES_NO_PIPE.has(name) && !isLast;
  // `echo started > /run/state`; nobody prints the path of a file after such a sign.
  return argv[index] === '>' && PRINTS.has(name) && index === argv.length - 2 && /^\/\S/.test(argv[index + 1] ?? '');
}

/** In the `args` of a container whose `command` is the image's: no shell reads them. `--join &&` may be a flag and its value. */
export function operatorInArgs(args: readonly string[], work?: Work): string | undefined {
  const isFlagValue = (word: string, index: number): boolean => /^[&|<>]+$/.test(word) && /^-[^=]*$/.test(args[index - 1] ?? '');
  return findWord(args, (word, index) => isSureOperator(word) && !isFlagValue(word, index), { work });
}

function shellFault(argv: readonly string[], reading: Reading): ExecFormFault | undefined {
  const args = withoutBusybox(argv).slice(1);
  const shell = argv.slice(0, argv.length - args.length);
  const { script, file, takesScript, ...start } = readShellStart(args);
  if (script === undefined)
    return (
      joinedFault(shell, args) ??
      (takesScript ? NO_SCRIPT : (fileFault(shell, args, file) ?? argumentsFault(argv, { args, file }, reading)))
    );
  // Words of `argv`, all of them known.
  const parameters = start.parameters as readonly string[];
  const options = [...shell, ...args.slice(0, args.length - parameters.length - 1)];
  const name = quotedLine(script);
  if (name !== undefined) return { kind: 'one word', word: name, spelling: [...options, name, ...parameters], failsAtOnce: true };
  return wordsFault(options, script, parameters);
}

const NO_SCRIPT: ExecFormFault = { kind: 'no script', word: '-c', spelling: undefined, failsAtOnce: true };

/** `[sh, "-c app"]`: the option and its script in one word. */
function joinedFault(shell: readonly string[], args: readonly string[]): ExecFormFault | undefined {
  const joined = args.findIndex((word) => /^-[a-zA-Z]*c\s/.test(word));
  const word = args[joined];
  if (word === undefined) return undefined;
  const at = word.search(/\s/);
  const line = lineOf([unquoted(word.slice(at).trim()), ...args.slice(joined + 1)]);
  const spelling = [...shell, ...args.slice(0, joined), word.slice(0, at), line];
  return { kind: 'option and script', word, spelling, failsAtOnce: true };
}

/** `[sh, sleep, "10"]`: a command where the shell takes the name of a file with a script. */
function fileFault(shell: readonly string[], args: readonly string[], file: string | undefined): ExecFormFault | undefined {
  if (file === undefined || !(/[\s;&|]/.test(file) || NO_SCRIPTS.has(file) || BUILTINS.has(file))) return undefined;
  // `["sh", "test"]`: a script may well have that name, and without words `test` asks for nothing.
  if (file === 'test' && args.at(-1) === file) return undefined;
  const at = args.indexOf(file);
  const spelling = [...shell, ...args.slice(0, at), '-c', lineOf([file, ...args.slice(at + 1)])];
  return { kind: 'no -c', word: file, spelling, failsAtOnce: true };
}

/** `[sh, /entrypoint.sh, "&&", app]`: the script gets the operator as an argument. */
function argumentsFault(
  argv: readonly string[],
  { args, file }: { readonly args: readonly string[]; readonly file: string | undefined },
  reading: Reading,
): ExecFormFault | undefined {
  // A script may start what it is given (`exec "$@"`): `;`, `|` and `>` may be meant for that.
  const word = file === undefined ? undefined : findWord(args.slice(args.indexOf(file) + 1), isSureOperator, reading);
  return word === undefined
    ? undefined
    : { kind: 'operators', word, spelling: ['sh', '-c', countedWords(argv, quoted, reading).join(' ')], failsAtOnce: false };
}

/** `[sh, -c, echo, hello]`: words that the script does not use. @param shell with its options */
function wordsFault(shell: readonly string[], script: string, parameters: readonly string[]): ExecFormFault | undefined {
  const [zero, ...others] = parameters;
  if (zero === undefined || (others.length === 0 && isNameOfScript(zero, script))) return undefined;
  if (script.length > MAX_SCRIPT_LENGTH || usesParameters(script)) return undefined;
  const tree = parseShell(script);
  if (tree.problem !== undefined) return undefined;
  const [word, more] = onlyCommandOf(tree)?.words ?? [];
  return {
    kind: 'words after the script',
    word: parameters.join(' '),
    spelling: [...shell, lineOf([script, ...parameters])],
    // `sleep` and `[` without arguments only complain.
    failsAtOnce: word !== undefined && more === undefined && literalOf(word) === 'sleep',
  };
}

/** `'sleep 10'` with quotes of its own: the name of a program, to the shell. */
function quotedLine(script: string): string | undefined {
  const line = script.trim();
  const inner = unquoted(line);
  return inner !== line && /\S\s+\S/.test(inner) ? inner : undefined;
}

/** By custom, `$0` is given a name: `sh -c '…' --`, `bash -c '…' bash`. */
function isNameOfScript(word: string, script: string): boolean {
  return /^[-_]*$/.test(word) || isShell([word]) || (/^[\w./-]+$/.test(word) && !/^\d/.test(word) && /[\s;&|]/.test(script.trim()));
}

/** `$0`, `$1`, `$@`, `$*`, `$#`, with or without braces, and `shift`; loops over `$@` by `for i; do` too. */
function usesParameters(script: string): boolean {
  return /\$[{#!]*[0-9@*#]|\bshift\b|\bgetopts\b|\bfor\s+\w+\s*(?:;|\n|do\b)/.test(script);
}
