/** Each object of manifests through the cluster's admission, compared with podgrace's own evaluation. */
import { warningText } from '../../admission/warnings.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import type { Policy } from '../../core/policy.ts';
import type { ManifestSource } from '../../offline/check.ts';
import type { UnreadableManifest } from '../../offline/input/documents.ts';
import type { ReportedFinding } from '../../offline/finding.ts';
import type { ObjectInFile } from '../../offline/object-in-file.ts';
import type { Outcome } from '../../offline/outcome.ts';
import type { KubeApi } from '../client/api.ts';
import { placeObject, UnknownKindError, type Discovery, type PlacedObject } from '../client/discovery.ts';
import type { AttributedChange } from './attribution.ts';
import { withoutCreated } from './created-beside.ts';
import type { Denial } from './denial.ts';
import { dryRunObject, type DryRunOperation, type ObjectDryRun } from './object-dry-run.ts';
import { evaluateOwn, findHere, type KnownHere, type OwnEvaluation } from './own-evaluation.ts';
import { podOfWorkload } from './pod-of-workload.ts';

/** What became of one object, or of the Pod of a workload. */
export interface Verdict {
  readonly allowed: boolean;
  /** Null where it is allowed. */
  readonly denied: Denial | null;
  readonly warnings: readonly { readonly text: string; readonly by: 'podgrace' | 'others' }[];
  readonly changes: readonly AttributedChange[];
  /** What podgrace's own evaluation changes, and the cluster did not. */
  readonly missing: readonly AttributedChange[];
  /** Podgrace's own evaluation; null where there is none: on updates, and for what it does not judge. */
  readonly expected: { readonly policy: string; readonly allowed: boolean } | null;
  /** What the Pod names and the files create, `PriorityClass high`: without it, it was tried. */
  readonly triedWithout: readonly string[];
}

export interface DryRunResult extends ObjectInFile, Verdict {
  readonly operation: DryRunOperation;
  /** What podgrace finds with what is known here, and what the server cannot know. */
  readonly findings: readonly ReportedFinding[];
  /** Of a workload that is allowed; null for everything else. */
  readonly pod: Verdict | null;
}

/** What could not be read, or what the API server could not say. */
export type DryRunOutcome = Outcome<DryRunResult, never, UnreadableManifest>;

export interface DryRunSummary {
  readonly objects: number;
  readonly allowed: number;
  readonly denied: number;
  /** Workloads that are allowed, and whose Pods are not. */
  readonly podsDenied: number;
  readonly errors: number;
}

export interface ManifestDryRun {
  readonly api: KubeApi;
  readonly discovery: Discovery;
  readonly policy: Policy | undefined;
  readonly namespace: string;
  readonly now: Date;
  /** For podgrace's own evaluation; undefined where there is none. */
  readonly known: KnownHere | undefined;
}

/**
 * Sends one object of a file through the admission of the cluster, and, of a workload, its Pod.
 *
 * @throws {KubeStatusError} for an answer that is no verdict about the object, {KubeUnreachableError} where nobody answers
 */
export async function dryRunManifest(manifest: ManifestSource, run: ManifestDryRun): Promise<DryRunOutcome> {
  const { file, document, line, value } = manifest;
  const failed = (message: string): DryRunOutcome => ({ outcome: 'error', errors: [{ file, document, line, message }] });
  if (!isObject(value)) return failed('must be a Kubernetes object, with apiVersion, kind and metadata');
  try {
    const placed = await placeObject(run.discovery, value, run.namespace);
    const named = withGivenName(placed);
    if (named === undefined) return failed('metadata.name or metadata.generateName must be set');
    const { dry, own, triedWithout } = await tryObject(placed, run);
    const pod = dry.outcome === 'admitted' ? await dryRunPodOf(dry.answered, placed.namespace, run) : null;
    const { apiVersion, kind, namespace } = placed;
    const { operation } = dry;
    const findings = (await findingsHere(value, namespace, run)).filter((finding) => !isToldBy(dry, finding));
    return {
      outcome: 'judged',
      result: {
        file,
        document,
        line,
        apiVersion,
        kind,
        namespace,
        name: named,
        operation,
        ...verdictOf(dry, own, triedWithout),
        findings,
        pod,
      },
    };
  } catch (error) {
    if (error instanceof UnknownKindError) return failed(error.message);
    throw error;
  }
}

async function evaluateHere(
  object: JsonObject,
  namespace: string,
  { policy, now, known }: ManifestDryRun,
): Promise<OwnEvaluation | undefined> {
  if (policy === undefined) return undefined;
  // Objects of the cluster itself are in no namespace.
  const around = namespace === '' ? undefined : await known?.surroundings.around(namespace);
  return evaluateOwn(object, namespace, { policy, now, ...(around && { surroundings: around }) });
}

async function findingsHere(object: JsonObject, namespace: string, run: ManifestDryRun): Promise<readonly ReportedFinding[]> {
  const { policy, now, known } = run;
  return policy === undefined || known === undefined || namespace === '' ? [] : findHere(object, namespace, { policy, now }, known);
}

/** Whether the cluster has said it already. */
function isToldBy(dry: ObjectDryRun, finding: ReportedFinding): boolean {
  if (dry.warnings.includes(warningText(finding))) return true;
  return dry.outcome === 'denied' && dry.denial.message.includes(`- ${finding.field}: ${finding.message} (${finding.rule})`);
}

function withGivenName({ name, object }: PlacedObject): string | undefined {
  const { generateName } = metadataOf(object);
  return name || (typeof generateName === 'string' && generateName !== '' ? generateName : undefined);
}

/** The Pod is sent by whoever runs this: what its controller sends later is denied at most by what it is denied by here. */
async function dryRunPodOf(workload: JsonObject, namespace: string, run: ManifestDryRun): Promise<Verdict | null> {
  const pod = podOfWorkload(workload);
  if (pod === undefined) return null;
  const { name: _name, ...placed } = await placeObject(run.discovery, pod, namespace);
  // Its name may be taken, by the Pod of the workload that is there: it would be made anew.
  const { dry, own, triedWithout } = await tryObject({ ...placed, name: '' }, run);
  return verdictOf(dry, own, triedWithout);
}

interface Tried {
  readonly dry: ObjectDryRun;
  readonly own: OwnEvaluation | undefined;
  readonly triedWithout: readonly string[];
}

/** A Pod that is refused because it comes before what it names is tried without: each try leaves out one of what it names. */
async function tryObject(placed: PlacedObject, run: ManifestDryRun, triedWithout: readonly string[] = []): Promise<Tried> {
  const { object, kind, namespace } = placed;
  const own = await evaluateHere(object, namespace, run);
  const dry = await dryRunObject(run.api, placed, own);
  const tried = { dry, own, triedWithout };
  const ofRun = run.known?.run;
  if (dry.outcome === 'admitted' || kind !== 'Pod' || ofRun === undefined) return tried;
  const next = withoutCreated(object, dry.denial, (inventory, name) => ofRun.creates(inventory, name, namespace));
  return next === undefined ? tried : tryObject({ ...placed, object: next.pod }, run, [...triedWithout, next.without]);
}

function verdictOf(dry: ObjectDryRun, own: OwnEvaluation | undefined, triedWithout: readonly string[]): Verdict {
  return {
    allowed: dry.outcome === 'admitted',
    denied: dry.outcome === 'denied' ? dry.denial : null,
    warnings: dry.warnings.map((text) => ({ text, by: own?.warnings.has(text) === true ? 'podgrace' : 'others' })),
    changes: dry.outcome === 'admitted' ? dry.changes : [],
    missing: dry.outcome === 'admitted' ? dry.missing : [],
    expected: own === undefined || dry.operation === 'update' ? null : { policy: own.policy, allowed: own.allowed },
    triedWithout,
  };
}

/** Counts as outcomes come in. */
export class DryRunTally {
  readonly #summary = { objects: 0, allowed: 0, denied: 0, podsDenied: 0, errors: 0 };

  count(outcome: DryRunOutcome): void {
    if (outcome.outcome === 'error') this.#summary.errors += outcome.errors.length;
    if (outcome.outcome !== 'judged') return;
    const { allowed, pod } = outcome.result;
    this.#summary.objects += 1;
    this.#summary[allowed ? 'allowed' : 'denied'] += 1;
    if (pod?.allowed === false) this.#summary.podsDenied += 1;
  }

  get summary(): DryRunSummary {
    return { ...this.#summary };
  }
}
