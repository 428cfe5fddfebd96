import fc from '../fast-check.ts';
import { applyPatch } from 'rfc6902';
import t from 'tap';
import { cloneJson, equalJson, isObject } from '../../src/core/json.ts';
import { createPatch, type PatchOperation } from '../../src/core/json-patch.ts';
import { runs } from '../long-tests.ts';

/** @throws where an operation does not apply */
function apply(received: unknown, patch: readonly PatchOperation[]): unknown {
  const target = { root: cloneJson(received) };
  const prefixed = patch.map((operation) => ({ ...operation, path: `/root${operation.path}` }));
  for (const error of applyPatch(target, prefixed)) if (error !== null) throw error;
  return target.root;
}

void t.test('equal objects need no operation', (t) => {
  const pod = { spec: { containers: [{ name: 'a', env: [] }], tolerations: [{}] } };
  t.same(createPatch(pod, pod, cloneJson(pod)), []);
  t.end();
});

void t.test('a changed scalar is one replace', (t) => {
  const before = { spec: { terminationGracePeriodSeconds: 30, restartPolicy: 'Always' } };
  const after = { spec: { terminationGracePeriodSeconds: 45, restartPolicy: 'Always' } };
  t.same(createPatch(before, before, after), [{ op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: 45 }]);
  t.end();
});

void t.test('a missing parent comes with its child', (t) => {
  const before = { spec: { containers: [{ name: 'a' }] } };
  const after = { spec: { containers: [{ name: 'a', lifecycle: { preStop: { sleep: { seconds: 5 } } } }] } };
  t.same(createPatch(before, before, after), [
    { op: 'add', path: '/spec/containers/0/lifecycle', value: { preStop: { sleep: { seconds: 5 } } } },
  ]);
  t.end();
});

void t.test('a null parent is replaced as a whole', (t) => {
  const before = { spec: { volumes: null } };
  const after = { spec: { volumes: [{ name: 'x' }] } };
  t.same(createPatch(before, before, after), [{ op: 'replace', path: '/spec/volumes', value: [{ name: 'x' }] }]);
  t.end();
});

void t.test('a removed key is one remove', (t) => {
  t.same(createPatch({ a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 }), [{ op: 'remove', path: '/b' }]);
  t.end();
});

void t.test('an element put in front of named ones moves none of them, and changes inside them keep their old places', (t) => {
  const before = {
    list: [
      { name: 'a', x: 1 },
      { name: 'b', x: 1 },
    ],
  };
  const after = { list: [{ name: 'new' }, { name: 'a', x: 1 }, { name: 'b', x: 2 }] };
  const patch = createPatch(before, before, after);
  t.same(patch, [
    { op: 'replace', path: '/list/1/x', value: 2 },
    { op: 'add', path: '/list/0', value: { name: 'new' } },
  ]);
  t.same(apply(before, patch), after);
  t.end();
});

void t.test('elements put in front of a list of scalars are added one by one', (t) => {
  const before = { command: ['sh', '-c', 'x'] };
  const after = { command: ['tini', '--', 'sh', '-c', 'x'] };
  t.same(createPatch(before, before, after), [
    { op: 'add', path: '/command/0', value: 'tini' },
    { op: 'add', path: '/command/1', value: '--' },
  ]);
  t.end();
});

void t.test('a value changed in place in a list without names is changed in place', (t) => {
  const before = {
    tolerations: [
      { key: 'a', tolerationSeconds: 300 },
      { key: 'b', tolerationSeconds: 300 },
    ],
  };
  const after = {
    tolerations: [
      { key: 'a', tolerationSeconds: 300 },
      { key: 'b', tolerationSeconds: 30 },
    ],
  };
  t.same(createPatch(before, before, after), [{ op: 'replace', path: '/tolerations/1/tolerationSeconds', value: 30 }]);
  t.end();
});

void t.test('a list of which it cannot be told what happened is replaced behind a test', (t) => {
  const before = { list: ['a', 'b', 'c'] };
  const after = { list: ['x', 'y'] };
  t.same(createPatch(before, before, after), [
    { op: 'test', path: '/list', value: ['a', 'b', 'c'] },
    { op: 'replace', path: '/list', value: ['x', 'y'] },
  ]);
  t.end();
});

void t.test('named elements that changed their order are replaced behind a test', (t) => {
  const before = { list: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] };
  const after = { list: [{ name: 'c' }, { name: 'a' }, { name: 'new' }] };
  const patch = createPatch(before, before, after);
  t.equal(patch[0]?.op, 'test');
  t.same(apply(before, patch), after);
  t.end();
});

void t.test('defaults that nobody changed stay out of the patch', (t) => {
  const received = { spec: { containers: [{ name: 'a', readinessProbe: { httpGet: { port: 80 } } }] } };
  const base = {
    spec: { restartPolicy: 'Always', containers: [{ name: 'a', readinessProbe: { httpGet: { port: 80, path: '/' }, timeoutSeconds: 1 } }] },
  };
  const draft = {
    spec: { restartPolicy: 'Always', containers: [{ name: 'a', readinessProbe: { httpGet: { port: 80, path: '/' }, timeoutSeconds: 3 } }] },
  };
  t.same(createPatch(received, base, draft), [{ op: 'add', path: '/spec/containers/0/readinessProbe/timeoutSeconds', value: 3 }]);
  t.end();
});

void t.test('a changed default of a list that was not received comes with the whole list', (t) => {
  const base = {
    spec: {
      tolerations: [
        { key: 'a', seconds: 300 },
        { key: 'b', seconds: 300 },
      ],
    },
  };
  const draft = {
    spec: {
      tolerations: [
        { key: 'a', seconds: 30 },
        { key: 'b', seconds: 300 },
      ],
    },
  };
  t.same(createPatch({ spec: {} }, base, draft), [{ op: 'add', path: '/spec/tolerations', value: draft.spec.tolerations }]);
  t.end();
});

void t.test('a changed default that was appended to a received list is appended there', (t) => {
  const received = { list: [{ key: 'own' }] };
  const base = { list: [{ key: 'own' }, { key: 'a', seconds: 300 }, { key: 'b', seconds: 300 }] };
  const draft = { list: [{ key: 'own' }, { key: 'a', seconds: 30 }, { key: 'b', seconds: 300 }] };
  const patch = createPatch(received, base, draft);
  t.same(apply(received, patch), draft);
  t.end();
});

void t.test('keys with slashes and tildes are escaped, and __proto__ is a key', (t) => {
  const before = JSON.parse('{"labels": {"a/b": "1", "c~d": "1", "__proto__": "1", "constructor": "1"}}') as object;
  const after = JSON.parse('{"labels": {"a/b": "2", "c~d": "2", "__proto__": "2", "constructor": "2", "toString": "3"}}') as object;
  t.same(
    createPatch(before, before, after).map(({ op, path }) => `${op} ${path}`),
    ['replace /labels/a~1b', 'replace /labels/c~0d', 'replace /labels/__proto__', 'replace /labels/constructor', 'add /labels/toString'],
  );
  t.end();
});

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const scalar = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y'), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, scalar, tie('object'), tie('list'), tie('named')),
  object: fc.dictionary(fc.constantFrom('p', 'q', 'r/s', '~'), tie('tree'), { maxKeys: 4 }),
  list: fc.array(tie('tree'), { maxLength: 5 }),
  named: fc
    .uniqueArray(name, { maxLength: 5 })
    .chain((names) => fc.tuple(...names.map((one) => fc.record({ name: fc.constant(one), value: tie('tree') })))),
}));

void t.test('the patch between any two values, applied by another implementation, gives the second', (t) => {
  fc.assert(
    fc.property(tree, tree, (before, after) => {
      const received = { before };
      const draft = { before: after };
      return equalJson(apply(received, createPatch(received, received, draft)), draft);
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

/** Takes away what defaulting could have filled in: keys of objects, and elements at the end of lists. */
function withoutSome(value: unknown, pick: () => boolean): unknown {
  if (Array.isArray(value)) {
    const kept = value.map((element) => withoutSome(element, pick));
    return pick() ? kept.slice(0, -1) : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (pick() && key !== 'name' ? [] : [[key, withoutSome(member, pick)]])),
  );
}

/** Whether a value agrees with the draft wherever that differs from the base. */
function holdsChanges(value: unknown, base: unknown, draft: unknown): boolean {
  if (equalJson(base, draft) || equalJson(value, draft)) return true;
  if (!isObject(base) || !isObject(draft) || !isObject(value)) return Array.isArray(value) && Array.isArray(base) && Array.isArray(draft);
  const changed = new Set([...Object.keys(base), ...Object.keys(draft)]);
  return [...changed].every((key) =>
    Object.hasOwn(draft, key) ? holdsChanges(value[key], base[key], draft[key]) : !Object.hasOwn(value, key),
  );
}

void t.test('applied to an object that lacks defaults, the patch applies and brings every change', (t) => {
  fc.assert(
    fc.property(tree, tree, fc.infiniteStream(fc.integer({ min: 0, max: 9 })), (base, draft, numbers) => {
      const received = withoutSome({ base }, () => (numbers.next().value ?? 1) === 0);
      const patched = apply(received, createPatch(received, { base }, { base: draft }));
      // Whatever differs between base and draft is in the patched object; what does not may still lack its defaults.
      return holdsChanges(patched, { base }, { base: draft });
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});
