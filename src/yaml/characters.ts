/**
 * The characters that YAML 1.1 treats apart, by UTF-16 code.
 *
 * Follows `yamlprivateh.go` of go.yaml.in/yaml/v2 v2.4.2, a port of libyaml (MIT, licenses/go-yaml/LICENSE.libyaml).
 */

export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const EXCLAMATION = 0x21;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const PERCENT = 0x25;
export const AMPERSAND = 0x26;
export const SINGLE_QUOTE = 0x27;
export const ASTERISK = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
export const COLON = 0x3a;
export const LESS_THAN = 0x3c;
export const GREATER_THAN = 0x3e;
export const QUESTION_MARK = 0x3f;
export const AT_SIGN = 0x40;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const BACKTICK = 0x60;
export const OPEN_BRACE = 0x7b;
export const PIPE = 0x7c;
export const CLOSE_BRACE = 0x7d;

/** Put behind every text, so that its end needs no test of its own; no text may hold it. */
export const END = 0;

const IS_BREAK = 1;
const IS_BLANK = 2;
const IS_END = 4;
const IS_WORD = 8;
const IS_FLOW_INDICATOR = 16;

const CLASSES = new Uint8Array(65_536);
CLASSES[END] = IS_END;
for (const code of [LINE_FEED, CARRIAGE_RETURN, 0x85, 0x2028, 0x2029]) CLASSES[code] = IS_BREAK;
for (const code of [SPACE, TAB]) CLASSES[code] = IS_BLANK;
for (const code of [COMMA, QUESTION_MARK, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE]) CLASSES[code] = IS_FLOW_INDICATOR;
for (const character of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-') CLASSES[character.charCodeAt(0)] = IS_WORD;

/** LF and CR, and three that YAML 1.2 no longer counts: U+0085, U+2028, U+2029. */
export function isBreak(code: number): boolean {
  return CLASSES[code] === IS_BREAK;
}

/** Space and tab. */
export function isBlank(code: number): boolean {
  return CLASSES[code] === IS_BLANK;
}

export function isBreakOrEnd(code: number): boolean {
  return ((CLASSES[code] ?? 0) & (IS_BREAK | IS_END)) !== 0;
}

export function isBlankBreakOrEnd(code: number): boolean {
  return ((CLASSES[code] ?? 0) & (IS_BLANK | IS_BREAK | IS_END)) !== 0;
}

/** What anchors and tag handles are made of: letters, digits, `_` and `-`. */
export function isWord(code: number): boolean {
  return CLASSES[code] === IS_WORD;
}

/** What ends a plain scalar between brackets. */
export function isFlowIndicator(code: number): boolean {
  return CLASSES[code] === IS_FLOW_INDICATOR;
}

export function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}
