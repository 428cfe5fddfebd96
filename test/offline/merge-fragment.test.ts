/** What differs between two objects, to paste. */
import t from 'tap';
import { mergeFragments } from '../../src/offline/merge-fragment.ts';

const pod = (containers: readonly object[]): { spec: { containers: readonly object[]; volumes: readonly object[] } } => ({
  spec: { containers, volumes: [{ name: 'data', emptyDir: {} }] },
});
const web = { name: 'web', image: 'web:1', command: ['a', 'b'] };
const log = { name: 'log', image: 'log:1' };

/** @returns where the fragment goes, and what it sets */
function fragmentOf(before: readonly object[], after: readonly object[]): readonly [string, object] | undefined {
  const [fragment] = mergeFragments(pod(before), pod(after), pod(before));
  return fragment && [fragment.at.text, fragment.fields];
}

void t.test('copies do not differ', (t) => {
  t.same(mergeFragments(pod([web, log]), structuredClone(pod([web, log])), pod([web, log])), []);
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
  t.same(mergeFragments(pod([web]), after, pod([web]), atLast)[0]?.fields, {
    containers: [
      { name: 'web', image: 'web:3', env: { A: '1' } },
      { name: 'log', image: 'log:3' },
    ],
  });
  t.end();
});

void t.test('a container whose name was made up is told by its place', (t) => {
  const [first, third] = [
    { name: 'container-0', image: 'a' },
    { name: 'container-2', image: 'c' },
  ];
  const before = pod([first, log, third]);
  const changed = pod([first, log, third].map((container) => ({ ...container, tty: true })));
  const after = { ...changed, spec: { ...changed.spec, hostname: 'h' } };
  t.same(
    mergeFragments(before, after, before).map(({ at, fields }) => [at.text, fields]),
    [
      ['spec.containers[0]', { tty: true }],
      ['spec.containers[2]', { tty: true }],
      ['spec', { hostname: 'h', containers: [{ name: 'log', tty: true }] }],
    ],
  );
  t.same(
    mergeFragments(before, changed, before).map(({ at }) => at.text),
    ['spec.containers[0]', 'spec.containers[2]', 'spec.containers[1]'],
  );
  t.end();
});
