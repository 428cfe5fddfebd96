/**
 * What code that is given to an interpreter in its command line does about SIGTERM. It may leave it to the default action, which PID 1
 * does not have: Python, Perl, Node and PHP have no handler of their own, Ruby ends. Or it may ignore it
 * (`test/core/process/measured/`).
 */
import { isSoon } from './possibility.ts';
import { lacksImport, withHandlersInPlace } from './python-code.ts';

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
  /** A pause whose seconds, or milliseconds, it says. */
  readonly pause?: { readonly pattern: RegExp; readonly perSecond: number };
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
  /** A statement that handles SIGTERM by ending. */
  readonly exits: RegExp;
  /** What keeps such a handler from running, or from ending the program. */
  readonly holdsUp: RegExp;
  /** The beginning of a statement that handles another signal. */
  readonly others: RegExp;
  /** What else may set a handler; where it is not given, `MAY_HANDLE`. */
  readonly mayHandle?: RegExp;
  /** What ends, or may end, after a function that does nothing has handled the signal. */
  readonly interruptible?: RegExp;
  /** Without a handler it ends at SIGTERM, also as PID 1. */
  readonly endsByDefault?: true;
  /** Imports, which set no handler themselves; a block is indented, and may stand behind a colon. */
  readonly indented?: { readonly imports: RegExp };
}

const INTERPRETERS: readonly Interpreter[] = [
  {
    name: /^python[\d.]*$/,
    withWord: /^-[a-zA-Z]*[WX]$/,
    code: /^-[bBdEiIOqsSuvx]*c$/,
    stays:
      /\bsleep\s*\(|\b(?:serve|run)_forever\s*\(|\bhandle_request\s*\(|\bwhile\s+(?:True|1)\s*:|\.accept\s*\(|\bpause\s*\(\s*\)|\bsig(?:wait|waitinfo|timedwait)\s*\(|\.(?:wait|join|get)\s*\(\s*\)|\bselect\s*\(/,
    pause: { pattern: /\bsleep\s*\(\s*(\d{1,4}(?:\.\d{0,6})?|\.\d{1,6})\s*\)/g, perSecond: 1 },
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
    exits:
      /(?:^\s*|\n|;[ \t]*)(?:signal\.)?signal\(\s*(?:(?:signal\.)?SIGTERM|15)\s*,\s*lambda[^:()]{0,32}:\s*(?:(?:sys|os)\.)?_?exit\(\w{0,8}\)\s*\)[ \t]*(?=[;\n]|$)/g,
    holdsUp: /\b(?:os|subprocess|threading|multiprocessing|concurrent|asyncio)\b|\bexcept\b|\bfinally\b/,
    others: /\b(?:signal\.)?signal\(\s*(?:signal\.)?SIG(?!TERM\b)[A-Z]\w*\s*,/g,
    // The end of a program that it has started ends the wait for it.
    interruptible: /\bpause\s*\(|\bsubprocess\b|\bos\b/,
    indented: { imports: /(?:^|[;\n])[ \t]*(?:from\s+signal\s+)?import\s[\w.*, \t]*(?=[;\n]|$)/g },
  },
  {
    name: /^perl[\d.]*$/,
    withWord: /^-[IMm]$/,
    code: /^-[a-zA-Z]*[eE]$/,
    stays: /\bsleep\b|\bpause\b|\bwhile\s*\(\s*1\s*\)|\bwhile\s+1\b|\bfor\s*\(\s*;\s*;\s*\)|\baccept\b|\bselect\s*\(\s*undef\b/,
    pause: { pattern: /\bsleep\b(?:\s*\()?\s*(\d{1,4})\b(?:\s*\))?/g, perSecond: 1 },
    starts: /\bsystem\b|`|\bexec\b|\bopen\b[^;]{0,64}(?:-\||\|\s*['"])/,
    waits: /\bsystem\b|`|\bopen\b[^;]{0,64}(?:-\||\|\s*['"])/,
    imports: /\b(?:use|require)\s+([A-Z][\w:]*)/g,
    plain: new Set(['Time::HiRes', 'IO::Socket', 'IO::Socket::INET', 'Socket', 'POSIX']),
    exits: /(?:^|[;\n])[ \t]*\$SIG\{\s*(['"]?)TERM\1\s*\}\s*=\s*sub\s*\{\s*(?:exit|die)\b[^{}]{0,64}\}[ \t]*(?=[;\n]|$)/g,
    holdsUp: /\bsystem\b|`|\bopen\b|\beval\b|\bEND\b|__DIE__/,
    others: /\$SIG\{\s*(['"]?)(?!TERM|__)[A-Z]\w*\1\s*\}/g,
    ignores: /(?:^|[;\n])[ \t]*\$SIG\{\s*(['"]?)TERM\1\s*\}\s*=\s*(?:(['"])IGNORE\2|q\(IGNORE\))[ \t]*(?=[;\n]|$)/g,
  },
  {
    name: /^node(?:js)?$/,
    withWord: /^(?:-r|--require)$/,
    code: /^(?:-e|--eval|-pe|-p|--print)$/,
    attached: /^(?:--eval|--print)=/,
    stays:
      /\bset(?:Interval|Timeout)\s*\(|\.(?:listen|bind|watch)\s*\(|\bwhile\s*\(\s*(?:true|1)\s*\)|\bfor\s*\(\s*;\s*;\s*\)|\bAtomics\.wait\b/,
    pause: { pattern: /\bsetTimeout\s*\([^;]{0,256}?,\s*(\d{1,6})\s*\)/g, perSecond: 1000 },
    starts: /\bchild_process\b/,
    waits: /\b(?:spawn|fork|exec|execFile)(?:Sync)?\s*\(/,
    exits:
      /(?:^|[;\n])[ \t]*process\.(?:on|once|addListener)\(\s*(['"`])SIGTERM\1\s*,\s*(?:(?:\(\s*(?:\w{1,32}\s*)?\)|\w{1,32})\s*=>|function\s*\(\s*(?:\w{1,32}\s*)?\))\s*(?:process\.exit\(\w{0,8}\)|\{\s*(?:console\.\w+\([^()]{0,256}\)\s*;\s*)?process\.exit\(\w{0,8}\)(?:\s*;)?\s*\})\s*\)[ \t]*(?=[;\n]|$)/g,
    holdsUp: /Sync\b|\bwhile\b|\bfor\b|\bAtomics\b|\bexit\s*=/,
    others: /\bprocess\.(?:on|once|addListener)\(\s*(['"`])SIG(?!TERM\b)[A-Z]\w*\1/g,
    mayHandle: /sig|\beval\b|import\s*\(/i,
    imports: /\brequire\s*\(\s*['"](?:node:)?([^'"]*)['"]|\bfrom\s+['"](?:node:)?([^'"]*)['"]/g,
    plain: new Set('http https net dgram fs os path url util events stream crypto zlib timers timers/promises child_process'.split(' ')),
    ignores:
      /(?:^|[;\n])[ \t]*process\.(?:on|once|addListener)\(\s*(['"`])SIGTERM\1\s*,\s*(?:(?:\(\s*(?:\w{1,32}\s*)?\)|\w{1,32})\s*=>|function\s*\(\s*(?:\w{1,32}\s*)?\))\s*(?:console\.\w+\([^()]{0,256}\)|\{\s*(?:console\.\w+\([^()]{0,256}\)\s*(?:;\s*)?)?\})\s*\)[ \t]*(?=[;\n]|$)/g,
    interruptible: /\bchild_process\b/,
  },
  {
    name: /^ruby[\d.]*$/,
    withWord: /^-[CEIr]$/,
    code: /^-[a-zA-Z]*e$/,
    stays: /\bsleep\b|\bloop\b|\bwhile\s+true\b|\.(?:accept|join|start|run)\b/,
    starts: /\bexec\b|\bspawn\b|\bsystem\b|`/,
    imports: /\brequire(?:\s*\()?\s*['"]([^'"]*)['"]/g,
    plain: new Set(['socket', 'webrick', 'json', 'net/http', 'time']),
    ignores:
      /(?:^\s*|\n|;[ \t]*)(?:Signal\.)?trap[ (]\s*(?:(['"])(?:SIG)?TERM\1|:(?:SIG)?TERM|15)(?:\s*,\s*(['"])(?:(?:SIG_)?IGN(?:ORE)?)?\2(?:\s*\))?|\)?\s*(?:\{|do)\s*(?:puts[^{}\n;]{0,256})?(?:\}|end))[ \t]*(?=[;\n]|$)/g,
    exits:
      /(?:^\s*|\n|;[ \t]*)(?:Signal\.)?trap[ (]\s*(?:(['"])(?:SIG)?TERM\1|:(?:SIG)?TERM|15)(?:\s*\))?\s*(?:\{|do)\s*(?:puts[^{}\n;]{0,256};\s*)?exit!?(?:[ (]\d{0,3}\)?)?\s*(?:\}|end)[ \t]*(?=[;\n]|$)/g,
    holdsUp: /\b(?:rescue|ensure|at_exit)\b/,
    others: /\btrap[ (]\s*(?:['"]|:)(?:SIG)?(?!(?:SIG)?TERM\b)[A-Z]\w*/g,
    mayHandle: /\btrap\b|\b(?:rescue|ensure|at_exit|exec|eval|instance_eval|DATA|load)\b/,
    // It raises an error at SIGTERM, also as PID 1.
    endsByDefault: true,
  },
  {
    name: /^php[\d.]*$/,
    withWord: /^-[cdz]$/,
    code: /^-r$/,
    // A single sleep is interrupted by the signal, and the end of the code behind it.
    stays: /\bregister_shutdown_function\b|\bwhile\s*\(\s*(?:true|1)\s*\)|\bfor\s*\(\s*;\s*;\s*\)/i,
    starts: /\b(?:passthru|system|exec|shell_exec|pcntl_exec)\s*\(|`/,
    waits: /\b(?:passthru|system|shell_exec)\s*\(|`/,
    exits:
      /(?:^\s*|\n|;[ \t]*)pcntl_async_signals\(\s*true\s*\)\s*;\s*pcntl_signal\(\s*(?:SIGTERM|15)\s*,\s*function\s*\([^()]{0,32}\)\s*\{\s*exit(?:\(\d{0,3}\))?(?:\s*;)?\s*\}\s*\)[ \t]*(?=[;\n]|$)/g,
    holdsUp: /\b(?:passthru|system|exec|shell_exec)\b|`|\bregister_shutdown_function\b/,
    others: /\bpcntl_signal\(\s*SIG(?!TERM\b)[A-Z]\w*\s*,/g,
    mayHandle: /sig(?!nals\(true\))|\beval\b|pcntl_exec|register_shutdown/i,
    imports: /\b(?:include|require)(?:_once)?\b([^;]{0,128})/g,
    plain: new Set<string>(),
    ignores:
      /(?:^\s*|\n|;[ \t]*)pcntl_signal\(\s*(?:SIGTERM|15)\s*,\s*(?:SIG_IGN|function\s*\([^()]{0,32}\)\s*\{\s*\})\s*\)[ \t]*(?=[;\n]|$)/g,
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

function useIn(text: string | undefined, interpreter: Interpreter): SignalUse | undefined {
  if (text === undefined || text.length > LONGEST_CODE) return undefined;
  const isPython = interpreter.indented !== undefined;
  const code = isPython ? withHandlersInPlace(text) : text;
  const statements = withoutImports(code, interpreter);
  if (!interpreter.stays.test(code)) {
    if (mayBecomeAnother(code, statements, interpreter)) return 'own';
    if (interpreter.waits?.test(code) !== true) return undefined;
  }
  // It ends there, or after a moment, unless it does not come there or goes round.
  if ((isPython && lacksImport(code)) || pausesBriefly(code, interpreter)) return 'own';
  const { rest, use } = handled(code, statements, interpreter);
  if (use === 'own' || mayHandle(withoutSigwait(rest.replace(interpreter.others, '')), interpreter)) return 'own';
  if (use === 'exits' || !importsOnlyPlain(code, interpreter)) return undefined;
  return use ?? (interpreter.endsByDefault === true ? undefined : 'no handler');
}

/** An import under another name stays: nobody follows what the code does with that. */
function withoutImports(code: string, { indented }: Interpreter): string {
  return indented === undefined ? code : code.replace(indented.imports, (statement) => (/\sas\s/.test(statement) ? statement : ';'));
}

/** Whether code that does not stay may become a program, or start one, that handles the signal in a way of its own. */
function mayBecomeAnother(code: string, statements: string, interpreter: Interpreter): boolean {
  return /\bos\.exec[lv]\w*\s*\(/.test(code) || (interpreter.starts?.test(code) === true && mayHandle(statements, interpreter));
}

function mayHandle(code: string, interpreter: Interpreter): boolean {
  return (interpreter.mayHandle ?? MAY_HANDLE).test(code);
}

/** Whether none of the modules that the code takes in sets a handler. */
function importsOnlyPlain(code: string, { imports, plain }: Interpreter): boolean {
  for (const found of code.matchAll(imports)) {
    const names = found.slice(1).join('').split(',');
    if (!names.every((name) => plain.has(name.trim()))) return false;
  }
  return true;
}

/** Whether all that keeps code from its end are pauses of a few seconds. */
function pausesBriefly(code: string, { pause, stays, waits }: Interpreter): boolean {
  if (pause === undefined || waits?.test(code) === true) return false;
  let seconds = 0;
  const rest = code.replace(pause.pattern, (_, count: string) => {
    seconds += Number(count) / pause.perSecond;
    return '';
  });
  return rest !== code && isSoon(seconds) && !stays.test(rest) && !/\b(?:while|for|foreach|until)\b/.test(rest);
}

interface Handled {
  /** The code without the statements that are understood. */
  readonly rest: string;
  /** What they do together; undefined where there are none. */
  readonly use: 'ignored' | 'exits' | 'own' | undefined;
}

/** The statements about SIGTERM that say all about it. */
function handled(code: string, text: string, { ignores, exits, holdsUp, interruptible, indented }: Interpreter): Handled {
  let rest = text;
  let use: Handled['use'];
  for (const { 0: statement, index } of code.matchAll(exits)) {
    if (!isAlwaysRun(code.slice(0, index), indented !== undefined) || holdsUp.test(code)) return { rest, use: 'own' };
    rest = rest.replace(statement, '');
    use = 'exits';
  }
  for (const { 0: statement, index } of code.matchAll(ignores)) {
    if (use === 'exits' || !isAlwaysRun(code.slice(0, index), indented !== undefined)) return { rest, use: 'own' };
    if (!statement.includes('IGN') && interruptible?.test(code) === true) return { rest, use: 'own' };
    rest = rest.replace(statement, '');
    use = 'ignored';
  }
  return { rest, use };
}

/** Python: without a mask, what waits for a signal does not get the one that PID 1 has no handler for. */
function withoutSigwait(code: string): string {
  return code.includes('sigmask') ? code : code.replace(/\bsignal\.sig(?:wait|waitinfo|timedwait)\(\s*[[{(]?[\w\s,.]{0,128}[\]})]/g, '');
}

/** Whether what comes after some code stands in no block and in no function. */
function isAlwaysRun(before: string, isIndented: boolean): boolean {
  if (isIndented && before.includes(':', before.lastIndexOf('\n') + 1)) return false;
  return before.split(/[{(]/).length === before.split(/[})]/).length;
}
