/**
 * The scalars of YAML 1.1: plain, quoted and block, each from its first character to its last.
 *
 * Follows `yaml_parser_scan_plain_scalar`, `_flow_scalar` and `_block_scalar` in `scannerc.go` of go.yaml.in/yaml/v2 v2.4.2,
 * a port of libyaml (MIT, licenses/go-yaml/LICENSE.libyaml).
 */
import {
  BACKSLASH,
  COLON,
  DASH,
  DIGIT_0,
  DOUBLE_QUOTE,
  END,
  HASH,
  isBlank,
  isBlankBreakOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  isFlowIndicator,
  PLUS,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from './characters.ts';
import type { Cursor } from './cursor.ts';
import { TAB_PROBLEM, YamlProblem } from './yaml-problem.ts';

export interface PlainScalar {
  readonly text: string;
  /** Whether line breaks were passed after its end, so that the cursor stands on a further line. */
  readonly endsLine: boolean;
  /** Behind its last character. */
  readonly end: number;
}

/**
 * Reads a scalar without quotes.
 *
 * @param indent the least column at which it may go on in a further line, outside of brackets
 */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const { text } = cursor;
  const start = cursor.at;
  let value = '';
  // Read but not yet in `value`: a piece on one line.
  let pieceStart = start;
  let pieceEnd = start;
  // What the line breaks after the piece stand for, should more follow.
  let folded: string | undefined;
  while (cursor.code !== HASH && !cursor.isAtDocumentMark) {
    const wordStart = cursor.at;
    let at = wordStart;
    let code = text.charCodeAt(at);
    while (!isBlankBreakOrEnd(code)) {
      if (code === COLON ? isBlankBreakOrEnd(text.charCodeAt(at + 1)) : inFlow && isFlowIndicator(code)) break;
      at += 1;
      code = text.charCodeAt(at);
    }
    cursor.at = at;
    if (at > wordStart) {
      if (folded !== undefined) {
        value += text.slice(pieceStart, pieceEnd) + folded;
        pieceStart = wordStart;
        folded = undefined;
      }
      pieceEnd = at;
    }
    if (!isBlank(code) && !isBreak(code)) break;
    folded = foldBreaks(cursor, undefined, indent);
    if (!inFlow && cursor.column < indent) break;
  }
  return { text: value + text.slice(pieceStart, pieceEnd), endsLine: folded !== undefined, end: pieceEnd };
}

/**
 * Reads a scalar in quotes, from the opening one to behind the closing one.
 *
 * @throws {YamlProblem} for an escape that go-yaml does not know (`\/`, which is JSON, among them), or no closing quote
 */
export function scanQuoted(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at;
  const quote = cursor.code;
  const simpleEnd = simpleQuoteEnd(text, start, quote);
  if (simpleEnd > 0) {
    cursor.at = simpleEnd + 1;
    return text.slice(start + 1, simpleEnd);
  }
  cursor.at += 1;
  let value = '';
  for (;;) {
    if (cursor.isAtDocumentMark) throw new YamlProblem('the text in quotes must end before a line that begins with --- or ...', cursor.at);
    if (cursor.code === END) throw new YamlProblem('the text in quotes must end with its closing quote', start);
    const word = readQuotedWord(cursor, quote);
    value += word.text;
    const wordEnd = cursor.at;
    if (cursor.code === quote) {
      cursor.at += 1;
      return value;
    }
    value += foldBreaks(cursor, word.endsAtEscapedBreak ? '' : undefined, -1) ?? text.slice(wordEnd, cursor.at);
  }
}

interface QuotedWord {
  readonly text: string;
  /** Whether a backslash at the end of the line ends it; the cursor is on the next line then. */
  readonly endsAtEscapedBreak: boolean;
}

/** Up to a blank, a line break, the end of the text or the closing quote, which stay unread. */
function readQuotedWord(cursor: Cursor, quote: number): QuotedWord {
  const { text } = cursor;
  let word = '';
  let pieceStart = cursor.at;
  for (let code = cursor.code; !isBlankBreakOrEnd(code); code = cursor.code) {
    const next = text.charCodeAt(cursor.at + 1);
    if (code === quote) {
      if (quote === DOUBLE_QUOTE || next !== SINGLE_QUOTE) break;
      word += text.slice(pieceStart, cursor.at + 1);
      cursor.at += 2;
      pieceStart = cursor.at;
    } else if (quote === DOUBLE_QUOTE && code === BACKSLASH) {
      word += text.slice(pieceStart, cursor.at);
      if (isBreak(next)) {
        cursor.at += 1;
        cursor.readBreak();
        return { text: word, endsAtEscapedBreak: true };
      }
      word += readEscape(cursor);
      pieceStart = cursor.at;
    } else {
      cursor.at += 1;
    }
  }
  return { text: word + text.slice(pieceStart, cursor.at), endsAtEscapedBreak: false };
}

/** The closing quote of a scalar on one line without escapes, as nearly all are; else -1. */
function simpleQuoteEnd(text: string, start: number, quote: number): number {
  for (let at = start + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return quote === SINGLE_QUOTE && text.charCodeAt(at + 1) === SINGLE_QUOTE ? -1 : at;
    if (code === BACKSLASH ? quote === DOUBLE_QUOTE : isBreakOrEnd(code)) return -1;
  }
}

/**
 * Past blanks and line breaks within a flow scalar: one break is a space, of several the first counts for nothing.
 *
 * @param leadingBreak '' after an escaped break, which counts for nothing either
 * @param indent where a tab may not stand before; -1 where it may
 * @returns what they stand for; undefined without a break, where blanks stand for themselves
 */
function foldBreaks(cursor: Cursor, leadingBreak: string | undefined, indent: number): string | undefined {
  let first = leadingBreak;
  let more = '';
  for (let code = cursor.code; ; code = cursor.code) {
    if (isBlank(code)) {
      if (code === TAB && first !== undefined && cursor.column < indent) throw new YamlProblem(TAB_PROBLEM, cursor.at);
      cursor.at += 1;
    } else if (isBreak(code)) {
      if (first === undefined) first = cursor.readBreak();
      else more += cursor.readBreak();
    } else if (first === '\n') {
      return more === '' ? ' ' : more;
    } else {
      return first === undefined ? undefined : first + more;
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function readEscape(cursor: Cursor): string {
  const start = cursor.at;
  const letter = cursor.text.charAt(start + 1);
  const simple = ESCAPES[letter];
  if (simple !== undefined) {
    cursor.at += 2;
    return simple;
  }
  const length = HEX_LENGTHS[letter];
  if (length === undefined) throw new YamlProblem(`\\${letter} must not be used: YAML 1.1 has no such escape`, start);
  const digits = cursor.text.slice(start + 2, start + 2 + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits))
    throw new YamlProblem(`\\${letter} must be followed by ${length} hexadecimal digits`, start);
  const code = parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
    throw new YamlProblem(`\\${letter}${digits} must be a Unicode character, and not half of a surrogate pair`, start);
  cursor.at += 2 + length;
  return String.fromCodePoint(code);
}

/**
 * Reads a block scalar, from its `|` or `>` to the first line that does not belong to it.
 *
 * @param parentIndent the column of the collection that holds it, -1 at the top
 */
export function scanBlock(cursor: Cursor, parentIndent: number, isLiteral: boolean): string {
  const { text } = cursor;
  const { chomping, increment } = readBlockHeader(cursor);
  let trailingBreaks = '';
  let indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  const readBreaks = (): void => {
    let widest = 0;
    for (;;) {
      while ((indent === 0 || cursor.column < indent) && cursor.code === SPACE) cursor.at += 1;
      widest = Math.max(widest, cursor.column);
      if ((indent === 0 || cursor.column < indent) && cursor.code === TAB) throw new YamlProblem(TAB_PROBLEM, cursor.at);
      if (!isBreak(cursor.code)) break;
      trailingBreaks += cursor.readBreak();
    }
    if (indent === 0) indent = Math.max(widest, parentIndent + 1, 1);
  };
  readBreaks();
  let value = '';
  let leadingBreak = '';
  let isAfterBlank = false;
  while (cursor.column === indent && cursor.code !== END) {
    const startsBlank = isBlank(cursor.code);
    const folds = !isLiteral && !isAfterBlank && !startsBlank && leadingBreak === '\n';
    value += (folds ? (trailingBreaks === '' ? ' ' : '') : leadingBreak) + trailingBreaks;
    trailingBreaks = '';
    isAfterBlank = startsBlank;
    const lineStart = cursor.at;
    cursor.skipToBreak();
    value += text.slice(lineStart, cursor.at);
    leadingBreak = isBreak(cursor.code) ? cursor.readBreak() : '';
    readBreaks();
  }
  if (chomping === 'strip') return value;
  return chomping === 'keep' ? value + leadingBreak + trailingBreaks : value + leadingBreak;
}

interface BlockHeader {
  readonly chomping: 'clip' | 'strip' | 'keep';
  /** The indentation that is given, from 1; 0 where the first line shows it. */
  readonly increment: number;
}

function readBlockHeader(cursor: Cursor): BlockHeader {
  cursor.at += 1;
  let chomping: BlockHeader['chomping'] = 'clip';
  let increment = 0;
  const readChomping = (): boolean => {
    if (cursor.code !== PLUS && cursor.code !== DASH) return false;
    chomping = cursor.code === PLUS ? 'keep' : 'strip';
    cursor.at += 1;
    return true;
  };
  const readIncrement = (): void => {
    if (!isDigit(cursor.code)) return;
    increment = cursor.code - DIGIT_0;
    if (increment === 0) throw new YamlProblem('the indentation of a block must be from 1 to 9, but is 0', cursor.at);
    cursor.at += 1;
  };
  // In either order.
  if (readChomping()) {
    readIncrement();
  } else {
    readIncrement();
    if (increment > 0) readChomping();
  }
  while (isBlank(cursor.code)) cursor.at += 1;
  if (cursor.code === HASH) cursor.skipToBreak();
  if (!isBreakOrEnd(cursor.code)) throw new YamlProblem('a line break or a comment must follow | or >', cursor.at);
  if (cursor.code !== END) cursor.readBreak();
  return { chomping, increment };
}
