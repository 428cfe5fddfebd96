/** The objects in manifest files. Each object is read, even if others are wrong. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError, type SourceDocument } from '../../yaml/kubernetes-yaml.ts';
import { EventTape } from '../../yaml/event-tape.ts';
import { Positions, type DocumentPath } from '../../yaml/positions.ts';
import type { FieldPlace } from '../field-place.ts';
import { nameOf, readText, type ReadOptions } from './file-text.ts';
import { inputFiles, namedOnce, STDIN } from './files.ts';
import { InputError } from './input-error.ts';
import { KeptByFile } from './kept-by-file.ts';
import { isIgnored, repositoryFiles, type ChartFolder, type FoundFile } from './repository-files.ts';

/** What kubectl takes from a folder (`resource.FileExtensions`). */
export const MANIFEST_EXTENSIONS = ['.json', '.yaml', '.yml'];

/** Where what a document holds stands in its file. */
export interface DocumentPlaces {
  /** The line of its first content, from 1. */
  readonly contentLine: number;
  /** Where the document is not to be found in the file, the line in what a tool has rendered. */
  readonly renderedLine?: number | undefined;
  placeOf(path: DocumentPath): FieldPlace;
}

/** What a manifest file holds at one place. */
interface DocumentValue {
  readonly file: string;
  /** From 1 within the file; what kubectl skips (comments, null) has no number. The items of a List share its number. */
  readonly document: number;
  /** Where the value stands in the document: empty, or `['items', 3]`. */
  readonly path: DocumentPath;
  readonly value: unknown;
  /** Whether the file was found in a folder or by a pattern; else somebody has named it. */
  readonly isFound?: boolean;
  /** A file in the folder that is taken for all of its application: the file itself, or one name for all that is rendered together. */
  readonly application?: string;
}

/** A document, or an item of one that is a List. */
export class ManifestDocument implements Required<DocumentValue> {
  readonly file: string;
  readonly document: number;
  readonly path: DocumentPath;
  readonly value: unknown;
  readonly isFound: boolean;
  readonly application: string;
  readonly #places: DocumentPlaces;

  constructor({ file, document, path, value, isFound = false, application = file }: DocumentValue, places: DocumentPlaces) {
    this.file = file;
    this.document = document;
    this.path = path;
    this.value = value;
    this.isFound = isFound;
    this.application = application;
    this.#places = places;
  }

  /** For a value that stands in no file. */
  static ofValue(file: string, value: unknown): ManifestDocument {
    const text = JSON.stringify(value, null, 2);
    const lines = new SourceLines({ text, offset: 0, line: 1, column: 1, contentLine: 1 });
    return new ManifestDocument({ file, document: 1, path: [], value }, lines);
  }

  /** In the file, from 1, where the value begins. */
  get line(): number {
    return this.path.length === 0 ? this.#places.contentLine : this.placeOf([]).line;
  }

  /** Where a tool has rendered it and its place in the file is not known, the line in what was rendered. */
  get renderedLine(): number | undefined {
    return this.#places.renderedLine;
  }

  /** Where a path within the value stands in the file; where it does not exist, the head of the deepest part that does. */
  placeOf(path: DocumentPath): FieldPlace {
    return this.#places.placeOf([...this.path, ...path]);
  }
}

/** A file, or one document of it, that cannot be read; both numbers are null for a file. */
export interface UnreadableManifest {
  readonly file: string;
  readonly document: number | null;
  /** In the file, from 1. */
  readonly line: number | null;
  readonly message: string;
}

/**
 * Of paths that lead to no object, an error for each, unless patterns leave it out. Like `kubectl apply` of nothing: most often something
 * before it in a pipeline has failed.
 */
export function holdNothing(paths: readonly string[], ignored: readonly string[] = []): UnreadableManifest[] {
  return namedOnce(paths).map((path) => {
    const message = isIgnored(path, ignored)
      ? 'is ignored, and nothing else is there to be read'
      : 'must hold a Kubernetes object, but holds none';
    return { file: nameOf(path), document: null, line: null, message };
  });
}

/**
 * Reads manifests, file by file, so that memory is that of the largest.
 *
 * @param paths files, folders (`*.yaml`, `*.yml` and `*.json` below them), `-` for standard input
 */
export async function* readDocuments(
  paths: readonly string[],
  options: ReadOptions,
): AsyncGenerator<ManifestDocument | UnreadableManifest> {
  for (const file of inputFiles(paths, MANIFEST_EXTENSIONS)) {
    const text = file instanceof InputError ? file : await readText(file, options).catch(asInputError);
    if (text instanceof InputError) yield { file: text.file, document: null, line: null, message: text.message };
    else if (typeof file === 'string') yield* documentsOfNamed(nameOf(file), text);
  }
}

/** Reads the files of a repository, as `repositoryFiles` lists them. */
export async function* readRepository(paths: readonly string[], options: ReadOptions): AsyncGenerator<ReadOutcome> {
  for (const entry of repositoryFiles(paths, MANIFEST_EXTENSIONS, [])) yield* readListed(entry, options);
}

export interface ListedOptions extends ReadOptions {
  /** Whether a file is read as manifests, by its path and text; every one is if not given. */
  readonly mayHold?: (file: string, text: string) => boolean;
  /** What it has is not read again. */
  readonly kept?: KeptFiles;
}

/** What `repositoryFiles` lists. */
export type RepositoryEntry = FoundFile | ChartFolder | InputError;

/** What the manifests of a repository are read as. */
export type ReadOutcome = ManifestDocument | UnreadableManifest | LeftOut;

/** What is left out of a repository, with a word to those who may miss it. */
export interface LeftOut {
  readonly file: string;
  readonly line: number;
  /** What it is instead of a manifest. */
  readonly leftOut: 'chart' | 'template';
}

/**
 * Reads one entry of a repository. A template that nobody has rendered is left out where it was found, and one error where it was named.
 *
 * @param entry as `repositoryFiles` lists it
 */
export async function* readListed(entry: RepositoryEntry, { mayHold, kept, ...options }: ListedOptions): AsyncGenerator<ReadOutcome> {
  if ('chart' in entry) {
    yield { file: entry.chart, line: 1, leftOut: 'chart' };
    return;
  }
  if (entry instanceof InputError) {
    yield { file: entry.file, document: null, line: null, message: entry.message };
    return;
  }
  const { file, isFound } = entry;
  const known = kept?.documentsOf(entry, options);
  if (known !== undefined) {
    yield* known;
    return;
  }
  const text = kept?.textOf(file, options) ?? (await readText(file, options).catch(asInputError));
  if (text instanceof InputError) yield { file: text.file, document: null, line: null, message: text.message };
  else if (mayHold?.(file, text) === false) kept?.keepText(file, text, options);
  else if (kept?.mayKeep(file, text, options) === true)
    yield* kept.keepDocuments(entry, [...documentsOrTemplate(nameOf(file), text, isFound)], text.length);
  else yield* documentsOrTemplate(nameOf(file), text, isFound);
}

/**
 * What whoever reads only files (`onlyFiles`) has read before somebody reads everything. The latter is the last one: what he takes is not
 * kept any longer.
 */
export class KeptFiles {
  readonly #texts = new KeptByFile<string>(MAX_TEXT_CHARACTERS);
  readonly #documents = new KeptByFile<readonly ReadOutcome[]>(MAX_DOCUMENT_CHARACTERS);

  documentsOf(found: FoundFile, { onlyFiles }: ReadOptions): readonly ReadOutcome[] | undefined {
    return onlyFiles === true ? this.#documents.get(keyOf(found)) : this.#documents.take(keyOf(found));
  }

  textOf(file: string, { onlyFiles }: ReadOptions): string | undefined {
    return onlyFiles === true ? this.#texts.get(file) : this.#texts.take(file);
  }

  /** An empty text may be that of a pipe, which was not read. */
  mayKeep(file: string, text: string, { onlyFiles }: ReadOptions): boolean {
    return onlyFiles === true && file !== STDIN && text !== '';
  }

  keepText(file: string, text: string, options: ReadOptions): void {
    if (this.mayKeep(file, text, options)) this.#texts.keep(file, text, text.length);
  }

  /** @returns the documents */
  keepDocuments(found: FoundFile, documents: readonly ReadOutcome[], characters: number): readonly ReadOutcome[] {
    this.#texts.take(found.file);
    this.#documents.keep(keyOf(found), documents, characters);
    return documents;
  }
}

/** Some 3,000 manifests. */
const MAX_TEXT_CHARACTERS = 8 * 1024 * 1024;

/**
 * Some 300 manifests. All 1,496 of a folder took 24 MB of the heap, and it takes no more CPU to parse those again for which there is no room
 * than to let V8 copy them all to its old objects.
 */
const MAX_DOCUMENT_CHARACTERS = 1024 * 1024;

function keyOf({ file, isFound }: FoundFile): string {
  return `${isFound ? 'found' : 'named'} ${file}`;
}

function* documentsOrTemplate(file: string, text: string, isFound: boolean): Generator<ReadOutcome> {
  if (!TEMPLATE.test(text)) {
    yield* documentsIn(file, text, isFound);
    return;
  }
  const documents = [...documentsOfNamed(file, text, isFound)];
  if (isFound && documents.some((document) => 'message' in document)) yield { file, line: 1, leftOut: 'template' };
  else yield* documents;
}

/** Of a template that nobody has rendered, one error tells all. */
function* documentsOfNamed(file: string, text: string, isFound = false): Generator<ManifestDocument | UnreadableManifest> {
  if (!TEMPLATE.test(text)) {
    yield* documentsIn(file, text, isFound);
    return;
  }
  const documents = [...documentsIn(file, text, isFound)];
  const unreadable = documents.find((document) => 'message' in document);
  if (unreadable === undefined) yield* documents;
  else yield { ...unreadable, message: unrenderedMessage(unreadable.message) };
}

/** @param reason why it is no YAML: what looks like a template may be a manifest with a mistake */
export function unrenderedMessage(reason: string): string {
  return `must be rendered first: it is a template, and no YAML (${reason})`;
}

/** Go's templates (Helm, gomplate), and Jinja's. In YAML, two braces begin a map in a map, or stand in quotes. */
export const TEMPLATE = /\{\{|\{%/;

/** Reads what is in one file. A value need not be a Kubernetes object; whatever a document holds is passed on. */
export function* documentsIn(file: string, text: string, isFound = false): Generator<ManifestDocument | UnreadableManifest> {
  let document = 0;
  for (const source of splitDocuments(text)) {
    const tape = new EventTape();
    let value: unknown;
    try {
      value = parseDocument(source, tape);
    } catch (error) {
      if (!(error instanceof UnreadableDocumentError)) throw error;
      document += 1;
      yield { file, document, line: error.line, message: error.reason };
      continue;
    }
    if (value === null) continue;
    document += 1;
    const lines = new SourceLines(source, tape);
    for (const item of itemsOf(value)) yield new ManifestDocument({ file, document, ...item, isFound }, lines);
  }
}

/**
 * Lists within Lists are taken apart too, as kubectl does (`FlattenListVisitor`). The items of a typed list (`PodList`) need not
 * say what they are: the list has said it (`meta.EachListItem` of a decoded list).
 */
export function* itemsOf(value: unknown, path: DocumentPath = []): Generator<{ readonly path: DocumentPath; readonly value: unknown }> {
  if (isObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    for (const [index, item] of value['items'].entries()) yield* itemsOf(withTypeOf(value, item), [...path, 'items', index]);
  } else {
    yield { path, value };
  }
}

function withTypeOf({ kind, apiVersion }: JsonObject, item: unknown): unknown {
  const ofItems = String(kind).slice(0, -'List'.length);
  if (!isObject(item) || ofItems === '') return item;
  return { apiVersion, kind: ofItems, ...withoutEmpty(item) };
}

/** What is null or empty says nothing. */
function withoutEmpty(item: JsonObject): JsonObject {
  const { apiVersion, kind, ...rest } = item;
  return { ...rest, ...(apiVersion ? { apiVersion } : {}), ...(kind ? { kind } : {}) };
}

/** Finds places in a document once somebody asks for one: most objects have no finding. */
export class SourceLines implements DocumentPlaces {
  readonly #source: SourceDocument;
  readonly #tape: EventTape | undefined;
  #positions: Positions | undefined;

  /** @param tape of the reading of the source, where it was read */
  constructor(source: SourceDocument, tape?: EventTape) {
    this.#source = source;
    this.#tape = tape;
  }

  get contentLine(): number {
    return this.#source.contentLine;
  }

  placeOf(path: DocumentPath): FieldPlace {
    const positions = (this.#positions ??= new Positions(this.#source.text, this.#tape));
    const { line, column, endLine, endColumn } = positions.regionOf(path);
    const linesBefore = this.#source.line - 1;
    // Only the first line of a document can begin further right than the file's: behind another JSON value.
    const before = (ofLine: number): number => (ofLine === 1 ? this.#source.column - 1 : 0);
    return {
      line: linesBefore + line,
      column: before(line) + column,
      endLine: linesBefore + endLine,
      endColumn: before(endLine) + endColumn,
      quote: `${line === 1 ? ' '.repeat(this.#source.column - 1) : ''}${positions.textOfLine(line)}`,
    };
  }
}

function asInputError(error: unknown): InputError {
  if (error instanceof InputError) return error;
  throw error;
}
