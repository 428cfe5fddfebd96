/**
 * What a YAML text is made of, in the eyes of its grammar; the names are those of libyaml (MIT,
 * licenses/go-yaml/LICENSE.libyaml).
 */

export const TOKEN = {
  STREAM_END: 0,
  DOCUMENT_START: 1,
  DOCUMENT_END: 2,
  BLOCK_SEQUENCE_START: 3,
  BLOCK_MAPPING_START: 4,
  BLOCK_END: 5,
  FLOW_SEQUENCE_START: 6,
  FLOW_SEQUENCE_END: 7,
  FLOW_MAPPING_START: 8,
  FLOW_MAPPING_END: 9,
  BLOCK_ENTRY: 10,
  FLOW_ENTRY: 11,
  KEY: 12,
  VALUE: 13,
  ALIAS: 14,
  ANCHOR: 15,
  TAG: 16,
  SCALAR: 17,
} as const;
export type TokenKind = (typeof TOKEN)[keyof typeof TOKEN];

export interface Token {
  readonly kind: TokenKind;
  /** In UTF-16 code units. */
  readonly offset: number;
  /** The text of a scalar, the name of an anchor or alias, a tag in its long form; else empty. */
  readonly text: string;
  /** Whether a scalar stands neither in quotes nor in a block, so that it may mean a number and the like. */
  readonly isPlain: boolean;
  /** Of a scalar: behind its last character, quotes included; a block's goes to the line that is not part of it. */
  readonly end: number;
}
