/** The JSON Schemas of what commands print with `-o json`; fixed, so that others can build on them. */
import { AUTHORS } from '../kube/commands/attribution.ts';
import { DENIERS } from '../kube/commands/denial.ts';
import { CONFIGURATION_KINDS } from '../kube/client/webhook-configurations.ts';
import { REPORTED_MODES } from '../offline/finding.ts';
import { OPERATIONS } from '../admission/submission.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { QOS_CLASSES } from '../core/qos.ts';
import { CHANGE_EFFECTS } from '../core/workload-change.ts';
import type { JsonSchema } from '../core/rule.ts';

const string = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
/** Quantities by the name of the resource. */
const amounts = { type: 'object', additionalProperties: string };
const nullable = (type: string): JsonSchema => ({ type: [type, 'null'] });
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** Every property is always there. */
function exact(properties: Record<string, JsonSchema>, description?: string): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
    ...(description !== undefined && { description }),
  };
}

function root(name: string, title: string, properties: Record<string, JsonSchema>): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `https://podgrace.dev/schemas/${name}.schema.json`,
    title,
    ...exact(properties),
  };
}

/** The same with properties that are there where they mean something. */
function withOptional(schema: JsonSchema, optional: Record<string, JsonSchema>): JsonSchema {
  return { ...schema, properties: { ...(schema['properties'] as object), ...optional } };
}

const FINDING = {
  rule: { ...string, description: 'A rule id, or well-formed for an object that cannot be judged.' },
  mode: {
    ...string,
    enum: [...REPORTED_MODES],
    description:
      'What becomes of it: enforce denies, warn warns, audit records; repair: podgrace repairs it at admission; would: it would, if the policy let it.',
  },
  message: { ...string, description: 'Starts with "must"; says the value and the required value.' },
  field: { ...string, description: 'The field path as the API server prints it.' },
  container: { ...nullable('string'), description: 'Null where the finding is about no single container.' },
  fix: { ...string, description: 'What the author of the manifest can do.' },
};
const finding = exact(FINDING);
const locatedFinding = withOptional(
  exact({
    ...FINDING,
    line: { ...count, description: 'In the file, from 1: of the field, or of the nearest field or element around it that the file has.' },
    column: { ...count, description: 'From 1, in UTF-16 code units.' },
    endLine: { ...count, description: 'The last line of the field; of what is not set, the line itself.' },
  }),
  {
    renderedLine: {
      ...count,
      description:
        'In what helm or kustomize wrote, where the place of the field in the file is not sure: then line is that of a field around it, or 1.',
    },
  },
);

export function checkSchema(): JsonSchema {
  return root('check', 'podgrace check -o json', {
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
          renderedLine: {
            ...count,
            description: 'In what helm or kustomize wrote, where the line in the file is not known: then line is 1.',
          },
        },
      ),
    ),
    errors: list(exact({ file: string, document: nullable('integer'), line: nullable('integer'), message: string })),
    summary: exact({
      objects: count,
      skipped: { ...count, description: 'Objects without a Pod template, and those in namespaces that the policy leaves alone.' },
      allowed: count,
      denied: count,
      errors: count,
      findings: exact({ enforce: count, warn: count, audit: count, repair: count }),
    }),
  });
}

export function fixSchema(): JsonSchema {
  return root('fix', 'podgrace fix -o json', {
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
            anyOf: [exact({ reason: string, line: { ...count, description: 'From 1, in the file.' } }), { type: 'null' }],
            description: 'Why the object stays as it is; null where it is repaired.',
          },
        }),
      ),
      description: 'The objects in which something has to be repaired.',
    },
    errors: list(exact({ file: string, document: nullable('integer'), line: nullable('integer'), message: string })),
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
  }) as { properties: Record<string, JsonSchema> };
  const compared = {
    ...result,
    properties: { ...result.properties, differences: { ...list(difference), description: 'With --against or --url only.' } },
  };
  return root('replay', 'podgrace replay -o json', {
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
    denied: {
      anyOf: [{ type: 'null' }, exact({ by: { ...string, enum: [...DENIERS] }, name: nullable('string'), message: string })],
    },
    warnings: list(exact({ text: string, by: { ...string, enum: ['podgrace', 'others'] } })),
    changes: { ...list(change), description: 'Between what was sent, or is there, and what would be stored.' },
    missing: { ...list(change), description: "What podgrace's own evaluation changes and the cluster did not." },
    expected: {
      anyOf: [{ type: 'null' }, exact({ policy: string, allowed: { type: 'boolean' } })],
      description: "Podgrace's own evaluation; null on updates, and for what it does not judge.",
    },
  };
  return root('dry-run', 'podgrace dry-run -o json', {
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
        pod: { anyOf: [{ type: 'null' }, exact(verdict)], description: 'The Pod that would come of a workload that is allowed.' },
      }),
    ),
    errors: list(exact({ file: string, document: nullable('integer'), line: nullable('integer'), message: string })),
    summary: exact({
      objects: count,
      allowed: count,
      denied: count,
      podsDenied: { ...count, description: 'Workloads that are allowed, and whose Pods are not.' },
      errors: count,
    }),
  });
}

export function explainSchema(): JsonSchema {
  const seconds = { type: 'number', minimum: 0 };
  const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [{ type: 'null' }, schema] });
  const duration = exact({ certainty: { ...string, enum: ['exact', 'at most', 'open', 'endless'] }, seconds });
  const named = { container: string, kind: { ...string, enum: ['main', 'sidecar'] } };
  return root('explain', 'podgrace explain -o json', {
    results: list(
      exact({
        file: { ...string, description: 'As it was given or found; pod/web for an object of a cluster.' },
        document: { ...nullable('integer'), description: 'From 1, within the file; null outside of files.' },
        line: nullable('integer'),
        apiVersion: string,
        kind: string,
        namespace: string,
        name: string,
        workload: { ...string, enum: [...WORKLOAD_CLASSES] },
        status: {
          ...orNull(
            exact({
              status: { ...string, description: 'As kubectl get pods prints it.' },
              ready: { ...string, pattern: '^\\d+/\\d+$' },
              restarts: count,
              container: { ...nullable('string'), description: 'The one that decides.' },
              cause: nullable('string'),
              advice: nullable('string'),
              rules: { ...list(string), description: 'Rules that look for the cause in a manifest.' },
            }),
          ),
          description: 'Null where no API server has stored the Pod.',
        },
        qosClass: { ...string, enum: [...QOS_CLASSES] },
        qosObstacles: {
          ...list(exact({ container: nullable('string'), resource: string, request: nullable('string'), limit: nullable('string') })),
          description: 'What keeps the Pod from a higher class.',
        },
        memory: list(exact({ ...named, oomScoreAdj: { type: 'integer', minimum: -997, maximum: 1000 } })),
        start: list(
          exact({
            ...named,
            beginSeconds: {
              ...orNull(seconds),
              description: 'When the container starts, after the first one of the list, at the earliest; null for never.',
            },
            hook: { ...orNull(duration), description: 'The postStart hook.' },
            startedSeconds: { ...orNull(seconds), description: 'After the start of the container, as the times below; null for never.' },
            readySeconds: orNull(seconds),
            firstLivenessSeconds: orNull(seconds),
            killed: {
              ...orNull(
                exact({
                  probe: string,
                  atLeastSeconds: seconds,
                  atMostSeconds: seconds,
                  graceSeconds: { ...seconds, description: 'From then to SIGKILL.' },
                }),
              ),
              description: 'When a container that does not answer gets its stop signal; null where nothing ends its start.',
            },
          }),
        ),
        readySeconds: {
          ...orNull(seconds),
          description: 'When the Pod is ready, after the start of the first container of start, at the earliest; null for never.',
        },
        stop: exact({
          graceSeconds: { type: 'integer' },
          containers: list(
            exact({
              ...named,
              hook: { ...orNull(duration), description: 'The preStop hook.' },
              stopSignalSeconds: { ...orNull(seconds), description: 'After the deletion; null where the end of a hook is not known.' },
              killSeconds: seconds,
              fate: { ...string, enum: ['ends', 'swallows', 'waits', 'depends', 'unknown'] },
              pidOne: nullable('string'),
            }),
          ),
        }),
        nodeLost: exact({
          noticedSeconds: seconds,
          replacedSeconds: { ...orNull(seconds), description: 'Null where the Pod waits for its node.' },
        }),
        around: {
          ...orNull(
            exact({
              services: { ...orNull(list(string)), description: 'Those that select the Pods; null where they may not be read, as below.' },
              podDisruptionBudgets: orNull(list(string)),
              autoscaler: orNull(exact({ name: string, minReplicas: count, maxReplicas: count })),
              resourceQuotas: orNull(list(string)),
              limitRanges: orNull(list(string)),
              podNames: {
                ...orNull({ ...string, enum: ['own', 'none', 'others'] }),
                description:
                  'Whether the Pods of a StatefulSet have names in DNS; none: there is no Service `serviceName`; others: it selects other Pods.',
              },
              missing: { ...list(finding), description: 'What the Pods name and the cluster does not have, by the rules of the policy.' },
              unknown: { ...list(string), description: 'Why something is not known.' },
            }),
          ),
          description: 'What the cluster has in the namespace; null without a cluster.',
        },
        change: {
          ...orNull(
            exact({
              fields: list(
                exact({
                  field: string,
                  from: { description: 'Null where it was not set.' },
                  to: { description: 'Null where it is not set any more.' },
                  effect: { ...string, enum: [...CHANGE_EFFECTS] },
                }),
              ),
              replaces: orNull(exact({ pods: nullable('integer'), atOnce: count, steps: nullable('integer'), minReadySeconds: count })),
              deletesClaims: { type: 'boolean', description: 'Whether a StatefulSet deletes the claims of the Pods that it gives up.' },
            }),
          ),
          description: 'Against --from; null without it, and for a new object.',
        },
        rollout: orNull(
          exact({
            replicas: count,
            replaced: { ...count, description: 'All but those below the partition of a StatefulSet.' },
            mostPods: count,
            leastAvailable: count,
            atOnce: { ...count, description: 'How many Pods may be missing or too many at a time.' },
            steps: { ...count, description: 'How often Pods have to become available, one after another, at least.' },
            minReadySeconds: count,
            isOrdered: {
              type: 'boolean',
              description: 'Of a StatefulSet with OrderedReady: a Pod that is not ready stops all that comes after it.',
            },
            surge: orNull(
              exact(
                {
                  pods: count,
                  requests: amounts,
                  limits: amounts,
                  quotas: { ...orNull(list(string)), description: 'The ResourceQuotas that count them; null where they are not known.' },
                  shortage: orNull(
                    exact(
                      { quota: string, counted: string, left: string, needed: string, enough: string },
                      'What is missing for the first of these Pods.',
                    ),
                  ),
                  isStuck: { type: 'boolean', description: 'Whether the rollout never begins because of that.' },
                },
                'What it needs beyond the replicas, of all of these Pods together.',
              ),
            ),
          }),
        ),
        policy: { ...string, description: 'The name of the policy that findings go by.' },
        findings: {
          ...list(finding),
          description:
            'What check finds in this Pod template, and, with the first template of an object, in the rest of the object. Empty in a namespace that the policy excludes.',
        },
      }),
    ),
    errors: list(exact({ file: string, document: nullable('integer'), line: nullable('integer'), message: string })),
    summary: exact({ explained: count, errors: count }),
  });
}

export function statusSchema(): JsonSchema {
  const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [{ type: 'null' }, schema] });
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
  return root('status', 'podgrace status -o json', {
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
