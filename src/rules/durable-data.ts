/** Databases and StatefulSets keep their data in claims. */
import { isDataStore } from '../core/data-stores.ts';
import { anyNameMatcher } from '../core/glob.ts';
import { oncePer } from '../core/once-per.ts';
import { pathOf, SPEC, type Container, type Volume } from '../core/pod.ts';
import { imageRepository } from '../core/process/image-knowledge.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { isProxy } from '../core/traffic.ts';

interface Options {
  /** Names of paths, with `*` for any run of characters. */
  readonly paths: readonly string[];
  readonly statefulPaths: readonly string[];
}

type MessageId = 'goesWithPod' | 'mayBeLost';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'durable-data',
    since: '0.1.0',
    category: 'storage',
    docs: {
      summary: 'Databases and StatefulSets keep their data in a claim, and not in a volume that goes with the Pod.',
      harm: 'An emptyDir and a generic ephemeral volume are deleted with their Pod: the data is gone after the next rollout, drain or eviction.',
      why: [
        'An emptyDir and a generic ephemeral volume are deleted with their Pod: by each rollout, each drain and each eviction. A database that keeps its data in one is',
        'empty after the next update of its node, without any error. `kubectl drain` asks for `--delete-emptydir-data` before it',
        'does that, and most people have learnt to give it.',
      ].join('\n'),
      firesOn: [
        'an emptyDir, or a generic ephemeral volume, that is mounted for writing at a directory where a database keeps its data (`paths`: `/var/lib/postgresql/data`, `/data/db`, …)',
        'in a StatefulSet, and in a container with the image of a data store (`minio`, `nats`, …), the same at a directory that is named like one for data (`statefulPaths`: `/data`, `/var/lib/…/data`, `/loki`, `/var/jenkins_home`, …)',
        'the same of a store in memory, which is often a cache (Redis, Valkey, KeyDB, Dragonfly), and of one of measurements or alerts (Prometheus, Alertmanager, Thanos): recorded as unknown',
      ],
      leavesAlone: [
        'Jobs and DaemonSets',
        'proxies that stand beside the application (`istio/proxyv2`, `linkerd/proxy`, `envoy`): what they keep is made anew',
        'mounts that are read-only, and paths of run files, caches, logs, configuration and what fills a database at its first start',
        'claims, and hostPaths (`local-volume`)',
        'a data directory without any volume: the spec does not say what the image does there',
      ],
      remediation: [
        'Use `volumeClaimTemplates` of a StatefulSet, or a PersistentVolumeClaim. Where the data are a cache that may be lost, have the',
        'policy exempt the workload: then the next reader knows it too.',
      ].join('\n'),
      worse: 'A data directory that goes with the Pod is as bad as any other; each volume is compared with itself.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: [
        'https://kubernetes.io/docs/concepts/storage/volumes/#emptydir',
        'https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes',
        'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage',
      ],
    },
    reads: [
      'spec.volumes[*].name',
      'spec.volumes[*].emptyDir',
      'spec.volumes[*].ephemeral',
      ...['containers', 'initContainers'].flatMap((list) => [`spec.${list}[*].volumeMounts`, `spec.${list}[*].image`]),
    ],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: ['service', 'stateful', 'pod'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      goesWithPod: {
        text: 'must be on a volume that lasts, but {{path}} is on the {{kind}} {{volume}}: what is written there is gone with the Pod',
        fix: 'use a claim (`volumeClaimTemplates` of a StatefulSet); if the data may be lost, exempt the workload in the policy',
      },
      mayBeLost: {
        text: 'must be on a volume that lasts if the data must last: {{path}} is on the {{kind}} {{volume}}, and the spec does not say whether it may be lost',
        fix: 'use a claim (`volumeClaimTemplates` of a StatefulSet), unless the data may be lost with the Pod',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        paths: {
          type: 'array',
          maxItems: 200,
          items: { type: 'string', minLength: 1, maxLength: 4096 },
          description: 'Where databases keep their data; `*` stands for any characters, also slashes.',
        },
        statefulPaths: {
          type: 'array',
          maxItems: 200,
          items: { type: 'string', minLength: 1, maxLength: 4096 },
          description: 'What looks like a place for data in a StatefulSet; `*` stands for any characters, also slashes.',
        },
      },
    },
    defaultOptions: {
      paths: [
        '/var/lib/postgresql*',
        '/var/lib/pgsql*',
        '/var/lib/mysql',
        '/var/lib/mysql/data',
        '/var/lib/mariadb',
        '/data/db',
        '/data/configdb',
        '/var/lib/mongodb*',
        '/var/lib/cassandra*',
        '/cassandra_data',
        '/cockroach/cockroach-data',
        '/var/lib/elasticsearch*',
        '/usr/share/elasticsearch/data',
        '/usr/share/opensearch/data',
        '/var/lib/rabbitmq*',
        '/var/lib/etcd*',
        '/var/lib/neo4j*',
        '/var/lib/clickhouse*',
        '/var/lib/influxdb*',
        '/var/lib/kafka/data*',
        '/var/lib/zookeeper/data*',
        '/bitnami/*',
      ],
      // What images name as the place of their data, in their Dockerfile or their documentation.
      statefulPaths: [
        '/data',
        '/data/*',
        '/var/data*',
        '/var/lib/*/data',
        '/storage',
        '/prometheus',
        '/prometheus/*',
        '/prometheus-data',
        '/alertmanager',
        '/loki',
        '/var/loki',
        '/var/lib/loki',
        '/tempo',
        '/var/tempo',
        '/var/thanos/*',
        '/var/lib/grafana',
        '/victoria-metrics-data',
        '/qdrant/storage',
        '/meili_data',
        '/var/solr',
        '/var/solr/*',
        '/vault/data',
        '/vault/file',
        '/consul/data',
        '/pulsar/data',
        '/var/opt/mssql',
        '/var/opt/mssql/*',
        '/opt/couchdb/data',
        '/nexus-data',
        '/var/jenkins_home',
        '/opt/sonarqube/data',
      ],
    },
  },

  validate({ spec }, context) {
    if (spec.volumes == null) return NO_VIOLATIONS;
    let scratch: Map<string, string> | undefined;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      if (isProxy(reference.container)) continue;
      let index = -1;
      for (const { name, mountPath, readOnly } of context.each(reference.container.volumeMounts)) {
        index += 1;
        if (readOnly === true || !isDataPath(mountPath, reference.container, context)) continue;
        scratch ??= volumesOfPod(spec.volumes, context);
        const kind = scratch.get(name);
        if (kind === undefined) continue;
        // Once for a volume: its other containers have the same data.
        scratch.delete(name);
        violations ??= [];
        const path = pathOf(reference).field('volumeMounts').at(index, { mountPath }).field('name');
        const data = { path: mountPath, kind, volume: name };
        if (OFTEN_LOST.test(imageRepository(reference.container.image))) {
          violations.push({ message: 'mayBeLost', path, data, unknown: true });
        } else {
          violations.push({ message: 'goesWithPod', path, data, rank: [0], ranked: [SPEC.field('volumes').at(0, { name })] });
        }
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/** What they are, by their names. */
function volumesOfPod(volumes: readonly Volume[], context: RuleContext<Options>): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const { name, emptyDir, ephemeral } of context.each(volumes))
    if (emptyDir != null) kinds.set(name, 'emptyDir');
    else if (ephemeral != null) kinds.set(name, 'generic ephemeral volume');
  return kinds;
}

function isDataPath(mountPath: string, container: Container, { options, subject }: RuleContext<Options>): boolean {
  const { isListed, isListedForStateful } = matchersOf(options);
  const path = mountPath.length > 1 && mountPath.endsWith('/') ? mountPath.slice(0, -1) : mountPath;
  if (TEMPORARY.test(path)) return false;
  return isListed(path) || (isListedForStateful(path) && (subject.workloadClass === 'stateful' || isDataStore(container)));
}

/** Stores that hold everything in memory, and write snapshots of it, and those of measurements and alerts, which soon grow old. */
const OFTEN_LOST =
  /\/(?:redis(?:-cluster|-stack|-stack-server)?|valkey|keydb|dragonfly|prometheus|alertmanager|thanos|victoria-metrics|vmstorage)$/;

/** What lies beside data and is no data. */
const TEMPORARY = /(?:^|[/._-])(?:tmp|temp|cache|run|logs?|conf|config|certs?|secrets?|plugins?|scripts?|socket|init)(?:$|[/._-])/i;

const matchersOf = oncePer(({ paths, statefulPaths }: Options) => ({
  isListed: anyNameMatcher(paths),
  isListedForStateful: anyNameMatcher(statefulPaths),
}));
