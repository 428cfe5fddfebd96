/** Writes into manifests what the repairs of a policy set, and leaves everything else in them as it is. */
import { setImmediate } from 'node:timers/promises';
import { NotRewrittenError, rewriteFile } from '../files/rewritten-file.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../yaml/kubernetes-yaml.ts';
import { fixText, leftOut, type FixedText } from './fixed-text.ts';
import { FolderSurroundings } from './folder-surroundings.ts';
import { holdNothing, itemsOf, MANIFEST_EXTENSIONS } from './input/documents.ts';
import { decodeText, encodeText, nameOf, readBytes, type ReadOptions } from './input/file-text.ts';
import { STDIN } from './input/files.ts';
import { InputError } from './input/input-error.ts';
import { listedFiles, type ChartFolder, type FoundFile } from './input/repository-files.ts';
import type { FixContext, FixOutcome, FixResult } from './planned-repair.ts';
import { mayHoldSurroundings, SurroundingsOfFiles } from './surroundings.ts';

export type { FixContext, FixOutcome, FixResult };

export interface FixedFile extends FixedText {
  readonly file: string;
  readonly isStdin: boolean;
  /** Whether it is a file whose text was read: neither a chart nor what cannot be read. */
  readonly isRead: boolean;
  /** Whether the file has the repaired text now. */
  readonly isWritten: boolean;
}

/** What is to be done to one object of a file. */
export interface ProposedChange extends Pick<FixedText, 'before' | 'edits'> {
  readonly file: string;
  readonly result: FixResult;
}

export interface FixOptions extends ReadOptions {
  /** Whether files are written. */
  readonly writes: boolean;
  /** Asked of each object before its file is written; all are changed unless given. */
  readonly mayChange?: (change: ProposedChange) => boolean | Promise<boolean>;
  /** Ends after the file that is being written. */
  readonly signal?: AbortSignal;
}

/**
 * Repairs manifests file by file, so that memory is that of the largest.
 *
 * @param paths files, folders, patterns, `-` for standard input, which is only given back
 * @param ignored patterns of what is left out, relative to the working folder
 * @param contextOf what a file is repaired by
 */
export async function* fixFiles(
  paths: readonly string[],
  ignored: readonly string[],
  contextOf: (file: string) => FixContext,
  options: FixOptions,
): AsyncGenerator<FixedFile> {
  let isEmpty = true;
  // Standard input has its turn: what it holds is known to itself.
  const folders = new FolderSurroundings(contextOf, { ...options, leavesStdin: true });
  for await (const [found, known] of folders.inTurn(listedFiles(paths, MANIFEST_EXTENSIONS, ignored))) {
    // A turn of the event loop, in which a signal is noticed.
    await setImmediate();
    if (options.signal?.aborted === true) return;
    const contextWith = (file: string): FixContext => {
      const context = contextOf(file);
      return known === undefined ? context : { ...context, around: (value) => known.around(file, value, context.namespace) };
    };
    const fixed = await fixFound(found, contextWith, options);
    if (fixed === undefined) return;
    if (fixed.objects > 0 || fixed.outcomes.some(({ outcome }) => outcome !== 'skipped')) isEmpty = false;
    yield fixed;
  }
  if (isEmpty) for (const error of holdNothing(paths, ignored)) yield untouched(error.file, { outcome: 'error', errors: [error] });
}

/** @returns undefined where the signal has ended the reading */
async function fixFound(
  found: FoundFile | ChartFolder | InputError,
  contextOf: (file: string) => FixContext,
  options: FixOptions,
): Promise<FixedFile | undefined> {
  if ('chart' in found) return untouched(found.chart, leftOut(found.chart, 'chart'));
  if (found instanceof InputError) return unread(found);
  const { file, isFound } = found;
  const name = nameOf(file);
  let bytes: Buffer;
  try {
    bytes = await readBytes(file, options);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return options.signal?.aborted === true ? undefined : unread(error);
  }
  const isStdin = file === STDIN;
  const before = decodeText(bytes);
  const context = isStdin ? withItself(name, before, contextOf(name)) : contextOf(name);
  const all = { ...fixText(name, before, context, { isFound }), file: name, isStdin, isRead: true };
  const fixed = isStdin ? all : await asAnswered(all, contextOf(name), isFound, options);
  // A signal that came while somebody was asked.
  if (options.signal?.aborted === true) return undefined;
  if (fixed.edits.length === 0) return { ...fixed, isWritten: false };
  if (!encodeText(before, bytes).equals(bytes))
    return { ...fixed, ...unchanged(fixed, 'must be UTF-8 (or UTF-16 with a byte order mark) to be changed'), isWritten: false };
  if (isStdin || !options.writes) return { ...fixed, isWritten: false };
  try {
    rewriteFile(file, bytes, encodeText(fixed.after, bytes));
    return { ...fixed, isWritten: true };
  } catch (error) {
    if (!(error instanceof NotRewrittenError)) throw error;
    return { ...fixed, ...unchanged(fixed, `cannot be changed: ${error.message}`), isWritten: false };
  }
}

/** Around the objects of a text that stands alone is what it holds. */
function withItself(file: string, text: string, context: FixContext): FixContext {
  const known = new SurroundingsOfFiles();
  if (mayHoldSurroundings(file, text)) {
    for (const document of splitDocuments(text)) {
      try {
        for (const { value } of itemsOf(parseDocument(document))) known.add(file, value, context.namespace);
      } catch (error) {
        // It is told when its turn comes.
        if (!(error instanceof UnreadableDocumentError)) throw error;
      }
    }
  }
  return { ...context, around: (value) => known.around(file, value, context.namespace) };
}

function unread({ file, message }: InputError): FixedFile {
  return untouched(file, { outcome: 'error', errors: [{ file, document: null, line: null, message }] });
}

function untouched(file: string, outcome: FixOutcome): FixedFile {
  return {
    file,
    isStdin: false,
    before: '',
    after: '',
    edits: [],
    outcomes: [outcome],
    objects: 0,
    left: [],
    isRead: false,
    isWritten: false,
  };
}

/** The same text with those objects changed for which the answer was yes. */
async function asAnswered<F extends FixedText & { readonly file: string }>(
  all: F,
  context: FixContext,
  isFound: boolean,
  { mayChange }: FixOptions,
): Promise<F> {
  if (mayChange === undefined || all.edits.length === 0) return all;
  const { file, before } = all;
  const results = all.outcomes.flatMap((outcome) => (outcome.outcome === 'judged' ? [outcome.result] : []));
  const wanted = new Set<number>();
  for (const [index, result] of results.entries()) {
    const { edits } = fixText(file, before, context, { isFound, isWanted: (other) => other === index });
    if (edits.length === 0 || (await mayChange({ file, before, edits, result }))) wanted.add(index);
  }
  return { ...all, ...fixText(file, before, context, { isFound, isWanted: (index) => wanted.has(index) }) };
}

/** A file that stays as it was. */
function unchanged(
  { file, before, outcomes }: FixedText & { readonly file: string },
  message: string,
): Pick<FixedText, 'after' | 'edits' | 'outcomes'> {
  const others = outcomes.filter((outcome) => outcome.outcome !== 'judged' || outcome.result.refused !== null);
  return { after: before, edits: [], outcomes: [...others, { outcome: 'error', errors: [{ file, document: null, line: null, message }] }] };
}
