/**
 * Interpreters that are given code in their command line, and for each the patterns that find in such code what matters at SIGTERM.
 * `signal-use.ts` says what they mean together.
 */

export interface Interpreter {
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
  /** What it imports; the first group that matches is the name of a module, or names between commas. */
  readonly imports: RegExp;
  /** Modules that set no handler for SIGTERM. */
  readonly plain: ReadonlySet<string>;
  /** A statement that ignores SIGTERM, or handles it with a function that does nothing. */
  readonly ignores: RegExp;
  /** A statement that handles SIGTERM by ending. */
  readonly exits: RegExp;
  /** What keeps such a handler from running, or from ending the program. */
  readonly holdsUp: RegExp;
  /** The beginning of a statement that handles another signal, which says nothing about SIGTERM. */
  readonly others: RegExp;
  /** What else may set a handler; where it is not given, `MAY_HANDLE` of `signal-use.ts`. */
  readonly mayHandle?: RegExp;
  /** What ends, or may end, after a function that does nothing has handled the signal. */
  readonly interruptible?: RegExp;
  /** Without a handler it ends at SIGTERM, also as PID 1. */
  readonly endsByDefault?: true;
  /** Imports, which set no handler themselves; a block is indented, and may stand behind a colon. */
  readonly indented?: { readonly imports: RegExp };
}

export const INTERPRETERS: readonly Interpreter[] = [
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
