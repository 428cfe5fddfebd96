/** `podgrace install`: server, ready, webhook configurations, CA published, proof. Run again, it goes on where it was. */
import { catalogue } from '../../../config/catalogue.ts';
import { PolicyError, readPolicy } from '../../../config/policy-file.ts';
import { presetDocument, presetPolicy } from '../../../config/presets.ts';
import { VERSION } from '../../../config/version.ts';
import type { JsonObject } from '../../../core/json.ts';
import { metadataOf } from '../../../core/json-reading.ts';
import type { Policy } from '../../../core/policy.ts';
import type { PresetName } from '../../../core/rule.ts';
import { KubeStatusError, type KubeApi } from '../../../kube/client/api.ts';
import { Discovery, pathOf, placeObject, titleOf, type PlacedObject } from '../../../kube/client/discovery.ts';
import { readPublishedBundles, type ConfigurationKind } from '../../../kube/client/webhook-configurations.ts';
import { apply, isOurs, planApply, type PlannedAction } from '../../../kube/commands/apply.ts';
import { close, openingOf } from '../../../kube/commands/break-glass.ts';
import { withCompanionsOf } from '../../../kube/commands/companion-entry.ts';
import { asksAboutDeletions, withForceDelete } from '../../../kube/commands/force-delete-entry.ts';
import {
  customize,
  isConfiguration,
  policyFileIn,
  serviceNamespaceOf,
  webhooksOf,
  withRightsFor,
  type Installation,
} from '../../../kube/commands/installation.ts';
import { readPolicyInForce } from '../../../kube/commands/policy-in-force.ts';
import { planProof, tryProof, type ProofPlan } from '../../../kube/commands/proof.ts';
import { refuseOwnJudgement } from '../../../kube/commands/relocation.ts';
import { deploymentTroubles, podSelectorOf, replicaOf, rolloutOf } from '../../../kube/commands/rollout.ts';
import { readServerVersion, shortcomingsOf } from '../../../kube/commands/server-version.ts';
import { confirm } from '../../cluster/confirmation.ts';
import { connect, explained } from '../../cluster/connect.ts';
import { readManifests } from '../../cluster/manifests.ts';
import { waitFor, WaitTimeoutError, type Look, type Waiting } from '../../cluster/waiting.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { DEFAULT_PRESET, readPolicyWithText } from '../../options/policy-options.ts';
import { planLines } from '../../reporters/text/plan.ts';
import type { InstallOptions } from './options.ts';

/** @throws {UsageError} for wrong options, and for what the API server refuses */
export async function install({ options }: Invocation<InstallOptions>, context: CliContext): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const installation = await chosenInstallation(options, context);
  const api = connect(options);
  const version = await explained('ask the API server for its version', () => readServerVersion(api));
  for (const { isFatal, message } of shortcomingsOf(version)) {
    if (isFatal) throw new UsageError(message);
    stderr.message(message);
  }

  const force = options.forceConflicts === true;
  const keepsPolicy = options.policy === undefined && options.preset === undefined;
  const found = await explained('read what is installed', () => readSteps(api, installation));
  refuseForeign(found);
  refuseMove(found, installation.namespace);
  const fitting = keepsPolicy ? withNeedsOfKept(found, api.clock.now) : found;
  const steps = options.forceDelete === undefined ? withForceDeleteKept(fitting) : fitting;
  const plan = await planSteps(api, steps, { force, keepsPolicy });
  stdout.line(`podgrace ${VERSION} on ${api.server} (${version.text}):`);
  stdout.lines(planLines(plan));
  if (keepsPolicy) stdout.line(policyLine(plan));
  for (const { since, webhooks } of steps.flatMap(({ live }) => (live && openingOf(live)) ?? []))
    stdout.line(
      `open since ${since} by \`podgrace failopen\`: ${webhooks.join(', ')} will refuse requests again when podgrace does not answer`,
    );
  if (options.dryRun === true) return EXIT.clean;
  const isChange = plan.some(({ action }) => action.action !== 'unchanged' && action.action !== 'keep');
  if (isChange && !(await confirm('Go on?', options.yes === true, context))) {
    stdout.line('nothing was done');
    return EXIT.findings;
  }

  const waiting: Waiting = { ...context, deadlineMs: Date.now() + options.timeout * 1000 };
  const todo = plan.filter(({ action }) => action.action !== 'keep');
  let isGuarded = steps.some(({ object, live }) => isConfiguration(object) && live !== undefined);
  try {
    await applyAll(
      api,
      todo.filter(({ object }) => !isConfiguration(object)),
      force,
    );
    const ready = await waitFor('the replicas', () => explained('look at the replicas', () => lookAtReplicas(api, installation)), waiting);
    stdout.line(`server: ${ready}`);
    const configurations = todo.filter(({ object }) => isConfiguration(object));
    const lookForCa = (): Promise<Look<string>> => explained('read the webhook configurations', () => lookAtBundles(api, installation));
    const whatIsPublished = 'the CA in the webhook configurations';
    if (!('done' in (await lookForCa()))) {
      // Nobody can be judged before the API server trusts the server: until then what people submit is let through.
      isGuarded = false;
      await applyAll(api, configurations.map(failingOpen), force);
      await waitFor(whatIsPublished, lookForCa, waiting);
    }
    isGuarded = true;
    await applyAll(api, configurations, force);
    const published = await waitFor(whatIsPublished, lookForCa, waiting);
    stdout.line(`webhook configurations: ${published}`);
    stdout.line(await prove(api, installation, waiting));
    return EXIT.clean;
  } catch (error) {
    if (!(error instanceof WaitTimeoutError) && !(error instanceof UsageError)) throw error;
    const message = `${error.message}\n  ${whatNow(isGuarded)}`;
    if (error instanceof UsageError) throw new UsageError(message, { cause: error });
    stderr.message(message);
    return EXIT.findings;
  }
}

/** `check` and an installation have different defaults; whoever chose neither is surprised later otherwise. */
function policyLine(plan: readonly PlannedStep[]): string {
  return plan.some(({ action }) => action.action === 'keep')
    ? 'the policy in force stays; to replace it, use --policy or --preset'
    : `the policy is that of the manifests (preset baseline in those that come with podgrace), but \`podgrace check\` uses preset ${DEFAULT_PRESET} by default; to choose another policy, use --policy or --preset`;
}

/** @param isGuarded whether there are configurations, which refuse what people submit while nobody answers */
function whatNow(isGuarded: boolean): string {
  const goOn = 'what is applied so far stays; to continue, run install again';
  return isGuarded ? `${goOn}\n  if requests are refused meanwhile, \`podgrace failopen\` lets them through` : goOn;
}

async function chosenInstallation(
  { manifests, namespace, image, replicas, policy, preset, forceDelete }: InstallOptions,
  { stdin }: CliContext,
): Promise<Installation> {
  const installation = await readManifests(manifests, namespace, stdin);
  const chosen = policy === undefined ? preset && shippedPreset(preset) : await readPolicyWithText(policy, '--policy');
  return explained('change the manifests', () => {
    refuseOwnJudgement(installation);
    const customized = customize(installation, { image, replicas, policy: chosen?.text, needs: chosen?.policy.needs });
    const configurations = customized.configurations.map((object) => {
      const asked = chosen === undefined ? object : withCompanionsOf(object, chosen.policy.companionKinds);
      return forceDelete === undefined ? asked : withForceDelete(asked, forceDelete);
    });
    return Promise.resolve({ ...customized, configurations });
  });
}

function shippedPreset(preset: PresetName): { readonly policy: Policy; readonly text: string } {
  return { policy: presetPolicy(preset), text: `${JSON.stringify(presetDocument(preset), null, 2)}\n` };
}

/** An object of the installation, with what the cluster has in its place. */
interface Step extends PlacedObject {
  readonly live: JsonObject | undefined;
}

interface PlannedStep extends Step {
  readonly title: string;
  readonly action: PlannedAction;
}

async function readSteps(api: KubeApi, { server, configurations, namespace }: Installation): Promise<Step[]> {
  const discovery = new Discovery(api);
  const steps: Step[] = [];
  for (const object of [...server, ...configurations]) {
    const placed = await placeObject(discovery, object, namespace);
    steps.push({ ...placed, live: await api.find(pathOf(placed)) });
  }
  return steps;
}

/** Nobody else's webhook may be overwritten, only because it has our name. */
function refuseForeign(steps: readonly Step[]): void {
  const foreign = steps.filter(({ object, live }) => isConfiguration(object) && live !== undefined && !isOurs(live)).map(titleOf);
  if (foreign.length > 0) {
    throw new UsageError(
      `${foreign.join(' and ')} exists, but does not belong to podgrace (it has no label app.kubernetes.io/name=podgrace): delete it, or add the label if it belongs to podgrace, then install again`,
    );
  }
}

/** A server that is left behind in another namespace would be called by nobody, and nobody would renew its certificates. */
function refuseMove(steps: readonly Step[], namespace: string): void {
  for (const { kind, name, live } of steps.filter(({ object }) => isConfiguration(object))) {
    const elsewhere = webhooksOf(live ?? {})
      .map(serviceNamespaceOf)
      .find((found) => found !== undefined && found !== namespace);
    if (elsewhere === undefined) continue;
    throw new UsageError(
      `${kind} ${name} calls the server in namespace ${elsewhere}, but this command would install a server in ${namespace}: use --namespace ${elsewhere}, or run \`podgrace uninstall --namespace ${elsewhere}\` first`,
    );
  }
}

async function planSteps(
  api: KubeApi,
  steps: readonly Step[],
  { force, keepsPolicy }: { readonly force: boolean; readonly keepsPolicy: boolean },
): Promise<PlannedStep[]> {
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const title = titleOf(step);
    const action =
      keepsPolicy && hasOtherPolicy(step)
        ? ({ action: 'keep', reason: 'this policy is in force; to replace it, use --policy or --preset' } as const)
        : await explained(`apply ${title}`, () => planApply(api, step, step.live, { force }));
    planned.push({ ...step, title, action });
  }
  return planned;
}

function hasOtherPolicy({ object, live }: Step): boolean {
  const [shipped, inForce] = [policyFileIn(object), live && policyFileIn(live)];
  return shipped !== undefined && inForce !== undefined && shipped.text !== inForce.text;
}

/**
 * Where the policy in force stays, the servers need the rights to watch what its rules ask about, and are asked about what they judge, not
 * what those of the manifests do.
 */
function withNeedsOfKept(steps: readonly Step[], now: Date): readonly Step[] {
  const kept = steps.find(hasOtherPolicy)?.live;
  const file = kept && policyFileIn(kept);
  if (file === undefined) return steps;
  try {
    const { needs, companionKinds } = readPolicy(file.text, file.file, catalogue, now.getTime());
    return steps.map((step) => ({ ...step, object: withCompanionsOf(withRightsFor(step.object, needs), companionKinds) }));
  } catch (error) {
    // The servers refuse it too, and what they use instead is not known here.
    if (error instanceof PolicyError) return steps;
    throw error;
  }
}

/** Nobody loses the guard because of an update that says nothing about it. */
function withForceDeleteKept(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) =>
    step.live !== undefined && asksAboutDeletions(step.live) ? { ...step, object: withForceDelete(step.object, true) } : step,
  );
}

async function applyAll(api: KubeApi, steps: readonly PlannedStep[], force: boolean): Promise<void> {
  for (const step of steps) {
    await explained(`apply ${step.title}`, async () => {
      if (step.live !== undefined && openingOf(step.live) !== undefined)
        await close(api, { kind: step.kind as ConfigurationKind, name: step.name, object: step.live });
      await apply(api, step, { force });
    });
  }
}

function failingOpen(step: PlannedStep): PlannedStep {
  const webhooks = webhooksOf(step.object).map((webhook) => ({ ...webhook, failurePolicy: 'Ignore' }));
  return { ...step, object: { ...step.object, webhooks } };
}

async function lookAtReplicas(api: KubeApi, { deployment, namespace }: Installation): Promise<Look<string>> {
  const live = await api.find(`/apis/apps/v1/namespaces/${namespace}/deployments/${String(metadataOf(deployment)['name'])}`);
  if (live === undefined) return { waiting: 'the Deployment does not exist any more: it was deleted during the installation' };
  const { wanted, ready, isComplete } = rolloutOf(live);
  const text = `${ready} of ${wanted} replicas ready`;
  if (isComplete) return { done: text };
  const troubles = [...deploymentTroubles(live), ...(await podTroubles(api, namespace, live))];
  return { waiting: [text, ...troubles].join('\n  ') };
}

async function podTroubles(api: KubeApi, namespace: string, deployment: JsonObject): Promise<string[]> {
  try {
    const pods = await api.list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: podSelectorOf(deployment) });
    return pods.map(replicaOf).flatMap(({ name, troubles }) => troubles.map((trouble) => `${name}: ${trouble}`));
  } catch (error) {
    // Whoever may not list Pods is told the numbers all the same.
    if (error instanceof KubeStatusError) return [`the Pods cannot be read: ${error.message}`];
    throw error;
  }
}

async function lookAtBundles(api: KubeApi, { configurations }: Installation): Promise<Look<string>> {
  const names = [...new Set(configurations.map((configuration) => String(metadataOf(configuration)['name'])))];
  const bundles = (await Promise.all(names.map((name) => readPublishedBundles(api, name)))).flat();
  const missing = bundles.filter(({ bundlePem }) => bundlePem === '').map(({ webhook }) => webhook);
  if (bundles.length === 0)
    return { waiting: 'the webhook configurations do not exist any more: they were deleted during the installation' };
  return missing.length === 0
    ? { done: `applied, with the CA in each of ${bundles.length} webhooks` }
    : { waiting: `no caBundle in ${missing.join(', ')}; the server's log says why` };
}

/** @returns what was seen */
async function prove(api: KubeApi, installation: Installation, waiting: Waiting): Promise<string> {
  const configuration = installation.configurations.find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
  const inForce = await explained('read the policy in force', () =>
    readPolicyInForce(api, installation.namespace, installation.deployment, api.clock.now),
  );
  if (inForce !== undefined && 'problem' in inForce)
    throw new UsageError(`the servers refuse the policy; to replace it, use --policy or --preset: ${inForce.source}: ${inForce.problem}`);
  if (configuration === undefined || inForce === undefined)
    return 'proof: none, because the manifests do not say which policy is in force; `podgrace dry-run` shows what the webhook does with a manifest';
  const namespaces = await explained('list the namespaces', () => api.list('/api/v1/namespaces'));
  const { policy } = inForce;
  const plan = planProof(policy, namespaces, configuration, api.clock.now);
  if (plan === undefined) return 'proof: none, because no namespace exists that both the webhook and the policy cover';
  await waitFor(
    'the webhook to answer',
    async (): Promise<Look<true>> => {
      const outcome = await explained('send the Pod of the proof', () => tryProof(api, plan, configuration));
      return outcome.proved ? { done: true } : { waiting: outcome.reason };
    },
    waiting,
  );
  return `proof: ${proofText(plan, policy)}`;
}

function proofText({ namespace, foreseen }: ProofPlan, { name }: Policy): string {
  const where = `in namespace ${namespace}, by dry run`;
  switch (foreseen.sign) {
    case 'denial':
      return `a Pod that policy ${name} denies was sent ${where}, and podgrace denied it`;
    case 'warning':
      return `policy ${name} denies nothing, so a Pod that it warns about was sent ${where}, and podgrace warned`;
    case 'repair':
      return `policy ${name} neither denies nor warns, so a Pod that it repairs was sent ${where}, and podgrace repaired it`;
    case 'admission':
      return `policy ${name} lets everything through; a Pod sent ${where} passed a webhook that refuses what it cannot judge`;
  }
}
