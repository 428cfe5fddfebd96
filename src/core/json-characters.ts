/** The characters of JSON that a pass over a text looks for, by UTF-16 code. */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
export const CLOSE_BRACE = 0x7d;
