import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { ANY, FieldPath, PathPattern, pointerOf } from '../../src/core/path.ts';

const WEB = FieldPath.of('spec', 'containers').at(0, { name: 'web' });

void t.test('a place is printed as the API server prints it', (t) => {
  t.equal(FieldPath.ROOT.text, '');
  t.equal(FieldPath.of('spec').text, 'spec');
  t.equal(WEB.field('readinessProbe').text, 'spec.containers[0].readinessProbe');
  t.equal(WEB.field('lifecycle', 'preStop').text, 'spec.containers[0].lifecycle.preStop');
  t.equal(FieldPath.of('metadata', 'annotations').key('podgrace.dev/x').text, 'metadata.annotations[podgrace.dev/x]');
  t.equal(FieldPath.of('list', 1, 2).text, 'list[1][2]');
  t.end();
});

void t.test('a place is a JSON Pointer, in which `~` and `/` are escaped', (t) => {
  t.equal(FieldPath.ROOT.pointer, '');
  t.equal(WEB.field('image').pointer, '/spec/containers/0/image');
  t.equal(FieldPath.of('metadata', 'annotations').key('a/b~c').pointer, '/metadata/annotations/a~1b~0c');
  t.equal(pointerOf(['a/b', 0]), '/a~1b/0');
  t.end();
});

void t.test('the steps of a place lead there from the object', (t) => {
  const steps = fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.nat({ max: 9 })), { maxLength: 6 });
  fc.assert(
    fc.property(steps, steps, (inner, outer) => {
      assert.deepEqual(FieldPath.of(...inner).steps, inner);
      assert.equal(FieldPath.of(...inner).depth, inner.length);
      assert.deepEqual(FieldPath.of(...inner).within(FieldPath.of(...outer)).steps, [...outer, ...inner]);
    }),
  );
  t.end();
});

void t.test('a Pod’s place in a workload keeps what its elements are called', (t) => {
  const place = WEB.field('image').within(FieldPath.of('spec', 'template'));
  t.equal(place.text, 'spec.template.spec.containers[0].image');
  t.equal(place.element?.text, 'spec.template.spec.containers[0]');
  t.equal(place.element?.name, 'web');
  t.end();
});

void t.test('the innermost element counts, and a place outside of lists is in none', (t) => {
  const place = WEB.field('ports').at(3, { containerPort: 80 }).field('protocol');
  t.equal(place.element?.text, 'spec.containers[0].ports[3]');
  t.equal(place.textBelow(WEB), '.ports[3].protocol');
  t.equal(FieldPath.of('spec', 'restartPolicy').element, undefined);
  t.equal(WEB.field('ports').at(3, { containerPort: 80 }).name, undefined, 'a number is no name');
  t.end();
});

void t.test('a place is within itself and within every place above it', (t) => {
  const image = WEB.field('image');
  for (const above of [image, WEB, FieldPath.of('spec', 'containers'), FieldPath.of('spec'), FieldPath.ROOT])
    t.ok(image.isWithin(above), above.text);
  t.notOk(WEB.isWithin(image));
  t.notOk(image.isWithin(FieldPath.of('spec', 'containers', 1)));
  t.notOk(image.isWithin(FieldPath.of('spec', 'initContainers', 0)));
  t.notOk(image.isWithin(WEB.field('args')));
  t.end();
});

void t.test('a pattern covers its places and all below them', (t) => {
  const hooks = new PathPattern('spec.containers[*].lifecycle');
  t.same(hooks.steps, ['spec', 'containers', ANY, 'lifecycle']);
  t.ok(hooks.covers(WEB.field('lifecycle')));
  t.ok(hooks.covers(WEB.field('lifecycle', 'preStop', 'sleep')));
  t.notOk(hooks.covers(WEB.field('livenessProbe')));
  t.notOk(hooks.covers(WEB));
  t.notOk(hooks.covers(FieldPath.of('spec', 'initContainers', 0, 'lifecycle')));
  t.notOk(hooks.covers(FieldPath.ROOT));
  t.end();
});

void t.test('a pattern touches its places, what is below them, and what leads to them', (t) => {
  const hooks = new PathPattern('spec.containers[*].lifecycle');
  for (const path of [FieldPath.ROOT, FieldPath.of('spec'), FieldPath.of('spec', 'containers'), WEB]) t.ok(hooks.touches(path), path.text);
  t.ok(hooks.touches(WEB.field('lifecycle')));
  t.ok(hooks.touches(WEB.field('lifecycle', 'preStop', 'sleep')));
  t.notOk(hooks.touches(WEB.field('livenessProbe')));
  t.notOk(hooks.touches(FieldPath.of('spec', 'initContainers')));
  t.notOk(hooks.touches(FieldPath.of('metadata')));
  t.end();
});

void t.test('a pattern may name one entry of a map', (t) => {
  const annotation = new PathPattern('metadata.annotations[podgrace.dev/drain-seconds]');
  const annotations = FieldPath.of('metadata', 'annotations');
  t.ok(annotation.covers(annotations.key('podgrace.dev/drain-seconds')));
  t.notOk(annotation.covers(annotations.key('podgrace.dev/other')));
  t.ok(new PathPattern('metadata.annotations[*]').covers(annotations.key('podgrace.dev/other')));
  t.end();
});

void t.test('patterns overlap where one holds a place of the other', (t) => {
  const overlap = (a: string, b: string): boolean => {
    const answer = new PathPattern(a).overlaps(new PathPattern(b));
    assert.equal(new PathPattern(b).overlaps(new PathPattern(a)), answer);
    return answer;
  };
  t.ok(overlap('spec', 'spec.containers[*].resources'));
  t.ok(overlap('spec.containers', 'spec.containers[*].resources'));
  t.ok(overlap('spec.containers[*].resources.limits', 'spec.containers[*].resources'));
  t.ok(overlap('metadata.annotations[*]', 'metadata.annotations[a]'));
  t.notOk(overlap('spec.containers[*].command', 'spec.containers[*].resources'));
  t.notOk(overlap('metadata.annotations[b]', 'metadata.annotations[a]'));
  t.end();
});

void t.test('what is no pattern is refused', (t) => {
  for (const text of ['', '.spec', 'spec.', 'spec..a', 'spec[*', 'spec[]', 'spec.*', '[*]', 'a b']) {
    t.throws(() => new PathPattern(text), new TypeError(`no pattern of field paths: ${text}`), text);
  }
  t.end();
});
