/** What code of Python says about its own functions and modules, as far as one look at the text tells. */

/** A function at the left margin, in one line or with an indented body. */
const FUNCTION = /(?:^|\n)def[ \t]+(\w{1,64})[ \t]*\([^()\n]{0,128}\)[ \t]*:((?:[ \t]*[^\s#][^\n]*)|(?:[ \t]*(?:\n[ \t][^\n]*)+))(?=\n|$)/g;

/** Statements of a handler that do not hold it up, nor change what comes after it. */
const HARMLESS = /^(?:pass|return|None|(?:print|logging\.\w+|sys\.std(?:out|err)\.(?:write|flush))\([^()]*\))$/;
const EXITS = /^(?:(?:sys|os)\.)?_?exit\(\w{0,8}\)$|^raise SystemExit(?:\(\w{0,8}\))?$/;

/**
 * The code with its handlers in the place of their names: `def stop(*a): sys.exit(0)` and `signal.signal(SIGTERM, stop)` are
 * `signal.signal(SIGTERM, lambda *a: sys.exit(0))`.
 */
export function withHandlersInPlace(code: string): string {
  if (!code.includes('def ')) return code;
  let after = code;
  for (const [text, name = '', body = ''] of code.matchAll(FUNCTION)) {
    const handler = handlerOf(body);
    const uses = new RegExp(`(\\bsignal\\(\\s*[\\w.]+\\s*,\\s*)${name}(\\s*\\))`, 'g');
    const isOnlyHandler = code.split(new RegExp(`\\b${name}\\b`)).length - 1 === 1 + [...code.matchAll(uses)].length;
    if (handler === undefined || !isOnlyHandler || code.search(uses) < code.indexOf(text)) continue;
    after = after.replace(text, '\n').replace(uses, (_, before: string, behind: string) => before + handler + behind);
  }
  return after;
}

/** @returns undefined for a body that does more than to say something and to end */
function handlerOf(body: string): string | undefined {
  for (const statement of body.split(/[\n;]/).map((each) => each.trim())) {
    if (statement === '' || statement.startsWith('#')) continue;
    if (EXITS.test(statement)) return 'lambda *a: sys.exit(0)';
    if (!HARMLESS.test(statement)) return undefined;
    if (statement.startsWith('return')) break;
  }
  return 'lambda *a: None';
}

/** Whether the code uses a module that it does not take in, so that it ends there, unless it does not come there. */
export function lacksImport(code: string): boolean {
  // All names at once: to look for each use by itself would be cubic.
  const taken = new Set(code.match(/\bimport\b[^;\n]*|\bas\s+\w+/g)?.flatMap((statement) => statement.split(/\W+/)));
  return [...code.matchAll(/(?<![\w.])(time|signal|socket|threading|asyncio|subprocess|os|sys)\.\w/g)].some(
    ([, name = '']) => !taken.has(name),
  );
}
