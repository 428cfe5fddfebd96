/** The operating system that a Pod asks for. */
import { isObject } from './json.ts';
import { requiredNodeTerms } from './node-affinity.ts';
import type { Maybe, PodSpec } from './pod.ts';

/** A label that Windows nodes alone have. */
const WINDOWS_BUILD_LABEL = 'node.kubernetes.io/windows-build';

/** Labels of nodes that name their operating system; the second one is what came before the first. */
const OS_LABELS: ReadonlySet<string> = new Set(['kubernetes.io/os', 'beta.kubernetes.io/os']);

/** What `operatingSystemOf` looks at, for `meta.reads`. */
export const OPERATING_SYSTEM_FIELDS = ['spec.os', 'spec.nodeSelector', 'spec.affinity.nodeAffinity'] as const;

/**
 * The operating system that a Pod asks for: the API field first, then the node selector, then what each term of its required
 * node affinity demands (the terms are alternatives).
 */
export function operatingSystemOf({ os, nodeSelector, affinity }: PodSpec): 'linux' | 'windows' {
  const name: Maybe<string> = os?.name ?? nodeSelector?.['kubernetes.io/os'] ?? nodeSelector?.['beta.kubernetes.io/os'];
  if (name != null) return name === 'windows' ? 'windows' : 'linux';
  if (nodeSelector?.[WINDOWS_BUILD_LABEL] != null) return 'windows';
  const terms = requiredNodeTerms(affinity);
  return terms.length > 0 && terms.every(demandsWindows) ? 'windows' : 'linux';
}

function demandsWindows(term: unknown): boolean {
  const expressions = isObject(term) ? term['matchExpressions'] : undefined;
  if (!Array.isArray(expressions)) return false;
  return expressions.some((expression: unknown) => {
    if (!isObject(expression) || typeof expression['key'] !== 'string') return false;
    const { key, operator, values } = expression;
    if (key === WINDOWS_BUILD_LABEL) return operator !== 'DoesNotExist' && operator !== 'NotIn';
    if (!OS_LABELS.has(key) || !Array.isArray(values) || values.length === 0) return false;
    // Every node has the label, and there is no third system.
    return operator === 'In' ? values.every((value) => value === 'windows') : operator === 'NotIn' && values.includes('linux');
  });
}
