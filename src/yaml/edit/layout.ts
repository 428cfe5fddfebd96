/** How a document is laid out: its tree as it is written, with aliases, merges and repeated keys, and where each part stands. */

export type LayoutNode = LayoutScalar | LayoutMapping | LayoutSequence | LayoutAlias;

interface Placed {
  /** Where it begins, behind an anchor and a tag; in UTF-16 code units. */
  readonly start: number;
  /** Behind its last character; of what stands in a block, behind that of its last part. */
  readonly end: number;
  readonly anchor?: string | undefined;
  /** Where its `&` stands. */
  readonly anchorStart?: number | undefined;
  readonly hasTag?: boolean;
  /** Whether an alias stands for this very node as well. */
  isShared?: boolean;
}

/** `absent` where the value is not written: `key:`. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block' | 'absent';

export interface LayoutScalar extends Placed {
  readonly kind: 'scalar';
  readonly style: ScalarStyle;
}

export interface LayoutAlias extends Placed {
  readonly kind: 'alias';
}

export interface LayoutEntry {
  /** Undefined for `<<`. */
  readonly key: string | undefined;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** Whether the key is written as text of its own, without `?`, tag, anchor or alias. */
  readonly isSimple: boolean;
  readonly value: LayoutNode;
}

export interface LayoutMapping extends Placed {
  readonly kind: 'mapping';
  /** Whether it stands in braces. */
  readonly isFlow: boolean;
  /** A pair in brackets without braces: `[a: b]`. */
  readonly isPair: boolean;
  readonly entries: readonly LayoutEntry[];
}

export interface LayoutSequence extends Placed {
  readonly kind: 'sequence';
  readonly isFlow: boolean;
  readonly items: readonly LayoutNode[];
}

export interface Layout {
  readonly root: LayoutNode;
  /** The text that offsets count in. */
  readonly text: string;
  readonly isJson: boolean;
}

/** Why a change cannot be written without guessing what its author wants. */
export class EditRefusal extends Error {
  override readonly name = 'EditRefusal';
  /** In the text of the document. */
  readonly offset: number;

  /** @param message goes on after "is not changed: " */
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The column of an offset, from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStartOf(text, offset);
}

/** The offset of the first character of the line that an offset is on. */
export function lineStartOf(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The line feed that ends the line of an offset, or the end of the text. */
export function lineEndOf(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

/** Past blanks, line breaks and comments, to what comes next between two parts of a document. */
export function nextMark(text: string, from: number): number {
  let at = from;
  for (;;) {
    const character = text.charAt(at);
    if (character === '#') at = lineEndOf(text, at);
    else if (character !== '' && ' \t\r\n'.includes(character)) at += 1;
    else return at;
  }
}

const PROPERTY = /&[-\w]+|!\S*/y;

/** Behind the anchor and the tag that come next; the same place where neither does. */
export function behindProperties(text: string, from: number): number {
  let end = from;
  for (;;) {
    PROPERTY.lastIndex = nextMark(text, end);
    if (!PROPERTY.test(text)) return end;
    end = PROPERTY.lastIndex;
  }
}
