/** Objects whose size is a number, made to cost as much as they can: what somebody would send to keep the server busy. */
import { podOf } from './reviews.ts';

type Json = Record<string, unknown>;

function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

const IMAGE = 'registry.example/app:1.0';
const container = (name: string, more: object = {}): object => ({ name, image: IMAGE, ...more });
const DISK_LIMIT = { resources: { limits: { 'ephemeral-storage': '10Mi' } } };
const EQUAL = { cpu: '1m', memory: '16Mi' };

/** As kube-apiserver stores it: every default filled in, probes and hooks and all. */
const admitted = (at: number): object =>
  container(`c${at}`, {
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: EQUAL, limits: EQUAL },
    livenessProbe: probe('http'),
    readinessProbe: probe('http'),
    startupProbe: probe(8080),
    lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 5; kill -TERM 1'] } } },
    volumeMounts: [{ name: `v${at}`, mountPath: '/data' }],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { runAsNonRoot: true },
  });

function probe(port: string | number): object {
  return {
    httpGet: { path: '/', port, scheme: 'HTTP' },
    initialDelaySeconds: 30,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
}

const toleration = (more: object = {}): object => ({ operator: 'Exists', effect: 'NoExecute', ...more });
const OF_PLUGIN = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

function podWith(spec: object, metadata: object = {}): Json {
  return podOf({ spec, metadata });
}

const appliedContainers = (count: number): string =>
  JSON.stringify({
    spec: { containers: times(count, (at) => ({ name: `c${at}`, livenessProbe: { periodSeconds: 10 } })) },
  });

/** What each object is made of, and how: `size` of everything that its name lists. */
export const HOSTILE_PODS: Readonly<Record<string, (size: number) => Json>> = {
  'a sidecar with extended resources × init containers × emptyDirs with limits': (size) =>
    podWith({
      initContainers: [
        container('proxy', {
          restartPolicy: 'Always',
          resources: { limits: Object.fromEntries(times(size, (at) => [`example.com/r${at}`, '1'])) },
        }),
        ...times(size, (at) => container(`i${at}`, { resources: { limits: EQUAL } })),
      ],
      containers: [container('app', DISK_LIMIT)],
      volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: { sizeLimit: '1Mi' } })),
    }),
  'emptyDirs × containers with disk limits': (size) =>
    podWith({
      containers: times(size, (at) => container(`c${at}`, DISK_LIMIT)),
      volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: {} })),
    }),
  'emptyDirs × containers that mount one each': (size) =>
    podWith({
      containers: times(size, (at) => container(`c${at}`, { volumeMounts: [{ name: `v${at}`, mountPath: '/data' }] })),
      volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: { sizeLimit: '1Mi' } })),
    }),
  'memory volumes × containers with memory limits that mount one each': (size) =>
    podWith({
      containers: times(size, (at) =>
        container(`c${at}`, { resources: { limits: { memory: '64Mi' } }, volumeMounts: [{ name: `v${at}`, mountPath: '/data' }] }),
      ),
      volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } })),
    }),
  'memory volumes × mounts of one container': (size) =>
    podWith({
      containers: [
        container('app', {
          resources: { requests: { memory: '1Mi' } },
          volumeMounts: times(size, (at) => ({ name: `v${at}`, mountPath: `/d${at}` })),
        }),
      ],
      volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } })),
    }),
  'volumes of one name × mounts of one name': (size) =>
    podWith({
      containers: [container('app', { volumeMounts: times(size, () => ({ name: 'same', mountPath: '/d' })) })],
      volumes: times(size, () => ({ name: 'same', emptyDir: { medium: 'Memory' } })),
    }),
  'volumes of one name × containers that mount it': (size) =>
    podWith({
      containers: times(size, (at) =>
        container(`c${at}`, { resources: { limits: { memory: '1Gi' } }, volumeMounts: [{ name: 'same', mountPath: '/d' }] }),
      ),
      volumes: times(size, () => ({ name: 'same', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } })),
    }),
  'volumes of huge pages × containers with huge pages of other sizes': (size) =>
    podWith({
      containers: times(size, (at) =>
        container(`c${at}`, {
          resources: { limits: { memory: '1Gi', [`hugepages-${at + 1}Mi`]: '1Gi' } },
          volumeMounts: [{ name: `v${at}`, mountPath: '/d' }],
        }),
      ),
      volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: { medium: `HugePages-${size + at + 1}Mi` } })),
    }),
  'host paths × containers that mount others': (size) =>
    podWith({
      containers: times(size, (at) => container(`c${at}`, { volumeMounts: [{ name: `v${at}`, mountPath: '/data', readOnly: true }] })),
      volumes: times(size, (at) => ({ name: `v${at}`, hostPath: { path: `/mnt/${at}` } })),
    }),
  'claims × mounts': (size) =>
    podWith({
      containers: [container('app', { volumeMounts: times(size, (at) => ({ name: `v${at}`, mountPath: `/d${at}`, readOnly: true })) })],
      volumes: times(size, (at) => ({ name: `v${at}`, persistentVolumeClaim: { claimName: `c${at}` } })),
    }),
  'containers with a memory request of a large exponent': (size) =>
    podWith({ containers: times(size, (at) => container(`c${at}`, { resources: { requests: { memory: `${at + 1}e999` } } })) }),
  'containers that are nearly Guaranteed': (size) =>
    podWith({
      containers: times(size, (at) =>
        container(`c${at}`, { resources: { requests: EQUAL, limits: at === size - 1 ? { cpu: '2m', memory: '16Mi' } : EQUAL } }),
      ),
    }),
  'Guaranteed containers': (size) =>
    podWith({ containers: times(size, (at) => container(`c${at}`, { resources: { requests: EQUAL, limits: EQUAL } })) }),
  'Pod-level resources × containers': (size) =>
    podWith({
      resources: { limits: { cpu: '1000', memory: '1Ti' } },
      containers: times(size, (at) => container(`c${at}`, { resources: { requests: EQUAL } })),
    }),
  'containers with nothing': (size) => podWith({ containers: times(size, (at) => container(`c${at}`)) }),
  'containers of one name': (size) => podWith({ containers: times(size, () => container('same')) }),
  'containers as admitted × volumes': (size) =>
    podWith({ containers: times(size, admitted), volumes: times(size, (at) => ({ name: `v${at}`, emptyDir: {} })) }),
  'init containers, sidecars and ephemeral containers': (size) =>
    podWith({
      initContainers: times(size, (at) => container(`i${at}`, at % 2 === 0 ? { restartPolicy: 'Always', ...DISK_LIMIT } : DISK_LIMIT)),
      ephemeralContainers: times(size, (at) => container(`e${at}`)),
    }),
  'ports × probes of one container each': (size) =>
    podWith({
      containers: [
        container('app', {
          ports: times(size, (at) => ({ name: `p${at}`, containerPort: at + 1, protocol: at % 2 === 0 ? 'UDP' : 'TCP' })),
          livenessProbe: probe('nowhere'),
          readinessProbe: probe('nowhere'),
          startupProbe: probe('nowhere'),
        }),
      ],
    }),
  'containers with a port and no probe': (size) =>
    podWith({ containers: times(size, (at) => container(`c${at}`, { ports: [{ containerPort: at + 1 }] })) }),
  'tolerations of the plugin': (size) =>
    podWith({ tolerations: times(size, (at) => toleration({ key: OF_PLUGIN[at % 2], tolerationSeconds: 300 })) }),
  'tolerations of other taints': (size) =>
    podWith({ tolerations: times(size, (at) => toleration({ key: `example.com/t${at}`, tolerationSeconds: 300 })) }),
  'tolerations of every taint': (size) => podWith({ tolerations: times(size, (at) => toleration({ tolerationSeconds: at + 1000 })) }),
  'managers that applied × containers with probes': (size) =>
    podWith(
      { containers: times(size, admitted) },
      {
        managedFields: times(size, (at) => ({
          manager: `m${at}`,
          operation: 'Apply',
          fieldsV1: { 'f:spec': { 'f:containers': { [`k:{"name":"c${at}"}`]: { 'f:image': {} } } } },
        })),
      },
    ),
  'containers in the last-applied annotation × containers with probes': (size) =>
    podWith(
      { containers: times(size, admitted) },
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': appliedContainers(size) } },
    ),
  'clauses of LimitRanger × containers': (size) =>
    podWith(
      { containers: times(size, admitted) },
      {
        annotations: {
          'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${times(size, (at) => `cpu, memory request for container c${size - at}`).join('; ')}`,
        },
      },
    ),
  'labels, annotations and owners': (size) =>
    podWith(
      {},
      {
        labels: Object.fromEntries(times(size, (at) => [`label${at}`, 'a'])),
        annotations: Object.fromEntries(times(size, (at) => [`annotation${at}`, 'a'])),
        ownerReferences: times(size, (at) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `r${at}`, controller: at === size - 1 })),
      },
    ),
  'words of a command': (size) =>
    // Too long to be remembered from one question to the next, however many they are.
    podWith({
      containers: [container('app', { command: ['env', ...times(size, (at) => `A${at}=${'b'.repeat(64)}`), 'sh', '-c', 'exec app'] })],
    }),
  'commands of a script': (size) =>
    podWith({
      containers: [
        container('app', {
          command: ['sh', '-c', times(size, (at) => `( while sleep ${at}; do echo "$A" 'b' & done ) || { :; }`).join('\n')],
          lifecycle: { preStop: { exec: { command: ['sh', '-c', times(size, () => 'sleep 1 && true').join('; ')] } } },
        }),
      ],
    }),
  'commands in the first word of a command': (size) =>
    podWith({
      containers: [container('app', { command: ['a;'.repeat(size)] }), container('quoted', { command: [`a "${'b;'.repeat(size)}`] })],
    }),
  'quotes and brackets that stay open in a script': (size) =>
    podWith({
      containers: [
        container('app', {
          command: ['sh', '-c', times(size, () => `$( (\` " ' {`).join(' ')],
          lifecycle: { preStop: { exec: { command: ['sh', '-c', times(size, () => 'until ( { if case').join(' ')] } } },
        }),
      ],
    }),
  'containers with a script each': (size) =>
    podWith({ containers: times(size, (at) => container(`c${at}`, { command: ['sh', '-c', 'app & wait'], args: ['-v'] })) }),
  'containers with loops that count': (size) =>
    podWith({
      containers: times(size, (at) => {
        const exec = { command: ['sh', '-c', `i=${at}; while [ $i -lt ${at + 2} ]; do i=$((i+1)); sleep 1; done`] };
        return container(`c${at}`, { lifecycle: { preStop: { exec } } });
      }),
    }),
  'variables that look like secrets, each with the next one in it': (size) =>
    podWith({
      containers: [
        container('app', {
          env: times(size, (at) => ({ name: `P${at}_PASSWORD`, value: `https://u:p${at}@host/$(P${at + 1}_PASSWORD)` })),
        }),
      ],
    }),
  'containers with a postStart hook that asks a port which nobody declares': (size) =>
    podWith({
      containers: times(4 * size, (at) => container(`c${at}`, { lifecycle: { postStart: { httpGet: { port: 80 } } } })),
    }),
  'containers that each name a file for their logs': (size) =>
    podWith({
      containers: times(4 * size, (at) => container(`c${at}`, { args: ['--log-level=debug', `--log-file=/var/app/${at}`] })),
    }),
  'restart rules × exit codes of one': (size) =>
    podWith({
      restartPolicy: 'Never',
      containers: [
        container('app', {
          restartPolicyRules: times(size, (at) => ({
            action: 'Restart',
            exitCodes: { operator: 'In', values: at === 0 ? times(size, (code) => code) : [at] },
          })),
        }),
      ],
    }),
  'spread constraints × anti-affinity terms × labels': (size) =>
    podWith(
      {
        topologySpreadConstraints: times(size, (at) => ({
          maxSkew: 1,
          topologyKey: `zone-${at}`,
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { [`l${at}`]: 'v' } },
        })),
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: times(size, (at) => ({
              topologyKey: `host-${at}`,
              labelSelector: { matchExpressions: [{ key: `l${at}`, operator: 'In', values: ['v'] }] },
            })),
          },
        },
      },
      { labels: Object.fromEntries(times(size, (at) => [`l${at}`, 'v'])) },
    ),
  'terms and expressions about nodes': (size) =>
    podWith({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: times(size, (at) => ({
              matchExpressions:
                at === 0
                  ? times(size, (value) => ({ key: 'kubernetes.io/os', operator: 'In', values: ['linux', `os-${value}`] }))
                  : [{ key: 'kubernetes.io/hostname', operator: 'In', values: [`n${at}`] }],
            })),
          },
        },
      },
      nodeSelector: Object.fromEntries(times(size, (at) => [`l${at}`, 'v'])),
    }),
  'blanks in a quantity that is none': (size) =>
    podWith({ containers: [container('app', { resources: { requests: { memory: `1${' '.repeat(100 * size)}x` } } })] }),
  'levels in the last-applied annotation': (size) =>
    podWith(
      { containers: [container('app', { livenessProbe: probe('http') })] },
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '['.repeat(100 * size) } },
    ),
  'labels and annotations of a wrong type': (size) =>
    podWith({}, { labels: Object.fromEntries(times(size, (at) => [`l${at}`, at])), annotations: times(size, () => 1) }),
  'fields of a wrong type': (size) =>
    podWith({ containers: times(size, () => ({ name: 1, command: 'a', ports: [{}], resources: { limits: { memory: 'x' } } })) }),
  'elements without a name': (size) =>
    podWith({
      containers: times(size, () => container('')),
      volumes: times(size, () => ({ name: '' })),
      tolerations: times(size, () => ({})),
    }),
};
