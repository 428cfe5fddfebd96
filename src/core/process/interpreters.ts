/**
 * Whether code that is given to an interpreter in its command line leaves its stop signal to the default action, which PID 1
 * does not have: Python, Perl and Node have no handler of their own, Ruby and PHP end (measured, `test/process/`).
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
  /** What it takes in; the first group that matches is the name of a module. */
  readonly imports: RegExp;
  /** Modules that set no handler for SIGTERM. */
  readonly plain: ReadonlySet<string>;
}

const INTERPRETERS: readonly Interpreter[] = [
  {
    name: /^python[\d.]*$/,
    withWord: /^-[a-zA-Z]*[WX]$/,
    code: /^-[bBdEiIOqsSuvx]*c$/,
    stays: /\bsleep\s*\(|\bserve_forever\s*\(|\bwhile\s+(?:True|1)\s*:|\.accept\s*\(|\bpause\s*\(\s*\)|\.wait\s*\(\s*\)|\bselect\s*\(/,
    imports: /\bfrom\s+([\w.]+)\s+import\b|\bimport\s+([\w.]+(?:\s*,\s*[\w.]+)*)/g,
    plain: new Set(
      'time sys os socket socketserver json datetime random threading subprocess http http.server asyncio select signal'.split(' '),
    ),
  },
  {
    name: /^perl[\d.]*$/,
    withWord: /^-[IMm]$/,
    code: /^-[a-zA-Z]*[eE]$/,
    stays: /\bsleep\b|\bwhile\s*\(\s*1\s*\)|\baccept\b/,
    imports: /\b(?:use|require)\s+([A-Z][\w:]*)/g,
    plain: new Set(['Time::HiRes', 'IO::Socket', 'IO::Socket::INET', 'Socket']),
  },
  {
    name: /^node(?:js)?$/,
    withWord: /^(?:-r|--require)$/,
    code: /^(?:-e|--eval|-pe|-p|--print)$/,
    attached: /^(?:--eval|--print)=/,
    stays: /\bset(?:Interval|Timeout)\s*\(|\.listen\s*\(/,
    imports: /\brequire\s*\(\s*['"](?:node:)?([^'"]*)['"]|\bfrom\s+['"](?:node:)?([^'"]*)['"]/g,
    plain: new Set('http https net fs os path url util crypto timers timers/promises child_process'.split(' ')),
  },
];

/** Code that speaks of signals, or runs other code, may set a handler. */
const MAY_HANDLE = /sig(?!nal\.pause\(\)|nal\s*[;\n])|\beval\b|\bexec\w*\b|__import__|import_module|import\s*\(/i;

/** What is longer is data, and nobody's one-liner. */
const LONGEST_CODE = 4096;

/**
 * @param name of the program
 * @param args the words after it; undefined where a value is not known
 * @returns false also where nobody knows
 */
export function runsWithoutHandler(name: string, args: readonly (string | undefined)[]): boolean {
  const interpreter = INTERPRETERS.find((each) => each.name.test(name));
  if (interpreter === undefined) return false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word?.startsWith('-') !== true) return false;
    // `python -u -m http.server`
    if (word.endsWith('m') && name.startsWith('python')) return args[at + 1] === 'http.server';
    if (interpreter.attached?.test(word) === true) return isWithoutHandler(word.slice(word.indexOf('=') + 1), interpreter);
    if (interpreter.code.test(word)) return isWithoutHandler(args[at + 1], interpreter);
    if (interpreter.withWord.test(word)) at += 1;
  }
  return false;
}

function isWithoutHandler(code: string | undefined, { stays, imports, plain }: Interpreter): boolean {
  if (code === undefined || code.length > LONGEST_CODE || !stays.test(code) || MAY_HANDLE.test(code)) return false;
  for (const found of code.matchAll(imports)) {
    const names = found.slice(1).join('');
    if (!names.split(',').every((name) => plain.has(name.trim()))) return false;
  }
  return true;
}
