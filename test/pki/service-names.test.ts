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

void t.test('refuses what cannot be the name of a service or a namespace, and says which', (t) => {
  t.throws(() => serviceDnsNames('pod.grace', 'lifecycle'), { message: /service must be a DNS label.*'pod\.grace'/ });
  t.throws(() => serviceDnsNames('', 'lifecycle'), { message: /service must/ });
  t.throws(() => serviceDnsNames('podgrace', 'Lifecycle'), { message: /namespace must be a DNS label.*'Lifecycle'/ });
  t.throws(() => serviceDnsNames('podgrace', 'a'.repeat(64)), { message: /namespace must/ });
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
