/** JSON values as YAML that people paste: block style, and what is short on one line. */
import { scalarValue } from './scalars.ts';

/**
 * A value on one line, in flow style: `{sleep: {seconds: 5}}`.
 *
 * @param value a JSON value
 */
export function printFlowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printFlowYaml).join(', ')}]`;
  if (!isMapping(value)) return printScalar(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${printScalar(key)}: ${printFlowYaml(member)}`)
    .join(', ')}}`;
}

/**
 * A value as lines without line ends. Lists stand two columns further right than their key; a list of scalars that fits stays on
 * one line.
 *
 * @param value a JSON value; what it is read back as (`parseDocument`)
 */
export function printYaml(value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((element) => withPrefix('- ', printYaml(element)));
  if (!isMapping(value) || Object.keys(value).length === 0) return [printFlowYaml(value)];
  return Object.entries(value).flatMap(([key, member]) => {
    const name = printScalar(key);
    if (!isBlock(member)) return [`${name}: ${printFlowYaml(member)}`];
    return [`${name}:`, ...printYaml(member).map((line) => `  ${line}`)];
  });
}

/** Lists of scalars are read at a glance up to here. */
const FLOW_LENGTH = 80;

function isBlock(value: unknown): boolean {
  if (isMapping(value)) return Object.keys(value).length > 0;
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.some((element) => typeof element === 'object' && element !== null) || printFlowYaml(value).length > FLOW_LENGTH;
}

function withPrefix(prefix: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${index === 0 ? prefix : ' '.repeat(prefix.length)}${line}`);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function printScalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return PLAIN.test(value) && value.length <= MAX_PLAIN_KEY && meansItself(value) ? value : printQuoted(value);
}

/** Words, flags and amounts (`512Mi`), with what means nothing in YAML between them, in brackets either. Dates are quoted: others read them as such. */
const PLAIN = /^(?:(?:-{1,2}[A-Za-z]|[A-Za-z_./])[A-Za-z0-9_./ ()=+%~-]*|[0-9][A-Za-z0-9.%]*)$/;

/** A longer key needs `?`, in quotes too; no field of Kubernetes is near. */
const MAX_PLAIN_KEY = 1000;

/** Whether it is that text without quotes: `on` is true, `1e3` a number. */
function meansItself(text: string): boolean {
  return !text.endsWith(' ') && scalarValue(text, true, undefined, 0) === text;
}

/** Double quotes, in which YAML knows the escapes of JSON, and needs more of them than JSON does. */
function printQuoted(text: string): string {
  return JSON.stringify(text).replace(NEEDS_ESCAPE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const NEEDS_ESCAPE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;
