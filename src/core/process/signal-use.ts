/**
 * What code that is given to an interpreter in its command line does about SIGTERM. It may leave it to the default action, which PID 1
 * does not have: Python, Perl, Node and PHP have no handler of their own, Ruby ends. Or it may ignore it
 * (`test/core/process/measured/`).
 */
import { INTERPRETERS, type Interpreter } from './interpreters.ts';
import { isSoon } from './possibility.ts';
import { lacksImport, withHandlersInPlace } from './python-code.ts';

/** Code that speaks of signals, or runs other code, may set a handler. */
const MAY_HANDLE = /sig(?!nal\.pause\(\)|nal\s*[;\n])|\beval\b|\bexec\w*\b|__import__|import_module|import\s*\(/i;

/** In characters. What is longer is data, and nobody's one-liner. */
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
 * @returns undefined where it is no interpreter that is given code, where the code ends at SIGTERM or by itself, or where nobody knows
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

/** @returns undefined where the code may be at its end before a signal comes, where it ends at SIGTERM, or where nobody knows */
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
