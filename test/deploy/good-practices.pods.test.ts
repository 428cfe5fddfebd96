/**
 * "Admission Webhook Good Practices" of the Kubernetes documentation: what happens to Pods under the policy that is shipped,
 * with every repair on, so that there is something to look at. The Pods are those of the samples.
 */
import t from 'tap';
import { admit, patchedObject, type Admission } from '../../src/offline/admit.ts';
import { creationOf } from '../../src/offline/creation.ts';
import { decideMutation } from '../../src/admission/decision.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import type { Submission } from '../../src/admission/submission.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../src/core/kubernetes-version.ts';
import type { Policy } from '../../src/core/policy.ts';
import { parseManifests, readBase, readText, RENDERINGS, type Manifest } from './rendered.ts';
import { Shipped } from './shipped.ts';

const NOW_MS = Date.parse('2026-11-22');

/** A Pod for each sample: itself, or as its template describes it. */
const PODS: readonly JsonObject[] = ['api', 'checkout', 'orders-db', 'report', 'web']
  .flatMap((name) => parseManifests(readText(`samples/manifests/${name}.yaml`)))
  .flatMap((sample) => podsOf(sample));

function podsOf(sample: Manifest): JsonObject[] {
  const { spec } = sample as { spec?: { template?: JsonObject; jobTemplate?: { spec: { template: JsonObject } } } };
  const template = sample.kind === 'Pod' ? sample : (spec?.template ?? spec?.jobTemplate?.spec.template);
  if (template === undefined) return [];
  const metadata = { ...(template['metadata'] as object | undefined), name: sample.metadata.name, namespace: 'shop' };
  return [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: template['spec'] }];
}

const SHIPPED = new Shipped(readBase());
const AS_SHIPPED = SHIPPED.policy();
const REPAIRING = SHIPPED.policy({
  rules: Object.fromEntries(
    catalogue.rules
      .filter((rule) => rule.mutate !== undefined)
      .map(({ meta: { id } }) => [
        id,
        { mutation: 'apply', ...(id === 'init-process' && { options: { image: 'registry.example/podgrace:1' } }) },
      ]),
  ),
});

function submissionOf(object: JsonObject): Submission {
  const submission = creationOf(object, 'shop');
  if (typeof submission === 'string') throw new Error(submission);
  return submission;
}

function admitted(object: JsonObject, policy: Policy): Admission {
  return admit(submissionOf(object), policy, { nowMs: NOW_MS });
}

function repaired(pod: JsonObject): JsonObject {
  return patchedObject(pod, admitted(pod, REPAIRING).mutate.patch) as JsonObject;
}

function containersOf(pod: JsonObject): readonly JsonObject[] {
  return (pod['spec'] as { containers: readonly JsonObject[] }).containers;
}

function withContainers(pod: JsonObject, containers: readonly object[]): JsonObject {
  return { ...pod, spec: { ...(pod['spec'] as object), containers } };
}

void t.test('every form is shipped with the same policy', (t) => {
  for (const { name, skip, render } of RENDERINGS) {
    if (skip === false) t.same(new Shipped(render()).policyDocument, SHIPPED.policyDocument, name);
    else t.pass(name, { skip });
  }
  t.end();
});

void t.test('there is something to repair', (t) => {
  t.ok(PODS.filter((pod) => admitted(pod, REPAIRING).mutate.patch.length > 0).length >= 3);
  t.end();
});

void t.test('GP4: what was repaired is not repaired again', (t) => {
  for (const pod of PODS) t.same(admitted(repaired(pod), REPAIRING).mutate.patch, []);
  t.end();
});

void t.test('GP12: only declared fields are patched', (t) => {
  for (const pod of PODS) {
    const { patch, rules } = admitted(pod, REPAIRING).mutate;
    const declared = rules.flatMap((id) => catalogue.get(id)?.meta.writes ?? []).map((path) => path.replaceAll('[*]', '.*').split('.'));
    for (const { path } of patch)
      t.ok(
        declared.some((fields) => isInside(path, fields)),
        path,
      );
  }
  t.end();
});

/** Whether a JSON Pointer leads to a declared field, into it, or to what has to be made for it. */
function isInside(pointer: string, fields: readonly string[]): boolean {
  const parts = pointer.split('/').slice(1);
  return parts.every((part, index) => fields[index] === undefined || fields[index] === '*' || fields[index] === part);
}

void t.test('GP13: the order of containers changes nothing but the order', (t) => {
  const reversed = (pod: JsonObject): JsonObject => withContainers(pod, containersOf(pod).toReversed());
  for (const pod of PODS) t.same(reversed(repaired(reversed(pod))), repaired(pod));
  t.end();
});

void t.test('GP13: no list is replaced as a whole', (t) => {
  for (const pod of PODS) {
    for (const { op, path, ...rest } of admitted(pod, REPAIRING).mutate.patch)
      t.notOk(op === 'replace' && 'value' in rest && Array.isArray(rest.value), path);
  }
  t.end();
});

void t.test('GP14: a dry run is decided like the real thing', (t) => {
  for (const pod of PODS) {
    const request: AdmissionRequest = {
      ...submissionOf(pod),
      uid: 'u',
      resource: 'pods',
      dryRun: false,
      origin: { from: 'review', username: 'alice' },
    };
    const dryRun: AdmissionRequest = { ...request, dryRun: true };
    const asking = { nowMs: NOW_MS };
    t.same(admit(dryRun, REPAIRING, asking), admit(request, REPAIRING, asking));
  }
  t.end();
});

void t.test('GP17: where the mutation was left out, the same rules judge what came', (t) => {
  const production = SHIPPED.policy({ preset: 'production' });
  const bare = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare' }, spec: { containers: [{ name: 'bare', image: 'bare' }] } };
  t.notOk(admitted(bare, production).validate.allowed);
  t.end();
});

void t.test('GP18: fields that podgrace does not know survive, native sidecars too', (t) => {
  for (const pod of PODS) {
    const sidecar = { name: 'proxy', image: 'proxy', restartPolicy: 'Always', fromTheFuture: 1 };
    const future = withContainers(
      { ...pod, spec: { ...(pod['spec'] as object), fromTheFuture: { a: [1] }, initContainers: [sidecar] } },
      containersOf(pod).map((container) => ({ ...container, fromTheFuture: true })),
    );
    const after = repaired(future);
    t.ok(containersOf(after).every((container) => container['fromTheFuture'] === true));
    const spec = after['spec'] as { fromTheFuture: unknown; initContainers: JsonObject[] };
    t.same(spec.fromTheFuture, { a: [1] });
    t.match(
      spec.initContainers.find(({ name }) => name === 'proxy'),
      sidecar,
    );
  }
  t.end();
});

void t.test('GP19, GP21: after another webhook has added a sidecar, nothing is undone or done twice', (t) => {
  for (const pod of PODS) {
    const first = repaired(pod);
    const second = repaired(withContainers(first, [...containersOf(first), { name: 'injected', image: 'injected' }]));
    t.same(admitted(second, REPAIRING).mutate.patch, []);
    t.same(containersOf(second).slice(0, -1), containersOf(first));
  }
  t.end();
});

void t.test('GP20: updates and mirror Pods are never mutated', (t) => {
  for (const pod of PODS) {
    const update: Submission = { ...submissionOf(pod), operation: 'UPDATE', oldObject: pod };
    t.same(decideMutation(update, REPAIRING, { nowMs: NOW_MS }).patch, []);
    const metadata = { ...(pod['metadata'] as object), annotations: { 'kubernetes.io/config.mirror': 'hash' } };
    const mirror: Submission = { ...submissionOf({ ...pod, metadata }), origin: { from: 'review', username: 'system:node:node-1' } };
    t.same(decideMutation(mirror, REPAIRING, { nowMs: NOW_MS }).patch, []);
  }
  t.end();
});

void t.test('GP22: a repair brings no violation that was not there', (t) => {
  const violations = (pod: JsonObject): string[] =>
    admitted(pod, AS_SHIPPED).validate.findings.map(({ rule, field }) => `${rule} ${field}`);
  for (const pod of PODS) {
    const before = new Set(violations(pod));
    t.same(
      violations(repaired(pod)).filter((violation) => !before.has(violation)),
      [],
    );
  }
  t.end();
});

void t.test('GP23: the policy holds for every Kubernetes version that podgrace knows', (t) => {
  for (let minor = OLDEST_MINOR; minor <= NEWEST_MINOR; minor += 1) {
    const policy = SHIPPED.policy({ kubernetesVersion: `1.${minor}` });
    for (const pod of PODS) t.ok(admitted(pod, policy).validate.findings.every(({ messageId }) => messageId !== 'errored'));
  }
  t.end();
});

void t.test('GP24: the shipped policy denies nothing', (t) => {
  for (const pod of PODS) t.ok(admitted(pod, AS_SHIPPED).validate.allowed);
  t.end();
});
