import t from 'tap';
import { decodeReview } from '../../../src/admission/review.ts';
import { isAuditEvent, requestOfAuditEvent } from '../../../src/cli/input/audit-event.ts';
import type { JsonObject } from '../../../src/core/json.ts';

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
    username: 'admin',
    object: CREATE_POD.requestObject,
    oldObject: null,
    dryRun: false,
    admitted: true,
  });
  t.end();
});

void t.test('an update of a subresource keeps its group, name and subresource', (t) => {
  const event = {
    ...CREATE_POD,
    verb: 'update',
    objectRef: { resource: 'deployments', namespace: 'shop', name: 'web', apiGroup: 'apps', apiVersion: 'v1', subresource: 'status' },
    requestObject: { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'web' } },
  };
  t.match(reviewOf(event), {
    request: {
      operation: 'UPDATE',
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      subResource: 'status',
      name: 'web',
    },
  });
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
  t.equal(decodeReview(reviewOf({ ...CREATE_POD, impersonatedUser: { username: 'jane' } })).username, 'jane');
  t.end();
});

void t.test('of the stages of a request only the last counts', (t) => {
  for (const stage of ['RequestReceived', 'ResponseStarted']) t.equal(requestOfAuditEvent({ ...CREATE_POD, stage }), undefined, stage);
  t.ok(reviewOf({ ...CREATE_POD, stage: 'Panic' }));
  t.end();
});

void t.test('reads, deletions and requests that are for no resource say nothing', (t) => {
  for (const verb of ['get', 'list', 'watch', 'delete', 'deletecollection'])
    t.equal(requestOfAuditEvent({ ...CREATE_POD, verb }), undefined, verb);
  const { objectRef: _, ...other } = CREATE_POD;
  t.equal(requestOfAuditEvent({ ...other, verb: 'patch', requestURI: '/healthz' }), undefined);
  t.end();
});

void t.test('a patch is skipped with the reason, unless it created the object as a server-side apply does', (t) => {
  const patch = { ...CREATE_POD, verb: 'patch', responseStatus: { metadata: {}, code: 200 } };
  const skipped = { skipped: 'the log holds the patch, not the object that it makes' };
  t.same(requestOfAuditEvent({ ...patch, requestObject: { spec: { replicas: 2 } } }), skipped, 'a merge patch');
  t.same(requestOfAuditEvent({ ...patch, requestObject: [{ op: 'remove', path: '/spec/x' }] }), skipped, 'a JSON patch');
  t.same(requestOfAuditEvent(patch), skipped, 'what one applier owns of an object that exists');
  t.equal(decodeReview(reviewOf({ ...patch, responseStatus: { metadata: {}, code: 201 } })).operation, 'CREATE');
  t.end();
});

void t.test('an event without the object is skipped with the reason', (t) => {
  const { requestObject: _, ...event } = CREATE_POD;
  t.same(requestOfAuditEvent({ ...event, level: 'Metadata' }), {
    skipped: 'the audit policy kept no request object: its level must be Request or RequestResponse',
  });
  t.same(requestOfAuditEvent({ ...event, responseStatus: { code: 400 } }), {
    skipped: 'the request has no object that the API server could read',
  });
  t.same(requestOfAuditEvent({ ...event, requestObject: { apiVersion: 'v1' } }), { skipped: 'the request object has no kind' });
  t.end();
});

void t.test('where the object has no apiVersion, the reference tells it', (t) => {
  const event = { ...CREATE_POD, objectRef: { resource: 'jobs', apiGroup: 'batch', apiVersion: 'v1' }, requestObject: { kind: 'Job' } };
  t.match(reviewOf(event), { request: { kind: { group: 'batch', version: 'v1', kind: 'Job' }, name: '', namespace: '' } });
  t.end();
});

function reviewOf(event: JsonObject): JsonObject {
  const audited = requestOfAuditEvent(event);
  if (audited === undefined || !('review' in audited)) throw new Error(`no review: ${JSON.stringify(audited)}`);
  return audited.review;
}
