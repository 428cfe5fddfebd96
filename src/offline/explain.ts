/** Explains manifests and Pods: what becomes of a Pod and when, and why a Pod has the STATUS that kubectl prints. */
import { apiVersionOf, nameOf, trustIn, type Origin, type Submission } from '../admission/submission.ts';
import { ageText } from '../core/age.ts';
import { drainOf } from '../core/drain.ts';
import { effectOnPodsOf } from '../core/effect-on-pods.ts';
import { podNowOf } from '../core/evictions-now.ts';
import { subjectWithin } from '../core/evaluation.ts';
import type { JsonObject } from '../core/json.ts';
import { imagesOf } from '../core/pod-images.ts';
import { allReferencesOf, type PodReference } from '../core/pod-references.ts';
import { podTimelinesOf } from '../core/pod-timelines.ts';
import { printedStatusOf, readPodStatus, type PodStatus } from '../core/pod-status.ts';
import type { KubernetesMinor } from '../core/kubernetes-version.ts';
import type { Policy } from '../core/policy.ts';
import { surgeOf } from '../core/rollout-quota.ts';
import { surroundingObjectOf } from '../core/surrounding-object.ts';
import { NOTHING_KNOWN, type Surroundings } from '../core/surroundings.ts';
import { causeOf } from '../core/status-cause.ts';
import type { ShapeProblem } from '../core/shape-problem.ts';
import { readSubject, type Subject, type SubjectOptions } from '../core/subject.ts';
import { workloadChange } from '../core/workload-change.ts';
import { admit } from './admit.ts';
import type { Applied } from './applied.ts';
import { creationOf } from './creation.ts';
import { stepsIn, type SourceText } from './field-place.ts';
import { bySeverity, isReported, reported } from './finding.ts';
import type {
  ExplainSource,
  Explanation,
  Judgement,
  ExplainedStatus,
  ExplainSkip,
  ExplainedOther,
  ExplainError,
  ExplainOutcome,
} from './explanation.ts';
import { aroundInFiles, aroundOf } from './explained-surroundings.ts';
import { FolderSurroundings, type LookContext } from './folder-surroundings.ts';
import type { ReadImages } from './images.ts';
import { holdNothing, MANIFEST_EXTENSIONS, readListed, type ReadOutcome } from './input/documents.ts';
import { STDIN } from './input/files.ts';
import type { ReadOptions } from './input/file-text.ts';
import { ReplayedBytes } from './input/replayed-bytes.ts';
import { repositoryFiles } from './input/repository-files.ts';
import type { ReadPlace } from './kustomization.ts';
import { refusalsOf } from './refusals.ts';
import type { RenderedManifest } from './rendering/render.ts';
import { manifestError } from './manifest-error.ts';
import { skipOfDocument, skipOfTemplates } from './skipped-document.ts';
import { hintAboutKind } from './unlisted-kind.ts';

export interface ExplainContext {
  /** The policy for a file; for an object of a cluster it is asked about `-`, as for standard input. */
  readonly policyFor: (file: string) => Policy;
  /** For objects that name none. */
  readonly namespace: string;
  /** Of the node that the OOM score is computed for. */
  readonly nodeMemoryBytes: bigint;
  /** What an object was before; undefined where it is new, or where nobody asks. */
  readonly before?: (object: JsonObject) => Promise<JsonObject | undefined>;
  /** What is stored of an object in the place of the one before; the object itself if not given. */
  readonly applied?: (before: JsonObject, object: JsonObject, minor: KubernetesMinor) => Applied;
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
  const replayed = paths.includes(STDIN) ? { ...options, stdin: new ReplayedBytes(options.stdin) } : options;
  const { namespace, policyFor } = context;
  const contextOf = (file: string): LookContext => ({ namespace, policy: policyFor(file) });
  const folders = new FolderSurroundings(contextOf, { ...replayed, rendered });
  const entries = [...repositoryFiles(paths, MANIFEST_EXTENSIONS, [])];
  for (const entry of entries) folders.expect(entry);
  for (const entry of entries) {
    for await (const read of readListed(entry, replayed)) {
      for await (const outcome of explainManifest(read, folders, context)) {
        if (outcome.outcome !== 'skipped' || outcome.skip.kind !== '') isEmpty = false;
        yield outcome;
      }
    }
  }
  for (const manifest of rendered) yield* explainManifest(manifest, folders, context);
  if (isEmpty && paths.length > 0) yield { outcome: 'error', errors: holdNothing(paths) };
}

async function* explainManifest(
  manifest: ReadOutcome,
  folders: FolderSurroundings,
  context: ExplainContext,
): AsyncGenerator<ExplainOutcome, void, undefined> {
  if ('message' in manifest) {
    yield { outcome: 'error', errors: [manifest] };
    return;
  }
  const skip = 'leftOut' in manifest ? skipOfTemplates(manifest) : skipOfDocument(manifest);
  if ('leftOut' in manifest || skip !== undefined) {
    if (skip !== undefined) yield { outcome: 'skipped', skip };
    return;
  }
  const { value, application } = manifest;
  const inFiles = (await folders.enter(manifest))?.around(application, value, context.namespace);
  yield* explainObject(value, { origin: { from: 'file' }, source: manifest }, context, inFiles);
}

/** Where an object was read, and in a file also where each of its fields stands. */
type ObjectSource = ExplainSource & ReadPlace & Partial<SourceText>;

/**
 * One explanation for each Pod template of an object; never throws for anything that JSON can hold.
 *
 * @param inFiles what stands around it in files, for the rules; what a cluster has there counts more
 */
export async function* explainObject(
  object: unknown,
  { origin, source }: { readonly origin: Origin; readonly source: ObjectSource },
  context: ExplainContext,
  inFiles: Surroundings = NOTHING_KNOWN,
): AsyncGenerator<ExplainOutcome, void, undefined> {
  const submission = creationOf(object, context.namespace);
  if (typeof submission === 'string') {
    yield { outcome: 'error', errors: [manifestError(source, submission)] };
    return;
  }
  const policy = context.policyFor(origin.from === 'file' ? source.file : STDIN);
  const { kinds, kubernetesMinor } = policy;
  const trust = trustIn({ origin, kind: submission.kind }, kinds);
  const reading = readSubject(object, { kinds, kubernetesMinor, trust, namespace: submission.namespace });
  if (reading.outcome === 'no-template') {
    const other = await explainedOther(submission, source, inFiles, context);
    yield { outcome: 'skipped', skip: { ...skipOfObject(submission, source, policy), ...(other && { other }) } };
    return;
  }
  if (reading.outcome === 'malformed') {
    yield { outcome: 'error', errors: reading.problems.map((problem) => malformed(problem, object, source)) };
    return;
  }
  const { problems, ...change } = await changeOf(submission.object, { kinds, kubernetesMinor, trust }, context);
  if (problems.length > 0) yield { outcome: 'error', errors: problems.map((problem) => manifestError(source, problem)) };
  const subjects = [reading.subject, ...reading.others];
  const known = await lookAround(subjects, submission.namespace, inFiles, context);
  const judgementOf = judged({ ...submission, origin }, policy, subjects, {
    nowMs: context.nowMs,
    place: source,
    surroundings: { ...known.surroundings, ...(known.images !== undefined && { images: known.images }) },
  });
  const { file, document, line, renderedLine } = source;
  const at: ExplainSource = { file, document, line, ...(renderedLine !== undefined && { renderedLine }) };
  for (const read of subjects) {
    const judgement = judgementOf(read);
    const explained = explainedPod(read, submission.object, { known, origin, policy, context, judgement });
    yield { outcome: 'judged', result: { ...at, ...explained, ...change, judgement } };
  }
}

function malformed(problem: ShapeProblem, object: unknown, source: ObjectSource): ExplainError {
  return manifestError(source, problemText(problem), source.placeOf?.(stepsIn(object, problem.path)));
}

/** @param object the one that the subject was read of */
function explainedPod(
  read: Subject,
  object: JsonObject,
  asked: {
    readonly known: KnownAround;
    readonly origin: Origin;
    readonly policy: Policy;
    readonly context: Pick<ExplainContext, 'nodeMemoryBytes' | 'nowMs'>;
    readonly judgement: Judgement;
  },
): Pick<Explanation, 'subject' | 'timelines' | 'surge' | 'drain' | 'status' | 'around'> {
  const { known, origin, policy, judgement } = asked;
  const { nodeMemoryBytes, nowMs } = asked.context;
  const { surroundings } = known;
  const subject = subjectWithin(read, surroundings);
  const stored = subject.isTemplate ? undefined : readPodStatus(object);
  const status = statusOf(stored, policy, nowMs);
  const timelines = podTimelinesOf(subject, nodeMemoryBytes, known.images ? policy.images.with(known.images) : policy.images);
  const surge = timelines.rollout && surgeOf(subject, timelines.rollout, surroundings.resourceQuotas);
  // The owner of a live Pod was looked up.
  const isOwnerGone = origin.from === 'live' && read.owner !== undefined && !read.isOwnerProven;
  const drain = drainOf(subject, timelines, surroundings, { now: podNowOf(stored), isOwnerGone });
  const around = known.isOfCluster
    ? aroundOf(read, surroundings, judgement.findings, { policy, nowMs })
    : aroundInFiles(read, surroundings);
  return { subject, timelines, surge, drain, status, around };
}

/** What an object does with the Pods of others, where it is of a kind that concerns some. */
async function explainedOther(
  submission: Submission & { readonly object: JsonObject },
  { document }: ExplainSource,
  inFiles: Surroundings,
  context: ExplainContext,
): Promise<ExplainedOther | undefined> {
  const { object, kind, namespace } = submission;
  if (surroundingObjectOf(object) === undefined) return undefined;
  const { surroundings } = await lookAround([], namespace, inFiles, context);
  const effect = effectOnPodsOf(object, surroundings);
  return effect && { document, apiVersion: apiVersionOf(kind), namespace, name: nameOf(submission), effect };
}

/** Of what stands around workloads: where its effect is explained. */
const EXPLAINED_WITH: ReadonlyMap<string, string> = new Map([
  ['PodDisruptionBudget', 'a workload that it selects: `Drain` says what it lets be evicted'],
  ['HorizontalPodAutoscaler', 'the workload that it scales'],
  ['ScaledObject', 'the workload that it scales'],
  ['Service', 'a workload that it selects'],
  ['ResourceQuota', 'a workload in its namespace: `Rollout` and `Around it` say whether it leaves room'],
  ['LimitRange', 'a workload in its namespace: its defaults count there'],
]);

/** Files of one folder are explained together. */
function seeAlso(kind: string): string {
  const workload = EXPLAINED_WITH.get(kind);
  return workload === undefined ? '' : `; explain it together with ${workload}`;
}

function skipOfObject({ kind, object }: Submission, { file, line, renderedLine }: ExplainSource, { kinds }: Policy): ExplainSkip {
  const hint = hintAboutKind(kind, object, kinds);
  const skip = { file, line, renderedLine, kind: kind.kind, reason: `it has no Pod template${seeAlso(kind.kind)}` };
  return hint === undefined ? skip : { ...skip, unjudged: { what: 'unlisted-kind', hint } };
}

/** Against what the object was before, where somebody asks. */
async function changeOf(
  object: JsonObject,
  options: SubjectOptions,
  { before, applied }: ExplainContext,
): Promise<Pick<Explanation, 'change' | 'isNew'> & { readonly problems: readonly string[] }> {
  if (before === undefined) return { change: undefined, isNew: false, problems: [] };
  const old = await before(object);
  if (old === undefined) return { change: undefined, isNew: true, problems: [] };
  const reading = readSubject(old, options);
  const problems = reading.outcome === 'malformed' ? reading.problems.map((problem) => `before the change, ${problemText(problem)}`) : [];
  if (reading.outcome !== 'subject') return { change: undefined, isNew: false, problems };
  const { kubernetesMinor } = options;
  const { object: after, misapplied } = applied?.(old, object, kubernetesMinor) ?? { object, misapplied: [] };
  return { change: { ...workloadChange(old, after, kubernetesMinor), misapplied }, isNew: false, problems };
}

interface KnownAround {
  /** Whether a cluster has been asked; else they are those of the files. */
  readonly isOfCluster: boolean;
  readonly surroundings: Surroundings;
  /** What registries say of the images; undefined where none is asked. */
  readonly images: Surroundings['images'] | undefined;
}

async function lookAround(
  subjects: readonly Subject[],
  namespace: string,
  inFiles: Surroundings,
  { around, readImages }: ExplainContext,
): Promise<KnownAround> {
  const references = around === undefined ? [] : subjects.flatMap(({ pod }) => allReferencesOf(pod.spec));
  const inCluster = await around?.(namespace, references);
  const images = await readImages?.(new Set(subjects.flatMap(({ pod }) => [...imagesOf(pod)])));
  return { isOfCluster: inCluster !== undefined, surroundings: inCluster ?? inFiles, images };
}

function problemText({ path, message }: ShapeProblem): string {
  return `${path.text} ${message}`;
}

/** @returns what is found in each of the subjects of an object */
function judged(
  submission: Submission,
  policy: Policy,
  subjects: readonly Subject[],
  { place, ...asking }: { readonly nowMs: number; readonly surroundings: Surroundings; readonly place: ReadPlace },
): (subject: Subject) => Judgement {
  const admission = admit(submission, policy, { ...asking, detailed: true });
  const { mutate, validate } = admission;
  const holderOf = (field: string): Subject | undefined =>
    subjects.find(({ root }) => root.text !== '' && field.startsWith(`${root.text}.`)) ?? subjects[0];
  const findings = bySeverity([
    ...refusalsOf(submission, admission, policy.kubernetesMinor, place).map((finding) => reported(finding)),
    ...validate.findings.filter(isReported).map((finding) => reported(finding)),
    ...[...mutate.repaired, ...validate.repaired].map((finding) => reported(finding, 'repair')),
  ]);
  const byHolder = Map.groupBy(findings, ({ field }) => holderOf(field));
  return (subject) => ({ policy: policy.name, skipped: validate.skipped, findings: byHolder.get(subject) ?? [] });
}

function statusOf(status: PodStatus | undefined, { kubernetesMinor }: Policy, nowMs: number): ExplainedStatus | undefined {
  if (status === undefined || status.phase === '') return undefined;
  const printed = printedStatusOf(status, kubernetesMinor);
  const { lastRestartMs } = printed;
  const lastRestartAge = lastRestartMs === undefined ? undefined : ageText(nowMs - lastRestartMs);
  return { ...printed, lastRestartAge, cause: causeOf(status, printed) };
}
