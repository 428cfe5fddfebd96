/** A prediction and what an API server stored, brought into one form, so that they can be compared exactly. */
import { isObject } from '../../src/core/json.ts';
import { parseQuantity } from '../../src/core/quantity.ts';

/** Brings a field into the form in which both sides can be compared; undefined where it says nothing. */
type Form = (value: unknown) => unknown;

/** Zero values and empty collections of optional fields: the API server leaves them out of what it stores. */
function plain(value: unknown): unknown {
  if (value == null || value === '' || value === 0 || value === false) return undefined;
  return typeof value === 'object' && Object.keys(value).length === 0 ? undefined : value;
}

const amount: Form = (value) => (value == null ? undefined : parseQuantity(value as string)?.nano.toString());

const amounts: Form = (value) =>
  isObject(value) ? plain(Object.fromEntries(Object.entries(value).map(([resource, text]) => [resource, amount(text ?? 0)]))) : undefined;

/** A struct behind a pointer: `{}` and nothing are different. */
function pointer(fields: Readonly<Record<string, Form>>): Form {
  return (value) => {
    if (!isObject(value)) return undefined;
    const entries = Object.entries(fields).map(([key, form]) => [key, form(value[key])] as const);
    return Object.fromEntries(entries.filter(([, member]) => member !== undefined));
  };
}

const list =
  (element: Form): Form =>
  (value) =>
    Array.isArray(value) ? plain(value.map(element)) : undefined;

const exec = pointer({ command: plain });
const httpGet = pointer({ path: plain, port: plain, host: plain, scheme: plain, protocol: plain });
const tcpSocket = pointer({ port: plain, host: plain });
const hook = pointer({ exec, httpGet, tcpSocket, sleep: pointer({ seconds: plain }) });
const probe = pointer({
  exec,
  httpGet,
  tcpSocket,
  grpc: pointer({ port: plain, service: plain, mode: plain }),
  initialDelaySeconds: plain,
  timeoutSeconds: plain,
  periodSeconds: plain,
  successThreshold: plain,
  failureThreshold: plain,
  terminationGracePeriodSeconds: plain,
});
const resources = pointer({ requests: amounts, limits: amounts });
const containers = list(
  pointer({
    name: plain,
    image: plain,
    imagePullPolicy: plain,
    command: plain,
    args: plain,
    // A struct, not a pointer: the API server stores `resources: {}` for every container.
    resources: (value) => plain(resources(value)),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    lifecycle: pointer({ preStop: hook, postStart: hook }),
    restartPolicy: plain,
    terminationMessagePath: plain,
    terminationMessagePolicy: plain,
    volumeMounts: list(pointer({ name: plain, mountPath: plain, subPath: plain, readOnly: plain })),
  }),
);
/** A Pod's spec: of the fields that podgrace reads, what the API server stores. */
export const podSpec = pointer({
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  volumes: list(
    pointer({
      name: plain,
      emptyDir: pointer({ medium: plain, sizeLimit: amount, mode: plain }),
      image: pointer({ reference: plain, pullPolicy: plain }),
    }),
  ),
  restartPolicy: plain,
  terminationGracePeriodSeconds: plain,
  tolerations: list(pointer({ key: plain, operator: plain, value: plain, effect: plain, tolerationSeconds: plain })),
  resources,
  shareProcessNamespace: plain,
  hostPID: plain,
  hostNetwork: plain,
  nodeName: plain,
  nodeSelector: plain,
});
