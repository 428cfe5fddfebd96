import t from 'tap';
import { applyDefaults, defaultPullPolicy, type DefaultingTarget } from '../../src/core/defaults.ts';
import type { Container, Pod } from '../../src/core/pod.ts';
import { readPodShape } from '../../src/core/shape.ts';
import { deepFreeze } from '../rules/laws.ts';

const TOLERATIONS = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
];

/** Nothing is missing in it. */
const COMPLETE = deepFreeze({
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'registry.example/web:1',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: { requests: { cpu: '0.25', memory: '1Gi' }, limits: { memory: '1Gi' } },
        readinessProbe: {
          httpGet: { path: '/', port: 80, scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
      },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    tolerations: TOLERATIONS,
  },
});

function defaulted(spec: object, target: DefaultingTarget = 'pod', minor = 36): Pod['spec'] {
  return applyDefaults(deepFreeze({ spec }), target, minor).spec;
}

function container(fields: object, target: DefaultingTarget = 'pod'): Container | undefined {
  return defaulted({ containers: [{ name: 'web', image: 'registry.example/web:1', ...fields }] }, target).containers[0];
}

void t.test('a Pod in which nothing is missing stays the same object', (t) => {
  for (const minor of [34, 35, 36, 37, 38]) t.equal(applyDefaults(COMPLETE, 'pod', minor), COMPLETE);
  t.end();
});

void t.test('what needs no default is shared with the given Pod', (t) => {
  const withoutPeriod = deepFreeze({ ...COMPLETE, spec: { ...COMPLETE.spec, terminationGracePeriodSeconds: undefined } });
  const { metadata, spec } = applyDefaults(withoutPeriod, 'pod', 36);
  t.equal(spec.terminationGracePeriodSeconds, 30);
  t.equal(metadata, COMPLETE.metadata);
  t.equal(spec.containers, COMPLETE.spec.containers);
  t.equal(spec.volumes, COMPLETE.spec.volumes);
  t.end();
});

void t.test('a Pod gets a restart policy, a grace period, two tolerations and metadata', (t) => {
  const pod = applyDefaults(deepFreeze({ spec: { containers: [], restartPolicy: '', unknownField: 1 } }), 'pod', 36);
  t.same(pod, {
    metadata: {},
    spec: { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, tolerations: TOLERATIONS, unknownField: 1 },
  });
  t.end();
});

void t.test('a template gets no tolerations', (t) => {
  t.same(defaulted({ containers: [] }, 'template'), { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
  t.end();
});

void t.test('a grace period of 0 is kept, a negative one is 1 in a Pod and kept in a template', (t) => {
  const period = (seconds: number | null, target: DefaultingTarget): number =>
    defaulted({ containers: [], terminationGracePeriodSeconds: seconds }, target).terminationGracePeriodSeconds;
  t.equal(period(0, 'pod'), 0);
  t.equal(period(-5, 'pod'), 1);
  t.equal(period(-5, 'template'), -5);
  t.equal(period(null, 'template'), 30);
  t.end();
});

void t.test('a container gets a pull policy and where its last words go', (t) => {
  t.same(container({ terminationMessagePath: '', imagePullPolicy: null }), {
    name: 'web',
    image: 'registry.example/web:1',
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  t.end();
});

void t.test('the pull policy is Always for the tag latest, written or implied', (t) => {
  const digest = `sha256:${'0'.repeat(64)}`;
  for (const image of ['nginx', 'nginx:latest', 'registry.example:5000/team/nginx', `nginx:latest@${digest}`, '[::1]:5000/nginx']) {
    t.equal(defaultPullPolicy(image), 'Always', image);
  }
  for (const image of [
    'nginx:1.27',
    `nginx@${digest}`,
    `nginx:1@${digest}`,
    'registry.example:5000/nginx:1',
    '',
    'Upper/Case',
    undefined,
  ]) {
    t.equal(defaultPullPolicy(image), 'IfNotPresent', image ?? 'none');
  }
  t.end();
});

const LIMITS = { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': 1 };

void t.test('in a Pod a missing request is the limit, for every resource', (t) => {
  t.same(container({ resources: { limits: LIMITS } })?.resources, { limits: LIMITS, requests: LIMITS });
  const requests = { cpu: '100m', memory: '0' };
  t.same(container({ resources: { limits: LIMITS, requests } })?.resources, {
    limits: LIMITS,
    requests: { cpu: '100m', memory: '0', 'nvidia.com/gpu': 1 },
  });
  t.end();
});

void t.test('init containers and sidecars get requests from limits too, ephemeral containers do not', (t) => {
  const spec = defaulted({
    containers: [],
    initContainers: [{ name: 'init', resources: { limits: LIMITS } }],
    ephemeralContainers: [{ name: 'debug', resources: { limits: LIMITS } }],
  });
  t.same(spec.initContainers?.[0]?.resources?.requests, LIMITS);
  t.equal(spec.ephemeralContainers?.[0]?.resources?.requests, undefined);
  t.end();
});

void t.test('a template gets neither requests from limits nor Pod-level requests', (t) => {
  t.same(container({ resources: { limits: LIMITS } }, 'template')?.resources, { limits: LIMITS });
  const resources = { limits: { cpu: '2' } };
  t.same(defaulted({ containers: [], resources }, 'template').resources, resources);
  t.same(defaulted({ containers: [], resources }, 'pod').resources, { limits: { cpu: '2' }, requests: { cpu: '2' } });
  t.end();
});

void t.test('amounts in resource lists are rounded up to milli units, others keep their text', (t) => {
  const resources = { requests: { cpu: '100n', memory: '1.5Gi', 'ephemeral-storage': '0.0001' }, limits: { cpu: 0.0001 } };
  t.same(container({ resources }, 'template')?.resources, {
    requests: { cpu: '1m', memory: '1.5Gi', 'ephemeral-storage': '1m' },
    limits: { cpu: '1m' },
  });
  t.end();
});

void t.test('a size limit is no resource list and is not rounded', (t) => {
  const volumes = [{ name: 'cache', emptyDir: { sizeLimit: '100n' } }];
  t.same(defaulted({ containers: [], volumes }).volumes, volumes);
  t.end();
});

void t.test('an amount of many characters becomes what the API server stores, so that no rule has to read all of them', (t) => {
  const zeros = '0'.repeat(30_000);
  const resources = { requests: { memory: `${zeros}1Gi`, cpu: `1.5${zeros}` }, limits: { memory: `${' '.repeat(30_000)}1Gi` } };
  t.same(container({ resources }, 'template')?.resources, { requests: { memory: '1Gi', cpu: '1500m' }, limits: { memory: '1Gi' } });
  const volumes = [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: `1${' '.repeat(30_000)}` } }];
  t.same(defaulted({ containers: [], volumes }).volumes, [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '1' } }]);
  t.end();
});

void t.test('null and numbers in resource lists: null is zero, and no limit fills it', (t) => {
  const resources = { requests: { cpu: null }, limits: { cpu: 2, memory: null } };
  t.same(readPodShape({ spec: { containers: [{ name: 'web', resources }] } }).problems, []);
  t.strictSame(container({ resources })?.resources, { requests: { cpu: '0', memory: '0' }, limits: { cpu: 2, memory: '0' } });
  t.end();
});

void t.test('a null among texts is an empty text', (t) => {
  const pod = {
    metadata: { labels: { app: null, team: 'a' }, annotations: { note: null } },
    spec: {
      nodeSelector: { disk: null },
      containers: [
        {
          name: 'web',
          command: ['run', null],
          args: [null],
          livenessProbe: { exec: { command: [null] } },
          lifecycle: { preStop: { exec: { command: ['sleep', null] } } },
        },
      ],
    },
  };
  t.same(readPodShape(pod).problems, []);
  const { metadata, spec } = applyDefaults(deepFreeze(pod), 'pod', 36);
  t.strictSame(metadata, { labels: { app: '', team: 'a' }, annotations: { note: '' } });
  t.strictSame(spec.nodeSelector, { disk: '' });
  const [web] = spec.containers;
  t.strictSame(web?.command, ['run', '']);
  t.strictSame(web?.args, ['']);
  t.strictSame(web?.livenessProbe?.exec, { command: [''] });
  t.strictSame(web?.lifecycle?.preStop, { exec: { command: ['sleep', ''] } });
  t.end();
});

void t.test('probe numbers that are missing or 0 get their defaults, the initial delay has none', (t) => {
  const probe = container({ livenessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 0, periodSeconds: 5 } })?.livenessProbe;
  t.same(probe, { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 5, successThreshold: 1, failureThreshold: 3 });
  t.end();
});

void t.test('httpGet gets a path and a scheme, in probes and in hooks', (t) => {
  const web = container({
    startupProbe: { httpGet: { port: 'http', path: '' } },
    lifecycle: { preStop: { httpGet: { port: 80, scheme: 'HTTPS' } }, postStart: { httpGet: { port: 80, path: '/up' } } },
  });
  t.same(web?.startupProbe?.httpGet, { port: 'http', path: '/', scheme: 'HTTP' });
  t.same(web?.lifecycle, {
    preStop: { httpGet: { port: 80, path: '/', scheme: 'HTTPS' } },
    postStart: { httpGet: { port: 80, path: '/up', scheme: 'HTTP' } },
  });
  t.end();
});

void t.test('a volume without a source is an emptyDir', (t) => {
  const volumes = [
    { name: 'bare' },
    { name: 'null', emptyDir: null },
    { name: 'secret', secret: null },
    { name: 'empty', emptyDir: {} },
    { name: 'claim', persistentVolumeClaim: { claimName: 'data' } },
  ];
  t.same(
    defaulted({ containers: [], volumes }).volumes?.map(({ name, emptyDir }) => [name, emptyDir]),
    [
      ['bare', {}],
      ['null', {}],
      ['secret', {}],
      ['empty', {}],
      ['claim', undefined],
    ],
  );
  t.end();
});

void t.test('an image volume gets a pull policy', (t) => {
  const volumes = [{ name: 'tini', image: { reference: 'registry.example/tini:0.19' } }];
  t.same(defaulted({ containers: [], volumes }).volumes, [
    { name: 'tini', image: { reference: 'registry.example/tini:0.19', pullPolicy: 'IfNotPresent' } },
  ]);
  t.end();
});

void t.test('a toleration for the taint keeps the default one away, whatever its seconds', (t) => {
  const added = (toleration: object): unknown[] => defaulted({ containers: [], tolerations: [toleration] }).tolerations?.slice(1) ?? [];
  t.same(added({ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }), [TOLERATIONS[1]]);
  t.same(added({ key: 'node.kubernetes.io/unreachable', operator: 'Equal', value: 'x', effect: 'NoExecute' }), [TOLERATIONS[0]]);
  t.same(added({ operator: 'Exists' }), [], 'an empty key is every key');
  t.same(added({ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }), TOLERATIONS, 'another effect');
  t.same(added({ key: 'dedicated', operator: 'Exists' }), TOLERATIONS, 'another taint');
  t.end();
});
