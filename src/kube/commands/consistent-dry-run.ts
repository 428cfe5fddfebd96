/** A dry run and the object that it is based on, while others write the same object. */
import type { JsonObject } from '../../core/json.ts';
import { metadataOf } from '../../core/json-reading.ts';
import type { KubeApi } from '../client/api.ts';

/** How often an object is read again that somebody changes between the reading and the dry run. */
const MAX_READINGS = 5;

export interface ConsistentDryRun<Answer> {
  readonly live: JsonObject;
  readonly answer: Answer;
}

/**
 * Sends a dry run, and reads the object again where somebody has changed it since it was read, such as the holder of a Lease
 * or a controller: what others change is no change of the dry run. After five readings it takes what it has.
 *
 * @param live the object as it was read
 * @param dryRun the API server answers it with the resourceVersion of the object that the answer is based on
 */
export async function consistentDryRun<Answer extends { readonly body: JsonObject }>(
  api: KubeApi,
  path: string,
  live: JsonObject,
  dryRun: () => Promise<Answer>,
): Promise<ConsistentDryRun<Answer>> {
  let read = live;
  let answer = await dryRun();
  for (let readings = 1; versionOf(answer.body) !== versionOf(read) && readings < MAX_READINGS; readings += 1) {
    read = (await api.request({ method: 'GET', path })).body;
    if (versionOf(answer.body) !== versionOf(read)) answer = await dryRun();
  }
  return { live: read, answer };
}

function versionOf(object: JsonObject): unknown {
  return metadataOf(object)['resourceVersion'];
}
