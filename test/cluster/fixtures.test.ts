/**
 * Law 8 before a real API server: every fixture's Pod, as podgrace repairs it, is accepted and stored as predicted, and what
 * the command line says of a file is what the cluster says of the object. Policies name the version of the server, whatever the
 * fixture says. Workloads are sent as the Pod that comes out of their template, and as themselves.
 */
import type { Test } from 'tap';
import { admit, type Admission } from '../../src/offline/admit.ts';
import { creationOf } from '../../src/offline/creation.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import type { Policy } from '../../src/core/policy.ts';
import { groupOf, type WorkloadClass } from '../../src/core/workload.ts';
import { equalJson, isObject, type JsonObject } from '../../src/core/json.ts';
import { companionKindOf } from '../../src/core/companion.ts';
import { parseQuantity } from '../../src/core/quantity.ts';
import { typeOf } from '../../src/core/subject.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { findInvalid } from '../rules/api-validation.ts';
import { fixturesOf, minorOf, subjectOf, type Fixture } from '../rules/fixture.ts';
import { asApplied } from './as-applied.ts';
import { clusterTest, connect, makeNamespace, send, serverVersion } from './cluster.ts';
import { withoutDropped } from './dropped-fields.ts';
import { policyOf } from './proof/scenario.ts';
import { registerWebhook } from './registered-webhook.ts';

// What is about deletions has a test of its own: test/cluster/force-delete.test.ts.
for (const rule of catalogue.rules.filter(({ meta }) => meta.about !== 'deletion')) {
  clusterTest(`${rule.meta.id}: every fixture is decided, repaired and stored as predicted`, async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const kubernetesVersion = await serverVersion(api);
    // Budgets and autoscalers become no Pods.
    const ofPods = fixturesOf(rule).filter(
      ({ given }) => companionKindOf(groupOf(typeOf(given).apiVersion), typeOf(given).kind) === undefined,
    );
    const fixtures = ofPods.map((fixture) => ({ ...fixture, kubernetesVersion }));
    const [first] = fixtures;
    if (first === undefined) throw new Error('a rule without fixtures');
    const webhook = await registerWebhook(t, api, { namespace, policy: policyFor(first) });
    for (const fixture of fixtures) {
      await t.test(fixture.name, async (t) => {
        webhook.usePolicy(policyFor(fixture));
        await sendPod(t, api, namespace, fixture);
        if ((fixture.given as JsonObject)['kind'] !== 'Pod') await sendWorkload(t, api, namespace, fixture);
      });
    }
  });
}

/** Nothing but the fixture's rule, enforcing and repairing. The server's thread for much work knows the whole catalogue: the others are off. */
function policyFor({ rule, options, kubernetesVersion }: Fixture): Policy {
  return policyOf({ [rule.meta.id]: { mode: 'enforce', mutation: 'apply', options: { ...options } } }, { kubernetesVersion });
}

/** The Pod of a fixture, complete enough for the API server to take it; nothing here schedules it. */
function podOf(fixture: Fixture): JsonObject {
  const subject = subjectOf(fixture.given, fixture);
  const { annotations, labels } = (subject.received['metadata'] ?? {}) as JsonObject;
  const { ephemeralContainers: _, ...spec } = withoutDropped(subject.received['spec'], minorOf(fixture)) as Record<string, unknown>;
  const owner = subject.isTemplate ? OWNERS[subject.workloadClass] : subject.owner;
  return asApplied({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'fixture-',
      ...(annotations !== undefined && { annotations }),
      ...(labels !== undefined && { labels }),
      ...(owner !== undefined && {
        ownerReferences: [{ name: 'owner', controller: true, uid: 'd9607e19-f88f-11e6-a518-42010a800195', ...owner }],
      }),
    },
    spec: { schedulerName: 'nobody', automountServiceAccountToken: false, ...spec },
  });
}

/** Who owns the Pods of a workload, by what these do. */
const OWNERS: Partial<Record<WorkloadClass, { apiVersion: string; kind: string }>> = {
  service: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  stateful: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemon: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  batch: { apiVersion: 'batch/v1', kind: 'Job' },
};

/**
 * What the command line says of the object as a file. The cluster has to say the same: the API server adds defaults,
 * tolerations and managedFields before podgrace sees the object, and none of that may change the verdict.
 */
function verdictOf(object: JsonObject, policy: Policy, namespace: string): Admission {
  const request = creationOf(object, namespace);
  if (typeof request === 'string') throw new Error(request);
  return admit(request, policy, { nowMs: Date.now() });
}

async function sendPod(t: Test, api: KubeApi, namespace: string, fixture: Fixture): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const body = podOf(fixture);
  const dry = await send(api, { method: 'POST', path, query: { dryRun: 'All' }, body });
  if (isMirror(body)) {
    // The API server wants a mirror Pod to have a node. Where it has one, podgrace believes the annotation of a kubelet alone.
    const isBound = isObject(body['spec']) && body['spec']['nodeName'] !== undefined;
    t.equal(dry.code, isBound ? 403 : 422, 'only a kubelet sends mirror Pods, bound to its node');
    return;
  }
  const invalid = findInvalid(subjectOf(body, fixture).pod, fixture.kubernetesVersion);
  if (invalid.length > 0) {
    t.equal(dry.code, 422, `refused by the API server's own validation, as foreseen: ${invalid.join(', ')}`);
    return;
  }
  const verdict = verdictOf(body, policyFor(fixture), namespace);
  const real = await send(api, { method: 'POST', path, body });
  t.equal(real.code, dry.code, 'a dry run is answered like the real request');
  const isFoundMissing = fixture.findings.some(({ data }) => isObject(data) && data['status'] === 'the API server refuses the Pod');
  if (isFoundMissing) {
    t.match(real, { code: 403, body: { message: /service account .* not found/ } }, 'refused as the finding says');
    return;
  }
  t.equal(real.code, verdict.validate.allowed ? 201 : 403, `the verdict of the file: ${show(real.body['message'])}`);
  if (real.code === 403) {
    const message = String(real.body['message']);
    t.match(message, 'admission webhook "validate.podgrace.dev" denied the request');
    for (const { field, mode } of verdict.validate.findings)
      if (mode === 'enforce') t.ok(message.includes(field), `the denial names ${field}`);
  }
  if (real.code === 201) t.same(differences(real.body['spec'], verdict.validate.pod?.spec), [], 'stored as predicted');
}

function isMirror({ metadata }: JsonObject): boolean {
  return JSON.stringify(metadata).includes('kubernetes.io/config.mirror');
}

/** Fields of the prediction that were stored otherwise; what the prediction does not name is the API server's affair. */
function differences(stored: unknown, predicted: unknown, at = 'spec'): string[] {
  if (Array.isArray(predicted)) {
    if (!Array.isArray(stored) || stored.length !== predicted.length)
      return isEmpty(predicted) && isEmpty(stored) ? [] : [`${at}: ${show(stored)} is not ${show(predicted)}`];
    return predicted.flatMap((element, index) => differences(stored[index], element, `${at}[${index}]`));
  }
  if (isObject(predicted)) {
    if (!isObject(stored)) return isEmpty(predicted) ? [] : [`${at}: ${show(stored)} is not ${show(predicted)}`];
    return Object.entries(predicted).flatMap(([key, value]) => differences(stored[key], value, `${at}.${key}`));
  }
  // Optional fields that are false, 0 or empty are not stored: `omitempty` in k8s.io/api.
  return equalJson(stored, predicted) || (!predicted && stored === undefined) || isSameAmount(stored, predicted)
    ? []
    : [`${at}: ${show(stored)} is not ${show(predicted)}`];
}

function isEmpty(value: unknown): boolean {
  return value == null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 300);
}

/** Amounts that the user wrote are stored in canonical form: `1000m` as `1`. */
function isSameAmount(stored: unknown, predicted: unknown): boolean {
  const isText = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
  if (!isText(stored) || !isText(predicted)) return false;
  const [a, b] = [parseQuantity(stored), parseQuantity(predicted)];
  return a !== undefined && a.nano === b?.nano;
}

async function sendWorkload(t: Test, api: KubeApi, namespace: string, fixture: Fixture): Promise<void> {
  const workload = completed(fixture);
  const { apiVersion, kind } = workload as { apiVersion: string; kind: string };
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const path = `${root}/namespaces/${namespace}/${kind.toLowerCase()}s`;
  const answer = await send(api, { method: 'POST', path, query: { dryRun: 'All' }, body: workload });
  if (findInvalid(subjectOf(fixture.given, fixture).pod, fixture.kubernetesVersion).length > 0) return;
  const { allowed } = verdictOf(workload, policyFor(fixture), namespace).validate;
  t.equal(answer.code, allowed ? 201 : 403, `${kind}, the verdict of the file: ${show(answer.body['message'])}`);
}

/** A workload with the selector and labels that fixtures leave out. */
function completed(fixture: Fixture): JsonObject {
  const workload = withoutDropped(fixture.given, minorOf(fixture)) as Record<string, unknown>;
  const { kind } = workload as { kind: string };
  const label = { 'podgrace.dev/fixture': 'yes' };
  workload['metadata'] = { ...(workload['metadata'] as object), name: 'fixture' };
  if (kind === 'PodTemplate') return workload;
  const spec = workload['spec'] as Record<string, unknown>;
  if (kind === 'Job' || kind === 'CronJob') return workload;
  const template = spec['template'] as Record<string, unknown>;
  const metadata = (template['metadata'] ?? {}) as Record<string, unknown>;
  template['metadata'] = { ...metadata, labels: { ...(metadata['labels'] as object | undefined), ...label } };
  spec['selector'] = kind === 'ReplicationController' ? label : { matchLabels: label };
  if (kind === 'StatefulSet') spec['serviceName'] = 'fixture';
  return workload;
}
