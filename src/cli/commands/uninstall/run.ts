/** `podgrace uninstall`: the webhook configurations first, then the rest from the end. Run again, it deletes what is left. */
import type { JsonObject } from '../../../core/json.ts';
import { metadataOf } from '../../../core/json-reading.ts';
import { KubeStatusError, type KubeApi } from '../../../kube/client/api.ts';
import { Discovery, pathOf, placeObject, titleOf, UnknownKindError, type PlacedObject } from '../../../kube/client/discovery.ts';
import { isOurs } from '../../../kube/commands/apply.ts';
import { isPolicyConfigMap, type Installation } from '../../../kube/commands/installation.ts';
import { confirm } from '../../cluster/confirmation.ts';
import { connect, explained } from '../../cluster/connect.ts';
import { readManifests } from '../../cluster/manifests.ts';
import { waitFor, WaitTimeoutError } from '../../cluster/waiting.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { planLines, type PlanLine } from '../../reporters/text/plan.ts';
import type { UninstallOptions } from './options.ts';

/** @throws {UsageError} for wrong options, and for what the API server refuses */
export async function uninstall({ options }: Invocation<UninstallOptions>, context: CliContext): Promise<ExitCode> {
  const { stdin, stdout, stderr } = context;
  const installation = await readManifests(options.manifests, options.namespace, stdin);
  const api = connect(options);
  const steps = await explained('read what is installed', () => planDeletions(api, installation, options.all === true));
  stdout.line(`on ${api.server}:`);
  stdout.lines(planLines(steps));
  const todo = steps.filter(({ action }) => action.action === 'delete');
  if (options.dryRun === true) return EXIT.clean;
  if (todo.length === 0) {
    stdout.line('there is nothing to delete');
    return EXIT.clean;
  }
  if (!(await confirm('Go on?', options.yes === true, context))) {
    stdout.line('nothing was done');
    return EXIT.findings;
  }
  for (const step of todo) await explained(`delete ${step.title}`, () => deleteIfThere(api, step));
  try {
    await waitFor(
      'everything to be deleted',
      async () => {
        const left = await explained('see what is left', () => stillThere(api, todo));
        return left.length === 0 ? { done: true } : { waiting: `${left.join(', ')} ${left.length === 1 ? 'still exists' : 'still exist'}` };
      },
      { ...context, deadlineMs: Date.now() + options.timeout * 1000 },
    );
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    stderr.message(`${error.message}; the API server continues to delete the rest`);
    return EXIT.findings;
  }
  stdout.line(`${todo.length} objects deleted: podgrace no longer judges requests`);
  return EXIT.clean;
}

type DeletionStep = PlacedObject & PlanLine & { readonly uid: string };

async function planDeletions(api: KubeApi, { server, configurations, namespace }: Installation, all: boolean): Promise<DeletionStep[]> {
  const discovery = new Discovery(api);
  const steps: DeletionStep[] = [];
  for (const object of [...configurations, ...server.toReversed()]) {
    const placed = await placeIfServed(discovery, object, namespace);
    if (placed === undefined) continue;
    const live = await api.find(pathOf(placed));
    steps.push({ ...placed, title: titleOf(placed), action: actionOn(placed, live, all), uid: String(metadataOf(live ?? {})['uid']) });
  }
  return steps;
}

/** An API server without a kind has no objects of it. */
async function placeIfServed(discovery: Discovery, object: JsonObject, namespace: string): Promise<PlacedObject | undefined> {
  try {
    return await placeObject(discovery, object, namespace);
  } catch (error) {
    if (error instanceof UnknownKindError) return undefined;
    throw error;
  }
}

function actionOn({ kind, object }: PlacedObject, live: JsonObject | undefined, all: boolean): PlanLine['action'] {
  if (live === undefined) return { action: 'gone' };
  if (!isOurs(live)) return { action: 'keep', reason: 'it does not belong to podgrace: it has no label app.kubernetes.io/name=podgrace' };
  if (all) return { action: 'delete' };
  if (kind === 'Namespace') return { action: 'keep', reason: '--all deletes it with everything in it' };
  if (isPolicyConfigMap(object)) return { action: 'keep', reason: '--all deletes it' };
  return { action: 'delete' };
}

async function deleteIfThere(api: KubeApi, step: DeletionStep): Promise<void> {
  try {
    await api.request({
      method: 'DELETE',
      path: pathOf(step),
      // What somebody put in its place since it was shown is not what was agreed to.
      body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid: step.uid } },
    });
  } catch (error) {
    if (error instanceof KubeStatusError && error.code === 404) return;
    throw error;
  }
}

async function stillThere(api: KubeApi, steps: readonly DeletionStep[]): Promise<string[]> {
  const found = await Promise.all(steps.map(async (step) => ({ step, live: await api.find(pathOf(step)) })));
  return found.filter(({ step, live }) => live !== undefined && metadataOf(live)['uid'] === step.uid).map(({ step }) => step.title);
}
