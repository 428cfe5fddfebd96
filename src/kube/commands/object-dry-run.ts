/** Sends an object through admission as a dry run, and returns the object that would be stored. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import { KubeStatusError, type KubeAnswer, type KubeApi } from '../client/api.ts';
import { attributeCreation, attributeUpdate, type Attribution } from './attribution.ts';
import { consistentDryRun } from './consistent-dry-run.ts';
import { denialOf, type Denial } from './denial.ts';
import { pathOf, type PlacedObject } from '../client/discovery.ts';
import { appliersOf, fieldsOf } from './field-set.ts';
import type { OwnEvaluation } from './own-evaluation.ts';

/** Owns nothing in the cluster: only dry runs bear this name. */
const FIELD_MANAGER = 'podgrace-dry-run';

export type DryRunOperation = 'create' | 'update';

export type ObjectDryRun = { readonly operation: DryRunOperation; readonly warnings: readonly string[] } & (
  ({ readonly outcome: 'admitted'; readonly answered: JsonObject } & Attribution) | { readonly outcome: 'denied'; readonly denial: Denial }
);

/**
 * An object that is not there is created; one that is there is changed as `kubectl apply --server-side` would, with its
 * conflicts forced, by the manager who applied it before, so that what the file gave up goes too.
 *
 * @param own podgrace's own evaluation of the same object, if there is a policy to evaluate it by
 * @throws {KubeStatusError} for what is no verdict about the object
 */
export async function dryRunObject(api: KubeApi, placed: PlacedObject, own: OwnEvaluation | undefined): Promise<ObjectDryRun> {
  const live = placed.name === '' ? undefined : await api.find(pathOf(placed));
  const operation = live === undefined ? 'create' : 'update';
  try {
    const answered = live === undefined ? await create(api, placed, own) : await update(api, placed, live);
    return { operation, outcome: 'admitted', ...answered };
  } catch (error) {
    const denial = error instanceof KubeStatusError ? denialOf(error) : undefined;
    if (denial === undefined || !(error instanceof KubeStatusError)) throw error;
    return { operation, outcome: 'denied', denial, warnings: error.warnings };
  }
}

type Admitted = Attribution & { readonly answered: JsonObject; readonly warnings: readonly string[] };

async function create(api: KubeApi, { object, collectionPath }: PlacedObject, own: OwnEvaluation | undefined): Promise<Admitted> {
  const { body, warnings } = await api.request({
    method: 'POST',
    path: collectionPath,
    query: { dryRun: 'All', fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' },
    body: object,
  });
  return { answered: body, warnings, ...attributeCreation(object, body, fieldsOf(body, FIELD_MANAGER, 'Update'), own) };
}

async function update(api: KubeApi, placed: PlacedObject, live: JsonObject): Promise<Admitted> {
  const appliers = appliersOf(live);
  const manager = appliers.length === 1 ? (appliers[0] ?? FIELD_MANAGER) : FIELD_MANAGER;
  const path = pathOf(placed);
  const { live: base, answer } = await consistentDryRun<KubeAnswer>(api, path, live, () =>
    api.request({
      method: 'PATCH',
      path,
      query: { dryRun: 'All', fieldManager: manager, force: 'true', fieldValidation: 'Strict' },
      patchType: 'application/apply-patch+yaml',
      body: withoutServerFields(placed.object),
    }),
  );
  const { body, warnings } = answer;
  return { answered: body, warnings, ...attributeUpdate(placed.object, base, body, fieldsOf(body, manager, 'Apply')) };
}

/** Server-side apply takes no managedFields; a file that was exported from a cluster has them, and a resourceVersion of old. */
function withoutServerFields(object: JsonObject): JsonObject {
  const { managedFields: _fields, resourceVersion: _version, uid: _uid, ...metadata } = metadataOf(object);
  return isObject(object['metadata']) ? { ...object, metadata } : object;
}
