/**
 * The JSON Schema of a LifecyclePolicy, built from the options' schemas of the rules themselves.
 *
 * One schema for the server, the command line, editors (schemas/policy.schema.json) and the CRD.
 */
import type { Catalogue } from '../core/catalogue.ts';
import { OLDEST_MINOR, NEWEST_MINOR } from '../core/kubernetes-version.ts';
import {
  DEFAULT_EXCLUDED_NAMESPACES,
  DEFAULT_EXEMPTION_HORIZON_DAYS,
  DEFAULT_KUBERNETES_VERSION,
  POLICY_API_VERSION,
  POLICY_KIND,
} from '../core/policy.ts';
import { MODES, MUTATIONS, PRESETS, type JsonSchema } from '../core/rule.ts';
import { DEFAULT_BATCH_RESTART_POLICIES, WORKLOAD_CLASSES } from '../core/workload.ts';

/** `IsDNS1123Subdomain` (apimachinery `pkg/util/validation`), which the names of custom resources must satisfy. */
const DNS_SUBDOMAIN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const MAX_DNS_SUBDOMAIN_LENGTH = 253;

/** @param catalogue the rules that a policy may name, and their options */
export function policySchema(catalogue: Catalogue): JsonSchema {
  return documentSchema(catalogue, rulesSchema(catalogue));
}

/** @param rules the schema of the settings of rules */
function documentSchema(catalogue: Catalogue, rules: JsonSchema): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://podgrace.dev/schemas/policy.schema.json',
    title: 'LifecyclePolicy',
    description: 'What podgrace asks of Pods, what it repairs, and who is exempt.',
    type: 'object',
    additionalProperties: false,
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: {
      apiVersion: { type: 'string', enum: [POLICY_API_VERSION] },
      kind: { type: 'string', enum: [POLICY_KIND] },
      metadata: {
        type: 'object',
        required: ['name'],
        properties: {
          name: {
            type: 'string',
            pattern: DNS_SUBDOMAIN,
            maxLength: MAX_DNS_SUBDOMAIN_LENGTH,
            description:
              "A DNS-1123 subdomain: lower-case letters, digits, '-' and '.', a letter or digit at both ends of each part. Named in denials, logs and audit annotations.",
          },
        },
      },
      spec: specSchema(catalogue, rules),
    },
  };
}

/** For ajv: all errors, each with the value and the part of the schema that messages quote. */
export const AJV_OPTIONS = { allErrors: true, verbose: true, inlineRefs: false } as const;

/**
 * The schema for a validator: the settings of rules stand in it once, not in `rules` and in each of `overrides`, which makes the code
 * half as long. A CRD cannot refer to a part of its schema, so the published schema has them twice.
 */
export function compiledSchema(catalogue: Catalogue): JsonSchema {
  return { ...documentSchema(catalogue, { $ref: '#/definitions/rules' }), definitions: { rules: rulesSchema(catalogue) } };
}

function specSchema(catalogue: Catalogue, rules: JsonSchema): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['preset'],
    properties: {
      preset: {
        type: 'string',
        enum: [...PRESETS],
        description:
          'Where every rule starts: baseline warns and repairs safely, production enforces what a production service needs, strict everything.',
      },
      kubernetesVersion: {
        type: 'string',
        pattern: '^v?1\\.\\d+(\\.\\d+)?([-+].*)?$',
        default: DEFAULT_KUBERNETES_VERSION,
        description: `The oldest Kubernetes version among the nodes, 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}: it says which fields work and how the QoS class is computed.`,
      },
      owned: {
        type: 'string',
        enum: ['audit', 'warn', 'enforce'],
        default: 'audit',
        description:
          'What becomes of violations in Pods, ReplicaSets and Jobs that a built-in controller creates from a workload that was admitted before. enforce stops old workloads from replacing their Pods.',
      },
      errored: {
        type: 'string',
        enum: ['enforce', 'warn', 'audit'],
        description:
          'What becomes of an object about which a rule failed or ran out of time, and of a field that has the wrong type; warn in the preset baseline, else enforce. A rule that reads such a field counts as broken there, in its own mode, and a rule on enforce that ran out of time denies.',
      },
      excludedNamespaces: {
        type: 'array',
        items: namespacePattern(),
        default: [...DEFAULT_EXCLUDED_NAMESPACES],
        description:
          'Namespaces that are left alone. Replaces the default; keep the namespaces of the cluster itself and of podgrace in it.',
      },
      workloadKinds: {
        type: 'array',
        description: 'Kinds of your own that hold a Pod template or own Pods; a kind with several templates is named once for each.',
        items: workloadKindSchema(),
      },
      barePods: {
        type: 'object',
        additionalProperties: false,
        description: 'Pods without a controller, or with one that is not proven.',
        properties: {
          batchWhen: {
            type: 'array',
            items: { type: 'string', enum: ['Never', 'OnFailure'] },
            default: [...DEFAULT_BATCH_RESTART_POLICIES],
            description:
              'The restart policies with which such a Pod is of class batch: it ends, and is not asked for probes or a preStop hook. With any other it is of class pod.',
          },
        },
      },
      images: {
        type: 'array',
        maxItems: MAX_IMAGES,
        description:
          'What is known of images of your own, in addition to what podgrace knows of public ones. The first entry that matches says what it knows, later ones fill the rest.',
        items: imageSchema(),
      },
      rules: { ...rules, description: 'What differs from the preset.' },
      overrides: {
        type: 'array',
        description: 'What differs for some namespaces or workload classes; of two that match, the later counts.',
        items: overrideSchema(rules),
      },
      exemptions: { type: 'array', description: 'Who need not keep which rule, why, and until when.', items: exemptionSchema(catalogue) },
      exemptionHorizonDays: {
        type: 'integer',
        minimum: 1,
        maximum: 3660,
        default: DEFAULT_EXEMPTION_HORIZON_DAYS,
        description: 'How many days ahead an exemption may end at the most, counted from when the policy is loaded.',
      },
    },
  };
}

function workloadKindSchema(): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['group', 'kind', 'class'],
    properties: {
      group: { type: 'string', description: 'The API group: argoproj.io.' },
      kind: { type: 'string', minLength: 1, description: 'Rollout' },
      class: {
        type: 'string',
        enum: [...WORKLOAD_CLASSES],
        description: 'What the Pods of this kind do; operator for an owner that recreates Pods that were changed.',
      },
      templatePath: {
        type: 'string',
        pattern: '^[A-Za-z][A-Za-z0-9]*(\\[\\*\\])?(\\.[A-Za-z][A-Za-z0-9]*(\\[\\*\\])?)*$',
        description: 'Where the Pod template stands: spec.template, or spec.tasks[*].template for each element of a list or map.',
      },
      senders: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        description:
          'The users who create Pods for an owner of this kind, * for any run of characters: system:serviceaccount:db:operator. An owner that anybody else names is not believed, and the Pod is of class pod.',
      },
    },
  };
}

function overrideSchema(rules: JsonSchema): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['rules'],
    anyOf: [{ required: ['namespaces'] }, { required: ['workloadClasses'] }],
    properties: {
      namespaces: { type: 'array', minItems: 1, items: namespacePattern() },
      workloadClasses: { type: 'array', minItems: 1, items: { type: 'string', enum: [...WORKLOAD_CLASSES] } },
      rules,
    },
  };
}

function rulesSchema(catalogue: Catalogue): JsonSchema {
  const properties = catalogue.rules.map(({ meta }): [string, JsonSchema] => [
    meta.id,
    {
      type: 'object',
      additionalProperties: false,
      description: meta.docs.summary,
      properties: {
        mode: {
          type: 'string',
          enum: [...MODES],
          description: 'enforce denies, warn answers with a warning, audit records; off switches the rule off, its repair included.',
        },
        mutation:
          meta.mutation === 'none'
            ? { type: 'string', enum: ['off'], description: 'The rule has no repair.' }
            : {
                type: 'string',
                enum: [...MUTATIONS],
                description: 'apply repairs Pods as they are created, would records what it would do.',
              },
        options: meta.schema,
      },
    },
  ]);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** More are a matter of patterns: each name of an image is compared with all of them once. */
const MAX_IMAGES = 200;

function imageSchema(): JsonSchema {
  const facts = ['sh', 'entrypoint', 'needsPidOne', 'stopSignal'];
  return {
    type: 'object',
    additionalProperties: false,
    required: ['repository'],
    anyOf: facts.map((fact) => ({ required: [fact] })),
    properties: {
      repository: {
        type: 'string',
        maxLength: 255,
        pattern: '^(\\*|[^\\s@/]*[.:*][^\\s@/]*/|localhost/)[^\\s@:]*$',
        description:
          'With its registry, without tag and digest; * stands for any run of characters: registry.example/base/*, docker.io/library/nginx.',
      },
      tag: {
        type: 'string',
        minLength: 1,
        maxLength: 128,
        description: 'The tag; * stands for any run of characters. Without it, any tag.',
      },
      sh: {
        type: 'string',
        enum: ['dash', 'bash', 'old bash', 'ash', 'none'],
        description: 'Which program `sh` is; old bash is bash before 5.1, ash that of busybox, none stands for an image without a shell.',
      },
      entrypoint: {
        type: 'string',
        enum: ['init', 'execs', 'none'],
        description:
          'What the entrypoint of the image is as PID 1: init, an init that passes signals on; execs, a script or program that becomes the application, which handles the stop signal; none, the image has no entrypoint, and what a container has as `args` is its command.',
      },
      needsPidOne: {
        type: 'boolean',
        description: 'Whether the entrypoint must be PID 1, as that of s6-overlay must: it does not run in a shared process namespace.',
      },
      stopSignal: {
        type: 'string',
        pattern: '^SIG[A-Z0-9]+([+-][0-9]+)?$',
        description: 'The STOPSIGNAL of the image, where it is not SIGTERM: SIGQUIT.',
      },
    },
  };
}

function exemptionSchema(catalogue: Catalogue): JsonSchema {
  const scopes = ['namespace', 'workload', 'container', 'image'] as const;
  return {
    type: 'object',
    additionalProperties: false,
    required: ['rule', 'reason', 'expires'],
    anyOf: scopes.map((scope) => ({ required: [scope] })),
    properties: {
      rule: { type: 'string', enum: catalogue.rules.map(({ meta }) => meta.id).sort() },
      namespace: namespacePattern(),
      workload: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { kind: { type: 'string', minLength: 1 }, name: namePattern('The workload') },
      },
      container: namePattern('The container'),
      image: namePattern('The image as the manifest has it'),
      reason: { type: 'string', minLength: 1, description: 'Why; shown wherever the exemption is used.' },
      expires: {
        type: 'string',
        pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d))?$',
        description:
          'The last day (2027-01-31, UTC) or an RFC 3339 time, at most `exemptionHorizonDays` ahead. What is exempt is warned of from 14 days before.',
      },
    },
  };
}

/** A namespace has the name of a DNS label. */
function namespacePattern(): JsonSchema {
  return {
    type: 'string',
    minLength: 1,
    // Also what is empty, of which `minLength` says it better.
    pattern: '^[a-z0-9*-]*$',
    description: "A namespace: lower-case letters, digits and '-', or * for any run of characters.",
  };
}

function namePattern(what: string): JsonSchema {
  return { type: 'string', minLength: 1, description: `${what}; * stands for any run of characters.` };
}
