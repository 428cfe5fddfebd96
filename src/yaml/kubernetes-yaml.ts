/**
 * Reads YAML and JSON as kubectl does, so that a file means here what it means to the cluster.
 *
 * Mirrors `YAMLOrJSONDecoder` of k8s.io/apimachinery v0.36.3 (`pkg/util/yaml/decoder.go`) over sigs.k8s.io/yaml v1.6.0 over
 * go.yaml.in/yaml/v2 v2.4.2. Scalars, keys, aliases and merges follow that code; what is YAML at all is for js-yaml's parser
 * to say, which follows YAML 1.2.
 */
import { parseEvents, YAMLException } from 'js-yaml';
import { construct, ConstructionError, MAX_DEPTH } from './construct.ts';
import { holdsInfinity, jsonExtent } from './json-text.ts';
import { TextPlaces, type Place } from './text-places.ts';

/** One document of a file, not yet read. */
export interface SourceDocument {
  /** As it stands in the file, comments before its first key included. */
  readonly text: string;
  /** Where the text begins in the file; both from 1. */
  readonly line: number;
  readonly column: number;
  /** Set where the text is JSON: telling one value from the next takes parsing them. */
  readonly json?: { readonly value: unknown };
  /** Why what stands here cannot be read. */
  readonly refused?: string;
}

/** A document that kubectl refuses, or that is beyond the limits of this reader. */
export class UnreadableDocumentError extends Error {
  override readonly name = 'UnreadableDocumentError';
  readonly reason: string;
  /** In the file, from 1; columns count UTF-16 code units. */
  readonly line: number;
  readonly column: number;

  constructor(reason: string, { line, column }: Place) {
    super(`${reason} (line ${line}, column ${column})`);
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
}

/**
 * js-yaml keeps some 160 bytes for each node of a document, and a node can be two characters (`a,`): 16 Mi characters are
 * 1.3 GB at worst. JSON has no such limit; the dump of a whole cluster is better read as that (`kubectl get -o json`).
 */
export const MAX_YAML_LENGTH = 16 * 1024 * 1024;

/**
 * Splits a file into documents: JSON values one after another where it begins with `{`, else YAML between lines that begin
 * with `---`, whatever they stand in. As in kubectl, YAML may follow one JSON value, but not two.
 *
 * @param text the file, decoded; line ends may be CRLF
 * @returns what holds more than blanks and comments
 */
export function splitDocuments(text: string): SourceDocument[] {
  const places = new TextPlaces(text);
  const documents: SourceDocument[] = [];
  let at = endOfBlanks(text, 0);
  if (text[at] !== '{') return splitYaml(text, 0, places);
  let yamlFrom = 0;
  while (at < text.length) {
    const extent = jsonExtent(text, at);
    const document = extent && jsonDocument(text.slice(at, extent.end), extent.depth, places.at(at));
    if (extent === undefined || document === undefined) {
      if (documents.length < 2) return [...documents, ...splitYaml(text, yamlFrom, places)];
      return [...documents, { text: text.slice(at), ...places.at(at), refused: 'must be JSON, like what stands before it' }];
    }
    documents.push(document);
    yamlFrom = endOfBlankLine(text, extent.end);
    at = endOfBlanks(text, extent.end);
  }
  return documents;
}

/**
 * Reads one document.
 *
 * Integers beyond 2^53 become the nearest double, as `JSON.parse` makes of the JSON that kubectl sends. Objects are plain
 * ones; a key `__proto__` is an own property. Of keys that become equal as text (`1` and `"1"`) the last wins.
 *
 * @param document of `splitDocuments`
 * @returns a JSON value; null where the document is empty, which kubectl skips
 * @throws {UnreadableDocumentError}
 */
export function parseDocument(document: SourceDocument): unknown {
  const { text, json, refused } = document;
  if (refused !== undefined) throw new UnreadableDocumentError(refused, document);
  if (json !== undefined) return json.value;
  if (text.length > MAX_YAML_LENGTH)
    throw new UnreadableDocumentError(`must not be YAML of more than ${MAX_YAML_LENGTH} characters; use JSON, or split it`, document);
  const unprintable = UNPRINTABLE.exec(text);
  if (unprintable !== null)
    throw unreadable(document, `must not hold the character ${codePointName(unprintable[0])} unless escaped`, unprintable.index);
  const source = untilDocumentEnd(text);
  try {
    // One more than `construct` allows, as js-yaml counts scalars too.
    return construct(parseEvents(source, { maxDepth: MAX_DEPTH + 1 }), source);
  } catch (error) {
    if (error instanceof ConstructionError) throw unreadable(document, error.message, error.offset);
    if (error instanceof YAMLException) throw unreadable(document, error.reason, error.mark?.position ?? 0);
    throw error;
  }
}

function unreadable(document: SourceDocument, reason: string, offset: number): UnreadableDocumentError {
  const { line, column } = new TextPlaces(document.text).at(offset);
  return new UnreadableDocumentError(reason, {
    line: document.line + line - 1,
    column: line === 1 ? document.column + column - 1 : column,
  });
}

/**
 * What go-yaml's reader refuses, and three characters that end a line for go-yaml but not for js-yaml (U+0085, U+2028,
 * U+2029): behind one of them a comment would go on as content.
 */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

function codePointName(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** go-yaml reads one document of a text and no further: after a line `...` anything may stand. */
function untilDocumentEnd(text: string): string {
  const end = text.includes('...') ? text.search(/^\.\.\.(?=[ \t\r\n]|$)/m) : -1;
  return end < 0 ? text : text.slice(0, end);
}

/** @returns undefined where the text is no JSON */
function jsonDocument(text: string, depth: number, place: Place): SourceDocument | undefined {
  if (depth > MAX_DEPTH) return { text, ...place, refused: `must not be nested deeper than ${MAX_DEPTH} levels` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (MAY_OVERFLOW.test(text) && holdsInfinity(value)) return { text, ...place, refused: 'must not hold a number beyond 1.8e308' };
  return { text, ...place, json: { value } };
}

/** Only a number that matches can be beyond a double. */
const MAY_OVERFLOW = /[eE]\+?[0-9]{3}|[0-9]{300}/;

function splitYaml(text: string, start: number, places: TextPlaces): SourceDocument[] {
  const documents: SourceDocument[] = [];
  let begin = start;
  let refused: { readonly refused: string } | undefined;
  const endDocument = (end: number): void => {
    const part = text.slice(begin, end);
    if (refused !== undefined || HAS_CONTENT.test(part)) documents.push({ text: part, ...places.at(begin), ...refused });
  };
  let separator = text.startsWith('---', start) ? start : lineOfDashes(text, start);
  while (separator >= 0) {
    endDocument(separator);
    const lineEnd = text.indexOf('\n', separator);
    const rest = text.slice(separator + 3, lineEnd < 0 ? text.length : lineEnd).trim();
    // In YAML what follows on such a line is content, but kubectl refuses it, and the document with it.
    refused = rest === '' || rest.startsWith('#') ? undefined : { refused: 'must have nothing but a comment after ---' };
    begin = refused !== undefined ? separator : lineEnd < 0 ? text.length : lineEnd + 1;
    separator = lineEnd < 0 ? -1 : lineOfDashes(text, lineEnd);
  }
  endDocument(text.length);
  return documents;
}

/** The next line that begins with `---`, from a line end on. */
function lineOfDashes(text: string, from: number): number {
  const lineEnd = text.indexOf('\n---', from);
  return lineEnd < 0 ? -1 : lineEnd + 1;
}

const HAS_CONTENT = /^[ \t\r]*[^# \t\r\n]/m;

function endOfBlanks(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at += 1;
  return at;
}

/** After the blanks that follow on a line, and its end: where kubectl goes on with YAML behind a JSON value. */
function endOfBlankLine(text: string, from: number): number {
  const end = /[ \t\r]*\n?/y;
  end.lastIndex = from;
  end.test(text);
  return end.lastIndex;
}
