/**
 * Text of others, made safe to show: names, messages and values may hold anything.
 *
 * A terminal obeys escape sequences, a line feed in a name forges a line of a report, and bidirectional controls make a line
 * read as something else (CVE-2021-42574, "Trojan Source"). Each such unit is shown as a `\u001b` of JSON, so that inside of
 * JSON the same text means what it meant before.
 */

/** One line of text: nothing is left in it that moves a cursor, ends a line or turns the direction of reading. */
export function visibleLine(text: string): string {
  return UNSAFE_IN_LINE.test(text) ? text.replaceAll(EACH_IN_LINE, escaped) : text;
}

/** Several lines of text, or JSON: as `visibleLine`, but line feeds and tabs stay. */
export function visibleText(text: string): string {
  return UNSAFE_IN_TEXT.test(text) ? text.replaceAll(EACH_IN_TEXT, escaped) : text;
}

function escaped(character: string): string {
  return SHORT[character] ?? Array.from({ length: character.length }, (_, at) => unicodeEscape(character.charCodeAt(at))).join('');
}

function unicodeEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Control characters, halves of surrogate pairs, line and paragraph separators; marks, embeddings, overrides and isolates
 * of the bidirectional algorithm (UAX #9); the byte order mark, and the invisible tags of plane 14.
 */
const UNSAFE = String.raw`[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]`;
const UNSAFE_BUT_LAYOUT = String.raw`[${UNSAFE}--[\n\t]]`;
const [UNSAFE_IN_LINE, EACH_IN_LINE] = [new RegExp(UNSAFE, 'v'), new RegExp(UNSAFE, 'gv')];
const [UNSAFE_IN_TEXT, EACH_IN_TEXT] = [new RegExp(UNSAFE_BUT_LAYOUT, 'v'), new RegExp(UNSAFE_BUT_LAYOUT, 'gv')];
