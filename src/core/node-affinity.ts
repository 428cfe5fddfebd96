/** What the node affinity of a Pod demands of its node. */
import { isObject } from './json.ts';
import { asObject, asObjects } from './json-reading.ts';

/** What a Pod demands of its node, as alternatives. @param affinity as received */
export function requiredNodeTerms(affinity: unknown): readonly unknown[] {
  const nodeAffinity = isObject(affinity) ? affinity['nodeAffinity'] : undefined;
  const required = isObject(nodeAffinity) ? nodeAffinity['requiredDuringSchedulingIgnoredDuringExecution'] : undefined;
  const terms = isObject(required) ? required['nodeSelectorTerms'] : undefined;
  return Array.isArray(terms) ? terms.filter((term) => !isEmptyTerm(term)) : [];
}

/** A term without a requirement matches no node (`isEmptyNodeSelectorTerm` in k8s.io/component-helpers `scheduling/corev1/nodeaffinity`). */
function isEmptyTerm(term: unknown): boolean {
  const { matchExpressions, matchFields } = asObject(term);
  return asObjects(matchExpressions).length === 0 && asObjects(matchFields).length === 0;
}
