/** The JSON Schema of `podgrace check -o json`. */
import { QOS_CLASSES } from '../../core/qos.ts';
import { WORKLOAD_CLASSES } from '../../core/workload.ts';
import type { JsonSchema } from '../../core/rule.ts';
import { locatedFinding } from './finding.ts';
import { inputErrors } from './input-errors.ts';
import { count, exact, list, root, string, withOptional } from './json-schema.ts';

export function checkSchema(): JsonSchema {
  return root('check', {
    version: { ...string, description: 'Of podgrace.' },
    policy: { ...string, description: 'The name of the policy.' },
    results: list(
      withOptional(
        exact({
          file: {
            ...string,
            description: 'As it was given or found; - for standard input; of what was rendered, the template or the kustomization.',
          },
          document: { ...count, description: 'From 1, within the file.' },
          line: { ...count, description: 'Where the object starts, from 1.' },
          apiVersion: string,
          kind: string,
          namespace: string,
          name: { ...string, description: 'metadata.name, else metadata.generateName, else empty.' },
          allowed: { type: 'boolean', description: 'Whether the cluster would admit it.' },
          findings: list(locatedFinding),
        }),
        {
          workload: { ...string, enum: [...WORKLOAD_CLASSES], description: 'What its Pods do; not of budgets and autoscalers.' },
          qosClass: { ...string, enum: [...QOS_CLASSES], description: 'Of its Pods as they will be created, repairs included.' },
          known: { ...count, description: 'How many of its findings the baseline has: they are left out.' },
          renderedLine: {
            ...count,
            description: 'In what helm or kustomize wrote, where the line in the file is not known: then line is 1.',
          },
        },
      ),
    ),
    errors: inputErrors,
    notices: {
      ...list(
        withOptional(exact({ file: string, line: count, kind: string, message: string }), {
          renderedLine: { ...count, description: 'As of results.' },
        }),
      ),
      description:
        'What looks like a workload and is not judged (charts, templates, unknown kinds; the kind is empty for what is no object), and what a cluster refuses for its version.',
    },
    summary: withOptional(
      exact({
        objects: count,
        skipped: { ...count, description: 'Objects without a Pod template, and those in namespaces that the policy leaves alone.' },
        allowed: count,
        denied: count,
        errors: count,
        findings: exact({ enforce: count, warn: count, audit: count, repair: count }),
      }),
      {
        known: {
          ...exact({ denied: count, findings: count }),
          description:
            'What the baseline has: objects that are denied for nothing else, and findings. Not there where it has nothing of this.',
        },
      },
    ),
  });
}
