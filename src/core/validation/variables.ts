/**
 * What the API server does not accept of environment variables. Mirrors kubernetes `pkg/apis/core/validation` (ValidateEnv,
 * validateEnvVarValueFrom), read at 1.36.3.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asObjects, asText } from '../json-reading.ts';
import type { KubernetesMinor } from '../kubernetes-version.ts';
import type { FieldPath } from '../path.ts';
import { eachInvalid, invalid, required, type InvalidPlace } from './invalid-place.ts';
import { problemsOfVariable } from './names.ts';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;
/** The first version in which the feature EnvFiles is on by default. */
const FILES_SINCE: KubernetesMinor = 35;

/** @param path of the container */
export function invalidVariables({ env }: JsonObject, path: FieldPath, minor: KubernetesMinor): InvalidPlace[] {
  return asObjects(env).flatMap((variable, index) => {
    const field = path.field('env').at(index);
    const name = asText(variable['name']);
    const ofName = name === '' ? [required(field.field('name'))] : eachInvalid(field.field('name'), name, problemsOfVariable(name));
    return [...ofName, ...invalidSource(variable, field, minor)];
  });
}

function invalidSource({ value, valueFrom }: JsonObject, path: FieldPath, minor: KubernetesMinor): InvalidPlace[] {
  if (!isObject(valueFrom)) return [];
  const field = path.field('valueFrom');
  const known = minor >= FILES_SINCE ? SOURCES : SOURCES.slice(0, -1);
  const given = known.filter((source) => valueFrom[source] != null);
  if (given.length === 0) {
    const names = known.map((source) => `\`${source}\``);
    return [invalid(field, '', `must specify one of: ${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`)];
  }
  if (asText(value) !== '') return [invalid(field, '', 'may not be specified when `value` is not empty', [path.field('value')])];
  return given.length > 1 ? [invalid(field, '', 'may not have more than one field specified at a time')] : [];
}
