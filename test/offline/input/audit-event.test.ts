import t from 'tap';
import { decodeReview } from '../../../src/admission/review.ts';
import { isAuditEvent, requestOfAuditEvent, type AuditedRequest } from '../../../src/offline/input/audit-event.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { WorkloadKinds } from '../../../src/core/workload.ts';

const BUILT_IN = new WorkloadKinds();

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
  t.match(requestOfAuditEvent(event, added), { review: { request: { kind: { kind: 'Rollout' } } } });
  t.ok('skipped' in (read(event) ?? {}));
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

void t.test('reads, deletions and requests that are for no resource are skipped with the reason', (t) => {
  const skipped = { skipped: 'the request creates and changes no object' };
  for (const verb of ['get', 'list', 'watch', 'delete', 'deletecollection']) t.same(read({ ...CREATE_POD, verb }), skipped, verb);
  const { objectRef: _, ...other } = CREATE_POD;
  t.same(read({ ...other, verb: 'patch', requestURI: '/healthz' }), skipped);
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
