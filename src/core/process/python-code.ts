/** What code of Python says about its own functions and modules, as far as one look at the text tells. */

/** A function at the left margin, in one line or with an indented body. */
const FUNCTION = /(?:^|\n)def[ \t]+(\w{1,64})[ \t]*\([^()\n]{0,128}\)[ \t]*:((?:[ \t]*[^\s#][^\n]*)|(?:[ \t]*(?:\n[ \t][^\n]*)+))(?=\n|$)/g;

/** `signal.signal(signal.SIGTERM, stop)`: what is before the name of the handler, the name, and what is behind it. */
const USE = /(\bsignal\(\s*[\w.]+\s*,\s*)(\w+)(\s*\))/g;

/** Statements of a handler that do not hold it up, nor change what comes after it. */
const HARMLESS = /^(?:pass|return|None|(?:print|logging\.\w+|sys\.std(?:out|err)\.(?:write|flush))\([^()]*\))$/;
const EXITS = /^(?:(?:sys|os)\.)?_?exit\(\w{0,8}\)$|^raise SystemExit(?:\(\w{0,8}\))?$/;

/**
 * The code with its handlers in the place of their names: `def stop(*a): sys.exit(0)` and `signal.signal(SIGTERM, stop)` are
 * `signal.signal(SIGTERM, lambda *a: sys.exit(0))`.
 */
export function withHandlersInPlace(code: string): string {
  if (!code.includes('def ')) return code;
  // Each is counted once for all functions: a look for every name would take a time that grows with the square of the text.
  const timesNamed = countsOf(code.match(/\w+/g) ?? []);
  const uses = [...code.matchAll(USE)];
  const timesUsed = countsOf(uses.map(([, , name = '']) => name));
  const firstUse = new Map(uses.toReversed().map(({ 2: name = '', index }) => [name, index]));
  const handlers = new Map<string, string>();
  for (const { 1: name = '', 2: body = '', index } of code.matchAll(FUNCTION)) {
    const isUsedLater = (firstUse.get(name) ?? -1) > index;
    const isOnlyHandler = timesNamed.get(name) === 1 + (timesUsed.get(name) ?? 0);
    const handler = isUsedLater && isOnlyHandler ? handlerOf(body) : undefined;
    if (handler !== undefined) handlers.set(name, handler);
  }
  if (handlers.size === 0) return code;
  return code
    .replace(FUNCTION, (text, name: string) => (handlers.has(name) ? '\n' : text))
    .replace(USE, (text, before: string, name: string, behind: string) => {
      const handler = handlers.get(name);
      return handler === undefined ? text : before + handler + behind;
    });
}

function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
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
