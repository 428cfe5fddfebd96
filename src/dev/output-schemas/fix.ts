/** The JSON Schema of `podgrace fix -o json`. */
import type { JsonSchema } from '../../core/rule.ts';
import { finding } from './finding.ts';
import { inputErrors } from './input-errors.ts';
import { count, exact, list, orNull, root, string } from './json-schema.ts';

export function fixSchema(): JsonSchema {
  return root('fix', {
    version: { ...string, description: 'Of podgrace.' },
    policy: { ...string, description: 'The name of the policy.' },
    dryRun: { type: 'boolean', description: 'Whether no file was written, because --check was given.' },
    results: {
      ...list(
        exact({
          file: { ...string, description: 'As it was given or found.' },
          document: { ...count, description: 'From 1, within the file.' },
          line: { ...count, description: 'Where the object starts, from 1.' },
          apiVersion: string,
          kind: string,
          namespace: string,
          name: { ...string, description: 'metadata.name, else metadata.generateName, else empty.' },
          findings: { ...list(finding), description: 'What the repairs set right, or would.' },
          refused: {
            ...orNull(exact({ reason: string, line: { ...count, description: 'From 1, in the file.' } })),
            description: 'Why the object stays as it is; null where it is repaired.',
          },
        }),
      ),
      description: 'The objects in which something has to be repaired.',
    },
    errors: inputErrors,
    summary: exact({
      files: count,
      writtenFiles: count,
      objects: count,
      repaired: { ...count, description: 'Objects that are repaired, or would be.' },
      refused: count,
      errors: count,
      denied: { ...count, description: 'Objects that the cluster would deny all the same; 0 with --rules.' },
      onRequest: {
        ...list(string),
        description:
          'Rules that enforce or warn, and whose repair is made only if --rules names them or a policy applies it; empty with --rules.',
      },
    }),
  });
}
