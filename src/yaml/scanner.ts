/**
 * From a YAML text to tokens: finds out by indentation where block collections begin and end, and by a later `:` that what
 * came before it was a key.
 *
 * Mirrors `scannerc.go` of go.yaml.in/yaml/v2 v2.4.2, in the order of its tests, so that the same texts are YAML here and
 * for kubectl. Not carried over: directives (%YAML, %TAG). They end with a line `---`, where kubectl splits files before
 * any YAML is read, so it refuses them as well.
 */
import {
  AMPERSAND,
  ASTERISK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  END,
  GREATER_THAN,
  HASH,
  isBlank,
  isBlankBreakOrEnd,
  isBreak,
  OPEN_BRACE,
  OPEN_BRACKET,
  PERCENT,
  PIPE,
  QUESTION_MARK,
  SINGLE_QUOTE,
  SPACE,
  TAB,
  AT_SIGN,
  BACKTICK,
  EXCLAMATION,
} from './characters.ts';
import { Cursor } from './cursor.ts';
import { scanAnchorName, scanTag } from './scan-property.ts';
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';
import { YamlProblem } from './yaml-problem.ts';

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
  readonly offset: number;
  /** The text of a scalar, the name of an anchor or alias, a tag; else empty. */
  readonly text: string;
  /** Whether a scalar is neither quoted nor in a block, so that it may mean a number and the like. */
  readonly isPlain: boolean;
}

/** Where a key may have begun whose `:` is still to come: one for each level of brackets, and one for the block around. */
interface SimpleKey {
  isPossible: boolean;
  /** Where nothing but a key can stand, its lack is an error. */
  isRequired: boolean;
  tokenNumber: number;
  offset: number;
  lineStart: number;
}

/** YAML 1.1 and 1.2 both: the `:` of a key without `?` stands on its line, at most so many characters on. */
const MAX_KEY_LENGTH = 1024;

/** So many tokens that were taken may stay in the queue before it is cut. */
const QUEUE_SLACK = 1024;

export class Scanner {
  readonly #cursor: Cursor;
  /** From `#head` on, what is scanned and not yet taken. */
  readonly #queue: Token[] = [];
  #head = 0;
  /** Tokens taken so far: the number of the token at the head. */
  #taken = 0;
  #isHeadReady = false;
  /** The column of the innermost block collection, and those around it. */
  #indent = -1;
  readonly #indents: number[] = [];
  readonly #simpleKeys: SimpleKey[] = [newSimpleKey()];
  /** From the number of a token to the level of the key that it may begin. */
  readonly #levelByToken = new Map<number, number>();
  #isKeyAllowed = true;

  /** @param text without control characters */
  constructor(text: string) {
    this.#cursor = new Cursor(text);
  }

  /** The next token, which stays. */
  peek(): Token {
    if (!this.#isHeadReady) this.#fetchUntilHeadIsSure();
    return this.#queue[this.#head] as Token;
  }

  /** Takes the token that was peeked. */
  skip(): void {
    this.#isHeadReady = false;
    this.#taken += 1;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head > QUEUE_SLACK) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** While the head may yet turn out to begin a key, a KEY token may have to go before it. */
  #fetchUntilHeadIsSure(): void {
    for (;;) {
      if (this.#head !== this.#queue.length) {
        const level = this.#levelByToken.get(this.#taken);
        const key = level === undefined ? undefined : this.#simpleKeys[level];
        if (key === undefined || !this.#isStillPossible(key)) break;
      }
      this.#fetch();
    }
    this.#isHeadReady = true;
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unrollIndent(cursor.column);
    const { text, at, column, code } = cursor;
    if (code === END) return this.#fetchStreamEnd();
    if (column === 0) {
      if (code === PERCENT) throw new YamlProblem('found a directive, which kubectl cannot read: it splits a file at its --- lines first', at);
      if (cursor.isAtDocumentMark) return this.#fetchDocumentMark(code === DASH ? TOKEN.DOCUMENT_START : TOKEN.DOCUMENT_END);
    }
    const next = text.charCodeAt(at + 1);
    const inFlow = this.#inFlow;
    switch (code) {
      case OPEN_BRACKET:
        return this.#fetchFlowStart(TOKEN.FLOW_SEQUENCE_START);
      case OPEN_BRACE:
        return this.#fetchFlowStart(TOKEN.FLOW_MAPPING_START);
      case CLOSE_BRACKET:
        return this.#fetchFlowEnd(TOKEN.FLOW_SEQUENCE_END);
      case CLOSE_BRACE:
        return this.#fetchFlowEnd(TOKEN.FLOW_MAPPING_END);
      case COMMA:
        return this.#fetchIndicator(TOKEN.FLOW_ENTRY, true);
      case DASH:
        if (isBlankBreakOrEnd(next)) return this.#fetchBlockEntry();
        break;
      case QUESTION_MARK:
        if (inFlow || isBlankBreakOrEnd(next)) return this.#fetchKey();
        break;
      case COLON:
        if (inFlow || isBlankBreakOrEnd(next)) return this.#fetchValue();
        break;
      case ASTERISK:
      case AMPERSAND:
        this.#saveSimpleKey();
        this.#isKeyAllowed = false;
        return this.#push(code === ASTERISK ? TOKEN.ALIAS : TOKEN.ANCHOR, at, scanAnchorName(cursor));
      case EXCLAMATION:
        this.#saveSimpleKey();
        this.#isKeyAllowed = false;
        return this.#push(TOKEN.TAG, at, scanTag(cursor));
      case PIPE:
      case GREATER_THAN:
        if (inFlow) break;
        this.#removeSimpleKey();
        this.#isKeyAllowed = true;
        return this.#push(TOKEN.SCALAR, at, scanBlock(cursor, this.#indent, code === PIPE));
      case SINGLE_QUOTE:
      case DOUBLE_QUOTE:
        this.#saveSimpleKey();
        this.#isKeyAllowed = false;
        return this.#push(TOKEN.SCALAR, at, scanQuoted(cursor));
    }
    if (!mayStartPlain(code)) throw new YamlProblem('found character that cannot start any token', at);
    this.#saveSimpleKey();
    const scalar = scanPlain(cursor, this.#indent + 1, inFlow);
    this.#isKeyAllowed = scalar.endsLine;
    return this.#push(TOKEN.SCALAR, at, scalar.text, true);
  }

  get #inFlow(): boolean {
    return this.#simpleKeys.length > 1;
  }

  /** Past blanks, comments and line breaks. A tab may not stand where indentation counts. */
  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      const isTabAllowed = this.#inFlow || !this.#isKeyAllowed;
      let code = cursor.code;
      while (code === SPACE || (code === TAB && isTabAllowed)) {
        cursor.at += 1;
        code = cursor.code;
      }
      if (code === HASH) {
        cursor.skipToBreak();
        code = cursor.code;
      }
      if (!isBreak(code)) return;
      cursor.readBreak();
      if (!this.#inFlow) this.#isKeyAllowed = true;
    }
  }

  #fetchStreamEnd(): void {
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#isKeyAllowed = false;
    this.#push(TOKEN.STREAM_END, this.#cursor.at);
  }

  #fetchDocumentMark(kind: TokenKind): void {
    this.#unrollIndent(-1);
    this.#removeSimpleKey();
    this.#isKeyAllowed = false;
    this.#push(kind, this.#cursor.at);
    this.#cursor.at += 3;
  }

  #fetchFlowStart(kind: TokenKind): void {
    this.#saveSimpleKey();
    this.#simpleKeys.push(newSimpleKey());
    this.#isKeyAllowed = true;
    this.#push(kind, this.#cursor.at++);
  }

  #fetchFlowEnd(kind: TokenKind): void {
    this.#removeSimpleKey();
    if (this.#inFlow) {
      this.#levelByToken.delete(this.#lastKey.tokenNumber);
      this.#simpleKeys.pop();
    }
    this.#isKeyAllowed = false;
    this.#push(kind, this.#cursor.at++);
  }

  #fetchBlockEntry(): void {
    const { at, column } = this.#cursor;
    if (!this.#inFlow) {
      if (!this.#isKeyAllowed) throw new YamlProblem('block sequence entries are not allowed in this context', at);
      this.#rollIndent(column, -1, TOKEN.BLOCK_SEQUENCE_START, at);
    }
    this.#fetchIndicator(TOKEN.BLOCK_ENTRY, true);
  }

  #fetchKey(): void {
    const { at, column } = this.#cursor;
    if (!this.#inFlow) {
      if (!this.#isKeyAllowed) throw new YamlProblem('mapping keys are not allowed in this context', at);
      this.#rollIndent(column, -1, TOKEN.BLOCK_MAPPING_START, at);
    }
    this.#fetchIndicator(TOKEN.KEY, !this.#inFlow);
  }

  #fetchIndicator(kind: TokenKind, isKeyAllowedAfter: boolean): void {
    this.#removeSimpleKey();
    this.#isKeyAllowed = isKeyAllowedAfter;
    this.#push(kind, this.#cursor.at++);
  }

  #fetchValue(): void {
    const { at, column } = this.#cursor;
    const key = this.#lastKey;
    if (this.#isStillPossible(key)) {
      this.#insert(key.tokenNumber, { kind: TOKEN.KEY, offset: key.offset, text: '', isPlain: false });
      this.#rollIndent(key.offset - key.lineStart, key.tokenNumber, TOKEN.BLOCK_MAPPING_START, key.offset);
      key.isPossible = false;
      this.#levelByToken.delete(key.tokenNumber);
      this.#isKeyAllowed = false;
    } else {
      if (!this.#inFlow) {
        if (!this.#isKeyAllowed) throw new YamlProblem('mapping values are not allowed in this context', at);
        this.#rollIndent(column, -1, TOKEN.BLOCK_MAPPING_START, at);
      }
      this.#isKeyAllowed = !this.#inFlow;
    }
    this.#push(TOKEN.VALUE, this.#cursor.at++);
  }

  get #lastKey(): SimpleKey {
    return this.#simpleKeys[this.#simpleKeys.length - 1] as SimpleKey;
  }

  #isStillPossible(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    const { lineStart, at } = this.#cursor;
    if (key.lineStart === lineStart && key.offset + MAX_KEY_LENGTH >= at) return true;
    if (key.isRequired) throw new YamlProblem("could not find expected ':'", at);
    key.isPossible = false;
    return false;
  }

  /** Remembers that a key may begin here. */
  #saveSimpleKey(): void {
    if (!this.#isKeyAllowed) return;
    const { at, lineStart, column } = this.#cursor;
    this.#removeSimpleKey();
    const key = this.#lastKey;
    key.isPossible = true;
    key.isRequired = !this.#inFlow && this.#indent === column;
    key.tokenNumber = this.#taken + this.#queue.length - this.#head;
    key.offset = at;
    key.lineStart = lineStart;
    this.#levelByToken.set(key.tokenNumber, this.#simpleKeys.length - 1);
  }

  #removeSimpleKey(): void {
    const key = this.#lastKey;
    if (!key.isPossible) return;
    if (key.isRequired) throw new YamlProblem("could not find expected ':'", this.#cursor.at);
    key.isPossible = false;
    this.#levelByToken.delete(key.tokenNumber);
  }

  /** Opens a block collection where something stands further right than before; the number of -1 means the end of the queue. */
  #rollIndent(column: number, tokenNumber: number, kind: TokenKind, offset: number): void {
    if (this.#inFlow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (tokenNumber < 0) this.#push(kind, offset);
    else this.#insert(tokenNumber, { kind, offset, text: '', isPlain: false });
  }

  /** Closes the block collections that stand further right than the column. */
  #unrollIndent(column: number): void {
    if (this.#inFlow) return;
    while (this.#indent > column) {
      this.#push(TOKEN.BLOCK_END, this.#cursor.at);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #push(kind: TokenKind, offset: number, text = '', isPlain = false): void {
    this.#queue.push({ kind, offset, text, isPlain });
  }

  #insert(tokenNumber: number, token: Token): void {
    this.#queue.splice(this.#head + tokenNumber - this.#taken, 0, token);
  }
}

function newSimpleKey(): SimpleKey {
  return { isPossible: false, isRequired: false, tokenNumber: 0, offset: 0, lineStart: 0 };
}

/** The indicators that got this far stand where they are none: `-a`, `?a` and `:a` are text, the others nothing. */
function mayStartPlain(code: number): boolean {
  switch (code) {
    case COMMA:
    case OPEN_BRACKET:
    case CLOSE_BRACKET:
    case OPEN_BRACE:
    case CLOSE_BRACE:
    case HASH:
    case AMPERSAND:
    case ASTERISK:
    case EXCLAMATION:
    case PIPE:
    case GREATER_THAN:
    case SINGLE_QUOTE:
    case DOUBLE_QUOTE:
    case PERCENT:
    case AT_SIGN:
    case BACKTICK:
      return false;
    default:
      return !isBlank(code);
  }
}
