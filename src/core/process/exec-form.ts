/**
 * What a command in exec form executes: the first word names a program, the others are its arguments, and no shell looks at
 * any of them. Hooks, probes and entrypoints are all like that (`execve(2)`); each of these faults was seen in manifests.
 */
import { programName, withoutBusybox } from './programs.ts';
import { parseShell } from './shell-parser.ts';
import { literalOf, onlyCommandOf } from './shell-syntax.ts';
import { isShell, readShellStart } from './shells.ts';
import { MAX_SCRIPT_LENGTH } from './step-budget.ts';

/** Why a command does not do what its words seem to say. */
export interface ExecFormFault {
  readonly kind:
    /** No word at all, or an empty first one. */
    | 'no program'
    /** `["sleep 10"]`: there is no program of that name. */
    | 'one word'
    /** `["sleep", "10", "&&", "app"]`: an argument like any other. */
    | 'operators'
    /** `["exit", "0"]`: only a shell knows it. */
    | 'builtin'
    /** `["sh", "sleep 10"]`: a file of that name is looked for. */
    | 'no -c'
    /** `["sh", "-c"]` */
    | 'no script'
    /** `["sh", "-c", "sleep", "10"]`: what comes after the script is `$0`, `$1`, …, which it does not use. */
    | 'words after the script';
  /** What is wrong with it: the first word, the operator, the words that nothing reads. */
  readonly word: string;
  /** The command as its author means it; undefined where nobody knows. */
  readonly spelling: readonly string[] | undefined;
  /** Whether it cannot start, so that it fails at once; else it starts and does less than it says. */
  readonly failsAtOnce: boolean;
}

/** Words that a shell takes for operators. */
const OPERATORS: ReadonlySet<string> = new Set([
  '&&',
  '||',
  '|',
  ';',
  '&',
  '>',
  '>>',
  '<',
  '<<',
  '2>',
  '2>>',
  '2>&1',
  '1>&2',
  '>&2',
  '&>',
  '>/dev/null',
  '2>/dev/null',
]);
/** Programs whose arguments may look like operators: `find … -exec … ;`, `expr 1 > 0`. */
const TAKES_OPERATORS: ReadonlySet<string> = new Set([
  'find',
  'expr',
  'awk',
  'gawk',
  'jq',
  'yq',
  'sed',
  'echo',
  'printf',
  'grep',
  'test',
  '[',
  'env',
  'xargs',
  'parallel',
]);
const BUILTINS: ReadonlySet<string> = new Set([
  'exit',
  'source',
  '.',
  'export',
  'set',
  'trap',
  'exec',
  'eval',
  'if',
  'for',
  'while',
  'until',
  'case',
  '{',
  '(',
]);

/**
 * @param argv command and args, or the command of a hook or probe
 * @returns undefined where nothing is wrong with the form
 */
export function execFormFaultOf(argv: readonly string[]): ExecFormFault | undefined {
  const [first = ''] = argv;
  if (first.trim() === '') {
    return { kind: 'no program', word: first, spelling: argv.length <= 1 ? undefined : argv.slice(1), failsAtOnce: true };
  }
  if (isShell(argv)) return shellFault(argv);
  if (/\s/.test(first)) return { kind: 'one word', word: first, spelling: spellingOf(argv.join(' ')), failsAtOnce: true };
  if (BUILTINS.has(first)) return { kind: 'builtin', word: first, spelling: ['sh', '-c', argv.join(' ')], failsAtOnce: true };
  if (TAKES_OPERATORS.has(programName(first))) return undefined;
  const operator = argv.find((word, index) => index > 0 && OPERATORS.has(word));
  if (operator === undefined) return undefined;
  // `sleep 10 &&` is no number of seconds, and sleep ends at once; what others make of the word, nobody knows.
  return {
    kind: 'operators',
    word: operator,
    spelling: ['sh', '-c', argv.map(quoted).join(' ')],
    failsAtOnce: programName(first) === 'sleep',
  };
}

function shellFault(argv: readonly string[]): ExecFormFault | undefined {
  const args = withoutBusybox(argv).slice(1);
  const shell = argv.slice(0, argv.length - args.length);
  const { script, file, parameters, takesScript } = readShellStart(args);
  if (takesScript && script === undefined) return { kind: 'no script', word: '-c', spelling: undefined, failsAtOnce: true };
  if (script === undefined) {
    if (file === undefined || !/[\s;&|]/.test(file)) return undefined;
    const options = args.slice(0, args.indexOf(file));
    return {
      kind: 'no -c',
      word: file,
      spelling: [...shell, ...options, '-c', [file, ...args.slice(args.indexOf(file) + 1)].join(' ')],
      failsAtOnce: true,
    };
  }
  const [zero, ...others] = parameters as readonly string[];
  if (zero === undefined || (others.length === 0 && isNameOfScript(zero, script))) return undefined;
  if (script.length > MAX_SCRIPT_LENGTH || usesParameters(script)) return undefined;
  const tree = parseShell(script);
  if (tree.problem !== undefined) return undefined;
  const [word, more] = onlyCommandOf(tree)?.words ?? [];
  const options = args.slice(0, args.length - parameters.length - 1);
  return {
    kind: 'words after the script',
    word: parameters.join(' '),
    spelling: [...shell, ...options, [script, ...parameters].join(' ')],
    // `sleep` and `[` without arguments only complain.
    failsAtOnce: word !== undefined && more === undefined && literalOf(word) === 'sleep',
  };
}

/** By custom, `$0` is given a name: `sh -c '…' --`, `bash -c '…' bash`. */
function isNameOfScript(word: string, script: string): boolean {
  return /^[-_]*$/.test(word) || isShell([word]) || (/^[\w./-]+$/.test(word) && !/^\d/.test(word) && /[\s;&|]/.test(script.trim()));
}

/** `$0`, `$1`, `$@`, `$*`, `$#`, with or without braces, and `shift`; loops over `$@` by `for i; do` too. */
function usesParameters(script: string): boolean {
  return /\$[{#!]*[0-9@*#]|\bshift\b|\bgetopts\b|\bfor\s+\w+\s*(?:;|\n|do\b)/.test(script);
}

/** A command line as words, by way of a shell only where it needs one. */
function spellingOf(line: string): readonly string[] {
  const words = line.trim().split(/\s+/);
  const start = readShellStart(words.slice(1));
  // `["/bin/sh -c sleep 10"]`
  if (isShell(words) && start.takesScript) {
    const at = words.findIndex((word, index) => index > 0 && word.startsWith('-') && word.includes('c'));
    return [...words.slice(0, at + 1), unquoted(words.slice(at + 1).join(' '))];
  }
  return /[;&|<>$"'`\\*?(){}]/.test(line) ? ['sh', '-c', line.trim()] : words;
}

function unquoted(text: string): string {
  return /^'[^']*'$|^"[^"$`\\]*"$/.test(text) ? text.slice(1, -1) : text;
}

/** A word for a shell's line: operators stay, what holds blanks is quoted. */
function quoted(word: string): string {
  if (OPERATORS.has(word) || /^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
