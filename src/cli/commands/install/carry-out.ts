/** The steps of an installation, one after the other, with what is waited for between them. */
import type { JsonObject } from '../../../core/json.ts';
import { metadataOf } from '../../../core/json-reading.ts';
import type { Policy } from '../../../core/policy.ts';
import { KubeStatusError, type KubeApi } from '../../../kube/client/api.ts';
import { readPublishedBundles, type ConfigurationKind } from '../../../kube/client/webhook-configurations.ts';
import { apply } from '../../../kube/commands/apply.ts';
import { close, openingOf } from '../../../kube/commands/break-glass.ts';
import { isConfiguration, webhooksOf, type Installation } from '../../../kube/commands/installation.ts';
import { readPolicyInForce } from '../../../kube/commands/policy-in-force.ts';
import { planProof, tryProof, type ProofPlan } from '../../../kube/commands/proof.ts';
import { deploymentTroubles, podSelectorOf, replicaOf, rolloutOf } from '../../../kube/commands/rollout.ts';
import { explained } from '../../cluster/connect.ts';
import { waitFor, WaitTimeoutError, type Look, type Waiting } from '../../cluster/waiting.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import type { InstallOptions } from './options.ts';
import type { PlannedStep } from './step.ts';

/** First the server, then, once it is ready and trusted, who asks it, then a proof that it works. */
export async function carryOut(
  api: KubeApi,
  installation: Installation,
  plan: readonly PlannedStep[],
  { options, context }: { readonly options: InstallOptions; readonly context: CliContext },
): Promise<ExitCode> {
  const { stdout, stderr } = context;
  const force = options.forceConflicts === true;
  const waiting: Waiting = { ...context, deadlineMs: Date.now() + options.timeout * 1000 };
  const todo = plan.filter(({ action }) => action.action !== 'keep');
  const configurations = todo.filter(({ object }) => isConfiguration(object));
  const server = todo.filter(({ object }) => !isConfiguration(object));
  let isGuarded = plan.some(({ object, live }) => isConfiguration(object) && live !== undefined);
  try {
    await applyAll(api, server, force);
    const ready = await waitFor('the replicas', () => explained('look at the replicas', () => lookAtReplicas(api, installation)), waiting);
    stdout.line(`server: ${ready}`);
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

/** @param isGuarded whether there are configurations, which refuse what people submit while nobody answers */
function whatNow(isGuarded: boolean): string {
  const goOn = 'what is applied so far stays; to continue, run install again';
  return isGuarded ? `${goOn}\n  if requests are refused meanwhile, \`podgrace failopen\` lets them through` : goOn;
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
