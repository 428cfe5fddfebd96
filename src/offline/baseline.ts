/**
 * Findings that are known and put off, in a file: what is new stands out. It names no lines and no places in lists, so that moving
 * lines, documents and containers changes nothing in it.
 */
import { isObject } from '../core/json.ts';
import { asObject } from '../core/json-reading.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../yaml/kubernetes-yaml.ts';
import type { CheckFinding, CheckResult } from './check.ts';

/** Of the file's form. */
const VERSION = 1;

/** One or several findings that nothing tells apart. */
interface Entry {
  /** From the root of the repository. */
  readonly file: string;
  /** `Deployment shop/web`. */
  readonly object: string;
  /** The rule, its message and its place: `CheckFinding.identity`. */
  readonly finding: string;
  readonly count: number;
}

/** A file that is no baseline, or one that cannot be read; the message goes on after the name of the file. */
export class BaselineError extends Error {
  override readonly name = 'BaselineError';
  /** Whether it is a baseline, but of another version of podgrace. */
  readonly isOtherVersion: boolean;

  constructor(message: string, { isOtherVersion = false, ...options }: ErrorOptions & { readonly isOtherVersion?: boolean } = {}) {
    super(message, options);
    this.isOtherVersion = isOtherVersion;
  }
}

/** The findings that a baseline knows, and which of them a run has found. */
export class Baseline {
  readonly #entries = new Map<string, { readonly entry: Entry; left: number }>();
  /** The files that were checked. */
  readonly #seen = new Set<string>();
  readonly #isAsked: (rule: string) => boolean;

  /**
   * @param text undefined for a baseline that is to be made
   * @param isAsked whether a rule takes part in the run
   * @throws {BaselineError} for what `text` never made
   */
  constructor(text: string | undefined, isAsked: (rule: string) => boolean) {
    this.#isAsked = isAsked;
    for (const entry of text === undefined ? [] : readEntries(text)) this.#entries.set(keyOf(entry), { entry, left: entry.count });
  }

  /**
   * Whether a finding is known; as often as the baseline has it.
   *
   * @param path of the file, from the root of the repository
   */
  takes(path: string, result: CheckResult, finding: CheckFinding): boolean {
    const known = this.#entries.get(keyOf(entryOf(path, result, finding)));
    if (known === undefined || known.left === 0) return false;
    known.left -= 1;
    return true;
  }

  /** A file of which every finding is asked about. */
  see(path: string): void {
    this.#seen.add(path);
  }

  /** How many known findings were looked for and not found any more. */
  get gone(): number {
    return [...this.#entries.values()].reduce((sum, { entry, left }) => (this.#isLookedFor(entry) ? sum + left : sum), 0);
  }

  /** What it says of files that were not seen, as far as they are still there, and of rules that took no part. */
  entriesElsewhere(isThere: (path: string) => boolean): readonly Entry[] {
    return [...this.#entries.values()].map(({ entry }) => entry).filter((entry) => !this.#isLookedFor(entry) && isThere(entry.file));
  }

  /** The finding's identity begins with its rule. */
  #isLookedFor({ file, finding }: Entry): boolean {
    return this.#seen.has(file) && this.#isAsked(finding.split(' ', 1)[0] ?? '');
  }
}

/** The findings of a new baseline. */
export class NewBaseline {
  readonly #entries = new Map<string, Entry>();

  add(path: string, result: CheckResult, finding: CheckFinding): void {
    this.addEntry(entryOf(path, result, finding));
  }

  addEntry(entry: Entry): void {
    const key = keyOf(entry);
    this.#entries.set(key, { ...entry, count: (this.#entries.get(key)?.count ?? 0) + entry.count });
  }

  /** JSON, an entry a line, in an order that depends on nothing but the entries. */
  get text(): string {
    const sorted = [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => `    ${JSON.stringify(entry)}`);
    return `{\n  "version": ${VERSION},\n  "findings": [${sorted.length === 0 ? '' : `\n${sorted.join(',\n')}\n  `}]\n}\n`;
  }
}

function entryOf(file: string, { kind, namespace, name }: CheckResult, { identity }: CheckFinding): Entry {
  return { file, object: `${kind} ${namespace}/${name}`, finding: identity, count: 1 };
}

function keyOf({ file, object, finding }: Entry): string {
  return JSON.stringify([file, object, finding]);
}

function readEntries(text: string): Entry[] {
  const value = parsed(text);
  const { version, findings } = asObject(value);
  // Nobody knows what another version holds besides.
  if (Number.isInteger(version) && version !== VERSION)
    throw new BaselineError(`must be of version ${VERSION}, but is of version ${String(version)}`, { isOtherVersion: true });
  if (version !== VERSION || !Array.isArray(findings))
    throw new BaselineError(`is no baseline: it must hold version ${VERSION}, and a list of findings`);
  return findings.map((entry: unknown, index) => {
    if (!isEntry(entry)) throw new BaselineError(`findings[${index}] must have file, object and finding, and a count above 0`);
    return entry;
  });
}

function parsed(text: string): unknown {
  try {
    const [document] = splitDocuments(text);
    return document === undefined ? undefined : parseDocument(document);
  } catch (error) {
    if (error instanceof UnreadableDocumentError) throw new BaselineError(`cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
}

function isEntry(entry: unknown): entry is Entry {
  if (!isObject(entry)) return false;
  const { file, object, finding, count } = entry;
  return [file, object, finding].every((part) => typeof part === 'string') && Number.isInteger(count) && Number(count) > 0;
}
