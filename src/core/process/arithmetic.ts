/** Sums and comparisons of whole numbers, as far as counting loops need them. */

/** What a name stands for; undefined where it is not known. */
export type Lookup = (name: string) => string | undefined;

/** Texts of counters are short; what is longer is no counter. */
const MAX_LENGTH = 64;

/** Operators by how tightly they bind, from loose to tight. */
const OPERATORS: readonly ReadonlySet<string>[] = [
  new Set(['==', '!=']),
  new Set(['<', '<=', '>', '>=']),
  new Set(['+', '-']),
  new Set(['*', '/', '%']),
];

/**
 * `i+1`, `$i - 1`, `i < 10`, `60 * 2 + ${i}`, `(a + b) / 2`
 *
 * @returns undefined for anything else, and where a name is not known
 */
export function evaluate(text: string, lookup: Lookup): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return undefined;
  const tokens = trimmed.match(/\$?[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|\d\w*|<=|>=|==|!=|\S/g) ?? [];
  const sum = new Sum(tokens, lookup);
  const value = sum.value(0);
  return sum.isAtEnd ? value : undefined;
}

class Sum {
  readonly #tokens: readonly string[];
  readonly #lookup: Lookup;
  #at = 0;

  constructor(tokens: readonly string[], lookup: Lookup) {
    this.#tokens = tokens;
    this.#lookup = lookup;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** What operators of this level and of tighter ones join. */
  value(level: number): number | undefined {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#operand();
    let left = this.value(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#at];
      if (left === undefined || operator === undefined || !operators.has(operator)) return left;
      this.#at += 1;
      const right = this.value(level + 1);
      left = right === undefined ? undefined : apply(left, operator, right);
    }
  }

  #operand(): number | undefined {
    const token = this.#tokens[this.#at++] ?? '';
    if (token === '-') {
      const value = this.#operand();
      return value === undefined ? undefined : -value;
    }
    if (token === '(') {
      const value = this.value(0);
      return this.#tokens[this.#at++] === ')' ? value : undefined;
    }
    return numberOf(token.replace(/[${}]/g, ''), this.#lookup);
  }
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

/** In a sum they are names of variables that nobody sets, and what is not set counts as 0: `((true))` fails. */
const IS_WORD = /^(?:true|false)$/;

function numberOf(operand: string, lookup: Lookup): number | undefined {
  const text = /^-?\d/.test(operand) ? operand : (lookup(operand) ?? (IS_WORD.test(operand) ? '0' : undefined));
  // What begins with 0 is octal.
  return text !== undefined && /^-?(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
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
