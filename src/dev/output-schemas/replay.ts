/** The JSON Schema of `podgrace replay -o json`. */
import { OPERATIONS } from '../../admission/submission.ts';
import type { JsonSchema } from '../../core/rule.ts';
import { finding } from './finding.ts';
import { count, exact, list, nullable, root, string, withOptional } from './json-schema.ts';

export function replaySchema(): JsonSchema {
  const difference = exact({
    of: { ...string, enum: ['validate.allowed', 'validate.message', 'validate.warnings', 'validate.findings', 'mutate.patch'] },
    here: { description: 'By the policy.' },
    there: { description: 'By the other policy or the webhook.' },
  });
  const operation = {
    type: 'object',
    additionalProperties: false,
    required: ['op', 'path'],
    properties: { op: { ...string, enum: ['add', 'remove', 'replace', 'test'] }, path: string, value: {} },
  };
  const result = exact({
    source: { ...string, description: 'The file, with a line where it holds several.' },
    uid: string,
    operation: { ...string, enum: [...OPERATIONS] },
    kind: string,
    namespace: string,
    name: string,
    dryRun: { type: 'boolean' },
    validate: exact(
      {
        allowed: { type: 'boolean' },
        message: { ...nullable('string'), description: 'Of a denial.' },
        warnings: list(string),
        findings: list(finding),
      },
      'About the object with the patch applied, as the API server sends it.',
    ),
    mutate: exact({ patch: list(operation), patched: { type: 'boolean' }, warnings: list(string), findings: list(finding) }),
  });
  const compared = withOptional(result, { differences: { ...list(difference), description: 'With --against or --url only.' } });
  return root('replay', {
    results: list(compared),
    errors: list(exact({ source: string, message: string })),
    summary: exact({
      reviews: count,
      allowed: count,
      denied: count,
      warned: count,
      mutated: count,
      errors: count,
      differing: { ...nullable('integer'), description: 'Null where nothing was compared.' },
      skipped: {
        ...list(exact({ reason: string, requests: count })),
        description: 'Requests of an audit log that were not judged, by the reason; the most frequent first.',
      },
    }),
  });
}
