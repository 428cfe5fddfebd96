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

/** A value that is neither a list nor an object, as it is written. */
export interface Scalar {
  /** In UTF-16 code units. */
  readonly offset: number;
  /** Without quotes and escapes. */
  readonly text: string;
  /** Whether it stands neither in quotes nor in a block, so that it may mean a number and the like. */
  readonly isPlain: boolean;
  /** Behind its last character, quotes included; a block's goes to the line that is not part of it; `offset` for one that is not written. */
  readonly end: number;
}

/** `text` is the name of an anchor or alias, a tag in its long form, or the text of a scalar; `isPlain` and `end` say nothing of other tokens. */
export interface Token extends Scalar {
  readonly kind: TokenKind;
}
