/** The JSON Schema of `podgrace status -o json`. */
import { CONFIGURATION_KINDS } from '../../kube/client/webhook-configurations.ts';
import type { JsonSchema } from '../../core/rule.ts';
import { count, exact, list, nullable, orNull, root, string } from './json-schema.ts';

export function statusSchema(): JsonSchema {
  const replica = exact({
    name: string,
    ready: { type: 'boolean' },
    image: string,
    troubles: { ...list(string), description: 'What holds it back, or brought it down last.' },
    readiness: {
      ...orNull(list(exact({ check: string, ok: { type: 'boolean' }, note: string }))),
      description: 'Null where it could not be asked.',
    },
    policyLoadedAt: nullable('string'),
    certificateExpiresAt: nullable('string'),
  });
  return root('status', {
    version: { ...string, description: 'Of this command line; the replicas have their own, in their image.' },
    cluster: exact({ server: string, version: string }),
    namespace: string,
    name: string,
    healthy: { ...nullable('boolean'), description: 'Null where it cannot be told.' },
    problems: list(string),
    unknown: list(exact({ part: { ...string, enum: ['server', 'policy', 'certificates', 'configurations'] }, reason: string })),
    server: orNull(exact({ wanted: count, ready: count, replicas: orNull(list(replica)) })),
    policy: orNull(exact({ source: string, name: string, preset: string, refused: nullable('string') })),
    certificates: orNull(
      exact({
        source: string,
        certificateExpiresAt: string,
        certificateDaysLeft: { type: 'integer' },
        authorityExpiresAt: nullable('string'),
        authorityDaysLeft: nullable('integer'),
        trusted: { type: 'boolean', description: 'Whether the published caBundles verify the certificate.' },
      }),
    ),
    configurations: orNull(
      list(
        exact({
          kind: { ...string, enum: [...CONFIGURATION_KINDS] },
          name: string,
          present: { type: 'boolean' },
          openSince: { ...nullable('string'), description: 'Since when `podgrace failopen` holds.' },
          webhooks: list(exact({ name: string, failurePolicy: { ...string, enum: ['Fail', 'Ignore'] }, hasBundle: { type: 'boolean' } })),
        }),
      ),
    ),
  });
}
