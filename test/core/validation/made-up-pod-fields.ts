/** Pod specs whose names, probes, hooks, tolerations and policies are wrong: what an API server 1.36.3 says of them, below the Pod spec. */
import type { JsonObject } from '../../../src/core/json.ts';
import type { MadeUpPodSpec } from './made-up-pod-specs.ts';

const web = (fields: object = {}, pod: object = {}): JsonObject => ({
  containers: [{ name: 'web', image: 'web:1', ...fields }],
  ...pod,
});
const withInit = (fields: object): JsonObject => web({}, { initContainers: [{ name: 'init', image: 'init:1', ...fields }] });
const tolerating = (...tolerations: readonly object[]): JsonObject => web({}, { tolerations });
const CHECK = { exec: { command: ['check'] } };

export const MADE_UP_POD_FIELDS: readonly MadeUpPodSpec[] = [
  {
    name: 'a container name with capital letters',
    spec: web({ name: 'Web' }),
    invalid: [
      "containers[0].name: Invalid value: \"Web\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  },
  {
    name: 'a container name with an underscore',
    spec: web({ name: 'my_web' }),
    invalid: [
      "containers[0].name: Invalid value: \"my_web\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  },
  { name: 'a container without a name', spec: web({ name: '' }), invalid: ['containers[0].name: Required value'] },
  { name: 'a container without an image', spec: web({ image: '' }), invalid: ['containers[0].image: Required value'] },
  { name: 'no container', spec: { containers: [] }, invalid: ['containers: Required value'] },
  {
    name: 'two containers of one name',
    spec: {
      containers: [
        { name: 'web', image: 'web:1' },
        { name: 'web', image: 'web:2' },
      ],
    },
    invalid: ['containers[1].name: Duplicate value: "web"'],
  },
  {
    name: 'an unknown pull policy',
    spec: web({ imagePullPolicy: 'Sometimes' }),
    invalid: ['containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"'],
  },
  {
    name: 'an unknown message policy',
    spec: web({ terminationMessagePolicy: 'Log' }),
    invalid: ['containers[0].terminationMessagePolicy: Unsupported value: "Log": supported values: "File", "FallbackToLogsOnError"'],
  },
  {
    name: 'a probe of port 0',
    spec: web({ readinessProbe: { tcpSocket: { port: 0 } } }),
    invalid: ['containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive'],
  },
  {
    name: 'a probe of a long port name',
    spec: web({ readinessProbe: { httpGet: { port: 'metrics-of-the-web' } } }),
    invalid: ['containers[0].readinessProbe.httpGet.port: Invalid value: "metrics-of-the-web": must be no more than 15 characters'],
  },
  {
    name: 'a probe of a scheme in lower case',
    spec: web({ readinessProbe: { httpGet: { port: 80, scheme: 'http' } } }),
    invalid: ['containers[0].readinessProbe.httpGet.scheme: Unsupported value: "http": supported values: "HTTP", "HTTPS"'],
  },
  {
    name: 'a probe of no command',
    spec: web({ readinessProbe: { exec: { command: [] } } }),
    invalid: ['containers[0].readinessProbe.exec.command: Required value'],
  },
  {
    name: 'a probe of gRPC above the range',
    spec: web({ readinessProbe: { grpc: { port: 70000 } } }),
    invalid: ['containers[0].readinessProbe.grpc.port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  },
  {
    name: 'a probe with negative times',
    spec: web({ readinessProbe: { ...CHECK, initialDelaySeconds: -1, timeoutSeconds: -1, periodSeconds: -1, failureThreshold: -1 } }),
    invalid: [
      'containers[0].readinessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
      'containers[0].readinessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0',
      'containers[0].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
      'containers[0].readinessProbe.failureThreshold: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
  {
    name: 'a negative success',
    spec: web({ livenessProbe: { ...CHECK, successThreshold: -1 } }),
    invalid: [
      'containers[0].livenessProbe.successThreshold: Invalid value: -1: must be greater than or equal to 0',
      'containers[0].livenessProbe.successThreshold: Invalid value: -1: must be 1',
    ],
  },
  {
    name: 'a grace period of 0 of liveness',
    spec: web({ livenessProbe: { ...CHECK, terminationGracePeriodSeconds: 0 } }),
    invalid: ['containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0'],
  },
  {
    name: 'a negative sleep',
    spec: web({ lifecycle: { preStop: { sleep: { seconds: -1 } } } }),
    invalid: [
      'containers[0].lifecycle.preStop.sleep: Invalid value: -1: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  },
  {
    name: 'a hook of no command',
    spec: web({ lifecycle: { postStart: { exec: {} } } }),
    invalid: ['containers[0].lifecycle.postStart.exec.command: Required value'],
  },
  {
    name: 'processes shared with the node and among containers',
    spec: web({}, { hostPID: true, shareProcessNamespace: true }),
    invalid: ['securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled'],
  },
  {
    name: 'a toleration in seconds of another effect',
    spec: tolerating({ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }),
    invalid: ['tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
  },
  {
    name: 'a toleration in seconds of every effect',
    spec: tolerating({ key: 'a', operator: 'Exists', tolerationSeconds: 5 }),
    invalid: ['tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
  },
  {
    name: 'a toleration in seconds',
    spec: tolerating({ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }),
    invalid: [],
  },
  {
    name: 'a toleration without a key',
    spec: tolerating({ value: 'a' }),
    invalid: [
      'tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  },
  {
    name: 'a toleration of a value that exists',
    spec: tolerating({ key: 'a', operator: 'Exists', value: 'b' }),
    invalid: ['tolerations[0].operator: Invalid value: "b": value must be empty when `operator` is \'Exists\''],
  },
  {
    name: 'a toleration of an unknown operator',
    spec: tolerating({ key: 'a', operator: 'In' }),
    invalid: ['tolerations[0].operator: Unsupported value: "In": supported values: "Equal", "Exists"'],
  },
  {
    name: 'a toleration of an unknown effect',
    spec: tolerating({ key: 'a', operator: 'Exists', effect: 'NoRun' }),
    invalid: ['tolerations[0].effect: Unsupported value: "NoRun": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
  },
  {
    name: 'a toleration of a key with a space',
    spec: tolerating({ key: 'a b', operator: 'Exists' }),
    invalid: [
      "tolerations[0].key: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  },
  {
    name: 'a toleration of a value with a space',
    spec: tolerating({ key: 'a', value: 'a b' }),
    invalid: [
      "tolerations[0].operator: Invalid value: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  },
  {
    name: 'an unknown restart policy',
    spec: web({}, { restartPolicy: 'Sometimes' }),
    invalid: [
      'restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'restartPolicy: Unsupported value: "Sometimes": supported values: "Always"',
    ],
  },
  {
    name: 'an unknown DNS policy',
    spec: web({}, { dnsPolicy: 'Cluster' }),
    invalid: ['dnsPolicy: Unsupported value: "Cluster": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"'],
  },
  {
    name: 'a node label with a space',
    spec: web({}, { nodeSelector: { 'disk type': 'ssd' } }),
    invalid: [
      "nodeSelector: Invalid value: \"disk type\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  },
  {
    name: 'a node label of a value with a space',
    spec: web({}, { nodeSelector: { disk: 'very fast' } }),
    invalid: [
      "nodeSelector: Invalid value: \"very fast\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ],
  },
  {
    name: 'a node name with capital letters',
    spec: web({}, { nodeName: 'Node' }),
    invalid: [
      "nodeName: Invalid value: \"Node\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  },
  {
    name: 'a service account with capital letters',
    spec: web({}, { serviceAccountName: 'Web' }),
    invalid: [
      "serviceAccountName: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  },
  {
    name: 'a priority with capital letters',
    spec: web({}, { priorityClassName: 'High' }),
    invalid: [
      "priorityClassName: Invalid value: \"High\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  },
  {
    name: 'a host name with dots',
    spec: web({}, { hostname: 'web.local' }),
    invalid: ['hostname: Invalid value: "web.local": must not contain dots'],
  },
  {
    name: 'a subdomain with an underscore',
    spec: web({}, { subdomain: 'my_web' }),
    invalid: [
      "subdomain: Invalid value: \"my_web\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  },
  {
    name: 'hooks and probes before the start that are wrong',
    spec: withInit({ livenessProbe: { tcpSocket: { port: 0 } } }),
    invalid: ['initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
  },
];
