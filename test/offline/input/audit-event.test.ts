import t from 'tap';
import { decodeReview } from '../../../src/admission/review.ts';
import { isAuditEvent, requestOfAuditEvent, type AuditedRequest } from '../../../src/offline/input/audit-event.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { WorkloadKinds } from '../../../src/core/workload.ts';

const BUILT_IN = { kinds: new WorkloadKinds(), judgesDeletions: true };

/** As kube-apiserver 1.36.3 writes it for `kubectl create`, without timestamps and the response. */
const CREATE_POD = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: '45134785-f048-4b56-8fe1-b8b27426feca',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/shop/pods?fieldManager=kubectl-create&fieldValidation=Strict',
  verb: 'create',
  user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
  objectRef: { resource: 'pods', namespace: 'shop', name: 'web', apiVersion: 'v1' },
  responseStatus: { metadata: {}, code: 201 },
  requestObject: { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web' }, spec: { containers: [{ name: 'a', image: 'b:1' }] } },
};

void t.test('a creation is an AdmissionReview that decodes', (t) => {
  t.ok(isAuditEvent(CREATE_POD));
  t.same(decodeReview(reviewOf(CREATE_POD)), {
    uid: '45134785-f048-4b56-8fe1-b8b27426feca',
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: 'pods',
    subResource: '',
    name: 'web',
    namespace: 'shop',
    origin: { from: 'review', username: 'admin' },
    object: CREATE_POD.requestObject,
    oldObject: null,
    dryRun: false,
  });
  t.end();
});

void t.test('an update of a subresource keeps its group, name and subresource', (t) => {
  const event = {
    ...CREATE_POD,
    verb: 'update',
    objectRef: { resource: 'pods', namespace: 'shop', name: 'web', apiVersion: 'v1', subresource: 'resize' },
  };
  t.match(reviewOf(event), {
    request: {
      operation: 'UPDATE',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'resize',
      name: 'web',
    },
  });
  t.end();
});

void t.test('what the webhook is never asked about is skipped with the reason, whether the log holds the object or not', (t) => {
  const { requestObject: _, ...withoutObject } = CREATE_POD;
  const subresource = { skipped: 'the request is for a subresource that the webhook is not asked about, such as status' };
  for (const event of [CREATE_POD, withoutObject, { ...CREATE_POD, verb: 'patch' }])
    t.same(read({ ...event, objectRef: { resource: 'pods', subresource: 'status', apiVersion: 'v1' } }), subresource);
  const other = { skipped: 'the request is about neither a Pod nor a workload that podgrace knows' };
  const objectRef = { resource: 'leases', apiGroup: 'coordination.k8s.io', apiVersion: 'v1' };
  t.same(read({ ...withoutObject, objectRef }), other);
  t.same(read({ ...CREATE_POD, objectRef, requestObject: { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1' } }), other);
  t.same(read({ ...CREATE_POD, objectRef, verb: 'patch', requestObject: { spec: { renewTime: null } } }), other);
  t.end();
});

void t.test('a kind that the policy adds is read like those of Kubernetes', (t) => {
  const event = {
    ...CREATE_POD,
    objectRef: { resource: 'rollouts', apiGroup: 'argoproj.io', apiVersion: 'v1alpha1' },
    requestObject: { kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1', metadata: { name: 'web' } },
  };
  const added = new WorkloadKinds([{ group: 'argoproj.io', kind: 'Rollout', podClass: 'service', templatePath: ['spec', 'template'] }]);
  t.match(requestOfAuditEvent(event, { ...BUILT_IN, kinds: added }), { review: { request: { kind: { kind: 'Rollout' } } } });
  t.ok('skipped' in (read(event) ?? {}));
  t.end();
});

void t.test('a budget is judged as well', (t) => {
  const event = {
    ...CREATE_POD,
    objectRef: { resource: 'poddisruptionbudgets', namespace: 'shop', apiGroup: 'policy', apiVersion: 'v1' },
    requestObject: { kind: 'PodDisruptionBudget', apiVersion: 'policy/v1', metadata: { name: 'web' }, spec: {} },
  };
  t.match(reviewOf(event), { request: { operation: 'CREATE', kind: { group: 'policy', kind: 'PodDisruptionBudget' } } });
  t.end();
});

void t.test('an autoscaler that a controller makes is skipped with the reason', (t) => {
  const ownedBy = (owners: unknown): JsonObject => ({
    ...CREATE_POD,
    objectRef: { resource: 'horizontalpodautoscalers', namespace: 'shop', apiGroup: 'autoscaling', apiVersion: 'v2' },
    requestObject: {
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v2',
      metadata: { name: 'keda-hpa-web', ownerReferences: owners },
      spec: {},
    },
  });
  const owner = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'web', uid: 'u' };
  t.same(read(ownedBy([{ ...owner, controller: true }])), {
    skipped: 'the webhook is not asked about a budget or an autoscaler that a controller makes',
  });
  for (const owners of [[owner], [], undefined, 'web', [null]]) t.ok(reviewOf(ownedBy(owners)));
  t.end();
});

void t.test('a dry run is told by the address', (t) => {
  const isDryRun = (requestURI: string): boolean => decodeReview(reviewOf({ ...CREATE_POD, requestURI })).dryRun;
  t.ok(isDryRun('/api/v1/namespaces/shop/pods?dryRun=All'));
  t.ok(isDryRun('/api/v1/namespaces/shop/pods?fieldManager=x&dryRun=All'));
  t.notOk(isDryRun('/api/v1/namespaces/shop/pods?dryRun='));
  t.notOk(isDryRun('/api/v1/namespaces/dryRun=All/pods'));
  t.end();
});

void t.test('the user is the one that was impersonated', (t) => {
  t.equal(decodeReview(reviewOf({ ...CREATE_POD, impersonatedUser: { username: 'jane' } })).origin.username, 'jane');
  t.end();
});

void t.test('of the stages of a request only the last counts', (t) => {
  for (const stage of ['RequestReceived', 'ResponseStarted']) t.equal(read({ ...CREATE_POD, stage }), undefined, stage);
  t.ok(reviewOf({ ...CREATE_POD, stage: 'Panic' }));
  t.end();
});

void t.test('reads, deletions of collections and requests that are for no resource are skipped with the reason', (t) => {
  const skipped = { skipped: 'the request creates and changes no object' };
  for (const verb of ['get', 'list', 'watch', 'deletecollection']) t.same(read({ ...CREATE_POD, verb }), skipped, verb);
  const { objectRef: _, ...other } = CREATE_POD;
  t.same(read({ ...other, verb: 'patch', requestURI: '/healthz' }), skipped);
  t.end();
});

/** As kube-apiserver 1.36.3 writes it for `kubectl delete --force`, without timestamps. */
const DELETE_POD = {
  ...CREATE_POD,
  verb: 'delete',
  requestURI: '/api/v1/namespaces/shop/pods/web',
  responseStatus: { metadata: {}, code: 200 },
  requestObject: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', gracePeriodSeconds: 0, propagationPolicy: 'Background' },
  responseObject: {
    ...CREATE_POD.requestObject,
    metadata: { name: 'web', deletionGracePeriodSeconds: 0, deletionTimestamp: '2026-11-28T23:54:48Z' },
  },
};

void t.test('the deletion of a Pod is one of the Pod as it was, with the grace period that it got', (t) => {
  t.match(decodeReview(reviewOf(DELETE_POD)), {
    operation: 'DELETE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    name: 'web',
    object: null,
    gracePeriodSeconds: 0,
    origin: { username: 'admin' },
  });
  t.same(decodeReview(reviewOf(DELETE_POD)).oldObject, CREATE_POD.requestObject, 'the mark is of the deletion itself');
  const { requestObject: _, ...byQuery } = DELETE_POD;
  t.equal(decodeReview(reviewOf({ ...byQuery, requestURI: `${byQuery.requestURI}?gracePeriodSeconds=0` })).gracePeriodSeconds, 0);
  const metadata = { name: 'web', deletionGracePeriodSeconds: 30, deletionTimestamp: '2026-11-28T23:55:18Z' };
  const ordinary = { ...byQuery, responseObject: { ...CREATE_POD.requestObject, metadata } };
  t.equal(decodeReview(reviewOf(ordinary)).gracePeriodSeconds, 30);
  t.end();
});

void t.test('a deletion is skipped with the reason where nothing can be said of it', (t) => {
  const reasonOf = (event: JsonObject, judgesDeletions = true): unknown => requestOfAuditEvent(event, { ...BUILT_IN, judgesDeletions });
  t.match(reasonOf(DELETE_POD, false), { skipped: 'no rule of the policy is about deletions' });
  const { responseObject: _, ...withoutResponse } = DELETE_POD;
  t.match(reasonOf({ ...withoutResponse, level: 'Request' }), { skipped: /its level must be RequestResponse$/ });
  const responseObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 403 };
  t.match(reasonOf({ ...DELETE_POD, responseObject }), {
    skipped: 'the answer holds no Pod: the deletion was refused, or the Pod was gone',
  });
  const other = { skipped: 'the webhook is asked about no deletion but that of a Pod' };
  t.same(reasonOf({ ...DELETE_POD, objectRef: { resource: 'deployments', apiGroup: 'apps', apiVersion: 'v1' } }), other);
  t.same(reasonOf({ ...DELETE_POD, objectRef: { ...DELETE_POD.objectRef, subresource: 'status' } }), other);
  t.end();
});

void t.test('a patch is skipped with the reason, unless it created the object as a server-side apply does', (t) => {
  const patch = { ...CREATE_POD, verb: 'patch', responseStatus: { metadata: {}, code: 200 } };
  const skipped = { skipped: 'the log holds the patch, not the object that it makes' };
  t.same(read({ ...patch, requestObject: { spec: { replicas: 2 } } }), skipped, 'a merge patch');
  t.same(read({ ...patch, requestObject: [{ op: 'remove', path: '/spec/x' }] }), skipped, 'a JSON patch');
  t.same(read(patch), skipped, 'what one applier owns of an object that exists');
  t.equal(decodeReview(reviewOf({ ...patch, responseStatus: { metadata: {}, code: 201 } })).operation, 'CREATE');
  t.end();
});

void t.test('an event without the object is skipped with the reason', (t) => {
  const { requestObject: _, ...event } = CREATE_POD;
  t.same(read({ ...event, level: 'Metadata' }), {
    skipped: 'the audit policy kept no request object: its level must be Request or RequestResponse',
  });
  t.same(read({ ...event, responseStatus: { code: 400 } }), {
    skipped: 'the request has no object that the API server could read',
  });
  t.same(read({ ...event, requestObject: { apiVersion: 'v1' } }), { skipped: 'the request object has no kind' });
  t.end();
});

void t.test('where the object has no apiVersion, the reference tells it', (t) => {
  const event = { ...CREATE_POD, objectRef: { resource: 'jobs', apiGroup: 'batch', apiVersion: 'v1' }, requestObject: { kind: 'Job' } };
  t.match(reviewOf(event), { request: { kind: { group: 'batch', version: 'v1', kind: 'Job' }, name: '', namespace: '' } });
  t.end();
});

function read(event: JsonObject): AuditedRequest | undefined {
  return requestOfAuditEvent(event, BUILT_IN);
}

function reviewOf(event: JsonObject): JsonObject {
  const audited = read(event);
  if (audited === undefined || !('review' in audited)) throw new Error(`no review: ${JSON.stringify(audited)}`);
  return audited.review;
}
