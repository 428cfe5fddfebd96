/** What the API server does not accept of tolerations. Mirrors kubernetes `pkg/apis/core/validation` (ValidateTolerations), read at 1.36.3. */
import type { JsonObject } from '../json.ts';
import { asObjects, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { eachInvalid, invalid, unsupported, unsupportedWord, type InvalidPlace } from './invalid-place.ts';
import { problemsOfKey, problemsOfLabelValue } from './names.ts';

/** @param path of the Pod spec */
export function invalidTolerations({ tolerations }: JsonObject, path: FieldPath): InvalidPlace[] {
  return asObjects(tolerations).flatMap((toleration, index) => invalidToleration(toleration, path.field('tolerations').at(index)));
}

function invalidToleration(toleration: JsonObject, path: FieldPath): InvalidPlace[] {
  const [key, operator, effect] = [asText(toleration['key']), asText(toleration['operator']), asText(toleration['effect'])];
  const [keyField, effectField] = [path.field('key'), path.field('effect')];
  const lacksKey = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
  const isTimed = toleration['tolerationSeconds'] != null;
  const timed = "effect must be 'NoExecute' when `tolerationSeconds` is set";
  return [
    ...(key === '' ? [] : eachInvalid(keyField, key, problemsOfKey(key))),
    ...(key === '' && operator !== 'Exists' ? [invalid(path.field('operator'), operator, lacksKey, [keyField])] : []),
    ...(isTimed && effect !== 'NoExecute' ? [invalid(effectField, effect, timed, [path.field('tolerationSeconds')])] : []),
    ...invalidValue(asText(toleration['value']), operator, path),
    ...unsupportedWord(effectField, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  ];
}

function invalidValue(value: string, operator: string, path: FieldPath): InvalidPlace[] {
  const [field, valueField] = [path.field('operator'), path.field('value')];
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = problemsOfLabelValue(value);
      return problems.length === 0 ? [] : [invalid(field, value, problems.join(';'), [valueField])];
    }
    case 'Exists':
      return value === '' ? [] : [invalid(field, value, "value must be empty when `operator` is 'Exists'", [valueField])];
    // Behind the feature gate TaintTolerationComparisonOperators, which a cluster may have on.
    case 'Lt':
    case 'Gt':
      return [];
    default:
      return [unsupported(field, operator, ['Equal', 'Exists'])];
  }
}
