/** `podgrace dry-run`: each object through the cluster's admission, compared with podgrace's own evaluation. */
import { catalogue } from '../config/catalogue.ts';
import { presetPolicy } from '../config/presets.ts';
import { VERSION } from '../config/version.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Policy } from '../core/policy.ts';
import { KubeStatusError, type KubeApi } from '../kube/client/api.ts';
import type { AttributedChange } from '../kube/commands/attribution.ts';
import type { Denial } from '../kube/commands/denial.ts';
import { Discovery, metadataOf, placeObject, UnknownKindError, type PlacedObject } from '../kube/client/discovery.ts';
import { dryRunObject, type DryRunOperation, type ObjectDryRun } from '../kube/commands/object-dry-run.ts';
import { evaluateOwn, type OwnEvaluation } from '../kube/commands/own-evaluation.ts';
import { podOfWorkload } from '../kube/commands/pod-of-workload.ts';
import { readPolicyInForce } from '../kube/commands/policy-in-force.ts';
import { explainRefusal } from '../kube/commands/refusals.ts';
import { connect, explained } from './cluster.ts';
import type { DryRunOptions } from './commands/dry-run.ts';
import { EXIT, UsageError, type ExitCode } from './exit-code.ts';
import type { ManifestDocument } from '../offline/input/documents.ts';
import { readDocuments } from '../offline/input/documents.ts';
import { DryRunJsonReport, DryRunTextReport, type DryRunReport } from './output/dry-run-report.ts';
import { readPolicyFile } from './policy-options.ts';
import type { CliContext } from './run.ts';
import { Progress, styler } from './terminal.ts';

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
}

export interface DryRunResult extends Verdict {
  readonly file: string;
  readonly document: number;
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: DryRunOperation;
  /** Of a workload that is allowed; null for everything else. */
  readonly pod: Verdict | null;
}

/** What could not be read, or what the API server could not say; both numbers are null for a file as a whole. */
export interface DryRunError {
  readonly file: string;
  readonly document: number | null;
  readonly line: number | null;
  readonly message: string;
}

export interface DryRunSummary {
  readonly objects: number;
  readonly allowed: number;
  readonly denied: number;
  /** Workloads that are allowed, and whose Pods are not. */
  readonly podsDenied: number;
  readonly errors: number;
}

/** @throws {UsageError} for wrong options, and where no API server answers */
export async function dryRun(
  paths: readonly string[],
  options: DryRunOptions,
  { stdin, stdout, stderr, env }: CliContext,
): Promise<ExitCode> {
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  const api = connect(options);
  const policy = await policyToCompare(api, options, stderr);
  const progress = new Progress(stderr, 'objects');
  const out = progress.makingRoom(stdout);
  const head = { version: VERSION, server: api.server, policy: policy?.name ?? null };
  const report: DryRunReport =
    options.output === 'json'
      ? new DryRunJsonReport(out, head)
      : new DryRunTextReport(out, progress.makingRoom(stderr), head, styler(stdout, env), options.verbose === true);
  const run: Run = { api, discovery: new Discovery(api), policy, namespace: options.namespace ?? api.namespace, now: new Date() };
  const summary = { objects: 0, allowed: 0, denied: 0, podsDenied: 0, errors: 0 };
  for await (const document of readDocuments(paths, { stdin: stdin as AsyncIterable<string | Uint8Array> & NodeJS.ReadableStream })) {
    const outcome = 'message' in document ? document : await explained('go on', () => dryRunDocument(document, run));
    if ('message' in outcome) {
      summary.errors += 1;
      report.error(outcome);
    } else {
      summary.objects += 1;
      summary[outcome.allowed ? 'allowed' : 'denied'] += 1;
      if (outcome.pod?.allowed === false) summary.podsDenied += 1;
      report.result(outcome);
    }
    progress.step();
  }
  progress.done();
  report.end(summary);
  if (summary.errors > 0) return EXIT.badInput;
  return summary.denied + summary.podsDenied > 0 ? EXIT.findings : EXIT.clean;
}

interface Run {
  readonly api: KubeApi;
  readonly discovery: Discovery;
  readonly policy: Policy | undefined;
  readonly namespace: string;
  readonly now: Date;
}

async function dryRunDocument(document: ManifestDocument, run: Run): Promise<DryRunResult | DryRunError> {
  const { file, document: number, line, value } = document;
  const failed = (message: string): DryRunError => ({ file, document: number, line, message });
  if (!isObject(value)) return failed('must be a Kubernetes object, with apiVersion, kind and metadata');
  try {
    const placed = await placeObject(run.discovery, value, run.namespace);
    const named = withGivenName(placed);
    if (named === undefined) return failed('metadata.name or metadata.generateName must be set');
    const own = run.policy && evaluateOwn(value, placed.namespace, run.policy, run.now);
    const dry = await dryRunObject(run.api, placed, own);
    const pod = dry.outcome === 'admitted' ? await dryRunPodOf(dry.answered, placed.namespace, run) : null;
    const { apiVersion, kind, namespace } = placed;
    const { operation } = dry;
    return { file, document: number, line, apiVersion, kind, namespace, name: named, operation, ...verdictOf(dry, own), pod };
  } catch (error) {
    if (error instanceof KubeStatusError) return failed(explainRefusal(error, 'tell'));
    if (error instanceof UnknownKindError) return failed(error.message);
    throw error;
  }
}

function withGivenName({ name, object }: PlacedObject): string | undefined {
  const { generateName } = metadataOf(object);
  return name || (typeof generateName === 'string' && generateName !== '' ? generateName : undefined);
}

/** The Pod is sent by whoever runs this: what its controller sends later is denied at most by what it is denied by here. */
async function dryRunPodOf(workload: JsonObject, namespace: string, { api, discovery, policy, now }: Run): Promise<Verdict | null> {
  const pod = podOfWorkload(workload);
  if (pod === undefined) return null;
  const own = policy && evaluateOwn(pod, namespace, policy, now);
  const { name: _name, ...placed } = await placeObject(discovery, pod, namespace);
  // Its name may be taken, by the Pod of the workload that is there: it would be made anew.
  return verdictOf(await dryRunObject(api, { ...placed, name: '' }, own), own);
}

function verdictOf(dry: ObjectDryRun, own: OwnEvaluation | undefined): Verdict {
  return {
    allowed: dry.outcome === 'admitted',
    denied: dry.outcome === 'denied' ? dry.denial : null,
    warnings: dry.warnings.map((text) => ({ text, by: isOwnWarning(text) ? 'podgrace' : 'others' })),
    changes: dry.outcome === 'admitted' ? dry.changes : [],
    missing: dry.outcome === 'admitted' ? dry.missing : [],
    expected: own === undefined || dry.operation === 'update' ? null : { policy: own.policy, allowed: own.allowed },
  };
}

/** Podgrace's warnings end with the id of the rule. */
function isOwnWarning(text: string): boolean {
  const rule = /\(([a-z-]+)\)$/.exec(text)?.[1];
  return (rule !== undefined && catalogue.get(rule) !== undefined) || text.endsWith('more warnings of podgrace are in the audit log');
}

/** @returns undefined where the cluster's policy cannot be read, which is told */
async function policyToCompare(
  api: KubeApi,
  { policy, preset, installation }: DryRunOptions,
  stderr: CliContext['stderr'],
): Promise<Policy | undefined> {
  if (policy !== undefined) return readPolicyFile(policy, '--policy');
  if (preset !== undefined) return presetPolicy(preset);
  const reason = await clusterPolicy(api, installation);
  if (typeof reason !== 'string') return reason;
  stderr.write(
    `podgrace: no policy to compare with, so what podgrace changed counts as changed by others: ${reason}; --policy or --preset names one\n`,
  );
  return undefined;
}

async function clusterPolicy(api: KubeApi, installation: string): Promise<Policy | string> {
  const [namespace = '', name = '', ...rest] = installation.split('/');
  if (namespace === '' || name === '' || rest.length > 0)
    throw new UsageError(`--installation must be namespace/name, is '${installation}'`);
  return explained('read the policy of the cluster', async () => {
    try {
      const deployment = await api.find(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      if (deployment === undefined) return `there is no Deployment ${installation}`;
      const inForce = await readPolicyInForce(api, namespace, deployment, api.clock.now);
      if (inForce === undefined) return `Deployment ${installation} does not tell where its policy is`;
      return 'problem' in inForce ? `${inForce.source}: ${inForce.problem}` : inForce.policy;
    } catch (error) {
      if (error instanceof KubeStatusError) return error.message;
      throw error;
    }
  });
}
