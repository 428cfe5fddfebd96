/** Pod specs with containers whose ports, volumes, variables and amounts are wrong: what an API server 1.36.3 says of them, below the Pod spec. */
import type { JsonObject } from '../../../src/core/json.ts';
import type { MadeUpPodSpec } from './made-up-pod-specs.ts';

const web = (fields: object = {}, pod: object = {}): JsonObject => ({
  containers: [{ name: 'web', image: 'web:1', ...fields }],
  ...pod,
});
const withVolumes = (...volumes: readonly object[]): JsonObject => web({}, { volumes });
const withResources = (requests: object, limits: object): JsonObject => web({ resources: { requests, limits } });
const withPorts = (...ports: readonly object[]): JsonObject => web({ ports });
const withVariables = (...env: readonly object[]): JsonObject => web({ env });
const DATA = { name: 'data', emptyDir: {} };
const REF = { fieldRef: { fieldPath: 'metadata.name' } };

export const MADE_UP_CONTAINER_FIELDS: readonly MadeUpPodSpec[] = [
  {
    name: 'a port above the range',
    spec: withPorts({ containerPort: 70000 }),
    invalid: ['containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  },
  {
    name: 'a port below the range',
    spec: withPorts({ containerPort: -1 }),
    invalid: ['containers[0].ports[0].containerPort: Invalid value: -1: must be between 1 and 65535, inclusive'],
  },
  { name: 'a port without a number', spec: withPorts({ name: 'http' }), invalid: ['containers[0].ports[0].containerPort: Required value'] },
  {
    name: 'a port of the node above the range',
    spec: withPorts({ containerPort: 80, hostPort: 70000 }),
    invalid: ['containers[0].ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  },
  {
    name: 'a long port name',
    spec: withPorts({ name: 'metrics-of-the-web', containerPort: 80 }),
    invalid: ['containers[0].ports[0].name: Invalid value: "metrics-of-the-web": must be no more than 15 characters'],
  },
  {
    name: 'a port name with capital letters',
    spec: withPorts({ name: 'HTTP', containerPort: 80 }),
    invalid: [
      'containers[0].ports[0].name: Invalid value: "HTTP": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'containers[0].ports[0].name: Invalid value: "HTTP": must contain at least one letter (a-z)',
    ],
  },
  {
    name: 'a port name without letters',
    spec: withPorts({ name: '80', containerPort: 80 }),
    invalid: ['containers[0].ports[0].name: Invalid value: "80": must contain at least one letter (a-z)'],
  },
  {
    name: 'a port name with two hyphens',
    spec: withPorts({ name: 'a--b-', containerPort: 80 }),
    invalid: [
      'containers[0].ports[0].name: Invalid value: "a--b-": must not contain consecutive hyphens',
      'containers[0].ports[0].name: Invalid value: "a--b-": must not begin or end with a hyphen',
    ],
  },
  {
    name: 'a protocol in lower case',
    spec: withPorts({ containerPort: 80, protocol: 'tcp' }),
    invalid: ['containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"'],
  },
  {
    name: 'a port of the node twice',
    spec: withPorts({ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 }),
    invalid: ['containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  },
  {
    name: 'a port of the node for two protocols',
    spec: withPorts({ containerPort: 80, hostPort: 80 }, { containerPort: 80, hostPort: 80, protocol: 'UDP' }),
    invalid: [],
  },
  {
    name: 'a port of the node twice before the start',
    spec: {
      containers: [{ name: 'web', image: 'web:1' }],
      initContainers: [
        { name: 'a', image: 'a' },
        {
          name: 'init',
          image: 'init:1',
          ports: [
            { containerPort: 80, hostPort: 80 },
            { containerPort: 81, hostPort: 80 },
          ],
        },
      ],
    },
    invalid: ['initContainers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
  },
  {
    name: 'another port of the node on its network',
    spec: web({ ports: [{ containerPort: 80, hostPort: 8080 }] }, { hostNetwork: true }),
    invalid: ['containers[0].ports[0].hostPort: Invalid value: 8080: must match `containerPort` when `hostNetwork` is true'],
  },
  { name: 'a port on the network of the node', spec: web({ ports: [{ containerPort: 80 }] }, { hostNetwork: true }), invalid: [] },
  { name: 'two volumes of one name', spec: withVolumes(DATA, DATA), invalid: ['volumes[1].name: Duplicate value: "data"'] },
  { name: 'a volume without a name', spec: withVolumes({ emptyDir: {} }), invalid: ['volumes[0].name: Required value'] },
  {
    name: 'a volume name with an underscore',
    spec: withVolumes({ ...DATA, name: 'my_data' }),
    invalid: [
      "volumes[0].name: Invalid value: \"my_data\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  },
  {
    name: 'a volume name with dots',
    spec: withVolumes({ ...DATA, name: 'my.data' }),
    invalid: ['volumes[0].name: Invalid value: "my.data": must not contain dots'],
  },
  {
    name: 'a mount of a volume that is wrong',
    spec: web({ volumeMounts: [{ name: 'my_data', mountPath: '/d' }] }, { volumes: [{ ...DATA, name: 'my_data' }] }),
    invalid: [
      "volumes[0].name: Invalid value: \"my_data\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
      'containers[0].volumeMounts[0].name: Not found: "my_data"',
    ],
  },
  {
    name: 'a long volume name',
    spec: withVolumes({ ...DATA, name: 'a'.repeat(64) }),
    invalid: [
      'volumes[0].name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
    ],
  },
  {
    name: 'a volume of two kinds',
    spec: withVolumes({ ...DATA, configMap: { name: 'web' } }),
    invalid: ['volumes[0].configMap: Forbidden: may not specify more than 1 volume type'],
  },
  {
    name: 'a volume of two kinds, one of them misspelt',
    spec: withVolumes({ ...DATA, downwardAPI: { items: [] } }),
    invalid: ['volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type'],
  },
  { name: 'a volume of no kind', spec: withVolumes({ name: 'data' }), invalid: [] },
  {
    name: 'an emptyDir below 0',
    spec: withVolumes({ name: 'data', emptyDir: { sizeLimit: '-1Gi' } }),
    invalid: ['volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
  },
  {
    name: 'a hostPath that goes up',
    spec: withVolumes({ name: 'data', hostPath: { path: '/var/../etc' } }),
    invalid: ['volumes[0].hostPath.path: Invalid value: "/var/../etc": must not contain \'..\''],
  },
  {
    name: 'a hostPath of an unknown type',
    spec: withVolumes({ name: 'data', hostPath: { path: '/var', type: 'Folder' } }),
    invalid: [
      'volumes[0].hostPath.type: Unsupported value: "Folder": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
  },
  {
    name: 'a hostPath without a path',
    spec: withVolumes({ name: 'data', hostPath: { type: '' } }),
    invalid: ['volumes[0].hostPath.path: Required value'],
  },
  {
    name: 'a secret without a name',
    spec: withVolumes({ name: 'data', secret: {} }),
    invalid: ['volumes[0].secret.secretName: Required value'],
  },
  {
    name: 'a mode in decimal',
    spec: withVolumes({ name: 'data', secret: { secretName: 'web', defaultMode: 644 } }),
    invalid: ['volumes[0].secret.defaultMode: Invalid value: 644: must be a number between 0 and 0777 (octal), both inclusive'],
  },
  {
    name: 'a configMap without a name',
    spec: withVolumes({ name: 'data', configMap: {} }),
    invalid: ['volumes[0].configMap.name: Required value'],
  },
  {
    name: 'a claim without a name',
    spec: withVolumes({ name: 'data', persistentVolumeClaim: { claimName: '' } }),
    invalid: ['volumes[0].persistentVolumeClaim.claimName: Required value'],
  },
  {
    name: 'a share with a relative path',
    spec: withVolumes({ name: 'data', nfs: { server: 'nfs', path: 'data' } }),
    invalid: ['volumes[0].nfs.path: Invalid value: "data": must be an absolute path'],
  },
  {
    name: 'two mounts at one path',
    spec: web(
      {
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'data', mountPath: '/data', subPath: 'a' },
        ],
      },
      { volumes: [DATA] },
    ),
    invalid: ['containers[0].volumeMounts[1].mountPath: Invalid value: "/data": must be unique'],
  },
  {
    name: 'a mount without a path',
    spec: web({ volumeMounts: [{ name: 'data', mountPath: '' }] }, { volumes: [DATA] }),
    invalid: ['containers[0].volumeMounts[0].mountPath: Required value'],
  },
  {
    name: 'a mount with a part that goes up',
    spec: web({ volumeMounts: [{ name: 'data', mountPath: '/data', subPath: '../other' }] }, { volumes: [DATA] }),
    invalid: ['containers[0].volumeMounts.subPath: Invalid value: "../other": must not contain \'..\''],
  },
  {
    name: 'a mount with an absolute part',
    spec: web({ volumeMounts: [{ name: 'data', mountPath: '/data', subPath: '/other' }] }, { volumes: [DATA] }),
    invalid: ['containers[0].volumeMounts.subPath: Invalid value: "/other": must be a relative path'],
  },
  {
    name: 'a mount with two parts',
    spec: web({ volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'a', subPathExpr: 'b' }] }, { volumes: [DATA] }),
    invalid: ['containers[0].volumeMounts[0].subPathExpr: Invalid value: "b": subPathExpr and subPath are mutually exclusive'],
  },
  {
    name: 'a device that is no claim',
    spec: web({ volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] }, { volumes: [DATA] }),
    invalid: [
      'containers[0].volumeDevices[0].name: Invalid value: "data": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
    ],
  },
  {
    name: 'a device that is mounted too',
    spec: web(
      { volumeDevices: [{ name: 'data', devicePath: '/data' }], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
      { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    ),
    invalid: [
      'containers[0].volumeMounts[0].name: Invalid value: "data": must not already exist in volumeDevices',
      'containers[0].volumeMounts[0].mountPath: Invalid value: "/data": must not already exist as a path in volumeDevices',
      'containers[0].volumeDevices[0].name: Invalid value: "data": must not already exist in volumeMounts',
      'containers[0].volumeDevices[0].devicePath: Invalid value: "/data": must not already exist as a path in volumeMounts',
    ],
  },
  { name: 'a variable without a name', spec: withVariables({ value: 'a' }), invalid: ['containers[0].env[0].name: Required value'] },
  {
    name: 'a variable with an equals sign',
    spec: withVariables({ name: 'A=B', value: 'a' }),
    invalid: [
      'containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
    ],
  },
  { name: 'a variable with a hyphen', spec: withVariables({ name: 'my-name', value: 'a' }), invalid: [] },
  {
    name: 'a variable of two sources',
    spec: withVariables({ name: 'A', valueFrom: { ...REF, secretKeyRef: { name: 's', key: 'k' } } }),
    invalid: ['containers[0].env[0].valueFrom: Invalid value: "": may not have more than one field specified at a time'],
  },
  {
    name: 'a variable of no source',
    spec: withVariables({ name: 'A', valueFrom: {} }),
    invalid: [
      'containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
    ],
  },
  {
    name: 'a variable with a value and a source',
    spec: withVariables({ name: 'A', value: 'a', valueFrom: REF }),
    invalid: ['containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
  },
  { name: 'a variable with an empty value and a source', spec: withVariables({ name: 'A', value: '', valueFrom: REF }), invalid: [] },
  {
    name: 'a part of a device',
    spec: withResources({}, { 'nvidia.com/gpu': '500m' }),
    invalid: ['containers[0].resources.limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer'],
  },
  {
    name: 'half a device',
    spec: web({ resources: { limits: { 'nvidia.com/gpu': 0.5 } } }),
    invalid: ['containers[0].resources.limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer'],
  },
  {
    name: 'a negative request',
    spec: withResources({ cpu: '-1' }, {}),
    invalid: ['containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  },
  {
    name: 'huge pages alone',
    spec: withResources({ 'hugepages-2Mi': '4Mi' }, { 'hugepages-2Mi': '4Mi' }),
    invalid: ['containers[0].resources: Forbidden: HugePages require cpu or memory'],
  },
  {
    name: 'a resource that nobody knows',
    spec: withResources({ gpu: 1 }, {}),
    invalid: [
      'containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
      'containers[0].resources.requests[gpu]: Invalid value: "gpu": must be a standard resource for containers',
    ],
  },
  {
    name: 'a resource of a quota',
    spec: withResources({}, { 'requests.cpu': 1 }),
    invalid: ['containers[0].resources.limits[requests.cpu]: Invalid value: "requests.cpu": must be a standard resource for containers'],
  },
  {
    name: 'a device below requests',
    spec: withResources({}, { 'requests.nvidia.com/gpu': 1 }),
    invalid: [
      'containers[0].resources.limits[requests.nvidia.com/gpu]: Invalid value: "requests.nvidia.com/gpu": doesn\'t follow extended resource name standard',
    ],
  },
  {
    name: 'a limit of disk of the Pod',
    spec: web({}, { resources: { requests: { 'ephemeral-storage': '1Gi' } } }),
    invalid: [
      'resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ],
  },
];
