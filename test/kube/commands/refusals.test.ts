import t from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { KubeStatusError, KubeUnreachableError } from '../../../src/kube/client/api.ts';
import { denialOf } from '../../../src/kube/commands/denial.ts';
import { explainRefusal } from '../../../src/cli/cluster/refusal-text.ts';
import { fieldConflicts, missingPermission } from '../../../src/kube/commands/refusals.ts';
import {
  newerPolicyOf,
  otherVersionOf,
  readServerVersion,
  shortcomingsOf,
  type ServerVersion,
} from '../../../src/kube/commands/server-version.ts';

function refusal(code: number, message: string, reason = '', causes: readonly object[] = []): KubeStatusError {
  return new KubeStatusError({ code, body: { kind: 'Status', message, reason, details: { causes } }, warnings: [] });
}

const FORBIDDEN = 'pods is forbidden: User "jane" cannot create resource "pods" in API group "" in the namespace "shop"';

void t.test('a missing permission is told as the rule that grants it', (t) => {
  t.same(missingPermission(refusal(403, FORBIDDEN)), { verb: 'create', resource: 'pods', group: '', namespace: 'shop' });
  t.match(
    explainRefusal(refusal(403, FORBIDDEN), 'tell'),
    'cannot tell: pods is forbidden: User "jane" cannot create resource "pods" in API group "" in the namespace "shop"\n  needed is the rule {apiGroups: [""], resources: ["pods"], verbs: ["create"]} in a Role in namespace shop',
  );
  const onCluster =
    'x is forbidden: User "system:serviceaccount:a:b" cannot patch resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope';
  t.match(explainRefusal(refusal(403, onCluster), 'tell'), 'verbs: ["patch"]} in a ClusterRole: ask');
  t.end();
});

void t.test('each refusal that people can do something about says what', (t) => {
  for (const [error, advice] of [
    [refusal(401, 'Unauthorized', 'Unauthorized'), 'log in again'],
    [
      refusal(403, 'roles "a" is forbidden: user "j" is attempting to grant RBAC permissions not currently held:\n{}'),
      "bound to the ClusterRole 'cluster-admin'",
    ],
    [refusal(403, 'being terminated', 'Forbidden', [{ reason: 'NamespaceTerminating' }]), 'wait until it is deleted'],
    [refusal(404, 'namespaces "a" not found', 'NotFound'), 'create the namespace first'],
    [
      refusal(500, 'Internal error occurred: failed calling webhook "a.example.com": EOF'),
      'the server behind webhook a.example.com did not answer',
    ],
    [
      refusal(500, 'Internal error occurred: failed calling webhook "validate.runbook.podgrace.dev": EOF'),
      '`podgrace failopen` lets requests through',
    ],
    [refusal(400, 'admission webhook "a" does not support dry run', 'BadRequest'), 'sideEffects is not None'],
    [refusal(429, 'too many requests', 'TooManyRequests'), 'try again in a moment'],
  ] as const)
    t.match(explainRefusal(error, 'go on').split('\n').at(-1), advice);
  t.equal(explainRefusal(refusal(422, 'is invalid'), 'go on'), 'cannot go on: is invalid', 'what says it all is left alone');
  t.equal(explainRefusal(new KubeUnreachableError('nobody answers'), 'go on'), 'cannot go on: nobody answers');
  t.end();
});

void t.test('conflicts are told with their owners', (t) => {
  const conflict = refusal(409, 'Apply failed with 1 conflict', 'Conflict', [
    { reason: 'FieldManagerConflict', message: 'conflict with "kubectl-client-side-apply" using apps/v1', field: '.spec.replicas' },
  ]);
  t.same(fieldConflicts(conflict), [{ field: 'spec.replicas', owner: 'kubectl-client-side-apply' }]);
  t.match(
    explainRefusal(conflict, 'apply'),
    'other field managers own spec.replicas (kubectl-client-side-apply): remove these fields from what kubectl-client-side-apply applies',
  );
  t.same(fieldConflicts(refusal(409, 'the object has been modified', 'Conflict')), []);
  t.end();
});

void t.test('who denied is read from the message', (t) => {
  for (const [error, by, name, message] of [
    [
      refusal(403, 'admission webhook "validate.runbook.podgrace.dev" denied the request: Pod a breaks a rule\n- b'),
      'podgrace',
      'validate.runbook.podgrace.dev',
      'Pod a breaks a rule\n- b',
    ],
    [refusal(403, 'admission webhook "a.example.com" denied the request: no'), 'webhook', 'a.example.com', 'no'],
    [
      refusal(400, 'admission webhook "a.example.com" denied the request without explanation'),
      'webhook',
      'a.example.com',
      ' without explanation',
    ],
    [
      refusal(422, `pods "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`, 'Invalid'),
      'admission-policy',
      'p',
      undefined,
    ],
    [refusal(403, 'pods "a" is forbidden: violates PodSecurity "restricted:latest": x'), 'pod-security', null, undefined],
    [refusal(403, 'pods "a" is forbidden: exceeded quota: q, requested: pods=1'), 'quota', null, undefined],
    [refusal(422, 'Pod "a" is invalid: spec', 'Invalid'), 'validation', null, undefined],
    [refusal(400, 'strict decoding error: unknown field "spec.x"', 'BadRequest'), 'validation', null, undefined],
    [refusal(403, 'pods "a" is forbidden: no PriorityClass with name b was found'), 'admission', null, undefined],
  ] as const) {
    t.match(denialOf(error), { by, name, ...(message !== undefined && { message }) });
  }
  t.end();
});

void t.test('what is no verdict about the object is no denial', (t) => {
  for (const error of [
    refusal(403, FORBIDDEN),
    refusal(500, 'failed calling webhook "a": EOF'),
    refusal(400, 'admission webhook "a" does not support dry run', 'BadRequest'),
    refusal(403, 'being terminated', 'Forbidden', [{ reason: 'NamespaceTerminating' }]),
    refusal(409, 'already exists', 'AlreadyExists'),
    refusal(401, 'Unauthorized', 'Unauthorized'),
  ])
    t.equal(denialOf(error), undefined, error.message);
  t.end();
});

/** As an API server with this answer to `/version`. */
function versionOf(body: JsonObject): Promise<ServerVersion> {
  return readServerVersion({ request: () => Promise.resolve({ code: 200, body, warnings: [] }) });
}

void t.test('a policy for a newer Kubernetes than that of the API server is told of', async (t) => {
  const of = async (kubernetesMinor: number, body: object): Promise<string | undefined> =>
    newerPolicyOf(await versionOf({ gitVersion: 'v1.36.3', minor: '36', ...body }), { kubernetesMinor });
  t.equal(await of(36, {}), undefined);
  t.equal(await of(35, {}), undefined);
  t.match(await of(37, {}), /^v1\.36\.3: the policy is for Kubernetes 1\.37, .* set `kubernetesVersion: '1\.36'` in the policy$/);
  t.match(
    await of(35, { emulationMinor: '34' }),
    /for Kubernetes 1\.35, .* `kubernetesVersion: '1\.34'`/,
    'it has the fields of the emulated one',
  );
  t.equal(await of(36, { minor: '33' }), undefined, 'no policy can be for that one, and that it is too old is told anyway');
  t.equal(await of(36, { minor: '' }), undefined);
});

void t.test('rules that judge by another version than that of the cluster are told, with what to set', async (t) => {
  const of = async (kubernetesMinor: number, minor: string): Promise<string | undefined> =>
    otherVersionOf(await versionOf({ gitVersion: `v1.${minor}.2`, minor }), { kubernetesMinor });
  t.equal(await of(36, '36'), undefined);
  t.equal(await of(36, ''), undefined, 'nobody knows');
  t.match(await of(37, '36'), /^v1\.36\.2: the policy is for Kubernetes 1\.37, .* set `kubernetesVersion: '1\.36'` in the policy$/);
  t.equal(
    await of(35, '37+'),
    "v1.37+.2: the policy is for Kubernetes 1.35, by which rules judge: if no node is older than 1.37, set `kubernetesVersion: '1.37'` in the policy",
  );
  t.match(await of(37, '38'), /by which rules judge, and podgrace supports 1\.34 to 1\.37$/, 'no policy can be for that one');
  t.match(
    await of(36, '33'),
    /by which rules judge, and podgrace supports 1\.34 to 1\.37: set `kubernetesVersion: '1\.34'` in the policy$/,
  );
});

void t.test('an API server that is too old is named with what it lacks, and one that is too new as unknown', async (t) => {
  const of = async (minor: string): Promise<{ isFatal: boolean; message: string }[]> =>
    shortcomingsOf(await versionOf({ minor, gitVersion: `v1.${minor}.1` }));
  t.same(await of('36'), []);
  t.same(await of('34+'), [], 'managed clusters say it with a plus');
  t.match(await of('33'), [{ isFatal: false, message: 'v1.33.1: podgrace supports 1.34 to 1.37' }]);
  t.match(await of('38'), [{ isFatal: false, message: 'v1.38.1: podgrace supports 1.34 to 1.37: a newer API server' }]);
  t.match(await of('31'), [{ isFatal: false }, { isFatal: false, message: 'v1.31.1: pods/resize does not exist before 1.33' }]);
  t.match(await of('27'), [{ isFatal: true, message: 'v1.27.1: matchConditions of webhooks' }, { isFatal: false }, { isFatal: false }]);
  t.match(await of(''), [{ isFatal: false, message: 'which podgrace cannot read' }]);
});
