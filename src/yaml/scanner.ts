/**
 * From a YAML text to tokens: finds out by indentation where block collections begin and end, and by a later `:` that what
 * came before it was a key.
 *
 * Follows `scannerc.go` of go.yaml.in/yaml/v2 v2.4.2, a port of libyaml (MIT, licenses/go-yaml/LICENSE.libyaml), in the order of
 * its tests, so that the same texts are YAML here and for kubectl. Directives (%YAML, %TAG) are refused, as kubectl refuses them:
 * they end with a line `---`, and there kubectl splits a file before it reads any YAML.
 */
import {
  AMPERSAND,
  ASTERISK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
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
import { SimpleKeys } from './simple-keys.ts';
import { TokenQueue } from './token-queue.ts';
import { TOKEN, type Token, type TokenKind } from './tokens.ts';
import { TAB_PROBLEM, YamlProblem } from './yaml-problem.ts';

export class Scanner {
  readonly #cursor: Cursor;
  readonly #keys: SimpleKeys;
  readonly #queue = new TokenQueue();
  #isHeadReady = false;
  /** The column of the innermost block collection, -1 outside of all; and those around it. */
  #indent = -1;
  readonly #indents: number[] = [];
  #isKeyAllowed = true;

  /** @param text without control characters */
  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#keys = new SimpleKeys(this.#cursor);
  }

  /** The next token, which stays. */
  peek(): Token {
    if (!this.#isHeadReady) {
      while (this.#queue.isEmpty || this.#keys.mayBeginWith(this.#queue.headNumber)) this.#fetch();
      this.#isHeadReady = true;
    }
    return this.#queue.head;
  }

  /** Takes the token that was peeked. */
  skip(): void {
    this.#isHeadReady = false;
    this.#queue.takeHead();
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#unrollIndent(cursor.column);
    const { at, code } = cursor;
    if (this.#fetchMark(code) || this.#fetchIndicator(code)) return;
    if (!mayStartPlain(code))
      throw new YamlProblem(code === TAB ? TAB_PROBLEM : `a value must not begin with ${cursor.text.charAt(at)}: put it in quotes`, at);
    this.#saveSimpleKey();
    const scalar = scanPlain(cursor, this.#indent + 1, this.#keys.inFlow);
    this.#isKeyAllowed = scalar.endsLine;
    this.#queue.pushScalar({ offset: at, text: scalar.text, isPlain: true, end: scalar.end });
  }

  /** The end of the text, or what has a meaning at the beginning of a line only. */
  #fetchMark(code: number): boolean {
    const cursor = this.#cursor;
    if (code === END) {
      // As on a new line: no key goes on here.
      cursor.lineStart = cursor.at;
      this.#endBlocks(TOKEN.STREAM_END);
      return true;
    }
    if (cursor.column > 0) return false;
    if (code === PERCENT)
      throw new YamlProblem(
        'must not hold a directive (%): kubectl splits a file at its --- lines, and then refuses the part with the directive',
        cursor.at,
      );
    if (!cursor.isAtDocumentMark) return false;
    this.#endBlocks(code === DASH ? TOKEN.DOCUMENT_START : TOKEN.DOCUMENT_END);
    cursor.at += 3;
    return true;
  }

  /** An indicator with what belongs to it; false where the character is none at this place. */
  #fetchIndicator(code: number): boolean {
    switch (code) {
      case OPEN_BRACKET:
        this.#fetchFlowStart(TOKEN.FLOW_SEQUENCE_START);
        return true;
      case OPEN_BRACE:
        this.#fetchFlowStart(TOKEN.FLOW_MAPPING_START);
        return true;
      case CLOSE_BRACKET:
        this.#fetchFlowEnd(TOKEN.FLOW_SEQUENCE_END);
        return true;
      case CLOSE_BRACE:
        this.#fetchFlowEnd(TOKEN.FLOW_MAPPING_END);
        return true;
      case COMMA:
        this.#fetchEntry(TOKEN.FLOW_ENTRY);
        return true;
      case DASH:
      case QUESTION_MARK:
      case COLON:
        return this.#fetchBlockIndicator(code);
      case ASTERISK:
      case AMPERSAND:
      case EXCLAMATION:
        this.#fetchProperty(code);
        return true;
      case SINGLE_QUOTE:
      case DOUBLE_QUOTE:
        this.#beginSimpleKey();
        this.#pushScalar(this.#cursor.at, scanQuoted(this.#cursor));
        return true;
      case PIPE:
      case GREATER_THAN:
        return this.#fetchBlockScalar(code === PIPE);
      default:
        return false;
    }
  }

  /** What begins an entry, a key or a value if a blank follows; between brackets `?` and `:` do so without one. */
  #fetchBlockIndicator(code: typeof DASH | typeof QUESTION_MARK | typeof COLON): boolean {
    const { inFlow } = this.#keys;
    if (!isBlankBreakOrEnd(this.#cursor.nextCode) && (code === DASH || !inFlow)) return false;
    if (code === DASH) {
      this.#openBlock(TOKEN.BLOCK_SEQUENCE_START, 'a list entry (-) cannot stand here: check the indentation');
      this.#fetchEntry(TOKEN.BLOCK_ENTRY);
    } else if (code === QUESTION_MARK) {
      this.#openBlock(TOKEN.BLOCK_MAPPING_START, 'a key (?) cannot stand here: check the indentation');
      this.#fetchEntry(TOKEN.KEY);
      this.#isKeyAllowed = !inFlow;
    } else {
      this.#fetchValue();
    }
    return true;
  }

  /** An alias, an anchor or a tag. */
  #fetchProperty(code: typeof ASTERISK | typeof AMPERSAND | typeof EXCLAMATION): void {
    const cursor = this.#cursor;
    const { at } = cursor;
    this.#beginSimpleKey();
    if (code === EXCLAMATION) this.#queue.push(TOKEN.TAG, at, scanTag(cursor));
    else this.#queue.push(code === ASTERISK ? TOKEN.ALIAS : TOKEN.ANCHOR, at, scanAnchorName(cursor));
  }

  /** Between brackets, `|` and `>` begin none. */
  #fetchBlockScalar(isLiteral: boolean): boolean {
    if (this.#keys.inFlow) return false;
    this.#keys.drop();
    this.#isKeyAllowed = true;
    this.#pushScalar(this.#cursor.at, scanBlock(this.#cursor, this.#indent, isLiteral));
    return true;
  }

  /** One in quotes or in a block, which ends where the cursor stands. */
  #pushScalar(offset: number, text: string): void {
    this.#queue.pushScalar({ offset, text, isPlain: false, end: this.#cursor.at });
  }

  /** Past blanks, comments and line breaks. A tab may not stand where indentation counts. */
  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      const isTabAllowed = this.#keys.inFlow || !this.#isKeyAllowed;
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
      if (!this.#keys.inFlow) this.#isKeyAllowed = true;
    }
  }

  #endBlocks(kind: TokenKind): void {
    this.#unrollIndent(-1);
    this.#keys.drop();
    this.#isKeyAllowed = false;
    this.#queue.push(kind, this.#cursor.at);
  }

  #fetchFlowStart(kind: TokenKind): void {
    this.#saveSimpleKey();
    this.#keys.enterFlow(this.#queue.nextNumber);
    this.#isKeyAllowed = true;
    this.#queue.push(kind, this.#cursor.at++);
  }

  #fetchFlowEnd(kind: TokenKind): void {
    this.#keys.drop();
    this.#keys.leaveFlow();
    this.#isKeyAllowed = false;
    this.#queue.push(kind, this.#cursor.at++);
  }

  /** After it, a key may begin. */
  #fetchEntry(kind: TokenKind): void {
    this.#keys.drop();
    this.#isKeyAllowed = true;
    this.#queue.push(kind, this.#cursor.at++);
  }

  #fetchValue(): void {
    const key = this.#keys.take();
    if (key !== undefined) {
      this.#queue.insert(key.tokenNumber, TOKEN.KEY, key.offset);
      this.#rollIndent(key.offset - key.lineStart, key.tokenNumber, TOKEN.BLOCK_MAPPING_START, key.offset);
      this.#isKeyAllowed = false;
    } else {
      this.#openBlock(TOKEN.BLOCK_MAPPING_START, 'a key cannot stand here: check the indentation, and put text that holds ": " in quotes');
      this.#isKeyAllowed = !this.#keys.inFlow;
    }
    this.#queue.push(TOKEN.VALUE, this.#cursor.at++);
  }

  /** Before an indicator outside of brackets: the collection that it belongs to begins here, if it did not before. */
  #openBlock(kind: TokenKind, problem: string): void {
    if (this.#keys.inFlow) return;
    const { at, column } = this.#cursor;
    if (!this.#isKeyAllowed) throw new YamlProblem(problem, at);
    this.#rollIndent(column, this.#queue.nextNumber, kind, at);
  }

  /** Before what may be a key, and cannot be followed by one. */
  #beginSimpleKey(): void {
    this.#saveSimpleKey();
    this.#isKeyAllowed = false;
  }

  #saveSimpleKey(): void {
    if (this.#isKeyAllowed) this.#keys.save(this.#queue.nextNumber, !this.#keys.inFlow && this.#indent === this.#cursor.column);
  }

  /**
   * Opens a block collection where something stands further right than before.
   *
   * @param tokenNumber the token that it begins with
   */
  #rollIndent(column: number, tokenNumber: number, kind: TokenKind, offset: number): void {
    if (this.#keys.inFlow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#queue.insert(tokenNumber, kind, offset);
  }

  /** Closes the block collections that stand further right than the column. */
  #unrollIndent(column: number): void {
    if (this.#keys.inFlow) return;
    while (this.#indent > column) {
      this.#queue.push(TOKEN.BLOCK_END, this.#cursor.at);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }
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
