/** Pod specs whose fields do not fit each other, beside some that nearly do not: for podgrace to foretell, and for an API server to say. */
import type { JsonObject } from '../../../src/core/json.ts';

export interface MadeUpPodSpec {
  readonly name: string;
  readonly spec: JsonObject;
  /** What is wrong, below the Pod spec; empty where the API server accepts it. */
  readonly invalid: readonly string[];
}

function web(fields: object = {}, pod: object = {}): JsonObject {
  return { containers: [{ name: 'web', image: 'web:1', ...fields }], ...pod };
}

function withInit(fields: object): JsonObject {
  return web({}, { initContainers: [{ name: 'init', image: 'init:1', ...fields }] });
}

function withResources(requests: object, limits: object): JsonObject {
  return web({ resources: { requests, limits } });
}

const MOUNT = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
const DATA = { name: 'data', emptyDir: {} };
const CHECK = { exec: { command: ['check'] } };
const WEB = 'containers[0]';
const INIT = 'initContainers[0]';

export const MADE_UP_POD_SPECS: readonly MadeUpPodSpec[] = [
  { name: 'a mount of a volume', spec: web(MOUNT, { volumes: [DATA] }), invalid: [] },
  { name: 'a volume without a mount', spec: web({}, { volumes: [DATA] }), invalid: [] },
  { name: 'a mount of no volume', spec: web(MOUNT), invalid: [`${WEB}.volumeMounts[0].name: Not found: "data"`] },
  {
    name: 'a mount of a volume of another name',
    spec: web(MOUNT, { volumes: [{ ...DATA, name: 'other' }] }),
    invalid: [`${WEB}.volumeMounts[0].name: Not found: "data"`],
  },
  { name: 'a mount of no volume before the start', spec: withInit(MOUNT), invalid: [`${INIT}.volumeMounts[0].name: Not found: "data"`] },
  {
    name: 'a device of no volume',
    spec: web({ volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] }),
    invalid: [`${WEB}.volumeDevices[0].name: Not found: "data"`],
  },
  { name: 'a request of all that is allowed', spec: withResources({ cpu: '1000m' }, { cpu: '1' }), invalid: [] },
  { name: 'a limit alone', spec: web({ resources: { limits: { memory: '1Gi' } } }), invalid: [] },
  {
    name: 'a request above its limit',
    spec: withResources({ memory: '2048Mi' }, { memory: '1Gi' }),
    invalid: [`${WEB}.resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi`],
  },
  {
    name: 'a request of disk above its limit',
    spec: withResources({ 'ephemeral-storage': '2Gi' }, { 'ephemeral-storage': '1Gi' }),
    invalid: [`${WEB}.resources.requests: Invalid value: "2Gi": must be less than or equal to ephemeral-storage limit of 1Gi`],
  },
  {
    name: 'a request above its limit before the start',
    spec: withInit({ resources: { requests: { cpu: '1.5' }, limits: { cpu: '1' } } }),
    invalid: [`${INIT}.resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1`],
  },
  { name: 'huge pages', spec: withResources({ 'hugepages-2Mi': '4Mi', cpu: 1 }, { 'hugepages-2Mi': '4096Ki', cpu: 1 }), invalid: [] },
  {
    name: 'fewer huge pages than allowed',
    spec: withResources({ 'hugepages-2Mi': '2Mi', cpu: 1 }, { 'hugepages-2Mi': '4Mi', cpu: 1 }),
    invalid: [`${WEB}.resources.requests: Invalid value: "2Mi": must be equal to hugepages-2Mi limit of 4Mi`],
  },
  { name: 'devices', spec: web({ resources: { limits: { 'example.com/gpu': 1 } } }), invalid: [] },
  {
    name: 'fewer devices than allowed',
    spec: withResources({ 'example.com/gpu': 1 }, { 'example.com/gpu': 2 }),
    invalid: [`${WEB}.resources.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2`],
  },
  {
    name: 'devices without a limit',
    spec: web({ resources: { requests: { 'example.com/gpu': 1 } } }),
    invalid: [`${WEB}.resources.limits: Required value: Limit must be set for non overcommitable resources`],
  },
  {
    name: 'limits of containers that are more than the limit of the Pod together',
    spec: {
      containers: ['a', 'b'].map((name) => ({
        name,
        image: 'web:1',
        resources: { requests: { memory: '1Mi' }, limits: { memory: '1Gi' } },
      })),
      resources: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } },
    },
    invalid: [],
  },
  {
    name: 'a request of the Pod above its limit',
    spec: web({}, { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }),
    invalid: ['resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi'],
  },
  {
    name: 'a request of the Pod below those of its containers',
    spec: web({ resources: { requests: { memory: '2Gi' } } }, { resources: { requests: { memory: '1Gi' } } }),
    invalid: ['resources.requests[memory]: Invalid value: "1Gi": must be greater than or equal to aggregate container requests of 2Gi'],
  },
  {
    name: 'a limit above the limit of the Pod',
    spec: web(
      { resources: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } } },
      { resources: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } } },
    ),
    invalid: ['resources.containers[0][memory].limits: Invalid value: "2Gi": must be less than or equal to pod limits of 1Gi'],
  },
  { name: 'a name of two kinds of containers', spec: withInit({ name: 'web' }), invalid: [`${INIT}.name: Duplicate value: "web"`] },
  { name: 'ports without names', spec: web({ ports: [{ containerPort: 80 }, { containerPort: 81 }] }), invalid: [] },
  {
    name: 'a name of two ports',
    spec: web({
      ports: [
        { name: 'http', containerPort: 80 },
        { name: 'http', containerPort: 81 },
      ],
    }),
    invalid: [`${WEB}.ports[1].name: Duplicate value: "http"`],
  },
  { name: 'a probe of a port that nobody names', spec: web({ readinessProbe: { tcpSocket: { port: 'http' } } }), invalid: [] },
  {
    name: 'a probe of two kinds',
    spec: web({ readinessProbe: { ...CHECK, tcpSocket: { port: 80 } } }),
    invalid: [`${WEB}.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
  },
  {
    name: 'a probe of no kind',
    spec: web({ livenessProbe: { periodSeconds: 3 } }),
    invalid: [`${WEB}.livenessProbe: Required value: must specify a handler type`],
  },
  { name: 'readiness that is asked twice', spec: web({ readinessProbe: { ...CHECK, successThreshold: 2 } }), invalid: [] },
  {
    name: 'liveness that is asked twice',
    spec: web({ livenessProbe: { ...CHECK, successThreshold: 2 } }),
    invalid: [`${WEB}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
  },
  { name: 'a grace period of liveness', spec: web({ livenessProbe: { ...CHECK, terminationGracePeriodSeconds: 2 } }), invalid: [] },
  {
    name: 'a grace period of readiness',
    spec: web({ readinessProbe: { ...CHECK, terminationGracePeriodSeconds: 2 } }),
    invalid: [`${WEB}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 2: must not be set for readinessProbes`],
  },
  { name: 'a probe of a sidecar', spec: withInit({ restartPolicy: 'Always', readinessProbe: CHECK }), invalid: [] },
  {
    name: 'a probe before the start',
    spec: withInit({ readinessProbe: CHECK }),
    invalid: [`${INIT}.readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always`],
  },
  {
    name: 'a hook before the start',
    spec: withInit({ lifecycle: { preStop: CHECK } }),
    invalid: [`${INIT}.lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always`],
  },
  { name: 'a sleep of the whole grace period', spec: web({ lifecycle: { preStop: { sleep: { seconds: 30 } } } }), invalid: [] },
  {
    name: 'a longer sleep',
    spec: web({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    invalid: [`${WEB}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`],
  },
  {
    name: 'a hook of two kinds',
    spec: web({ lifecycle: { preStop: { ...CHECK, sleep: { seconds: 1 } } } }),
    invalid: [`${WEB}.lifecycle.preStop.sleep: Forbidden: may not specify more than 1 handler type`],
  },
  {
    name: 'a hook of no kind',
    spec: web({ lifecycle: { preStop: {} } }),
    invalid: [`${WEB}.lifecycle.preStop: Required value: must specify a handler type`],
  },
  { name: 'a negative grace period', spec: web({}, { terminationGracePeriodSeconds: -1 }), invalid: [] },
];
