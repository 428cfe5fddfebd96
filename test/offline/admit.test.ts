import t from 'tap';
import { admit, patchedObject } from '../../src/offline/admit.ts';
import { NOW_MS } from '../admission/ask.ts';
import { demandGrace, policyOf, requireGrace } from '../admission/made-up-rules.ts';
import { latestPod, podOf, requestOf, workloadOf } from '../admission/reviews.ts';

const asking = { nowMs: NOW_MS };

void t.test('a Pod is judged as the repairs have left it', (t) => {
  const policy = policyOf([requireGrace(), demandGrace()]);
  const { mutate, validate } = admit(requestOf(podOf()), policy, asking);
  t.same(mutate.rules, ['minute-of-grace']);
  t.equal(validate.allowed, true);
  t.equal(validate.pod?.spec.terminationGracePeriodSeconds, 60);
  t.end();
});

void t.test('without repairs the object is judged as it is', (t) => {
  const { mutate, validate } = admit(requestOf(podOf()), policyOf([demandGrace()]), asking);
  t.same(mutate.patch, []);
  t.equal(validate.allowed, false);
  t.end();
});

void t.test('a recorded review gives the same verdict, whether it was recorded before the repairs or after', (t) => {
  const policy = policyOf([requireGrace(), demandGrace()]);
  const before = admit(requestOf(podOf()), policy, asking);
  const after = admit(requestOf(patchedObject(podOf(), before.mutate.patch)), policy, asking);
  t.same(after.mutate.patch, []);
  t.same([after.validate.allowed, after.validate.findings], [before.validate.allowed, before.validate.findings]);
  t.end();
});

void t.test('a workload and the bare Pod of its template get the same verdict', (t) => {
  const policy = policyOf([requireGrace(), demandGrace()]);
  for (const pod of [podOf(), latestPod()]) {
    const bare = admit(requestOf(pod), policy, asking);
    const workload = admit(requestOf(workloadOf('apps/v1', 'Deployment', pod)), policy, asking);
    t.equal(workload.validate.allowed, bare.validate.allowed);
    t.same(workload.validate.pod?.spec, bare.validate.pod?.spec);
  }
  t.end();
});

void t.test('what was repaired is told finding by finding where that is asked for', (t) => {
  const policy = policyOf([requireGrace()]);
  const { mutate } = admit(requestOf(podOf()), policy, { ...asking, detailed: true });
  t.same(
    mutate.repaired.map(({ rule, field }) => `${rule} ${field}`),
    ['minute-of-grace spec.terminationGracePeriodSeconds'],
  );
  const { validate } = admit(requestOf(workloadOf('apps/v1', 'Deployment', podOf())), policy, { ...asking, detailed: true });
  t.same(
    validate.repaired.map(({ rule, field }) => `${rule} ${field}`),
    ['minute-of-grace spec.template.spec.terminationGracePeriodSeconds'],
  );
  const suggesting = admit(requestOf(podOf()), policyOf([requireGrace('enforce', 'would')]), { ...asking, detailed: true });
  t.equal(suggesting.mutate.suggested.length, 1);
  t.end();
});

void t.test('a patch is applied to a copy', (t) => {
  const pod = podOf();
  const patched = patchedObject(pod, [{ op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: 60 }]);
  t.equal((patched as typeof pod).spec['terminationGracePeriodSeconds'], 60);
  t.equal(pod.spec['terminationGracePeriodSeconds'], 30);
  t.end();
});

void t.test('a patch that does not apply is an error that names the operation, as it is for the API server', (t) => {
  const removing = [
    { op: 'test', path: '/kind', value: 'Pod' },
    { op: 'remove', path: '/spec/absent' },
  ] as const;
  t.throws(() => patchedObject(podOf(), removing), {
    message: 'operation 1 of the patch does not apply: {"op":"remove","path":"/spec/absent"}',
  });
  const testing = [{ op: 'test', path: '/kind', value: 'Job' }] as const;
  t.throws(() => patchedObject(podOf(), testing), { message: 'operation 0 of the patch does not apply' });
  t.end();
});
