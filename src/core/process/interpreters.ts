/**
 * What code that is given to an interpreter in its command line does about SIGTERM. It may leave it to the default action, which PID 1
 * does not have: Python, Perl and Node have no handler of their own, Ruby and PHP end. Or it may ignore it
 * (`test/core/process/measured/`).
 */

interface Interpreter {
  readonly name: RegExp;
  /** Options that take a word of their own before the code. */
  readonly withWord: RegExp;
  /** The option that code follows. */
  readonly code: RegExp;
  /** The option that has the code in the same word. */
  readonly attached?: RegExp;
  /** What code says that stays until it is told to end. */
  readonly stays: RegExp;
  /** What runs a program and waits for it, for as long as that takes. */
  readonly starts?: RegExp;
  /** Of that, what the interpreter certainly waits for. */
  readonly waits?: RegExp;
  /** What it takes in; the first group that matches is the name of a module. */
  readonly imports: RegExp;
  /** Modules that set no handler for SIGTERM. */
  readonly plain: ReadonlySet<string>;
  /** A statement that ignores SIGTERM, or handles it with a function that does nothing. */
  readonly ignores: RegExp;
  /** What ends, or may end, after a function that does nothing has handled the signal. */
  readonly interruptible?: RegExp;
  /** Imports, which set no handler themselves; a block is indented, and may stand behind a colon. */
  readonly indented?: { readonly imports: RegExp };
}

const INTERPRETERS: readonly Interpreter[] = [
  {
    name: /^python[\d.]*$/,
    withWord: /^-[a-zA-Z]*[WX]$/,
    code: /^-[bBdEiIOqsSuvx]*c$/,
    stays:
      /\bsleep\s*\(|\b(?:serve|run)_forever\s*\(|\bhandle_request\s*\(|\bwhile\s+(?:True|1)\s*:|\.accept\s*\(|\bpause\s*\(\s*\)|\.(?:wait|join|get)\s*\(\s*\)|\bselect\s*\(/,
    starts: /\bsubprocess\.\w+\s*\(|\bos\.system\s*\(/,
    waits: /\bsubprocess\.(?:run|call|check_call|check_output|getoutput)\s*\(|\bos\.system\s*\(/,
    imports: /\bfrom\s+([\w.]+)\s+import\b|\bimport\s+([\w.]+(?:\s*,\s*[\w.]+)*)/g,
    plain: new Set(
      (
        'time sys os os.path socket socketserver json datetime random threading subprocess http http.server asyncio select selectors signal ' +
        'argparse atexit base64 calendar collections concurrent.futures contextlib copy csv errno functools gc getpass glob gzip hashlib inspect io ' +
        'itertools logging math multiprocessing operator pathlib pickle platform pprint queue re sched secrets shutil ssl stat statistics ' +
        'string struct tarfile tempfile textwrap traceback typing urllib.request uuid warnings zipfile zlib'
      ).split(' '),
    ),
    ignores:
      /(?:^\s*|\n|;[ \t]*)(?:signal\.)?signal\(\s*(?:(?:signal\.)?SIGTERM|15)\s*,\s*(?:(?:signal\.)?SIG_IGN|lambda[^:()]{0,32}:\s*None)\s*\)[ \t]*(?=[;\n]|$)/g,
    // The end of a program that it has started ends the wait for it.
    interruptible: /\bpause\s*\(|\bsubprocess\b|\bos\b/,
    indented: { imports: /(?:^|[;\n])[ \t]*(?:from\s+signal\s+)?import\s[\w.*, \t]*(?=[;\n]|$)/g },
  },
  {
    name: /^perl[\d.]*$/,
    withWord: /^-[IMm]$/,
    code: /^-[a-zA-Z]*[eE]$/,
    stays: /\bsleep\b|\bpause\b|\bwhile\s*\(\s*1\s*\)|\bwhile\s+1\b|\bfor\s*\(\s*;\s*;\s*\)|\baccept\b|\bselect\s*\(\s*undef\b/,
    starts: /\bsystem\b|`/,
    waits: /\bsystem\b|`/,
    imports: /\b(?:use|require)\s+([A-Z][\w:]*)/g,
    plain: new Set(['Time::HiRes', 'IO::Socket', 'IO::Socket::INET', 'Socket', 'POSIX']),
    ignores: /(?:^|[;\n])[ \t]*\$SIG\{\s*(['"]?)TERM\1\s*\}\s*=\s*(?:(['"])IGNORE\2|q\(IGNORE\))[ \t]*(?=[;\n]|$)/g,
  },
  {
    name: /^node(?:js)?$/,
    withWord: /^(?:-r|--require)$/,
    code: /^(?:-e|--eval|-pe|-p|--print)$/,
    attached: /^(?:--eval|--print)=/,
    stays:
      /\bset(?:Interval|Timeout)\s*\(|\.(?:listen|bind|watch)\s*\(|\bwhile\s*\(\s*(?:true|1)\s*\)|\bfor\s*\(\s*;\s*;\s*\)|\bAtomics\.wait\b/,
    starts: /\bchild_process\b/,
    waits: /\b(?:spawn(?:Sync)?|fork)\s*\(/,
    imports: /\brequire\s*\(\s*['"](?:node:)?([^'"]*)['"]|\bfrom\s+['"](?:node:)?([^'"]*)['"]/g,
    plain: new Set('http https net dgram fs os path url util events stream crypto zlib timers timers/promises child_process'.split(' ')),
    ignores:
      /(?:^|[;\n])[ \t]*process\.(?:on|once|addListener)\(\s*(['"`])SIGTERM\1\s*,\s*(?:(?:\(\s*(?:\w{1,32}\s*)?\)|\w{1,32})\s*=>|function\s*\(\s*(?:\w{1,32}\s*)?\))\s*(?:console\.\w+\([^()]{0,256}\)|\{\s*(?:console\.\w+\([^()]{0,256}\)\s*(?:;\s*)?)?\})\s*\)[ \t]*(?=[;\n]|$)/g,
    interruptible: /\bchild_process\b/,
  },
];

/** Code that speaks of signals, or runs other code, may set a handler. */
const MAY_HANDLE = /sig(?!nal\.pause\(\)|nal\s*[;\n])|\beval\b|\bexec\w*\b|__import__|import_module|import\s*\(/i;

/** What is longer is data, and nobody's one-liner. */
const LONGEST_CODE = 4096;

/**
 * - `no handler`: the code leaves SIGTERM to the default action.
 * - `ignored`: it ignores SIGTERM, also where it is not PID 1.
 * - `own`: it stays, and may handle the signal in a way of its own, also by going on.
 */
export type SignalUse = 'no handler' | 'ignored' | 'own';

/**
 * @param name of the program
 * @param args the words after it; undefined where a value is not known
 * @returns undefined also where nobody knows
 */
export function signalUseOf(name: string, args: readonly (string | undefined)[]): SignalUse | undefined {
  const interpreter = INTERPRETERS.find((each) => each.name.test(name));
  if (interpreter === undefined) return undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word?.startsWith('-') !== true) return undefined;
    // `python -u -m http.server`
    if (word.endsWith('m') && name.startsWith('python')) return args[at + 1] === 'http.server' ? 'no handler' : undefined;
    if (interpreter.attached?.test(word) === true) return useIn(word.slice(word.indexOf('=') + 1), interpreter);
    if (interpreter.code.test(word)) return useIn(args[at + 1], interpreter);
    if (interpreter.withWord.test(word)) at += 1;
  }
  return undefined;
}

function useIn(code: string | undefined, interpreter: Interpreter): SignalUse | undefined {
  const { stays, starts, waits, imports, plain, ignores, interruptible, indented } = interpreter;
  if (code === undefined || code.length > LONGEST_CODE) return undefined;
  const withoutImports =
    indented === undefined ? code : code.replace(indented.imports, (statement) => (/\sas\s/.test(statement) ? statement : ';'));
  if (!stays.test(code)) {
    if (/\bos\.exec[lv]\w*\s*\(/.test(code) || (starts?.test(code) === true && MAY_HANDLE.test(withoutImports))) return 'own';
    if (waits?.test(code) !== true) return undefined;
  }
  let rest = withoutImports;
  let isIgnored = false;
  for (const { 0: statement, index } of code.matchAll(ignores)) {
    if (!isAlwaysRun(code.slice(0, index), indented !== undefined)) return 'own';
    if (!statement.includes('IGN') && interruptible?.test(code) === true) return 'own';
    rest = rest.replace(statement, '');
    isIgnored = true;
  }
  if (MAY_HANDLE.test(rest)) return 'own';
  for (const found of code.matchAll(imports)) {
    const names = found.slice(1).join('');
    if (!names.split(',').every((each) => plain.has(each.trim()))) return undefined;
  }
  return isIgnored ? 'ignored' : 'no handler';
}

/** Whether what comes after some code stands in no block and in no function. */
function isAlwaysRun(before: string, isIndented: boolean): boolean {
  if (isIndented && before.includes(':', before.lastIndexOf('\n') + 1)) return false;
  return before.split(/[{(]/).length === before.split(/[})]/).length;
}
