/** `podgrace install`: server, ready, webhook configurations, CA published, proof. Run again, it goes on where it was. */
import { catalogue } from '../../../config/catalogue.ts';
import { readPolicy } from '../../../config/policy-file.ts';
import { PolicyError } from '../../../config/policy-problem.ts';
import { presetDocument, presetPolicy } from '../../../config/presets.ts';
import { VERSION } from '../../../config/version.ts';
import type { Policy } from '../../../core/policy.ts';
import type { PresetName } from '../../../core/rule.ts';
import type { KubeApi } from '../../../kube/client/api.ts';
import { Discovery, pathOf, placeObject, titleOf } from '../../../kube/client/discovery.ts';
import { isOurs, planApply } from '../../../kube/commands/apply.ts';
import { openingOf } from '../../../kube/commands/break-glass.ts';
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
import { refuseOwnJudgement } from '../../../kube/commands/relocation.ts';
import { newerPolicyOf, readServerVersion, shortcomingsOf } from '../../../kube/commands/server-version.ts';
import { confirm } from '../../cluster/confirmation.ts';
import { connect, explained } from '../../cluster/connect.ts';
import { readManifests } from '../../cluster/manifests.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { DEFAULT_PRESET, readPolicyWithText } from '../../options/policy-options.ts';
import { planLines } from '../../reporters/text/plan.ts';
import type { InstallOptions } from './options.ts';
import { carryOut } from './carry-out.ts';
import type { PlannedStep, Step } from './step.ts';

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

  const keepsPolicy = options.policy === undefined && options.preset === undefined;
  const plan = await planInstallation(api, installation, { ...options, keepsPolicy });
  stdout.line(`podgrace ${VERSION} on ${api.server} (${version.text}):`);
  stdout.lines(planLines(plan));
  if (keepsPolicy) stdout.line(policyLine(plan));
  const policy = policyToBe(plan, api.clock.now);
  const newer = policy && newerPolicyOf(version, policy);
  if (newer !== undefined) stderr.message(newer);
  stdout.lines(plan.flatMap(openLines));
  if (options.dryRun === true) return EXIT.clean;
  const isChange = plan.some(({ action }) => action.action !== 'unchanged' && action.action !== 'keep');
  if (isChange && !(await confirm('Go on?', options.yes === true, context))) {
    stdout.line('nothing was done');
    return EXIT.findings;
  }
  return carryOut(api, installation, plan, { options, context });
}

async function planInstallation(
  api: KubeApi,
  installation: Installation,
  { keepsPolicy, forceConflicts, forceDelete }: InstallOptions & { readonly keepsPolicy: boolean },
): Promise<PlannedStep[]> {
  const found = await explained('read what is installed', () => readSteps(api, installation));
  refuseForeign(found);
  refuseMove(found, installation.namespace);
  const fitting = keepsPolicy ? withNeedsOfKept(found, api.clock.now) : found;
  const steps = forceDelete === undefined ? withForceDeleteKept(fitting) : fitting;
  return planSteps(api, steps, { force: forceConflicts === true, keepsPolicy });
}

/** That an emergency ends with this installation, of a configuration that `podgrace failopen` has opened. */
function openLines({ live }: Step): string[] {
  const opening = live && openingOf(live);
  if (opening === undefined) return [];
  const { since, webhooks } = opening;
  const names = webhooks.join(', ');
  return [`open since ${since} by \`podgrace failopen\`: ${names} will refuse requests again when podgrace does not answer`];
}

/** `check` and an installation have different defaults; whoever chose neither is surprised later otherwise. */
function policyLine(plan: readonly PlannedStep[]): string {
  return plan.some(({ action }) => action.action === 'keep')
    ? 'the policy in force stays; to replace it, use --policy or --preset'
    : `the policy is that of the manifests (preset baseline in those that come with podgrace), but \`podgrace check\` uses preset ${DEFAULT_PRESET} by default; to choose another policy, use --policy or --preset`;
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

/** The policy that the plan leaves in force. */
function policyToBe(plan: readonly PlannedStep[], now: Date): Policy | undefined {
  for (const { object, live, action } of plan) {
    const file = policyFileIn(action.action === 'keep' && live !== undefined ? live : object);
    if (file !== undefined) return readableIn(file, now);
  }
  return undefined;
}

/** The servers refuse what cannot be read too, and what they use instead is not known here. */
function readableIn({ text, file }: { readonly text: string; readonly file: string }, now: Date): Policy | undefined {
  try {
    return readPolicy(text, file, { catalogue, nowMs: now.getTime() });
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}

/**
 * Where the policy in force stays, the servers need the rights to watch what its rules ask about, and are asked about what they judge, not
 * what those of the manifests do.
 */
function withNeedsOfKept(steps: readonly Step[], now: Date): readonly Step[] {
  const kept = steps.find(hasOtherPolicy)?.live;
  const file = kept && policyFileIn(kept);
  const policy = file && readableIn(file, now);
  if (policy === undefined) return steps;
  const { needs, companionKinds } = policy;
  return steps.map((step) => ({ ...step, object: withCompanionsOf(withRightsFor(step.object, needs), companionKinds) }));
}

/** Nobody loses the guard because of an update that says nothing about it. */
function withForceDeleteKept(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) =>
    step.live !== undefined && asksAboutDeletions(step.live) ? { ...step, object: withForceDelete(step.object, true) } : step,
  );
}
