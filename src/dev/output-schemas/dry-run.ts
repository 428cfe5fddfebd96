/** The JSON Schema of `podgrace dry-run -o json`. */
import { AUTHORS } from '../../kube/commands/attribution.ts';
import { DENIERS } from '../../kube/commands/denial.ts';
import type { JsonSchema } from '../../core/rule.ts';
import { finding } from './finding.ts';
import { inputErrors } from './input-errors.ts';
import { count, exact, list, nullable, orNull, root, string } from './json-schema.ts';

export function dryRunSchema(): JsonSchema {
  const change = exact({
    path: { ...string, description: 'List elements by what Kubernetes merges them by: spec.containers[web].image.' },
    from: { description: 'Null where there was nothing.' },
    to: { description: 'Null where there is nothing any more.' },
    by: { ...string, enum: [...AUTHORS], description: 'manifest on updates only: what the file itself changes.' },
    rules: { ...list(string), description: 'The rules of podgrace that may have made the change.' },
  });
  const verdict = {
    allowed: { type: 'boolean' },
    denied: orNull(exact({ by: { ...string, enum: [...DENIERS] }, name: nullable('string'), message: string })),
    warnings: list(exact({ text: string, by: { ...string, enum: ['podgrace', 'others'] } })),
    changes: { ...list(change), description: 'Between what was sent, or is there, and what would be stored.' },
    missing: { ...list(change), description: "What podgrace's own evaluation changes and the cluster did not." },
    triedWithout: {
      ...list(string),
      description:
        'What a Pod names, the cluster does not have and the files of the run create (`PriorityClass high`): the Pod was tried without it.',
    },
    expected: {
      ...orNull(exact({ policy: string, allowed: { type: 'boolean' } })),
      description: "Podgrace's own evaluation; null on updates, and for what it does not judge.",
    },
  };
  return root('dry-run', {
    version: { ...string, description: 'Of podgrace.' },
    server: { ...string, description: 'The API server.' },
    policy: { ...nullable('string'), description: 'That the own evaluation goes by.' },
    results: list(
      exact({
        file: string,
        document: { ...count, description: 'From 1, within the file.' },
        line: { ...count, description: 'Where the object starts, from 1.' },
        apiVersion: string,
        kind: string,
        namespace: { ...string, description: 'Empty for an object of the whole cluster.' },
        name: { ...string, description: 'metadata.name, else metadata.generateName.' },
        operation: { ...string, enum: ['create', 'update'] },
        ...verdict,
        findings: {
          ...list(finding),
          description: 'What podgrace finds with the objects of the API and of the files, which the server does not know: docs/dry-run.md.',
        },
        pod: { ...orNull(exact(verdict)), description: 'The Pod that would come of a workload that is allowed.' },
      }),
    ),
    errors: inputErrors,
    summary: exact({
      objects: count,
      allowed: count,
      denied: count,
      podsDenied: { ...count, description: 'Workloads that are allowed, and whose Pods are not.' },
      errors: count,
    }),
  });
}
