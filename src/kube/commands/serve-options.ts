/** The options of the server, read from its Deployment. */
import type { JsonObject } from '../../core/json.ts';
import { asObject, asObjects } from '../../core/json-reading.ts';
import { containersOf } from './installation.ts';

/** An option of `podgrace serve`: `--flag=value`, `--flag value`, or its environment variable. */
export function serveOption(deployment: JsonObject, flag: string, variable: string): string | undefined {
  const [container = {}] = containersOf(deployment);
  const words = ['command', 'args'].flatMap((key) => (Array.isArray(container[key]) ? container[key].map(String) : []));
  const index = words.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const word = words[index];
  if (word !== undefined) return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[index + 1];
  const env = asObjects(container['env']).find(({ name }) => name === variable)?.['value'];
  return typeof env === 'string' ? env : undefined;
}

/** The ConfigMap that is mounted where `--policy` looks; undefined for a policy from elsewhere. */
export function policyConfigMapName(deployment: JsonObject): string | undefined {
  const file = serveOption(deployment, 'policy', 'PODGRACE_POLICY');
  const [container = {}] = containersOf(deployment);
  const mount = asObjects(container['volumeMounts']).find(({ mountPath }) => file?.startsWith(`${String(mountPath).replace(/\/$/, '')}/`));
  const podSpec = asObject(asObject(asObject(deployment['spec'])['template'])['spec']);
  const volume = asObjects(podSpec['volumes']).find(({ name }) => mount !== undefined && name === mount['name']);
  const { name } = asObject(volume?.['configMap']);
  return typeof name === 'string' ? name : undefined;
}
