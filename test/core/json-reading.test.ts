import t from 'tap';
import { asNumber, asObject, asObjects, asText, metadataOf } from '../../src/core/json-reading.ts';

void t.test('what has the type is itself', (t) => {
  const object = { a: 1 };
  t.equal(asObject(object), object);
  t.same(asObjects([object, null, 'b', [], { c: 2 }]), [object, { c: 2 }]);
  t.equal(asText('a'), 'a');
  t.equal(asNumber(-1.5), -1.5);
  t.equal(metadataOf({ metadata: object }), object);
  t.end();
});

void t.test('what has another type counts as not set', (t) => {
  for (const value of [undefined, null, true, [1], { a: 1 }, 'a', 1]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      t.same(asObject(value), {}, `${JSON.stringify(value)} as an object`);
    if (!Array.isArray(value)) t.same(asObjects(value), [], `${JSON.stringify(value)} as objects`);
    if (typeof value !== 'string') t.equal(asText(value), '', `${JSON.stringify(value)} as a text`);
    if (typeof value !== 'number') t.equal(asNumber(value), 0, `${JSON.stringify(value)} as a number`);
  }
  t.same(metadataOf({}), {});
  t.end();
});
