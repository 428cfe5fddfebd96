import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { isDnsName, serviceDnsNames } from '../../src/pki/service-names.ts';

void t.test('gives the four names that the cluster resolves', (t) => {
  t.same(serviceDnsNames('podgrace', 'lifecycle'), [
    'podgrace',
    'podgrace.lifecycle',
    'podgrace.lifecycle.svc',
    'podgrace.lifecycle.svc.cluster.local',
  ]);
  t.end();
});

void t.test('takes the cluster domain that the kubelet was given', (t) => {
  t.equal(serviceDnsNames('podgrace', 'lifecycle', 'corp.example').at(-1), 'podgrace.lifecycle.svc.corp.example');
  t.end();
});

void t.test('refuses what cannot be the name of a service, a namespace or a domain, and says which', (t) => {
  t.throws(() => serviceDnsNames('pod.grace', 'lifecycle'), { message: /service must be a DNS label.*'pod\.grace'/ });
  t.throws(() => serviceDnsNames('', 'lifecycle'), { message: /service must/ });
  t.throws(() => serviceDnsNames('podgrace', 'Lifecycle'), { message: /namespace must be a DNS label.*'Lifecycle'/ });
  t.throws(() => serviceDnsNames('podgrace', 'a'.repeat(64)), { message: /namespace must/ });
  t.throws(() => serviceDnsNames('podgrace', 'lifecycle', 'cluster.local.'), { message: /clusterDomain must/ });
  t.throws(() => serviceDnsNames('podgrace', 'lifecycle', Array(4).fill('d'.repeat(62)).join('.')), { message: /at most 253 characters/ });
  t.end();
});

void t.test('a name is a DNS name exactly if its labels are, and it is not too long', (t) => {
  const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), (labels) => {
      const name = labels.join('.');
      assert.equal(isDnsName(name), name.length <= 253);
      assert.ok(!(isDnsName(`${name}.`) || isDnsName(`.${name}`) || isDnsName(`-${name}`) || isDnsName(`${name}.${'x'.repeat(64)}`)));
    }),
  );
  t.end();
});
