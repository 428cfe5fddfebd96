/** Recorded AdmissionReviews, from wherever they were recorded: files of one, ndjson, the API server's audit log. */
import { extname } from 'node:path';
import { ADMISSION_API_VERSION } from '../../admission/review.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { WorkloadKinds } from '../../core/workload.ts';
import { splitDocuments } from '../../yaml/kubernetes-yaml.ts';
import { isAuditEvent, requestOfAuditEvent, type JudgedRequests } from './audit-event.ts';
import { documentsIn, itemsOf, MANIFEST_EXTENSIONS } from './documents.ts';
import { decodeText, MAX_TEXT_BYTES, nameOf, readAll, readChunks, readText, type ReadOptions } from './file-text.ts';
import { inputFiles, STDIN } from './files.ts';
import { InputError } from './input-error.ts';
import { MAX_LINE_BYTES, peekFirstLine, splitLines } from './lines.ts';

/** Read line by line, whatever their first line looks like. */
const LINES_EXTENSIONS = ['.ndjson', '.jsonl', '.log'];
const YAML_EXTENSIONS = ['.yaml', '.yml'];
/** Taken from folders. */
const EXTENSIONS = [...MANIFEST_EXTENSIONS, ...LINES_EXTENSIONS];

const BUILT_IN: JudgedRequests = { kinds: new WorkloadKinds(), judgesDeletions: true };

export interface RecordedReview {
  /** `reviews/a.json`, or with the line where a file holds several or is read line by line: `audit.log:17`. */
  readonly source: string;
  /** Kind AdmissionReview, with a request; whether that is complete, `decodeReview` says. */
  readonly review: JsonObject;
}

export interface UnreadableReview {
  readonly source: string;
  readonly message: string;
}

/** A request in an audit log that is not for the webhook, or that the log does not hold enough of. */
export interface SkippedRequest {
  readonly source: string;
  /** Why. */
  readonly skipped: string;
}

export interface ReadReviewsOptions extends ReadOptions {
  /** Longer lines are refused; `MAX_LINE_BYTES` unless given. */
  readonly limitLineBytes?: number;
  /** What of an audit log is judged: the kinds of Kubernetes itself, and deletions, unless given. */
  readonly judged?: JudgedRequests;
}

type ReviewResult = RecordedReview | UnreadableReview | SkippedRequest;

/**
 * Reads reviews in the order in which they stand. What cannot be read is one error, and the rest is read.
 *
 * An object with `request` and neither apiVersion nor kind counts as an AdmissionReview of v1. Lists (audit.k8s.io EventList
 * too) are taken apart. Lines are JSON; files that are read line by line may have any size, one line of them may not.
 *
 * @param paths files, folders (`*.json`, `*.yaml`, `*.yml`, `*.ndjson`, `*.jsonl` and `*.log` below them), `-` for standard
 *   input; where the name does not tell, a first line that is JSON of its own means ndjson
 */
export async function* readReviews(paths: readonly string[], options: ReadReviewsOptions): AsyncGenerator<ReviewResult> {
  for (const file of inputFiles(paths, EXTENSIONS)) {
    try {
      if (file instanceof InputError) throw file;
      yield* readFile(file, options);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      yield { source: error.file, message: error.message };
    }
  }
}

/** The files that `readReviews` reads, but for those that cannot be read. */
export function* reviewFiles(paths: readonly string[]): Generator<string> {
  for (const file of inputFiles(paths, EXTENSIONS)) if (typeof file === 'string' && file !== STDIN) yield file;
}

async function* readFile(file: string, options: ReadReviewsOptions): AsyncGenerator<ReviewResult> {
  const extension = extname(file).toLowerCase();
  const name = nameOf(file);
  if (YAML_EXTENSIONS.includes(extension)) {
    yield* reviewsInText(name, await readText(file, options), options);
  } else if (LINES_EXTENSIONS.includes(extension)) {
    yield* reviewsInLines(name, readChunks(file, options.stdin), options);
  } else {
    const { firstLine, chunks } = await peekFirstLine(readChunks(file, options.stdin), options.limitLineBytes);
    if (firstLine !== undefined && isJsonObject(firstLine)) yield* reviewsInLines(name, chunks, options);
    else yield* reviewsInText(name, decodeText(await readAll(chunks, name, options.limitBytes ?? MAX_TEXT_BYTES)), options);
  }
}

function isJsonObject(line: string): boolean {
  return jsonProblem(line) === undefined && line.trimStart().startsWith('{');
}

/** What keeps a text from being JSON. */
function jsonProblem(text: string): string | undefined {
  try {
    // eslint-disable-next-line no-restricted-properties -- a line or a file of the caller's own, no longer than it allows
    JSON.parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

async function* reviewsInLines(name: string, chunks: AsyncIterable<Buffer>, options: ReadReviewsOptions): AsyncGenerator<ReviewResult> {
  const { limitLineBytes = MAX_LINE_BYTES } = options;
  for await (const { line, text } of splitLines(chunks, limitLineBytes)) {
    const source = `${name}:${line}`;
    if (text === undefined) yield { source, message: `must not be longer than ${limitLineBytes} bytes` };
    else if (text.trim() !== '') yield* reviewsInLine(source, text, options);
  }
}

function* reviewsInLine(source: string, text: string, options: ReadReviewsOptions): Generator<ReviewResult> {
  const [document, ...others] = splitDocuments(text);
  if (document?.json === undefined || others.length > 0) {
    yield { source, message: document?.refused ?? `must be one JSON object: ${jsonProblem(text) ?? 'found another value'}` };
    return;
  }
  for (const { value } of itemsOf(document.json.value)) yield* reviewsOf(source, value, options);
}

function* reviewsInText(name: string, text: string, options: ReadReviewsOptions): Generator<ReviewResult> {
  for (const document of documentsIn(name, text)) {
    if ('message' in document) {
      yield { source: `${name}:${document.line ?? 1}`, message: document.message };
    } else {
      const isFirst = document.document === 1 && document.path.length === 0;
      yield* reviewsOf(isFirst ? name : `${name}:${document.line}`, document.value, options);
    }
  }
}

function* reviewsOf(source: string, value: unknown, { judged = BUILT_IN }: ReadReviewsOptions): Generator<ReviewResult> {
  const expected = 'must be an AdmissionReview, or an Event of audit.k8s.io/v1';
  if (!isObject(value)) {
    yield { source, message: expected };
    return;
  }
  const { apiVersion, kind, request, response } = value;
  if (kind === 'AdmissionReview' || (kind === undefined && apiVersion === undefined && isObject(request))) {
    if (isObject(request))
      yield { source, review: kind === undefined ? { apiVersion: ADMISSION_API_VERSION, kind: 'AdmissionReview', ...value } : value };
    else yield { source, message: response === undefined ? 'request must be an object' : 'must hold a request, but holds a response' };
  } else if (isAuditEvent(value)) {
    const audited = requestOfAuditEvent(value, judged);
    if (audited !== undefined && 'review' in audited) yield { source, review: audited.review };
    else if (audited !== undefined) yield { source, skipped: audited.skipped };
  } else {
    yield { source, message: typeof kind === 'string' ? `${expected}, but is ${kind}` : expected };
  }
}
