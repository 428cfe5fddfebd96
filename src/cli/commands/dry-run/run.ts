/** `podgrace dry-run`: each object through the cluster's admission, one at a time. */
import { presetPolicy } from '../../../config/presets.ts';
import { VERSION } from '../../../config/version.ts';
import { isObject } from '../../../core/json.ts';
import { POLICY_API_VERSION, POLICY_KIND, type Policy } from '../../../core/policy.ts';
import { KubeStatusError, type KubeApi } from '../../../kube/client/api.ts';
import { Discovery } from '../../../kube/client/discovery.ts';
import { dryRunManifest, DryRunTally, type DryRunOutcome, type ManifestDryRun } from '../../../kube/commands/manifest-dry-run.ts';
import { ObjectsOfRun } from '../../../kube/commands/objects-of-run.ts';
import { SurroundingsOfNamespaces } from '../../../kube/commands/surroundings-of-namespace.ts';
import { readPolicyInForce } from '../../../kube/commands/policy-in-force.ts';
import { holdNothing, readDocuments, type ManifestDocument, type UnreadableManifest } from '../../../offline/input/documents.ts';
import type { ByteStream } from '../../../offline/input/file-text.ts';
import { ReplayedBytes } from '../../../offline/input/replayed-bytes.ts';
import { asUsageError, connect, explained } from '../../cluster/connect.ts';
import { tellOtherVersion } from '../../cluster/other-version.ts';
import { explainRefusal } from '../../cluster/refusal-text.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { reporterFor } from '../../options/output-options.ts';
import { readPolicyFile } from '../../options/policy-options.ts';
import { Progress } from '../../output/transient-line.ts';
import type { DryRunOptions } from './options.ts';

/** @throws {UsageError} for wrong options, and where no API server answers */
export async function dryRun({ words, options }: Invocation<DryRunOptions>, context: CliContext): Promise<ExitCode> {
  const paths = [...words, ...(options.filename ?? [])];
  if (paths.length === 0) throw new UsageError('name a file, a folder or - for standard input');
  const api = connect(options);
  const policy = await policyToCompare(api, options, context);
  if (policy !== undefined) await tellOtherVersion(api, policy, context);
  const namespace = options.namespace ?? api.namespace;
  const stdin = new ReplayedBytes(context.input);
  const report = reporterFor('dry-run', options, context);
  const progress = new Progress(context.transient, 'objects');
  const tally = new DryRunTally();
  const known = policy && {
    surroundings: new SurroundingsOfNamespaces(api, policy, (reason) => {
      context.stderr.message(`rules cannot know everything: ${reason}`);
    }),
    run: await objectsIn(paths, policy, namespace, stdin),
  };
  const run: ManifestDryRun = { api, discovery: new Discovery(api), policy, namespace, now: new Date(), known };
  report.begin({ version: VERSION, server: api.server, policy: policy?.name ?? null });
  let isEmpty = true;
  const tell = async (outcome: DryRunOutcome): Promise<void> => {
    tally.count(outcome);
    report.object(outcome);
    progress.step();
    await context.stdout.drained();
  };
  for await (const document of readDocuments(paths, { stdin })) {
    // check and fix read it, and no cluster has such a kind.
    if (isPolicyBeside(document, paths)) continue;
    isEmpty = false;
    await tell('message' in document ? { outcome: 'error', errors: [document] } : await dryRunDocument(document, run));
  }
  if (isEmpty) await tell({ outcome: 'error', errors: holdNothing(paths) });
  progress.done();
  const { summary } = tally;
  report.end(summary);
  if (summary.errors > 0) return EXIT.badInput;
  return summary.denied + summary.podsDenied > 0 ? EXIT.findings : EXIT.clean;
}

/** A policy that nobody named: it was found in a folder that somebody named. */
function isPolicyBeside(document: ManifestDocument | UnreadableManifest, paths: readonly string[]): boolean {
  return 'value' in document && !paths.includes(document.file) && isPolicy(document.value);
}

function isPolicy(value: unknown): boolean {
  return isObject(value) && value['apiVersion'] === POLICY_API_VERSION && value['kind'] === POLICY_KIND;
}

/** A first look at the files; the second look reports what is wrong with them. Pipes are left to it: they can be read once. */
async function objectsIn(paths: readonly string[], policy: Policy, namespace: string, stdin: ByteStream): Promise<ObjectsOfRun> {
  const objects = new ObjectsOfRun(policy, namespace);
  for await (const document of readDocuments(paths, { stdin, onlyFiles: true })) if (!('message' in document)) objects.add(document.value);
  return objects;
}

/** An answer that is no verdict is an error of this object; one that does not come ends the work. */
async function dryRunDocument(manifest: ManifestDocument, run: ManifestDryRun): Promise<DryRunOutcome> {
  if (isPolicy(manifest.value)) {
    const { file, document, line } = manifest;
    const message = `is a policy of podgrace, which no cluster takes: to compare by it, use --policy ${file}`;
    return { outcome: 'error', errors: [{ file, document, line, message }] };
  }
  try {
    return await dryRunManifest(manifest, run);
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw asUsageError(error, 'go on');
    const { file, document, line } = manifest;
    return { outcome: 'error', errors: [{ file, document, line, message: explainRefusal(error, 'tell', '; ') }] };
  }
}

/** @returns undefined where the cluster's policy cannot be read, which is told */
async function policyToCompare(
  api: KubeApi,
  { policy, preset, installation }: DryRunOptions,
  { stderr }: CliContext,
): Promise<Policy | undefined> {
  if (policy !== undefined) return readPolicyFile(policy, '--policy');
  if (preset !== undefined) return presetPolicy(preset);
  const reason = await clusterPolicy(api, installation);
  if (typeof reason !== 'string') return reason;
  stderr.message(
    `there is no policy to compare with, so changes by podgrace are shown as changes by others: ${reason}; to name a policy, use --policy or --preset`,
  );
  return undefined;
}

async function clusterPolicy(api: KubeApi, installation: string): Promise<Policy | string> {
  const [namespace = '', name = '', ...rest] = installation.split('/');
  if (namespace === '' || name === '' || rest.length > 0)
    throw new UsageError(`--installation must be namespace/name, but is '${installation}'`);
  return explained('read the policy of the cluster', async () => {
    try {
      const deployment = await api.find(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      if (deployment === undefined) return `there is no Deployment ${installation}`;
      const inForce = await readPolicyInForce(api, namespace, deployment, api.clock.now);
      if (inForce === undefined) return `Deployment ${installation} does not say where its policy is`;
      return 'problem' in inForce ? `${inForce.source}: ${inForce.problem}` : inForce.policy;
    } catch (error) {
      if (error instanceof KubeStatusError) return error.message;
      throw error;
    }
  });
}
