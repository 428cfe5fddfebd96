/** The options of the server, read from its Deployment. */
import { isObject, type JsonObject } from '../../core/json.ts';
import { containersOf } from './installation.ts';

/** An option of `podgrace serve`: `--flag=value`, `--flag value`, or its environment variable. */
export function serveOption(deployment: JsonObject, flag: string, variable: string): string | undefined {
  const [container = {}] = containersOf(deployment);
  const words = ['command', 'args'].flatMap((key) => (Array.isArray(container[key]) ? container[key].map(String) : []));
  const index = words.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const word = words[index];
  if (word !== undefined) return word.includes('=') ? word.slice(word.indexOf('=') + 1) : words[index + 1];
  const env = listAt(container, 'env').find(({ name }) => name === variable)?.['value'];
  return typeof env === 'string' ? env : undefined;
}

/** The ConfigMap that is mounted where `--policy` looks; undefined for a policy from elsewhere. */
export function policyConfigMapName(deployment: JsonObject): string | undefined {
  const file = serveOption(deployment, 'policy', 'PODGRACE_POLICY');
  const [container = {}] = containersOf(deployment);
  const mount = listAt(container, 'volumeMounts').find(({ mountPath }) => file?.startsWith(`${String(mountPath).replace(/\/$/, '')}/`));
  const podSpec = ['spec', 'template', 'spec'].reduce<JsonObject>((at, key) => (isObject(at[key]) ? at[key] : {}), deployment);
  const volume = listAt(podSpec, 'volumes').find(({ name }) => mount !== undefined && name === mount['name']);
  const name = isObject(volume?.['configMap']) ? volume['configMap']['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function listAt(object: JsonObject, key: string): JsonObject[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}
