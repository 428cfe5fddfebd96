/**
 * For each rule, what it judges from right to worst, as its page says it. `test/admission/decision.worse.test.ts` updates every
 * step to every other one, and lists of them to other lists.
 */

import type { Surrounding } from '../../src/core/surroundings.ts';

/** A part of a container, a volume, a Pod's spec, a template's metadata or a workload's spec. */
type Part = Readonly<Record<string, unknown>>;

export interface Ladder {
  readonly what: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** The first holds what is right; what stands in one step is equally bad. */
  readonly steps: readonly [right: readonly Part[], ...worse: (readonly Part[])[]];
  /** A Deployment with these things; what is no list has one. */
  readonly object: (things: Readonly<Record<string, Part>>) => object;
  /** What is known of other objects. */
  readonly surroundings?: Partial<Record<Surrounding, unknown>> | undefined;
  /** Whether there can be any number of things, by their names. */
  readonly isList: boolean;
}

type Steps = Ladder['steps'];

interface DeploymentParts {
  readonly metadata?: object | undefined;
  readonly pod?: object;
  readonly spec?: object;
}

function deployment({ metadata, pod, spec }: DeploymentParts): object {
  const containers = [{ name: 'right', image: 'registry.example/right:1' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      replicas: 3,
      ...spec,
      template: { metadata: { labels: { app: 'web' }, ...metadata }, spec: { containers, terminationGracePeriodSeconds: 60, ...pod } },
    },
  };
}

/** Each has an image of its own, so that none is taken for another one; `tag` is the tag. */
function inContainers(what: string, steps: Steps, options: Ladder['options'] = {}): Ladder {
  const object: Ladder['object'] = (things) => {
    const containers = Object.entries(things).map(([name, { tag = '1', ...part }]) => ({
      ...{ name, image: `registry.example/${name}:${String(tag)}` },
      ...part,
    }));
    return deployment({ pod: { containers: [{ name: 'right', image: 'registry.example/right:1' }, ...containers] } });
  };
  return { what, steps, options, object, isList: true };
}

function inVolumes(what: string, steps: Steps): Ladder {
  const object: Ladder['object'] = (things) => {
    const volumes = Object.entries(things).map(([name, emptyDir]) => ({ name, emptyDir }));
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
    return deployment({ pod: { containers: [{ name: 'right', image: 'registry.example/right:1', volumeMounts }], volumes } });
  };
  return { what, steps, object, isList: true };
}

/** A Deployment whose spec has these members, with what is known around it. */
function knowing(surroundings: Ladder['surroundings'], ladder: Ladder): Ladder {
  return { ...ladder, surroundings };
}

function ofOne(what: string, steps: Steps, parts: (part: Part) => DeploymentParts, options: Ladder['options'] = {}): Ladder {
  return { what, steps, options, object: ({ one = {} }) => deployment(parts(one)), isList: false };
}

const ofPod = (what: string, steps: Steps, options?: Ladder['options']): Ladder => ofOne(what, steps, (pod) => ({ pod }), options);

/** A Pod of one container with 256Mi that mounts a volume in memory for each name, with that size limit. */
const inMemory = (sizes: Part): DeploymentParts => ({
  pod: {
    volumes: Object.entries(sizes).map(([name, sizeLimit]) => ({ name, emptyDir: { medium: 'Memory', sizeLimit } })),
    containers: [
      {
        ...{ name: 'web', image: 'registry.example/web:1', resources: { limits: { memory: '256Mi' } } },
        volumeMounts: Object.keys(sizes).map((name) => ({ name, mountPath: `/${name}` })),
      },
    ],
  },
});

/** A Pod of one container that has these resources. */
const withResources = (resources: object | undefined, spec: object = {}): Part => ({
  containers: [{ name: 'app', image: 'registry.example/app:1', ...(resources && { resources }) }],
  ...spec,
});

const boundBy = (emptyDir: object, limits: object = {}): Part => ({
  containers: [
    { name: 'app', image: 'registry.example/app:1', resources: { limits }, volumeMounts: [{ name: 'data', mountPath: '/data' }] },
  ],
  volumes: [{ name: 'data', emptyDir }],
});

const WEB = { ports: [{ containerPort: 8080 }] };
const shell = (...words: string[]): Part => ({ command: ['sh', '-c', ...words] });
const preStop = (...command: string[]): Part => ({ ...WEB, lifecycle: { preStop: { exec: { command } } } });
const postStart = (hook: object): Part => ({ lifecycle: { postStart: hook } });
const sleep = (seconds: number): Part => ({ ...WEB, lifecycle: { preStop: { sleep: { seconds } } } });
const ask = (port: number | string): object => ({ httpGet: { path: '/', port } });
const liveness = (numbers: object): Part => ({ livenessProbe: { ...ask(8080), ...numbers } });
const ON_ONE_NODE = {
  nodeName: 'node-1',
  containers: [{ name: 'web', image: 'registry.example/web:1', ports: [{ containerPort: 80, hostPort: 80 }] }],
};
const starting = (numbers: object): Part => ({ startupProbe: { ...ask(8080), ...numbers } });
const beside = (numbers: object, readiness: object): Part => ({ ...liveness(numbers), readinessProbe: { ...ask(8080), ...readiness } });
const running = (command: readonly string[], periodSeconds: number): Part => ({ livenessProbe: { exec: { command }, periodSeconds } });
const memory = (limit?: string, request = limit): Part => ({
  resources: { ...(limit && { limits: { memory: limit } }), ...(request && { requests: { memory: request } }) },
});
const cpu = (cores: number): Part => ({ resources: { requests: { cpu: cores } } });
const tolerating = (seconds?: number): Part => ({
  tolerations: ['not-ready', 'unreachable'].map((taint) => ({
    ...{ key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoExecute' },
    ...(seconds !== undefined && { tolerationSeconds: seconds }),
  })),
});
const mounting = (source: object, mount: object = {}, spec: object = {}): Part => ({
  containers: [{ name: 'app', image: 'registry.example/app:1', volumeMounts: [{ name: 'data', mountPath: '/var/lib/mysql', ...mount }] }],
  volumes: [{ name: 'data', ...source }],
  ...spec,
});
const withVariable = (name: string, value: string): Part => ({
  containers: [{ name: 'app', image: 'registry.example/app:1', env: [{ name, value }] }],
});
const waiting = (script: string): Part => ({
  initContainers: [{ name: 'wait', image: 'registry.example/wait:1', command: ['sh', '-c', script] }],
});
/** A CronJob whose Job has these bounds. */
/** A StatefulSet whose spec has these fields. */
const ofSet = (what: string, steps: Steps): Ladder => ({
  ...ofOne(what, steps, (spec) => ({ spec })),
  object: ({ one: spec = {} }) => ({ ...deployment({ spec }), kind: 'StatefulSet' }),
});

function ofJob(what: string, steps: Steps): Ladder {
  const object: Ladder['object'] = ({ one: { concurrencyPolicy, suspend, ...bounds } = {} }) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report', namespace: 'shop' },
    spec: {
      schedule: '0 * * * *',
      ...(concurrencyPolicy !== undefined && { concurrencyPolicy }),
      ...(suspend !== undefined && { suspend }),
      jobTemplate: {
        spec: {
          ...bounds,
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'report', image: 'registry.example/report:1' }] } },
        },
      },
    },
  });
  return { what, steps, object, isList: false };
}
const spreading = (labelSelector: object | null): Part => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector }],
});
const referring = (name: string, key: string): Part => ({ env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name, key } } }] });
/** Beside a container with a hook. */
const restarting = (policy: object): Part => ({
  containers: [
    { name: 'app', image: 'registry.example/app:1', ports: [{ containerPort: 8080 }], ...policy },
    { name: 'hooked', image: 'registry.example/hooked:1', lifecycle: { preStop: { sleep: { seconds: 5 } } } },
  ],
});
/** The hostname makes each a change of the Pod's spec. */
const draining = (seconds: string, terminationGracePeriodSeconds = 60): Part => ({
  seconds,
  pod: { terminationGracePeriodSeconds, hostname: `drains-${seconds}` },
});
const ofDrain = ({ seconds, pod }: Part): DeploymentParts => ({
  metadata: { annotations: { 'podgrace.dev/drain-seconds': seconds } },
  pod: pod as object,
});
const all = { cpu: '1', memory: '1Gi' };

/** A Guaranteed Pod to which a webhook has added a container. */
function podWithAdded(container: object): object {
  const sent = { 'k:{"name":"web"}': { '.': {}, 'f:name': {} } };
  const managedFields = [{ manager: 'kubectl-create', operation: 'Update', fieldsV1: { 'f:spec': { 'f:containers': sent } } }];
  const web = { name: 'web', image: 'registry.example/web:1', resources: { limits: all } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', managedFields },
    spec: { containers: [web, container] },
  };
}

/** By the id of the rule; some judge several things. */
export const LADDERS: Readonly<Record<string, readonly Ladder[]>> = {
  'declared-probe-port': [
    inContainers('the port of a probe', [
      [{}, { livenessProbe: ask(8080) }, { ports: [{ name: 'web', containerPort: 80 }], livenessProbe: ask('web') }],
      [{ livenessProbe: ask('web') }, { ...WEB, livenessProbe: ask('admin') }, { livenessProbe: { tcpSocket: { port: 'web' } } }],
      [{ livenessProbe: ask('80') }, { ...WEB, livenessProbe: ask('WEB') }],
    ]),
  ],
  'empty-dir-size-limit': [
    inVolumes('a volume', [
      [{ sizeLimit: '1Gi' }, { sizeLimit: '100Gi' }, { medium: 'Memory', sizeLimit: '1Gi' }],
      [{ sizeLimit: '150Gi' }],
      [{ sizeLimit: '200Gi' }],
      [{}, { sizeLimit: '0' }],
      [{ medium: 'Memory', sizeLimit: '3Gi' }],
      [{ medium: 'Memory', sizeLimit: '100Gi' }],
      [{ medium: 'Memory' }],
      [{ medium: 'memory' }, { medium: 'HugePages' }],
    ]),
    ofPod('what bounds a volume that has no limit', [
      [boundBy({ sizeLimit: '1Gi' }), boundBy({ sizeLimit: '1Gi' }, { 'ephemeral-storage': '2Gi' })],
      [boundBy({}, { 'ephemeral-storage': '2Gi' }), boundBy({}, { 'ephemeral-storage': '4Gi' })],
      [boundBy({})],
      [boundBy({ medium: 'Memory' }, { memory: '2Gi' })],
      [boundBy({ medium: 'Memory' })],
    ]),
    ofOne(
      'two volumes in memory of one container',
      [
        [{ a: '128Mi', b: '128Mi' }, { a: '64Mi', b: '192Mi' }, { a: '256Mi' }],
        [
          { a: '200Mi', b: '128Mi' },
          { a: '128Mi', b: '200Mi' },
        ],
        [{ a: '256Mi', b: '256Mi' }],
      ],
      inMemory,
    ),
    ofOne(
      'what comes to a volume that is too large by itself',
      [[{ a: '600Mi' }], [{ a: '600Mi', b: '50Mi' }], [{ a: '600Mi', b: '200Mi' }]],
      inMemory,
    ),
  ],
  'exec-form': [
    inContainers('a hook', [
      [{}, preStop('sleep', '10'), preStop('sh', '-c', 'sleep 10 && true')],
      [preStop('sh', '-c', 'sleep', '10'), preStop('sleep', '10', '&&', 'true')],
      [preStop('sleep 10'), preStop('sh', '-c'), preStop('exit', '0'), preStop()],
    ]),
  ],
  'init-process': [
    inContainers(
      'what PID 1 does',
      [
        [{ command: ['/app/web'] }, shell('exec /app/web'), { command: ['tini', '--', '/app/web'], tag: 'java' }],
        [{ command: ['/app/web'], tag: 'java' }],
        [shell('trap "exit 0" TERM; /app/web')],
        [shell('/app/web; exit $?'), { command: ['tail', '-F', '/var/log/web'] }, shell('trap "" TERM; /app/web & wait')],
      ],
      { imagesThatNeedIt: ['*:java'] },
    ),
  ],
  'liveness-probe': [
    inContainers(
      'a probe',
      [
        [{}, liveness({}), { ...WEB, ...liveness({}) }, { ...WEB, restartPolicy: 'Never' }],
        [WEB],
        [
          { ...WEB, ...liveness({}), restartPolicy: 'Never' },
          { ...liveness({}), restartPolicy: 'Never' },
        ],
      ],
      { required: true },
    ),
  ],
  'memory-limit': [
    inContainers('a limit', [
      [memory('64Mi'), { resources: { limits: { memory: '1Gi', cpu: '1' } } }],
      [{}, { resources: { requests: { memory: '64Mi' } } }, { resources: { requests: { memory: '100m' } } }, cpu(1)],
    ]),
  ],
  'minimum-qos-class': [
    ofPod('being Burstable', [
      [withResources({ requests: { cpu: '1' } }), withResources({ limits: { memory: '1Gi' } })],
      [withResources(undefined), withResources({}), withResources({ requests: { cpu: '1' } }, { resources: {} })],
    ]),
    ofPod(
      'being Guaranteed',
      [
        [withResources({ limits: all })],
        [withResources({ limits: all, requests: { cpu: '1', memory: '512Mi' } }), withResources({ limits: { cpu: '1' } })],
        [withResources({ requests: { cpu: '1' } }), withResources({ requests: all })],
        [withResources(undefined)],
      ],
      { class: 'Guaranteed' },
    ),
  ],
  'no-identical-probes': [
    inContainers('two probes', [
      [{}, liveness({}), beside({ failureThreshold: 6 }, {}), { ...liveness({}), readinessProbe: ask('other') }],
      [beside({}, {}), beside({ failureThreshold: 6 }, { failureThreshold: 6 }), { ...WEB, ...beside({}, {}) }],
    ]),
  ],
  'pre-stop-delay': [
    inContainers('a delay', [
      [{}, sleep(10), preStop('sleep', '5')],
      [sleep(4), preStop('sh', '-c', 'sleep 4')],
      [sleep(3), preStop('sh', '-c', 'sleep 3; nginx -s quit')],
      [preStop('sh', '-c', 'nginx -s quit; sleep 15'), preStop('true')],
      [WEB],
    ]),
  ],
  'probe-defaults': [
    inContainers('a timeout', [
      [{}, liveness({ timeoutSeconds: 5 }), liveness({ timeoutSeconds: 2 })],
      [liveness({}), liveness({ timeoutSeconds: 1 }), liveness({ periodSeconds: 3 })],
    ]),
  ],
  'probe-handler': [
    inContainers(
      'a handler',
      [
        [{}, liveness({}), running(['/app/check'], 10)],
        [running(['/app/check'], 4)],
        [running(['/app/check'], 1)],
        [{ livenessProbe: { httpGet: { path: '/', port: 8080, host: 'example.com' } } }],
        [running(['sleep', '10'], 10), running(['sh', '-c', 'sleep 20'], 1)],
      ],
      { minExecPeriodSeconds: 5 },
    ),
  ],
  'probe-timing': [
    inContainers('a timeout', [
      [{}, liveness({ timeoutSeconds: 10, periodSeconds: 10 })],
      [liveness({ timeoutSeconds: 12, periodSeconds: 10 })],
      [liveness({ timeoutSeconds: 20, periodSeconds: 10 }), liveness({ timeoutSeconds: 30, periodSeconds: 20 })],
    ]),
    inContainers('the time for a start', [
      [{}, beside({ initialDelaySeconds: 60 }, { initialDelaySeconds: 60, periodSeconds: 5 })],
      [beside({ initialDelaySeconds: 30 }, { initialDelaySeconds: 60, periodSeconds: 5 })],
      [beside({}, { initialDelaySeconds: 60, periodSeconds: 5 })],
    ]),
    inContainers('a tolerance', [
      [{}, beside({ failureThreshold: 3 }, {}), beside({ failureThreshold: 60 }, {})],
      [beside({ failureThreshold: 70 }, {})],
      [beside({ failureThreshold: 90 }, {})],
      [liveness({ failureThreshold: 1 }), beside({ failureThreshold: 1 }, { failureThreshold: 1 })],
      [beside({ failureThreshold: 2 }, {})],
      [beside({ failureThreshold: 1 }, {}), beside({ failureThreshold: 2 }, { failureThreshold: 4 })],
    ]),
    inContainers('the attempts of a start', [
      [{}, starting({ failureThreshold: 30 }), starting({ failureThreshold: 1, timeoutSeconds: 9 })],
      [starting({ failureThreshold: 1 }), starting({ failureThreshold: 1, initialDelaySeconds: 60 })],
    ]),
    inContainers('a grace period of a probe', [
      [{}, liveness({ terminationGracePeriodSeconds: 10 })],
      [liveness({ terminationGracePeriodSeconds: 0 }), liveness({ terminationGracePeriodSeconds: -5 })],
    ]),
  ],
  'readiness-probe': [
    inContainers('a probe', [
      [{}, { ...WEB, readinessProbe: ask(8080) }],
      [
        WEB,
        { ...WEB, ...liveness({}) },
        { ports: [{ containerPort: 53, protocol: 'UDP' }] },
        { ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 8080 }] },
        { ...WEB, ...liveness({ periodSeconds: 1, failureThreshold: 1 }) },
      ],
    ]),
  ],
  'rollout-strategy': [
    ofOne(
      'a strategy',
      [
        [{}, { strategy: { type: 'RollingUpdate' } }, { strategy: { rollingUpdate: { maxUnavailable: 2 } } }],
        [{ strategy: { rollingUpdate: { maxUnavailable: '100%' } } }, { strategy: { rollingUpdate: { maxUnavailable: 3, maxSurge: 0 } } }],
        [{ strategy: { type: 'Recreate' } }],
      ],
      (spec) => ({ spec }),
    ),
    ofOne(
      'a port of the node',
      [
        [{ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }, { strategy: { rollingUpdate: { maxUnavailable: 1 } } }],
        [{}, { strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } }],
      ],
      (spec) => ({ spec, pod: ON_ONE_NODE }),
    ),
  ],
  'sane-quantities': [
    inContainers('an amount of memory', [
      [{}, memory('512Mi'), memory('24Ti')],
      [memory('65Ti')],
      [memory('1E')],
      [memory('512k')],
      [memory('512')],
    ]),
    ofPod('the disk of a Pod', [
      [withResources({ limits: { 'ephemeral-storage': '1Gi' } }), withResources(undefined)],
      [withResources({ limits: { 'ephemeral-storage': '10' } })],
      [withResources({ limits: { 'ephemeral-storage': '0' } })],
    ]),
    inContainers('a limit that goes away', [
      [{}, memory('512Mi')],
      [memory('', '512'), memory('512Mi', '512')],
      [memory('512', '512'), memory('512')],
    ]),
    inContainers('an amount of cpu', [[{}, cpu(2)], [cpu(500)], [cpu(2000)]]),
    inContainers(
      'units',
      [
        [{}, memory('512Mi', '256Mi')],
        [memory('512Mi', '500M'), memory('512M', '256Mi')],
      ],
      { mixedUnits: true },
    ),
  ],
  'shutdown-budget': [
    ofOne(
      'a grace period',
      [
        [draining('20'), draining('55')],
        [draining('60')],
        [draining('70'), draining('20', 10)],
        [draining('9000', 600)],
        [draining('9000')],
      ],
      ofDrain,
    ),
    ofOne('an annotation', [[draining('20')], [draining('soon'), draining('1h'), draining('-5')]], ofDrain),
    inContainers('a hook', [
      [{}, sleep(10)],
      [preStop('sh', '-c', 'while true; do sleep 1; done'), preStop('sh', '-c', 'while :; do sleep 5; done')],
    ]),
  ],
  'startup-probe': [
    inContainers(
      'a delay',
      [
        [{}, liveness({ initialDelaySeconds: 60 }), { ...liveness({ initialDelaySeconds: 300 }), startupProbe: ask(8080) }],
        [liveness({ initialDelaySeconds: 90 })],
        [liveness({ initialDelaySeconds: 300 })],
      ],
      { maxInitialDelaySeconds: 60 },
    ),
  ],
  'stoppable-sleep': [
    inContainers('a command', [
      [{ command: ['/app/web'] }, shell('trap exit TERM; sleep infinity & wait')],
      [{ command: ['sleep', 'infinity'] }, { command: ['tail', '-f', '/dev/null'] }, { command: ['cat'], stdin: true }],
    ]),
  ],
  'toleration-seconds': [
    ofPod('what is too long', [[tolerating(60), tolerating(120)], [tolerating(300)], [tolerating(900)], [tolerating()]]),
    ofPod(
      'what is too short or too long',
      [[tolerating(60), tolerating(120)], [tolerating(50), tolerating(130)], [tolerating(0), tolerating(180)], [tolerating(900)]],
      { stateless: { seconds: 60, min: 60, max: 120 } },
    ),
  ],

  'pre-stop-handler': [
    inContainers('a hook', [
      [{}, sleep(10), preStop('/app/drain'), { lifecycle: { preStop: ask(8080) } }],
      [
        { lifecycle: { preStop: { tcpSocket: { port: 8080 } } } },
        { lifecycle: { preStop: ask('admin') } },
        { ...WEB, lifecycle: { preStop: ask('x') } },
      ],
    ]),
  ],

  'post-start': [
    inContainers('a hook', [
      [{}, postStart({ sleep: { seconds: 5 } }), postStart({ exec: { command: ['/app/hello'] } })],
      [postStart({ sleep: { seconds: 15 } })],
      [postStart({ sleep: { seconds: 20 } }), postStart({ exec: { command: ['sh', '-c', 'sleep 20'] } })],
      [postStart(ask(8080))],
      [postStart({ exec: { command: ['sleep', 'infinity'] } })],
      [postStart(ask('admin')), postStart({ tcpSocket: { port: 8080 } })],
    ]),
  ],

  'qos-stays': [
    {
      what: 'a proxy that was added',
      steps: [
        [{ resources: { limits: all } }, { resources: { limits: all, requests: all } }],
        [{}, { resources: { requests: { cpu: '1' } } }, { resources: { limits: { cpu: '1' } } }],
      ],
      object: ({ one }) => podWithAdded({ name: 'proxy', image: 'registry.example/proxy:1', ...one }),
      isList: false,
    },
  ],
  'restart-rules': [
    ofPod('a policy of its own', [
      [restarting({}), restarting({ restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] })],
      [restarting({ restartPolicy: 'Never', restartPolicyRules: [{ action: 'RestartAllContainers' }] })],
      [restarting({ restartPolicy: 'Never' })],
    ]),
  ],

  'termination-grace-period': [
    ofPod(
      'a period',
      [
        [{ terminationGracePeriodSeconds: 30 }, {}, { terminationGracePeriodSeconds: 3600 }],
        [{ terminationGracePeriodSeconds: 7200 }],
        [{ terminationGracePeriodSeconds: 10_000 }],
        [{ terminationGracePeriodSeconds: 5 }],
        [{ terminationGracePeriodSeconds: 0 }],
      ],
      { minSeconds: 10 },
    ),
  ],

  'limit-request-ratio': [
    inContainers('memory', [
      [{}, memory('1Gi'), memory('1Gi', '256Mi')],
      [memory('1Gi', '128Mi'), memory('2Gi', '256Mi')],
      [memory('1Gi', '64Mi')],
      [memory('1Gi', '0')],
    ]),
  ],

  'ephemeral-storage-limit': [
    inContainers('a limit', [[{ resources: { limits: { 'ephemeral-storage': '1Gi' } } }], [{}, memory('1Gi')]], { of: 'all' }),
  ],

  'no-host-path': [
    ofPod('a path', [
      [mounting({ emptyDir: {} }), mounting({ hostPath: { path: '/etc/localtime' } })],
      [mounting({ hostPath: { path: '/srv' } }, { readOnly: true }), mounting({ hostPath: { path: '/etc' } }, { readOnly: true })],
      [mounting({ hostPath: { path: '/' } }, { readOnly: true })],
      [mounting({ hostPath: { path: '/srv/web' } }), mounting({ hostPath: { path: '/etc/web/' } })],
      [
        mounting({ hostPath: { path: '/srv' } }),
        mounting({ hostPath: { path: '/etc' } }),
        mounting({ hostPath: { path: '/web.sock' } }, { readOnly: true }),
        mounting({ hostPath: { path: '/disk', type: 'BlockDevice' } }, { readOnly: true }),
      ],
      [mounting({ hostPath: { path: '/' } }), mounting({ hostPath: { path: '/./' } }), mounting({ hostPath: { path: 'C:\\' } })],
    ]),
  ],

  'read-only-root-filesystem': [
    ofPod('a container', [
      [withResources(undefined, { containers: [{ name: 'app', securityContext: { readOnlyRootFilesystem: true } }] })],
      [withResources(undefined), withResources({}, { hostname: 'a' })],
    ]),
  ],

  'durable-data': [
    ofPod('a data directory', [
      [mounting({ persistentVolumeClaim: { claimName: 'data' } }), mounting({ emptyDir: {} }, { mountPath: '/tmp' })],
      [mounting({ emptyDir: {} }), mounting({ emptyDir: { medium: 'Memory' } })],
    ]),
  ],

  'local-volume': [
    ofPod('data of a node', [
      [mounting({ emptyDir: {} }), mounting({ hostPath: { path: '/srv' } }, { readOnly: true })],
      [
        mounting({ hostPath: { path: '/srv' } }, {}, { nodeName: 'a' }),
        mounting({ hostPath: { path: '/x' } }, {}, { nodeSelector: { 'kubernetes.io/hostname': 'b' } }),
      ],
      [mounting({ hostPath: { path: '/srv' } })],
    ]),
  ],

  'no-secret-in-env': [
    ofPod('a variable', [
      [withVariable('LEVEL', 'info'), withVariable('DB_PASSWORD', '$(OTHER)')],
      [withVariable('DB_PASSWORD', 'hunter2'), withVariable('DB_PASSWORD', 'hunter3')],
    ]),
  ],
  'init-container-wait': [
    ofPod('a wait', [
      [waiting('timeout 30 sh -c "until nc -z db 5432; do sleep 1; done"'), waiting('migrate')],
      [waiting('until nc -z db 5432; do sleep 1; done'), waiting('while ! nc -z db 5432; do sleep 2; done')],
    ]),
  ],
  'image-reference': [
    inContainers('an image', [
      [{ image: 'web:1' }, { image: 'web@sha256:4d5e3d4a3e3f1b6f1b7b2c5f8d0a9c6e7f1e2d3c4b5a69788796a5b4c3d2e1f0' }],
      [{ image: 'web' }, { image: 'web:latest' }],
      [{ image: 'web', imagePullPolicy: 'IfNotPresent' }],
      [{ image: 'web:1', imagePullPolicy: 'Never' }],
      // One repository for all: containers are told apart by what they run.
      [{ image: 'web:{{ tag }}' }, { image: 'web:-' }],
    ]),
  ],
  'scheduled-by-hand': [
    ofPod('a node', [
      [{}, { nodeName: '' }],
      [{ nodeName: 'a' }, { nodeName: 'b' }],
    ]),
  ],
  'job-bounds': [
    ofJob('a CronJob', [
      [
        { activeDeadlineSeconds: 600 },
        { activeDeadlineSeconds: 60, backoffLimit: 1000 },
        { concurrencyPolicy: 'Replace', backoffLimit: 3 },
      ],
      [{ concurrencyPolicy: 'Forbid' }, { concurrencyPolicy: 'Forbid', backoffLimit: 3 }, { suspend: true }],
      [{ concurrencyPolicy: 'Forbid', backoffLimit: 1000 }],
      [{ concurrencyPolicy: 'Forbid', backoffLimit: 2000 }],
      [{}, { concurrencyPolicy: 'Allow', backoffLimit: 3 }],
    ]),
  ],

  replicas: [
    knowing(
      { services: [{ name: 'web', selector: { app: 'web' } }], autoscalers: [] },
      ofOne('replicas', [[{ replicas: 3 }, { replicas: 4 }, { replicas: 0 }], [{ replicas: 2 }], [{ replicas: 1 }]], (spec) => ({ spec }), {
        min: 3,
      }),
    ),
  ],
  'topology-spread': [
    ofOne(
      'constraints',
      [
        [spreading({ matchLabels: { app: 'web' } }), spreading({})],
        [{}, { topologySpreadConstraints: [] }],
        [spreading(null)],
        [spreading({ matchLabels: { app: 'api' } })],
      ],
      (pod) => ({ pod }),
      { required: true },
    ),
  ],
  'disruption-budget': [
    knowing(
      {
        podDisruptionBudgets: [
          { name: 'web', selector: { matchLabels: { app: 'web' } }, minAvailable: 2 },
          { name: 'api', selector: { matchLabels: { tier: 'api' } }, maxUnavailable: 1 },
        ],
      },
      ofOne(
        'a workload',
        [
          [{ replicas: 3 }, { replicas: 0 }],
          [{ replicas: 3, labels: { app: 'other' } }],
          [{ replicas: 2 }, { replicas: 1 }],
          [{ replicas: 3, labels: { app: 'web', tier: 'api' } }],
        ],
        ({ labels, ...spec }) => ({ spec, metadata: labels === undefined ? undefined : { labels } }),
      ),
    ),
  ],
  'log-volume': [
    inContainers('a container', [
      [{ args: ['--v=2'] }, { env: [{ name: 'LOG_LEVEL', value: 'info' }] }, {}],
      [{ args: ['--v=6'] }, { env: [{ name: 'LOG_LEVEL', value: 'debug' }] }, { command: ['app', '--log-level=debug'] }],
      [{ args: ['--v=8'] }, { env: [{ name: 'LOG_LEVEL', value: 'trace' }] }],
      [{ command: ['sh', '-c', 'exec app >> /var/log/app.log'] }, { command: ['sh', '-c', 'app | tee /var/log/app.log'] }],
    ]),
  ],
  'config-outside-image': [
    knowing(
      {
        workloadSettings: ['web', 'api', 'worker'].map((name) => ({
          kind: 'StatefulSet',
          name,
          settings: ['LOG_LEVEL=info', 'STAGE=dev'],
        })),
      },
      inContainers('a variable', [
        [{ env: [{ name: 'LOG_LEVEL', value: 'warn' }] }, {}],
        [{ env: [{ name: 'LOG_LEVEL', value: 'info' }] }],
      ]),
    ),
  ],
  'existing-references': [
    knowing(
      { configMaps: { isComplete: true, objects: [{ name: 'app', keys: ['level'] }] } },
      inContainers('a variable', [
        [referring('app', 'level'), {}, { env: [{ name: 'LEVEL', value: 'debug' }] }],
        [referring('app', 'mode'), referring('other', 'level')],
      ]),
    ),
  ],
  'readiness-gates': [
    ofPod(
      'a gate',
      [
        [{ readinessGates: [{ conditionType: 'shop.example/registered' }] }, {}, { readinessGates: [] }],
        [{ readinessGates: [{ conditionType: 'shop.example/register' }] }],
      ],
      { conditionTypes: ['shop.example/registered'] },
    ),
  ],
  'governing-service': [
    knowing(
      {
        services: [
          { name: 'db', selector: { app: 'web' } },
          { name: 'other', selector: { app: 'other' } },
        ],
      },
      ofSet('the Service', [
        [{}, { serviceName: 'db' }],
        [{ serviceName: 'none' }, { serviceName: 'other' }],
      ]),
    ),
  ],
};
