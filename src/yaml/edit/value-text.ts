/** JSON values as YAML or JSON text. */
import { PRINTABLE_LINE, scalarText, type Quote } from '../scalar-text.ts';
import type { DocumentStyle } from './style.ts';

/**
 * Lines that stand in a block, the first without indentation.
 *
 * @param value an object or list that is not empty
 * @param column where its keys or dashes stand
 */
export function blockLines(value: object, column: number, style: DocumentStyle): string[] {
  return Array.isArray(value) ? listLines(value, column, style) : mappingLines(value, column, style);
}

function listLines(value: readonly unknown[], column: number, style: DocumentStyle): string[] {
  return value.flatMap((item, index) => {
    const lines = itemLines(item, column, style.dashWidth, style);
    return index === 0 ? lines : indentedLines(lines, column);
  });
}

/** @param dashWidth columns from the dash to the item */
export function itemLines(item: unknown, column: number, dashWidth: number, style: DocumentStyle): string[] {
  const dash = '-'.padEnd(dashWidth);
  if (!isFilled(item)) return prefixed(dash, scalarLines(item, column, style));
  return prefixed(dash, blockLines(item, column + dashWidth, style));
}

function mappingLines(value: object, column: number, style: DocumentStyle): string[] {
  return Object.entries(value).flatMap(([key, member], index) => {
    const lines = entryLines(key, member, column, style);
    return index === 0 ? lines : indentedLines(lines, column);
  });
}

/** `key: value` and what belongs to it. */
export function entryLines(key: string, value: unknown, column: number, style: DocumentStyle): string[] {
  const name = `${scalarText(key, style)}:`;
  if (!isFilled(value)) return prefixed(`${name} `, scalarLines(value, column, style));
  return [name, ...childLines(value, column, style)];
}

/** The lines below a key, each with its indentation. @param column of the key */
export function childLines(value: object, column: number, style: DocumentStyle): string[] {
  const inner = column + (Array.isArray(value) ? style.listIndent : style.indent);
  return indentedLines(blockLines(value, inner, style), inner);
}

/** A text of several lines stays one where it can. */
function scalarLines(value: unknown, column: number, style: DocumentStyle): string[] {
  if (typeof value === 'string' && isLiteral(value)) {
    const lines = value.replace(/\n$/, '').split('\n');
    return [value.endsWith('\n') ? '|' : '|-', ...lines.map((line) => (line === '' ? '' : ' '.repeat(column + style.indent) + line))];
  }
  return [emptyText(value) ?? scalarText(value, style)];
}

/** A first line that begins with a blank, or blank lines at the end, take more signs than are worth reading. */
function isLiteral(value: string): boolean {
  return (
    /^[^\n \t].*\n/.test(value) &&
    !/\n\n$|[ \t]$|[ \t]\n/.test(value) &&
    value.split('\n').every((line) => PRINTABLE_LINE.test(line.replaceAll('\t', '')))
  );
}

/** An object or a list with something in it. */
export function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** Of an empty object or list. */
export function emptyText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Array.isArray(value) ? '[]' : '{}';
}

function prefixed(prefix: string, [first = '', ...rest]: readonly string[]): string[] {
  return [prefix + first, ...rest];
}

/** The first line with its indentation, too. */
export function indentedLines([first = '', ...rest]: readonly string[], column: number): string[] {
  return [' '.repeat(column) + first, ...rest];
}

/** How what stands in brackets is written. */
export interface FlowStyle {
  /** Whether keys and strings stand in double quotes, as in JSON. */
  readonly isQuoted: boolean;
  readonly quote: Quote;
  /** Behind a colon: a space, or nothing in tight JSON. */
  readonly afterColon: string;
  readonly afterComma: string;
  /** Within braces: `{ a: 1 }`. */
  readonly padding: string;
  /** Of the line that it begins on, and one step of it, where each part has a line of its own. */
  readonly lines?: { readonly indent: string; readonly step: string } | undefined;
}

/** A value in one piece: `{a: 1, b: [x]}`, and with `lines` each member on a line of its own. */
export function flowText(value: unknown, style: FlowStyle): string {
  if (!isFilled(value))
    return emptyText(value) ?? scalarText(value, { quote: style.isQuoted ? '"' : style.quote, isFlow: true, isQuoted: style.isQuoted });
  const inner = style.lines === undefined ? style : { ...style, lines: { ...style.lines, indent: style.lines.indent + style.lines.step } };
  const parts = Array.isArray(value)
    ? value.map((item) => flowText(item, inner))
    : Object.entries(value).map(([key, member]) => flowEntryText(key, member, inner));
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const { lines } = style;
  if (lines !== undefined) {
    const feed = `\n${lines.indent}${lines.step}`;
    return `${open}${feed}${parts.join(`,${feed}`)}\n${lines.indent}${close}`;
  }
  const padding = Array.isArray(value) ? '' : style.padding;
  return `${open}${padding}${parts.join(`,${style.afterComma}`)}${padding}${close}`;
}

/** @param style `lines` are those of the entry itself */
export function flowEntryText(key: string, value: unknown, style: FlowStyle): string {
  const name = scalarText(key, { quote: style.isQuoted ? '"' : style.quote, isFlow: true, isQuoted: style.isQuoted });
  return `${name}:${style.afterColon}${flowText(value, style)}`;
}
