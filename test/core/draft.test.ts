import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { DraftPlan } from '../../src/core/draft.ts';
import { PathPattern } from '../../src/core/path.ts';
import type { Pod } from '../../src/core/pod.ts';

/** A Pod as JSON has it; the types of `pod.ts` ask for defaults that do not matter here. */
function podOf(spec: object): Pod {
  return { metadata: { name: 'web' }, spec } as unknown as Pod;
}

function planOf(...writes: readonly string[]): DraftPlan {
  return new DraftPlan(writes.map((text) => new PathPattern(text)));
}

function memberOf(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], value);
}

const pod = podOf({
  containers: [
    { name: 'web', env: [{ name: 'A' }], lifecycle: { preStop: { sleep: { seconds: 1 } } } },
    { name: 'proxy', env: [] },
  ],
  volumes: [{ name: 'data', projected: { sources: [] }, emptyDir: {} }],
  tolerations: null,
});

void t.test('what is declared is copied to the bottom, everything else is the same object', (t) => {
  const draft = planOf('spec.containers[*].lifecycle', 'spec.volumes[*].emptyDir').draftOf(pod);
  t.same(draft, pod);
  for (const path of [
    ['spec'],
    ['spec', 'containers'],
    ['spec', 'containers', 0],
    ['spec', 'containers', 0, 'lifecycle', 'preStop', 'sleep'],
    ['spec', 'volumes', 0, 'emptyDir'],
  ]) {
    t.not(memberOf(draft, ...path), memberOf(pod, ...path), path.join('.'));
  }
  for (const path of [['metadata'], ['spec', 'containers', 0, 'env'], ['spec', 'volumes', 0, 'projected']]) {
    t.equal(memberOf(draft, ...path), memberOf(pod, ...path), path.join('.'));
  }
  t.end();
});

void t.test('a declared member may be added where it is missing, at every element', (t) => {
  const draft = planOf('spec.containers[*].lifecycle').draftOf(pod);
  for (const container of draft.spec.containers) container.lifecycle = {};
  t.equal(pod.spec.containers[1]?.lifecycle, undefined);
  t.match(pod.spec.containers[0]?.lifecycle, { preStop: { sleep: { seconds: 1 } } });
  t.end();
});

void t.test('a whole list that is declared is copied with its elements, also where some of their members are declared too', (t) => {
  for (const writes of [
    ['spec.volumes', 'spec.volumes[*].emptyDir'],
    ['spec.volumes[*].emptyDir', 'spec.volumes'],
  ]) {
    const draft = planOf(...writes).draftOf(pod);
    t.not(memberOf(draft, 'spec', 'volumes', 0, 'projected'), memberOf(pod, 'spec', 'volumes', 0, 'projected'));
  }
  t.end();
});

void t.test('null, missing members and lists of other things stay as they are', (t) => {
  const odd = podOf({ containers: null, volumes: ['x', null], tolerations: null });
  t.same(planOf('spec.containers[*].lifecycle', 'spec.volumes[*].emptyDir', 'spec.tolerations').draftOf(odd), odd);
  t.end();
});

void t.test('a plan without paths shares everything', (t) => {
  t.equal(planOf().draftOf(pod).spec, pod.spec);
  t.end();
});

void t.test('a draft equals its Pod, whatever is in it and whatever is declared, and touches no prototype', (t) => {
  const key = fc.constantFrom('a', 'b', '__proto__', 'constructor');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.integer(),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('tree')), { maxLength: 3 }).map((entries) => parsed(entries)),
    ),
  }));
  const path = fc.array(fc.constantFrom('a', 'b', 'a[*]', 'constructor'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
  fc.assert(
    fc.property(tree, fc.array(path, { maxLength: 4 }), (value, writes) => {
      const given = JSON.stringify(value);
      assert.equal(JSON.stringify(planOf(...writes).draftOf(value as Pod)), given);
    }),
  );
  t.end();
});

/** As `JSON.parse` makes it: a key `__proto__` is an own property. */
function parsed(entries: [string, unknown][]): unknown {
  return JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`);
}
