import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import { parseQuantity } from '../../src/core/quantity.ts';
import { checkPodShape } from '../../src/core/shape.ts';
import { equalJson, isObject, type JsonObject } from '../../src/core/json.ts';
import { templatesIn, WorkloadKinds, type WorkloadKind } from '../../src/core/workload.ts';
import { atLeast } from '../long-tests.ts';
import { readGolden, skipWithoutGolden, type GoldenAnswer } from './golden.ts';

/** The version that gave the answers. */
const MINOR = 36;
const KINDS = new WorkloadKinds();

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
const httpGet = pointer({ path: plain, port: plain, host: plain, scheme: plain });
const tcpSocket = pointer({ port: plain, host: plain });
const hook = pointer({ exec, httpGet, tcpSocket, sleep: pointer({ seconds: plain }) });
const probe = pointer({
  exec,
  httpGet,
  tcpSocket,
  grpc: pointer({ port: plain, service: plain }),
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
const podSpec = pointer({
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  volumes: list(
    pointer({
      name: plain,
      emptyDir: pointer({ medium: plain, sizeLimit: amount }),
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

function kindOf({ posted }: GoldenAnswer): WorkloadKind {
  const kind = KINDS.templates(posted.apiVersion, posted.kind)[0];
  if (kind === undefined) throw new Error(`no template in ${posted.apiVersion} ${posted.kind}`);
  return kind;
}

function acceptedOf(name: 'pods' | 'workloads'): (GoldenAnswer & { readonly kind: WorkloadKind })[] {
  const accepted = readGolden(name).filter(({ code }) => code === 201);
  return accepted.map((answer) => ({ ...answer, kind: kindOf(answer) }));
}

const filesOf = (answers: readonly GoldenAnswer[]): string[] => answers.map(({ file }) => file);

const targetOf = (kind: WorkloadKind): 'pod' | 'template' => (kind.templatePath.length > 0 ? 'template' : 'pod');

function read(object: JsonObject | undefined, kind: WorkloadKind): JsonObject {
  const template = object && templatesIn(object, kind)[0]?.template;
  if (template === undefined) throw new Error('no template');
  return template;
}

/** Fields whose type is wrong in the corpus and that podgrace never looks at. */
const OTHERS_FIELD = /FCVolumeSource|runAsUser|DeploymentSpec\.spec\.(?:replicas|selector)|LabelSelector|parsing time/;

for (const name of ['pods', 'workloads'] as const) {
  void t.test(`${name}: fills in what a real API server filled in`, { skip: skipWithoutGolden() }, (t) => {
    const accepted = acceptedOf(name);
    t.ok(accepted.length > atLeast(4000), `${accepted.length} answers`);
    const different = accepted.filter(({ posted, stored, kind }) => {
      const filled = podSpec(applyDefaults(read(posted, kind), targetOf(kind), MINOR).spec);
      return !equalJson(filled, podSpec(read(stored, kind)['spec']));
    });
    t.same(filesOf(different), []);
    t.end();
  });

  void t.test(`${name}: has nothing to add to what a real API server stored`, { skip: skipWithoutGolden() }, (t) => {
    const changed = acceptedOf(name).filter(({ stored, kind }) => {
      const { spec } = read(stored, kind);
      return applyDefaults({ metadata: {}, spec }, targetOf(kind), MINOR).spec !== spec;
    });
    t.same(filesOf(changed), []);
    t.end();
  });

  void t.test(`${name}: the shape check accepts what a real API server accepted`, { skip: skipWithoutGolden() }, (t) => {
    const refused = acceptedOf(name).filter(({ posted, kind }) => checkPodShape(read(posted, kind)).length > 0);
    t.same(filesOf(refused), []);
    t.end();
  });

  void t.test(`${name}: the shape check refuses what could not be decoded`, { skip: skipWithoutGolden() }, (t) => {
    const undecodable = readGolden(name).filter(({ code, message = '' }) => code === 400 && !OTHERS_FIELD.test(message));
    t.ok(undecodable.length >= atLeast(10), `${undecodable.length} of them`);
    const unnoticed = undecodable.filter((answer) => checkPodShape(read(answer.posted, kindOf(answer))).length === 0);
    t.same(filesOf(unnoticed), []);
    t.end();
  });
}
