/** What differs between two objects, to paste. */
import t from 'tap';
import { mergeFragment } from '../../src/offline/merge-fragment.ts';

const pod = (containers: readonly object[]): { spec: { containers: readonly object[]; volumes: readonly object[] } } => ({
  spec: { containers, volumes: [{ name: 'data', emptyDir: {} }] },
});
const web = { name: 'web', image: 'web:1', command: ['a', 'b'] };
const log = { name: 'log', image: 'log:1' };

/** @returns where the fragment goes, and what it sets */
function fragmentOf(before: readonly object[], after: readonly object[]): readonly [string, object] | undefined {
  const fragment = mergeFragment(pod(before), pod(after), pod(before));
  return fragment && [fragment.at.text, fragment.fields];
}

void t.test('copies do not differ', (t) => {
  t.equal(mergeFragment(pod([web, log]), structuredClone(pod([web, log])), pod([web, log])), undefined);
  t.end();
});

void t.test('of an element, what changed is named, and it goes into the element', (t) => {
  t.same(fragmentOf([web, log], [web, { ...log, image: 'log:2' }]), ['spec.containers[1]', { image: 'log:2' }]);
  t.same(fragmentOf([web], [{ ...web, command: ['a'] }]), ['spec.containers[0]', { command: ['a'] }], 'a list without names as a whole');
  t.same(fragmentOf([web], [{ name: 'web', image: 'web:1' }]), ['spec.containers[0]', { command: null }], 'what goes is null');
  t.end();
});

void t.test('of several elements, each is named', (t) => {
  const expected = { containers: [{ name: 'web', image: 'web:2' }, log] };
  t.same(fragmentOf([web], [{ ...web, image: 'web:2' }, log]), ['spec', expected]);
  t.end();
});

void t.test('a list that loses an element is set as a whole', (t) => {
  const third = { name: 'third' };
  t.same(fragmentOf([web, log, third], [log, third]), ['spec', { containers: [log, third] }]);
  t.end();
});

void t.test('another order of the same elements is a difference', (t) => {
  t.same(fragmentOf([web, log], [log, web]), ['spec', { containers: [] }]);
  t.end();
});

void t.test('a field that is changed once more has its last value, and what is added later is left out', (t) => {
  const atLast = pod([
    { ...log, image: 'log:3', command: ['a'] },
    { ...web, image: 'web:3', env: { A: '1', B: '2' } },
  ]);
  const after = pod([{ ...web, image: 'web:2', env: { A: '0' } }, log]);
  t.same(mergeFragment(pod([web]), after, pod([web]), atLast)?.fields, {
    containers: [
      { name: 'web', image: 'web:3', env: { A: '1' } },
      { name: 'log', image: 'log:3' },
    ],
  });
  t.end();
});
