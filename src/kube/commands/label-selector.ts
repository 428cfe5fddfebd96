/** metav1.LabelSelector: whether labels are selected (k8s.io/apimachinery `pkg/apis/meta/v1/helpers.go`). */
import { isObject, memberOf, type JsonObject } from '../../core/json.ts';
import { asObject } from '../../core/json-reading.ts';

/** @param selector as an object of the API has it; nothing, or an empty one, selects everything, as in webhook configurations */
export function selects(selector: unknown, labels: JsonObject): boolean {
  if (!isObject(selector)) return true;
  const { matchLabels, matchExpressions } = selector;
  const byLabels = Object.entries(asObject(matchLabels)).every(([key, value]) => memberOf(labels, key) === value);
  return byLabels && (Array.isArray(matchExpressions) ? matchExpressions : []).every((requirement) => meets(requirement, labels));
}

/** What is no requirement that the API server knows selects nothing: it cannot be stored either. */
function meets(requirement: unknown, labels: JsonObject): boolean {
  if (!isObject(requirement)) return false;
  const label = memberOf(labels, String(requirement['key']));
  const values: readonly unknown[] = Array.isArray(requirement['values']) ? requirement['values'] : [];
  switch (requirement['operator']) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default:
      return false;
  }
}
