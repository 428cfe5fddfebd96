/** Sums and comparisons of whole numbers, as far as counting loops need them. */

/** What a name stands for; undefined where it is not known. */
export type Lookup = (name: string) => string | undefined;

/** Texts of counters are short; what is longer is no counter. */
const MAX_LENGTH = 64;

/**
 * `i+1`, `$i - 1`, `i < 10`, `2*3`: one operator between two operands, or an operand alone.
 *
 * @returns undefined for anything else, and where a name is not known
 */
export function evaluate(text: string, lookup: Lookup): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return undefined;
  const match = /^\$?\{?([A-Za-z_]\w*|-?\d+)\}?(?:\s*(<=|>=|==|!=|[-+*/%<>])\s*\$?\{?([A-Za-z_]\w*|-?\d+)\}?)?$/.exec(trimmed);
  if (match === null) return undefined;
  const [, left = '', operator, right = ''] = match;
  const a = numberOf(left, lookup);
  if (operator === undefined || a === undefined) return a;
  const b = numberOf(right, lookup);
  return b === undefined ? undefined : apply(a, operator, b);
}

/** `i++`, `i+=2`, `i=i+1`: the name and its new value. */
export function assignmentIn(text: string, lookup: Lookup): { readonly name: string; readonly value: number } | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return undefined;
  const step = /^(?:(\+\+|--)([A-Za-z_]\w*)|([A-Za-z_]\w*)(\+\+|--))$/.exec(trimmed);
  if (step !== null) {
    const name = step[2] ?? step[3] ?? '';
    const before = numberOf(name, lookup);
    return before === undefined ? undefined : { name, value: before + ((step[1] ?? step[4]) === '++' ? 1 : -1) };
  }
  const [, name, operator = '', expression = ''] = /^([A-Za-z_]\w*)\s*([-+*]?)=(?!=)(.*)$/.exec(trimmed) ?? [];
  if (name === undefined) return undefined;
  const value = evaluate(expression, lookup);
  const before = operator === '' ? 0 : numberOf(name, lookup);
  if (value === undefined || before === undefined) return undefined;
  return { name, value: operator === '' ? value : (apply(before, operator, value) ?? 0) };
}

function numberOf(operand: string, lookup: Lookup): number | undefined {
  const text = /^-?\d/.test(operand) ? operand : lookup(operand);
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function apply(a: number, operator: string, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? undefined : Math.trunc(a / b);
    case '%':
      return b === 0 ? undefined : a % b;
    default:
      return compare(a, operator, b) === true ? 1 : 0;
  }
}

/** @returns undefined for an operator that is none */
export function compare(a: number, operator: string, b: number): boolean | undefined {
  switch (operator) {
    case '<':
    case '-lt':
      return a < b;
    case '<=':
    case '-le':
      return a <= b;
    case '>':
    case '-gt':
      return a > b;
    case '>=':
    case '-ge':
      return a >= b;
    case '==':
    case '-eq':
      return a === b;
    case '!=':
    case '-ne':
      return a !== b;
    default:
      return undefined;
  }
}
