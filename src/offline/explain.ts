/** Explains manifests and Pods: what becomes of a Pod and when, and why a Pod has the STATUS that kubectl prints. */
import { trustIn, type Origin } from '../admission/submission.ts';
import { validate } from '../core/evaluate.ts';
import { Evaluation, subjectWithin } from '../core/evaluation.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { allReferencesOf, type PodReference } from '../core/pod-references.ts';
import { podTimelinesOf, type PodTimelines } from '../core/pod-timelines.ts';
import { printedStatusOf, readPodStatus, type PrintedStatus } from '../core/pod-status.ts';
import { podSurroundingsOf, type PodSurroundings } from '../core/pod-surroundings.ts';
import type { Policy } from '../core/policy.ts';
import { asksForInventories } from '../core/rule.ts';
import type { Surroundings } from '../core/surroundings.ts';
import { causeOf, type StatusCause } from '../core/status-cause.ts';
import { readSubject, type Subject } from '../core/subject.ts';
import { workloadChange, type WorkloadChange } from '../core/workload-change.ts';
import { creationOf } from './creation.ts';
import { bySeverity, isReported, reported, type ReportedFinding } from './finding.ts';
import { imagesOf, type ReadImages } from './images.ts';
import { holdsNothing, readDocuments, type UnreadableManifest } from './input/documents.ts';
import type { ReadOptions } from './input/file-text.ts';
import type { Outcome } from './outcome.ts';
import type { RenderedManifest } from './rendering/render.ts';

/** Where an object was read. */
export interface ExplainSource {
  /** A file as it was given or found, `-` for standard input; `pod/web` for an object of a cluster. */
  readonly file: string;
  /** From 1 within the file; null outside of files, as the line. */
  readonly document: number | null;
  readonly line: number | null;
}

export interface Explanation extends ExplainSource {
  readonly subject: Subject;
  readonly timelines: PodTimelines;
  /** Only of a Pod that an API server has stored. */
  readonly status: ExplainedStatus | undefined;
  /** Against the object before it; undefined where there is none. */
  readonly change: WorkloadChange | undefined;
  /** Undefined without a cluster. */
  readonly around: ExplainedSurroundings | undefined;
}

export interface ExplainedSurroundings extends PodSurroundings {
  /** What the Pods name and the cluster does not have, by the rules of the policy. */
  readonly missing: readonly ReportedFinding[];
  /** Why of some of that nobody knows. */
  readonly unknownNames: readonly string[];
}

export interface ExplainedStatus extends PrintedStatus {
  /** Undefined for a STATUS that podgrace does not know. */
  readonly cause: StatusCause | undefined;
}

/** An object without a Pod template. */
export interface ExplainSkip extends ExplainSource {
  readonly kind: string;
}

export type ExplainError = UnreadableManifest;
/** What was explained, at the end. */
export interface ExplainSummary {
  readonly explained: number;
  readonly errors: number;
}

export type ExplainOutcome = Outcome<Explanation, ExplainSkip, ExplainError>;

export interface ExplainContext {
  /** Its kinds and its target version count. */
  readonly policy: Policy;
  /** For objects that name none. */
  readonly namespace: string;
  /** Of the node that the OOM score is computed for. */
  readonly nodeMemoryBytes: bigint;
  /** What an object was before; undefined where it is new, or where nobody asks. */
  readonly before?: (object: JsonObject) => Promise<JsonObject | undefined>;
  /** What a cluster has in a namespace, and which of the objects that Pods name. */
  readonly around?: (namespace: string, references: readonly PodReference[]) => Promise<Surroundings>;
  /** Milliseconds since 1970, for exemptions that expire. */
  readonly nowMs: number;
  /** What registries say of images; nothing is known of them if not given. */
  readonly readImages?: ReadImages | undefined;
}

/**
 * @param paths files, folders, `-` for standard input; to hold no object at all is an error of each of them
 * @param rendered what tools have rendered, which is explained after the files
 */
export async function* explainFiles(
  paths: readonly string[],
  rendered: readonly RenderedManifest[],
  context: ExplainContext,
  options: ReadOptions,
): AsyncGenerator<ExplainOutcome, void, undefined> {
  let isEmpty = true;
  for await (const read of readDocuments(paths, options)) {
    isEmpty = false;
    yield* explainManifest(read, context);
  }
  for (const manifest of rendered) yield* explainManifest(manifest, context);
  if (isEmpty && paths.length > 0) yield { outcome: 'error', errors: paths.map(holdsNothing) };
}

async function* explainManifest(manifest: RenderedManifest, context: ExplainContext): AsyncGenerator<ExplainOutcome, void, undefined> {
  if ('message' in manifest) {
    yield { outcome: 'error', errors: [manifest] };
    return;
  }
  const { file, document, line, value } = manifest;
  yield* explainObject(value, { from: 'file' }, { file, document, line }, context);
}

/** One explanation for each Pod template of an object; never throws for anything that JSON can hold. */
export async function* explainObject(
  object: unknown,
  origin: Origin,
  source: ExplainSource,
  { policy, namespace, nodeMemoryBytes, before, around, nowMs, readImages }: ExplainContext,
): AsyncGenerator<ExplainOutcome, void, undefined> {
  const fail = (messages: readonly string[]): ExplainOutcome => ({
    outcome: 'error',
    errors: messages.map((message) => ({ ...source, message })),
  });
  const submission = creationOf(object, namespace);
  if (typeof submission === 'string') {
    yield fail([submission]);
    return;
  }
  const { kinds, kubernetesMinor } = policy;
  const trust = trustIn({ origin, kind: submission.kind }, kinds);
  const reading = readSubject(object, { kinds, kubernetesMinor, trust, namespace: submission.namespace });
  if (reading.outcome === 'no-template') {
    yield { outcome: 'skipped', skip: { ...source, kind: submission.kind.kind } };
  } else if (reading.outcome === 'malformed') {
    yield fail(reading.problems.map(({ path, message }) => `${path.text} ${message}`));
  } else {
    const old = isObject(object) ? await before?.(object) : undefined;
    const oldReading = old && readSubject(old, { kinds, kubernetesMinor, trust });
    if (oldReading?.outcome === 'malformed')
      yield fail(oldReading.problems.map(({ path, message }) => `before the change, ${path.text} ${message}`));
    const isComparable = oldReading?.outcome === 'subject' && old !== undefined && isObject(object);
    const change = isComparable ? workloadChange(old, object, kubernetesMinor) : undefined;
    for (const read of [reading.subject, ...reading.others]) {
      const references = around === undefined ? [] : allReferencesOf(read.pod.spec);
      const surroundings = await around?.(submission.namespace, references);
      const subject = surroundings === undefined ? read : subjectWithin(read, surroundings);
      const status = subject.isTemplate || !isObject(object) ? undefined : statusOf(object, policy);
      const images = readImages === undefined ? policy.images : policy.images.with(await readImages(imagesOf(subject.pod)));
      const timelines = podTimelinesOf(subject, nodeMemoryBytes, images);
      const found = surroundings && {
        ...podSurroundingsOf(subject, surroundings),
        ...namedIn(surroundings, references, new Evaluation(policy, read, { nowMs, surroundings })),
      };
      yield { outcome: 'judged', result: { ...source, subject, timelines, status, change, around: found } };
    }
  }
}

function namedIn(
  surroundings: Surroundings,
  references: readonly PodReference[],
  evaluation: Evaluation,
): Pick<ExplainedSurroundings, 'missing' | 'unknownNames'> {
  const asking = new Set(evaluation.settings.validating.flatMap(({ rule }) => (asksForInventories(rule) ? [rule.meta.id] : [])));
  if (asking.size === 0) return { missing: [], unknownNames: [] };
  const findings = validate(evaluation).filter((finding) => asking.has(finding.rule) && isReported(finding));
  const unknown = [...new Set(references.map(({ to }) => to))].flatMap((inventory) => {
    const known = surroundings[inventory];
    return known.isKnown ? [] : [known.reason];
  });
  return { missing: bySeverity(findings.map((finding) => reported(finding))), unknownNames: unknown };
}

function statusOf(pod: JsonObject, { kubernetesMinor }: Policy): ExplainedStatus | undefined {
  const status = readPodStatus(pod);
  if (status === undefined || status.phase === '') return undefined;
  const printed = printedStatusOf(status, kubernetesMinor);
  return { ...printed, cause: causeOf(status, printed) };
}
