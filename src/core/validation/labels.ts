/**
 * What the API server does not accept of labels and annotations. Mirrors k8s.io/apimachinery `pkg/apis/meta/v1/validation`
 * (ValidateLabels) and `pkg/api/validation/objectmeta.go` (ValidateAnnotations), read at 1.36.3. How large all annotations may be
 * together is left out.
 */
import { asObject, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { eachInvalid, type InvalidPlace } from './invalid-place.ts';
import { problemsOfKey, problemsOfLabelValue } from './names.ts';

/** @param said as the API server names the place, where that is not its path */
export function invalidLabels(labels: unknown, path: FieldPath, said: FieldPath = path): InvalidPlace[] {
  return Object.entries(asObject(labels)).flatMap(([key, value]) =>
    at(path.key(key), [
      ...eachInvalid(said, key, problemsOfKey(key)),
      ...eachInvalid(said, asText(value), problemsOfLabelValue(asText(value))),
    ]),
  );
}

/** @param said as the API server names the place, where that is not its path */
export function invalidAnnotations(annotations: unknown, path: FieldPath, said: FieldPath = path): InvalidPlace[] {
  return Object.keys(asObject(annotations)).flatMap((key) => at(path.key(key), eachInvalid(said, key, problemsOfKey(key.toLowerCase()))));
}

function at(field: FieldPath, problems: readonly InvalidPlace[]): InvalidPlace[] {
  return problems.map(({ message }) => ({ message, fields: [field] }));
}
