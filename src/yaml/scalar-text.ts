/** Scalars as text, with quotes only where they are needed. */
import { scalarValue } from './scalars.ts';

export type Quote = "'" | '"';

/**
 * A scalar, without quotes where every reader of YAML 1.1 and 1.2 takes it for what it is.
 *
 * @param quote for a string that needs quotes, or always where `isQuoted`
 */
export function scalarText(value: unknown, { quote, isFlow = false, isQuoted = false }: ScalarOptions): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (!isQuoted && isPlainString(value, isFlow)) return value;
  return quote === "'" && PRINTABLE_LINE.test(value) ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value);
}

interface ScalarOptions {
  readonly quote: Quote;
  /** Whether it stands within brackets. */
  readonly isFlow?: boolean;
  readonly isQuoted?: boolean;
}

/** Letters, and nothing that any place in YAML gives a meaning to; of text in ASCII. */
const PLAIN = /^[\w./$^;<~+=()\\-][\w./@$%^;<>~+=()\\:?!*&'"| -]*$/;
const PLAIN_FLOW = /^[\w./+-][\w./@+=:()%~ -]*$/;
const ASCII = /^[\x20-\x7e]*$/;

/** The same with the letters of any language. They take a millisecond to make and to compile, and most runs do without. */
function isPlainOfAnyLanguage(value: string, isFlow: boolean): boolean {
  return isFlow
    ? /^[\p{L}\p{N}_./+-][\p{L}\p{N}_./@+=:()%~ -]*$/u.test(value)
    : /^[\p{L}\p{N}_./$^;<~+=()\\-][\p{L}\p{N}_./@$%^;<>~+=()\\:?!*&'"| -]*$/u.test(value);
}

/** What some reader takes for a number, a time or a date. */
const NUMBER_LIKE = /^[-+]?(?:0[oOxXbB])?[0-9a-fA-F_.:]*(?:[eE][-+]?[0-9]+)?$|^\d{4}-\d\d?-\d\d?/;
/** Text that a quoted scalar can hold as it is. */
export const PRINTABLE_LINE = /^[\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

function isPlainString(value: string, isFlow: boolean): boolean {
  const isPlain = ASCII.test(value) ? (isFlow ? PLAIN_FLOW : PLAIN).test(value) : isPlainOfAnyLanguage(value, isFlow);
  if (!isPlain) return false;
  if (/: |:$| $|^[-?:~=<](?:$| )|^(?:---|\.\.\.)/.test(value) || value === '<<' || value === '~') return false;
  if (NUMBER_LIKE.test(value) && /[0-9]/.test(value)) return false;
  return scalarValue(value, true, undefined, 0) === value;
}

/** JSON's escapes are YAML's too, but for these characters, which end a line there or are not allowed. */
function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
