/** Reviews that are heavy for whoever judges them. They are JSON of at most 7 MiB; only podgrace's own guards are met. */
import { BODY_LIMIT_BYTES } from '../src/server/received-body.ts';

type Spec = Readonly<Record<string, unknown>>;

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function pod(spec: Spec, metadata: Spec = {}): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'heavy', namespace: 'shop', ...metadata }, spec };
}

/** As the API server sends it. */
function review(object: unknown, kind = { group: '', version: 'v1', kind: 'Pod' }, request: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
        kind,
        resource: { group: '', version: 'v1', resource: 'pods' },
        namespace: 'shop',
        operation: 'CREATE',
        userInfo: { username: 'alice' },
        object,
        oldObject: null,
        ...request,
      },
    }),
  );
}

const images = (count: number, more: Spec = {}): object[] => times(count, (index) => ({ name: `c${index}`, image: 'a', ...more }));

/** What the API server has added to each. */
const ADMITTED = {
  imagePullPolicy: 'Always',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

/** @param fill repeated between the two ends until the body is as long as it may be */
function filled(start: string, fill: (index: number) => string, end: string): Buffer {
  const [head = '', tail = ''] = review('HERE').toString().split('"HERE"');
  const parts = [head, start];
  let length = head.length + start.length + end.length + tail.length;
  for (let index = 0; ; index++) {
    const next = fill(index);
    const nextLength = Buffer.byteLength(next);
    if (length + nextLength > BODY_LIMIT_BYTES) break;
    parts.push(next);
    length += nextLength;
  }
  return Buffer.from([...parts, end, tail].join(''));
}

function diskBounds(count: number): Buffer {
  const limited = { resources: { limits: { 'ephemeral-storage': '1Gi' } } };
  const extended = Object.fromEntries(times(count, (index) => [`example.com/r${index}`, '1']));
  return review(
    pod({
      containers: [{ name: 'main', image: 'a', ...limited }],
      initContainers: [
        { name: 'sidecar', image: 'a', restartPolicy: 'Always', resources: { limits: extended } },
        ...times(count, (index) => ({ name: `i${index}`, image: 'a' })),
      ],
      volumes: times(count, (index) => ({ name: `v${index}`, emptyDir: { sizeLimit: '1Mi' } })),
    }),
  );
}

/** Each is run through, up to its limit of steps. */
function scriptsThatCount(containers: number): Buffer {
  const exec = (from: number): object => ({
    command: ['sh', '-c', `i=${from}; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done`],
  });
  const hooks = (index: number): object => ({ preStop: { exec: exec(index + 1_000) }, postStart: { exec: exec(index + 2_000) } });
  return review(
    pod({ containers: times(containers, (index) => ({ name: `c${index}`, image: 'a', ...exec(index), lifecycle: hooks(index) })) }),
  );
}

const manyImages = images(20_000, { resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } } });

/** By name; made when asked for, since all together take a hundred megabytes. */
export const HOSTILE_BODIES: Readonly<Record<string, () => Buffer>> = {
  '250 emptyDirs × init containers × resources of a sidecar': () => diskBounds(250),
  '400 of the same': () => diskBounds(400),
  '1,000 emptyDirs × 1,000 containers with disk limits': () =>
    review(
      pod({
        containers: images(1_000, { resources: { limits: { 'ephemeral-storage': '1Gi' } } }),
        volumes: times(1_000, (index) => ({ name: `v${index}`, emptyDir: {} })),
      }),
    ),
  '4,000 containers with findings, under a policy with an exemption': () => review(pod({ containers: images(4_000) })),
  '2,000 memory requests with an exponent': () =>
    review(pod({ containers: images(2_000, { resources: { requests: { memory: '1e19' } } }) })),
  '8,000 memory volumes, each mounted': () =>
    review(
      pod({
        containers: [{ name: 'c', image: 'a', volumeMounts: times(8_000, (index) => ({ name: `v${index}`, mountPath: `/${index}` })) }],
        volumes: times(8_000, (index) => ({ name: `v${index}`, emptyDir: { medium: 'Memory' } })),
      }),
    ),
  '20,000 containers of class Guaranteed': () => review(pod({ containers: manyImages })),
  '40,000 containers as admitted': () => review(pod({ containers: images(40_000, ADMITTED) })),
  '95,000 emptyDirs': () =>
    review(pod({ containers: images(1), volumes: times(95_000, (index) => ({ name: `v${index}`, emptyDir: {} })) })),
  '290,000 containers in a body': () => review(pod({ containers: times(290_000, (index) => ({ name: `c${index}` })) })),
  '120,000 containers in a body': () => review(pod({ containers: times(120_000, (index) => ({ name: `c${index}` })) })),
  '2,000 quantities of 1 kB of blanks': () =>
    review(pod({ containers: images(2_000, { resources: { requests: { memory: `1${' '.repeat(1024)}x` } } }) })),
  '2.8 MB of [ in the last-applied annotation': () =>
    review(pod({ containers: images(1) }, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '['.repeat(2_800_000) } })),
  '250,000 wrong labels on a Deployment': () =>
    review(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'd', labels: Object.fromEntries(times(250_000, (index) => [`l${index}`, 1])) },
        spec: { template: { metadata: { labels: {} }, spec: { containers: images(1) } } },
      },
      { group: 'apps', version: 'v1', kind: 'Deployment' },
    ),
  '7 MiB of []': () => filled('[', () => '[],', '[]]'),
  '7 MiB of levels': () => filled('', () => '[', ''),
  '7 MiB of keys': () => filled('{', (index) => `"k${index}":1,`, '"k":1}'),
  '7 MiB of numbers': () => filled('[', () => '1.5,', '1]'),
  '7 MiB of short texts': () => filled('[', (index) => `"${index}",`, '""]'),
  '7 MiB of escapes in one text': () => filled('"', () => String.raw`\u00e9`, '"'),
  '7 MiB of text beyond Latin-1': () => filled('"', () => 'ж', '"'),
  'one container with 300,000 ports': () =>
    review(pod({ containers: [{ name: 'c', image: 'a', ports: times(290_000, () => ({ containerPort: 1 })) }] })),
  'one container with 250,000 variables': () =>
    review(pod({ containers: [{ name: 'c', image: 'a', env: times(250_000, (index) => ({ name: `V${index}` })) }] })),
  '195,000 tolerations': () =>
    review(pod({ containers: images(1), tolerations: times(195_000, (index) => ({ key: `k${index}`, operator: 'Exists' })) })),
  'a uid of 6 MB': () => review(pod({ containers: images(1) }), undefined, { uid: 'u'.repeat(6_000_000) }),
  'an update of 2 × 1,000 containers with findings': () =>
    review(pod({ containers: images(1_000) }), undefined, { operation: 'UPDATE', oldObject: pod({ containers: images(1_000, ADMITTED) }) }),
  '1,900 containers in 32 kB': () => review(pod({ containers: times(1_900, (index) => ({ name: `c${index}` })) })),
  '180 scripts that count, in 21 kB': () => scriptsThatCount(60),
  '12 scripts that count, in 2 kB': () => scriptsThatCount(4),
  '1,500 commands in one word, in 4 kB': () => review(pod({ containers: images(1, { command: ['a;'.repeat(1_500)] }) })),
  '2,300 functions that call each other twice': () => {
    const functions = times(2_300, (index) => `f${index + 1}(){ f${index};f${index}; }`);
    return review(pod({ containers: images(1, { command: ['sh', '-c', `f0(){ sleep 1; };${functions.join(';')};f2300`] }) }));
  },
  '400 containers with fields of wrong types in 30 kB': () =>
    review(pod({ containers: times(400, (index) => ({ name: `c${index}`, image: 1, resources: 7, ports: 'x', livenessProbe: [] })) })),
  '300 containers with findings in 6 kB': () => review(pod({ containers: times(330, (index) => ({ name: `${index}` })) })),
};
