/** Server-side apply of podgrace's own objects: shows what would change, and applies it. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import { KubeStatusError, type KubeApi } from '../client/api.ts';
import { pathOf, type PlacedObject } from '../client/discovery.ts';
import { consistentDryRun } from './consistent-dry-run.ts';
import { fieldsOf } from './field-set.ts';
import { changesBetween, type Change } from './object-changes.ts';
import { fieldConflicts } from './refusals.ts';
import { maskSecretValues } from './secret-values.ts';

/** Owns what `podgrace install` writes. */
const INSTALLER = 'podgrace';
/** Owns what `podgrace failopen` writes; `install` takes it back. */
export const BREAK_GLASS = 'podgrace-break-glass';

export type PlannedAction =
  | { readonly action: 'create' | 'unchanged' }
  | { readonly action: 'change'; readonly changes: readonly Change[] }
  /** Left as it is, for the given reason. */
  | { readonly action: 'keep'; readonly reason: string };

export interface ApplyOptions {
  /** Takes over what other field managers own. */
  readonly force: boolean;
}

/**
 * What applying would do, found out by a dry run.
 *
 * @param live the object as it is in the cluster, undefined where there is none
 * @throws {KubeStatusError} also for a conflict with another field manager
 */
export async function planApply(
  api: KubeApi,
  placed: PlacedObject,
  live: JsonObject | undefined,
  options: ApplyOptions,
): Promise<PlannedAction> {
  const { object } = placed;
  const dryRun = async (): Promise<{ readonly body: JsonObject }> => ({ body: await apply(api, placed, { ...options, dryRun: true }) });
  if (live === undefined) {
    try {
      await dryRun();
    } catch (error) {
      // Its namespace is still to be made; what else there is to say, the real request will hear.
      if (!(error instanceof KubeStatusError && error.code === 404 && placed.namespace !== '')) throw error;
    }
    return { action: 'create' };
  }
  const planned = await consistentDryRun(api, pathOf(placed), live, dryRun);
  const changes = changesBetween(withoutBookkeeping(planned.live), withoutBookkeeping(planned.answer.body));
  return changes.length === 0 ? { action: 'unchanged' } : { action: 'change', changes: maskSecretValues(object, changes) };
}

/**
 * Applies as field manager `podgrace`. What the break-glass commands own is taken back; what others own, only by force.
 *
 * @returns the object as it is then
 */
export async function apply(
  api: KubeApi,
  placed: PlacedObject,
  { force, dryRun = false }: ApplyOptions & { readonly dryRun?: boolean },
): Promise<JsonObject> {
  const { object, namespace } = placed;
  const body = namespace === '' ? object : { ...object, metadata: { ...metadataOf(object), namespace } };
  const send = async (isForced: boolean): Promise<JsonObject> => {
    const answer = await api.request({
      method: 'PATCH',
      path: pathOf(placed),
      query: { fieldManager: INSTALLER, force: String(isForced), fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) },
      patchType: 'application/apply-patch+yaml',
      body,
    });
    return answer.body;
  };
  try {
    return await send(force);
  } catch (error) {
    if (!(error instanceof KubeStatusError)) throw error;
    const conflicts = fieldConflicts(error);
    if (conflicts.length === 0 || conflicts.some(({ owner }) => owner !== BREAK_GLASS)) throw error;
    return send(true);
  }
}

/**
 * Whether an object is of a podgrace installation, and not another one's that happens to have its name: it says so with
 * the label that all of podgrace's manifests have, or `podgrace install` wrote it.
 */
export function isOurs(object: JsonObject): boolean {
  const { labels } = metadataOf(object);
  return (
    (isObject(labels) && labels['app.kubernetes.io/name'] === 'podgrace') || Object.keys(fieldsOf(object, INSTALLER, 'Apply')).length > 0
  );
}

const BOOKKEEPING: ReadonlySet<string> = new Set([
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
]);

/** An object as people mean it: without what the API server counts and notes on each write. */
export function withoutBookkeeping(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  const metadata = Object.fromEntries(Object.entries(metadataOf(object)).filter(([field]) => !BOOKKEEPING.has(field)));
  return { ...rest, metadata };
}
