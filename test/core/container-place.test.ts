import t from 'tap';
import { containerAt, containerPlaceOf } from '../../src/core/container-place.ts';
import { FieldPath } from '../../src/core/path.ts';
import { SPEC, type Container, type Pod } from '../../src/core/pod.ts';

const SIDECAR = SPEC.field('initContainers').at(1, { name: 'proxy' });

void t.test('a field of a container is in that container', (t) => {
  t.equal(containerPlaceOf(SIDECAR.field('resources').field('limits')), SIDECAR);
  t.equal(containerPlaceOf(SIDECAR), SIDECAR);
  t.end();
});

void t.test('in a workload it is the container of the template', (t) => {
  const place = FieldPath.of('spec').field('template').field('spec').field('containers').at(0, { name: 'app' });
  t.equal(containerPlaceOf(place.field('image')), place);
  t.end();
});

void t.test('what is beside the containers is in none', (t) => {
  for (const place of [FieldPath.ROOT, SPEC, SPEC.field('containers'), SPEC.field('volumes').at(0, { name: 'data' })]) {
    t.equal(containerPlaceOf(place), undefined, place.text);
  }
  t.end();
});

void t.test('the container at a place is the one with its index, in its list', (t) => {
  const named = (name: string): Container => ({ name });
  const proxy = named('proxy');
  const spec = { containers: [named('app')], initContainers: [named('setup'), proxy], restartPolicy: 'Always' };
  const pod: Pod = { metadata: {}, spec: { ...spec, terminationGracePeriodSeconds: 30 } };
  t.equal(containerAt(SIDECAR.field('image'), pod), proxy);
  t.equal(containerAt(SPEC.field('initContainers').at(2, { name: 'gone' }), pod), undefined);
  t.equal(containerAt(SPEC, pod), undefined);
  t.end();
});
