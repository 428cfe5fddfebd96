/**
 * Reads YAML and JSON as kubectl does, so that a file means here what it means to the cluster.
 *
 * Follows `YAMLOrJSONDecoder` of k8s.io/apimachinery v0.36.3 (`pkg/util/yaml/decoder.go`, Apache-2.0) over sigs.k8s.io/yaml v1.6.0 over
 * go.yaml.in/yaml/v2 v2.4.2, from the splitting into documents down to the characters. The YAML libraries for JavaScript
 * read other languages: they differ in what is YAML at all (a `]` left of the key before its `[`), in scalars (`010`), in
 * merges and in keys.
 *
 * Refused here, though kubectl reads it: more than 1,000 levels; a value that JSON cannot hold where a later equal key
 * replaces it; binary data that is no UTF-8. Where one document of a file is refused the others are still read.
 */
import { constructDocument } from './construct.ts';
import type { EventTape } from './event-tape.ts';
import { holdsInfinity, jsonExtent } from './json-text.ts';
import { MAX_DEPTH } from './parser.ts';
import { TextPlaces, type Place } from './text-places.ts';
import { YamlProblem } from './yaml-problem.ts';

/** One document of a file, not yet read. */
export interface SourceDocument {
  /** As it stands in the file, comments before its first key included. */
  readonly text: string;
  /** Where the text begins in the file, in UTF-16 code units. */
  readonly offset: number;
  /** Where the text begins in the file; both from 1. */
  readonly line: number;
  readonly column: number;
  /** The line in the file of what is neither comment nor separator. */
  readonly contentLine: number;
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
  let yamlFrom = endOfBlankLine(text, 0);
  while (at < text.length) {
    const extent = jsonExtent(text, at);
    const document = extent && jsonDocument(text.slice(at, extent.end), extent.depth, { offset: at, ...places.at(at) });
    if (extent === undefined || document === undefined) {
      if (documents.length < 2) return [...documents, ...splitYaml(text, yamlFrom, places)];
      const place = places.at(at);
      return [
        ...documents,
        { text: text.slice(at), offset: at, ...place, contentLine: place.line, refused: 'must be JSON, like what stands before it' },
      ];
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
 * @param tape for `Positions`, which then reads the text no second time
 * @returns a JSON value; null where the document is empty, which kubectl skips
 * @throws {UnreadableDocumentError}
 */
export function parseDocument(document: SourceDocument, tape?: EventTape): unknown {
  const { text, json, refused } = document;
  if (refused !== undefined) throw new UnreadableDocumentError(refused, document);
  if (json !== undefined) return json.value;
  const source = normalizeLineEnds(text);
  const control = CONTROL_CHARACTER.exec(source);
  if (control !== null) throw unreadable(document, source, 'must not hold control characters', control.index);
  try {
    return constructDocument(source, tape);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    const conflict = CONFLICT_MARK.exec(source);
    throw conflict === null
      ? unreadable(document, source, `${error.message}${placeholderNear(source, error.offset)}`, error.offset)
      : unreadable(document, source, `must not hold the marks of a merge conflict, but here is ${conflict[1]}`, conflict.index);
  }
}

function placeholderNear(source: string, offset: number): string {
  const [line = ''] = source.slice(source.lastIndexOf('\n', offset - 1) + 1).split('\n', 1);
  const placeholder = PLACEHOLDER.exec(line)?.[1];
  return placeholder === undefined ? '' : `; something must replace ${placeholder} first`;
}

function unreadable(document: SourceDocument, source: string, reason: string, offset: number): UnreadableDocumentError {
  const { line, column } = new TextPlaces(source).at(offset);
  return new UnreadableDocumentError(reason, {
    line: document.line + line - 1,
    column: line === 1 ? document.column + column - 1 : column,
  });
}

/** kubectl reads line by line and puts LF behind each, the last one too. */
export function normalizeLineEnds(text: string): string {
  const lines = text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text;
  return lines.endsWith('\n') ? lines : `${lines}\n`;
}

/** What git writes around both sides of a conflict (`git help merge`, How conflicts are presented). */
const CONFLICT_MARK = /^(<{7}|={7}|>{7})(?: .*)?$/m;

/** What `envsubst` and Flux replace, outside of quotes: between brackets, its brace begins a map. */
const PLACEHOLDER = /[:,[{]\s*(\$\{\w[^\s}]*\})/;

/** What go-yaml's reader refuses. */
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** @returns undefined where the text is no JSON */
function jsonDocument(text: string, depth: number, place: Place & { readonly offset: number }): SourceDocument | undefined {
  const document = { text, ...place, contentLine: place.line };
  if (depth > MAX_DEPTH) return { ...document, refused: `must not be nested deeper than ${MAX_DEPTH} levels` };
  let value: unknown;
  try {
    // eslint-disable-next-line no-restricted-properties -- a document of a file of the caller's own, its depth known
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (MAY_OVERFLOW.test(text) && holdsInfinity(value)) return { ...document, refused: 'must not hold a number beyond 1.8e308' };
  return { ...document, json: { value } };
}

/** Only a number that matches can be beyond a double. */
const MAY_OVERFLOW = /[eE]\+?[0-9]{3}|[0-9]{300}/;

function splitYaml(text: string, start: number, places: TextPlaces): SourceDocument[] {
  const documents: SourceDocument[] = [];
  let begin = start;
  let refused: { readonly refused: string } | undefined;
  const endDocument = (end: number): void => {
    const part = text.slice(begin, end);
    const content = CONTENT.exec(part);
    if (content === null && refused === undefined) return;
    const place = places.at(begin);
    const contentLine = refused === undefined ? places.at(begin + (content?.index ?? 0)).line : place.line;
    documents.push({ text: part, offset: begin, ...place, contentLine, ...refused });
  };
  let separator = text.startsWith('---', start) ? start : lineOfDashes(text, start);
  while (separator >= 0) {
    const lineEnd = text.indexOf('\n', separator);
    const isRefused = !SEPARATOR.test(text.slice(separator, lineEnd < 0 ? text.length : lineEnd));
    // With nothing before it, a separator is read as part of the document, where it does no harm.
    if (separator > begin || isRefused) {
      endDocument(separator);
      begin = isRefused ? separator : lineEnd < 0 ? text.length : lineEnd + 1;
      // In YAML what follows on such a line is content, but kubectl refuses it, and the document with it.
      refused = isRefused ? { refused: 'must have nothing but a comment after ---' } : undefined;
    }
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

/** With the blanks of Unicode, which Go's `TrimSpace` cuts. */
const SEPARATOR = /^---[\t\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*(?:#|$)/;

/** A line that is neither blank nor a comment nor a separator. A tab is for the YAML reader to judge. */
const CONTENT = /^(?! *(?:#|\r?$)|---(?:[ \t]+#|[ \t]*\r?$))./m;

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
