/**
 * From tokens to the nodes of the first document of a YAML text, told in order to a listener.
 *
 * Follows the productions of `parserc.go` of go.yaml.in/yaml/v2 v2.4.2, one function each, a port of libyaml (MIT,
 * licenses/go-yaml/LICENSE.libyaml). What follows the first document
 * is not read, as `yaml.Unmarshal` does not: behind `{a: 1}` anything may stand that begins with a proper token.
 */
import { Scanner } from './scanner.ts';
import { TOKEN, type Scalar, type Token, type TokenKind } from './tokens.ts';
import { YamlProblem } from './yaml-problem.ts';

/**
 * Objects and lists within one another. Go stops at 10,000; whoever walks the result here recurses, and the webhook reads
 * no deeper body either.
 */
export const MAX_DEPTH = 1000;

/** The properties that a node may have. */
export interface Properties {
  readonly anchor: string | undefined;
  /** Where the `&` of the anchor stands; without one, nothing. */
  readonly anchorOffset: number | undefined;
  /** The long form, `tag:yaml.org,2002:int`; those of collections mean nothing to go-yaml. */
  readonly tag: string | undefined;
}

export interface YamlListener {
  scalar(scalar: Scalar, properties: Properties): void;
  alias(offset: number, anchor: string): void;
  startSequence(offset: number, properties: Properties): void;
  startMapping(offset: number, properties: Properties): void;
  /**
   * Ends the innermost sequence or mapping; a mapping has got as many values as keys.
   *
   * @param offset of the closing bracket; elsewhere somewhere behind the last element
   */
  end(offset: number): void;
}

/**
 * @param text without control characters
 * @throws {YamlProblem} for what go-yaml refuses, and for more than `MAX_DEPTH` levels
 */
export function parseFirstDocument(text: string, listener: YamlListener): void {
  new Parser(new Scanner(text), listener).document();
}

/** Of a node without an anchor and without a tag. */
export const NO_PROPERTIES: Properties = { anchor: undefined, anchorOffset: undefined, tag: undefined };

/** The tokens that end an entry of a block sequence without indentation of its own. */
const ENDS_INDENTLESS_ENTRY: readonly TokenKind[] = [TOKEN.BLOCK_ENTRY, TOKEN.KEY, TOKEN.VALUE, TOKEN.BLOCK_END];

class Parser {
  readonly #scanner: Scanner;
  readonly #listener: YamlListener;
  #depth = 0;

  constructor(scanner: Scanner, listener: YamlListener) {
    this.#scanner = scanner;
    this.#listener = listener;
  }

  document(): void {
    let token = this.#scanner.peek();
    if (token.kind === TOKEN.STREAM_END) return;
    if (token.kind === TOKEN.DOCUMENT_START) {
      token = this.#next();
      const isEmpty = token.kind === TOKEN.DOCUMENT_START || token.kind === TOKEN.DOCUMENT_END || token.kind === TOKEN.STREAM_END;
      if (isEmpty) return;
    }
    this.#node(true, false);
    // What comes next has to be a token, whatever it is.
    this.#scanner.peek();
  }

  #node(isBlock: boolean, mayBeIndentless: boolean): void {
    let token = this.#scanner.peek();
    if (token.kind === TOKEN.ALIAS) {
      this.#scanner.skip();
      this.#listener.alias(token.offset, token.text);
      return;
    }
    const start = token.offset;
    let properties = NO_PROPERTIES;
    if (token.kind === TOKEN.ANCHOR || token.kind === TOKEN.TAG) {
      properties = this.#properties(token);
      token = this.#scanner.peek();
    }
    if (token.kind === TOKEN.SCALAR) {
      this.#scanner.skip();
      this.#listener.scalar(token, properties);
    } else if (mayBeIndentless && token.kind === TOKEN.BLOCK_ENTRY) {
      this.#indentlessSequence(token.offset, properties);
    } else if (isBlock && token.kind === TOKEN.BLOCK_MAPPING_START) {
      this.#blockMapping(token.offset, properties);
    } else if (isBlock && token.kind === TOKEN.BLOCK_SEQUENCE_START) {
      this.#blockSequence(token.offset, properties);
    } else if (token.kind === TOKEN.FLOW_MAPPING_START) {
      this.#flowMapping(token.offset, properties);
    } else if (token.kind === TOKEN.FLOW_SEQUENCE_START) {
      this.#flowSequence(token.offset, properties);
    } else if (properties !== NO_PROPERTIES) {
      this.#listener.scalar(emptyScalar(start), properties);
    } else {
      throw new YamlProblem('a value must stand here', token.offset);
    }
  }

  /** A tag and an anchor, or one of them, in either order. */
  #properties(first: Token): Properties {
    const second = this.#next();
    const both = second.kind !== first.kind && (second.kind === TOKEN.ANCHOR || second.kind === TOKEN.TAG);
    if (both) this.#scanner.skip();
    const [anchor, tag] = first.kind === TOKEN.ANCHOR ? [first, both ? second : undefined] : [both ? second : undefined, first];
    return { anchor: anchor?.text, anchorOffset: anchor?.offset, tag: tag?.text };
  }

  #blockSequence(offset: number, properties: Properties): void {
    this.#startSequence(offset, properties);
    for (let token = this.#next(); token.kind !== TOKEN.BLOCK_END; token = this.#scanner.peek()) {
      if (token.kind !== TOKEN.BLOCK_ENTRY) throw new YamlProblem('a list entry (-) must stand here: check the indentation', token.offset);
      const { kind } = this.#next();
      if (kind === TOKEN.BLOCK_ENTRY || kind === TOKEN.BLOCK_END) this.#emptyScalar(token.offset);
      else this.#node(true, false);
    }
    this.#endWithToken();
  }

  /** A sequence as the value of a key, no further right than the key. */
  #indentlessSequence(offset: number, properties: Properties): void {
    this.#startSequence(offset, properties);
    for (let token = this.#scanner.peek(); token.kind === TOKEN.BLOCK_ENTRY; token = this.#scanner.peek()) {
      const { kind } = this.#next();
      if (ENDS_INDENTLESS_ENTRY.includes(kind)) this.#emptyScalar(token.offset);
      else this.#node(true, false);
    }
    this.#end(this.#scanner.peek().offset);
  }

  #blockMapping(offset: number, properties: Properties): void {
    this.#startMapping(offset, properties);
    for (let token = this.#next(); token.kind !== TOKEN.BLOCK_END; token = this.#scanner.peek()) {
      if (token.kind !== TOKEN.KEY) throw new YamlProblem('a key must stand here: check the indentation', token.offset);
      this.#blockMappingPart(token);
      token = this.#scanner.peek();
      if (token.kind === TOKEN.VALUE) this.#blockMappingPart(token);
      else this.#emptyScalar(token.offset);
    }
    this.#endWithToken();
  }

  /** What stands behind a KEY or VALUE. */
  #blockMappingPart({ offset }: Token): void {
    const { kind } = this.#next();
    if (kind === TOKEN.KEY || kind === TOKEN.VALUE || kind === TOKEN.BLOCK_END) this.#emptyScalar(offset);
    else this.#node(true, true);
  }

  #flowSequence(offset: number, properties: Properties): void {
    this.#startSequence(offset, properties);
    let token = this.#next();
    for (let isFirst = true; token.kind !== TOKEN.FLOW_SEQUENCE_END; isFirst = false) {
      if (!isFirst) token = this.#afterFlowEntry(token, 'a comma or ] must stand here');
      if (token.kind === TOKEN.FLOW_SEQUENCE_END) break;
      if (token.kind === TOKEN.KEY) this.#flowPair(token.offset);
      else this.#node(false, false);
      token = this.#scanner.peek();
    }
    this.#endWithToken();
  }

  /** The token behind a comma. */
  #afterFlowEntry(token: Token, problem: string): Token {
    if (token.kind !== TOKEN.FLOW_ENTRY) throw new YamlProblem(problem, token.offset);
    return this.#next();
  }

  /** `[a: b]`: a mapping of one pair, without braces. */
  #flowPair(offset: number): void {
    this.#startMapping(offset, NO_PROPERTIES);
    const key = this.#next();
    if (key.kind === TOKEN.VALUE || key.kind === TOKEN.FLOW_ENTRY || key.kind === TOKEN.FLOW_SEQUENCE_END) {
      // Upstream takes this token as well, so that `[? : b]` is an error.
      this.#scanner.skip();
      this.#emptyScalar(key.offset);
    } else {
      this.#node(false, false);
    }
    this.#flowValue(TOKEN.FLOW_SEQUENCE_END);
    this.#end(this.#scanner.peek().offset);
  }

  #flowMapping(offset: number, properties: Properties): void {
    this.#startMapping(offset, properties);
    let token = this.#next();
    for (let isFirst = true; token.kind !== TOKEN.FLOW_MAPPING_END; isFirst = false) {
      if (!isFirst) token = this.#afterFlowEntry(token, 'a comma or } must stand here');
      if (token.kind === TOKEN.FLOW_MAPPING_END) break;
      if (token.kind === TOKEN.KEY) {
        const { kind } = this.#next();
        if (kind === TOKEN.VALUE || kind === TOKEN.FLOW_ENTRY || kind === TOKEN.FLOW_MAPPING_END) this.#emptyScalar(token.offset);
        else this.#node(false, false);
        this.#flowValue(TOKEN.FLOW_MAPPING_END);
      } else {
        this.#node(false, false);
        this.#emptyScalar(token.offset);
      }
      token = this.#scanner.peek();
    }
    this.#endWithToken();
  }

  /** What stands behind the `:` of a pair between brackets, if there is one. */
  #flowValue(end: TokenKind): void {
    const value = this.#scanner.peek();
    const { kind } = value.kind === TOKEN.VALUE ? this.#next() : value;
    if (value.kind !== TOKEN.VALUE || kind === TOKEN.FLOW_ENTRY || kind === end) this.#emptyScalar(value.offset);
    else this.#node(false, false);
  }

  /** Takes a token; returns the one behind it, which stays. */
  #next(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #emptyScalar(offset: number): void {
    this.#listener.scalar(emptyScalar(offset), NO_PROPERTIES);
  }

  #startSequence(offset: number, properties: Properties): void {
    this.#enter(offset);
    this.#listener.startSequence(offset, properties);
  }

  #startMapping(offset: number, properties: Properties): void {
    this.#enter(offset);
    this.#listener.startMapping(offset, properties);
  }

  #enter(offset: number): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new YamlProblem(`must not be nested deeper than ${MAX_DEPTH} levels`, offset);
  }

  /** With the token that is next: the end of a block, or a closing bracket. */
  #endWithToken(): void {
    const { offset } = this.#scanner.peek();
    this.#scanner.skip();
    this.#end(offset);
  }

  #end(offset: number): void {
    this.#depth -= 1;
    this.#listener.end(offset);
  }
}

/** One that is not written: null where a value has to be. */
function emptyScalar(offset: number): Scalar {
  return { offset, text: '', isPlain: true, end: offset };
}
