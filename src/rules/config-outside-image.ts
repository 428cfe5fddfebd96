/** Settings that vary by environment are written once. */
import { anyNameMatcher, type NameMatcher } from '../core/glob.ts';
import { entryOf } from '../core/map-entry.ts';
import { oncePer } from '../core/once-per.ts';
import { pathOf, type EnvVar } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';
import type { WorkloadSettings } from '../core/surroundings.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { settingOf } from '../core/workload-settings.ts';

interface Options {
  /** Names, with `*` for any run of characters; upper and lower case are the same. */
  readonly variables: readonly string[];
  readonly ignoredVariables: readonly string[];
  readonly fromWorkloads: number;
}

type MessageId = 'repeated' | 'unknown';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'config-outside-image',
    since: '0.1.0',
    category: 'configuration',
    docs: {
      summary: 'Settings that vary by environment are in one ConfigMap, and not in each workload.',
      harm: 'Each workload has its own copy of the setting: whoever changes it must change all of them, and one that is forgotten keeps the old value.',
      why: [
        'A region, a log level or the address of a database differs between staging and production. If each workload has its',
        'own copy, the manifests of two environments differ in many places. A change must be made in each workload, and the',
        'workload that somebody forgets talks to the wrong database. With a ConfigMap, the workloads are the same everywhere,',
        'and the setting exists once.',
      ].join('\n'),
      firesOn: [
        'a variable with the same literal value in at least 3 workloads of one folder and namespace (`fromWorkloads`), whose name says that it varies by environment: `LOG_LEVEL`, `AWS_REGION`, `DEPLOYMENT_ENV`',
        'in the same way, an address outside of the cluster in a variable such as `DATABASE_URL`, `BROKER_HOST`: `postgres.prod.example.com:5432`',
        'in the webhook, `dry-run` and `replay`, where other workloads are not known: the first such variable, recorded as unknown',
      ],
      leavesAlone: [
        'variables of one or two workloads, and values that come from a ConfigMap, a Secret or another variable',
        'addresses of the cluster, which are the same in each environment: `redis:6379`, `api.shop.svc`, `127.0.0.1`',
        'credentials, which are a matter of `no-secret-in-env`',
        'folders with a kustomization, and what Helm (by its labels) or kustomize have rendered: there the value may come from one place',
        'Pods that a controller makes of a workload',
      ],
      remediation: [
        'Put the setting into a ConfigMap that all of them use, `envFrom: [{configMapRef: {name: settings}}]`, with one such ConfigMap for',
        'each environment. A change of it needs a restart of the Pods. Or render the manifests from one value, with Helm or kustomize.',
      ].join('\n'),
      worse: 'A setting in several workloads is as bad as any other; each variable is compared with itself.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: [
        'https://kubernetes.io/docs/concepts/configuration/configmap/',
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#configure-all-key-value-pairs-in-a-configmap-as-container-environment-variables',
        'https://12factor.net/config',
      ],
    },
    needs: ['workloadSettings'],
    reads: ['spec.containers[*].env', 'spec.initContainers[*].env'],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar', 'init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'off', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      repeated: {
        text: 'must come from a ConfigMap, but the literal value {{setting}} stands here and in {{others}}: a change has to be made in each',
        fix: 'put {{name}} into one ConfigMap for each environment, and take it from there with `envFrom` or `valueFrom.configMapKeyRef`',
      },
      unknown: {
        text: 'must come from a ConfigMap if other workloads have the same literal value {{setting}}; podgrace does not know them here',
        fix: 'check all manifests of the namespace together, so that podgrace sees the other workloads, or put {{name}} into a ConfigMap',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        variables: {
          type: 'array',
          maxItems: 200,
          items: { type: 'string', minLength: 1, maxLength: 200 },
          description:
            'Variables that vary by environment, whatever their value is; `*` stands for any characters, and upper and lower case are the same.',
        },
        ignoredVariables: {
          type: 'array',
          maxItems: 200,
          items: { type: 'string', minLength: 1, maxLength: 200 },
          description: 'Variables that may have a literal value everywhere.',
        },
        fromWorkloads: {
          type: 'integer',
          minimum: 2,
          maximum: 1000,
          description: 'In how many workloads the same value has to stand, this one included.',
        },
      },
    },
    defaultOptions: {
      variables: [
        ...['env', 'environment', '*_environment', 'app_env', 'deployment_env', 'deploy_env', 'rails_env', 'stage', '*_stage'],
        ...['*profiles_active', 'region', '*_region', '*log_level', '*loglevel', '*_bucket', 'bucket', '*project_id', '*account_id'],
        ...['*tenant_id', 'base_domain'],
      ],
      ignoredVariables: [],
      fromWorkloads: 3,
    },
  },

  validate(_pod, context) {
    const { surroundings, subject, options } = context;
    if (!subject.isTemplate && subject.isOwnerProven) return NO_VIOLATIONS;
    const known = surroundings.workloadSettings;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      let index = -1;
      for (const variable of context.each(reference.container.env)) {
        index += 1;
        if (!variesByEnvironment(variable, context)) continue;
        const { name, value } = variable;
        const place = pathOf(reference).field('env').at(index, { name });
        const path = place.field('value');
        const data = { name, setting: shortened(settingOf(name, value)) };
        // Once: of a Pod, and of all the others in the cluster, nobody needs more.
        if (!known.isKnown) return [{ message: 'unknown', path, data, unknown: true }];
        const others = othersWith(settingOf(name, value), known.value, context);
        if (others.length + 1 < options.fromWorkloads) continue;
        violations ??= [];
        violations.push({ message: 'repeated', path, data: { ...data, others: listed(others) }, rank: [0], ranked: [place] });
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

interface Literal {
  readonly name: string;
  readonly value: string;
}

function variesByEnvironment(variable: EnvVar, { options }: RuleContext<Options>): variable is EnvVar & Literal {
  const { name, value } = variable;
  // References, and what a template leaves open, are no literals.
  if (value == null || value === '' || name.length > LONGEST || value.length > LONGEST || /[${<]/.test(value)) return false;
  const lower = name.toLowerCase();
  const { isVarying, isIgnored } = matchersOf(options);
  return (isVarying(lower) || (ADDRESS_NAME.test(lower) && isOutside(value))) && !isIgnored(lower);
}

/** Of a name and of a value: addresses are shorter, and what is longer is other text. */
const LONGEST = 256;
const ADDRESS_NAME = /(?:^|_)(?:ur[il]|endpoints?|host(?:name)?|addr(?:ess)?|servers?|brokers?)$/;

/** `https://db.prod.example.com/x`, `10.2.3.4:80`, `a.prod.example.com:9092,b.prod.example.com:9092`; a password in it is another matter. */
const OUTSIDE = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+){2,})\.?(?::\d+)?(?:[/,?].*)?$/i;
const OF_CLUSTER = /\.svc$|\.svc\.|\.(?:local|localhost|internal)$|^(?:127|0|169\.254)\./i;

function isOutside(value: string): boolean {
  const host = OUTSIDE.exec(value)?.[1];
  return host !== undefined && !OF_CLUSTER.test(host);
}

const matchersOf = oncePer(({ variables, ignoredVariables }: Options) => {
  const inLowerCase = (names: readonly string[]): NameMatcher => anyNameMatcher(names.map((name) => name.toLowerCase()));
  return { isVarying: inLowerCase(variables), isIgnored: inLowerCase(ignoredVariables) };
});

/** The other workloads with the same value. */
function othersWith(setting: string, workloads: readonly WorkloadSettings[], context: RuleContext<Options>): readonly WorkloadSettings[] {
  const { kind, name } = context.subject;
  return (workloadsBySetting(workloads, context).get(setting) ?? []).filter((other) => other.kind !== kind || other.name !== name);
}

/** Made once for the list, which all workloads of an application share. */
function workloadsBySetting(
  workloads: readonly WorkloadSettings[],
  context: RuleContext<Options>,
): ReadonlyMap<string, readonly WorkloadSettings[]> {
  const made = BY_SETTING.get(workloads);
  if (made !== undefined) return made;
  const bySetting = new Map<string, WorkloadSettings[]>();
  for (const workload of context.each(workloads))
    for (const setting of context.each(workload.settings)) entryOf(bySetting, setting, () => []).push(workload);
  BY_SETTING.set(workloads, bySetting);
  return bySetting;
}

const BY_SETTING = new WeakMap<readonly WorkloadSettings[], ReadonlyMap<string, readonly WorkloadSettings[]>>();

/** So many are named. */
const MAX_NAMED = 2;

/** `Deployment api, Deployment web and 3 more workloads` */
function listed(workloads: readonly WorkloadSettings[]): string {
  const names = workloads.slice(0, MAX_NAMED).map(({ kind, name }) => `${kind} ${shortened(name)}`);
  const more = workloads.length - names.length;
  if (more === 0) return names.join(' and ');
  return `${names.join(', ')} and ${more} more workload${more === 1 ? '' : 's'}`;
}
