import t from 'tap';
import { FieldPath } from '../../src/core/path.ts';
import type { Container, PodSpec } from '../../src/core/pod.ts';
import { renamedContainers } from '../../src/core/renamed-containers.ts';

const ROOT = FieldPath.of('spec', 'template');

function renamed(before: readonly object[], now: readonly object[], list: 'containers' | 'initContainers' = 'containers'): object {
  const [podNow, podBefore] = [now, before].map((containers) => ({
    root: ROOT,
    pod: { spec: { containers: [], [list]: containers as Container[] } as unknown as PodSpec },
  }));
  if (podNow === undefined || podBefore === undefined) throw new Error('two Pods');
  const withoutList = (place: string | undefined): string | undefined => place?.replace(`spec.template.spec.${list} `, '');
  return Object.fromEntries(
    Array.from(renamedContainers(podNow, podBefore), ([place, was]) => [withoutList(place), withoutList(was)] as const),
  ) as object;
}

const run = (name: string, image: string, more: object = {}): object => ({ name, image: `registry.example/${image}`, ...more });
const port = (containerPort: number): object => ({ ports: [{ containerPort, protocol: 'TCP' }] });

void t.test('a container is the one that had its name, whatever else changes', (t) => {
  t.same(renamed([run('a', 'x:1'), run('b', 'y:1')], [run('b', 'y:2', port(80)), run('a', 'x:2')]), {});
  t.same(renamed([run('a', 'x:1')], [run('a', 'z:1')]), {}, 'another image');
  t.same(renamed([run('a', 'x:1')], [run('b', 'x:1')]), {}, 'another name alone is another container');
  t.end();
});

void t.test('containers that exchange their names are known by their images, whatever the tags are', (t) => {
  t.same(renamed([run('a', 'x:1'), run('b', 'y:1')], [run('a', 'y:2'), run('b', 'x:2')]), { '{a}': '{b}', '{b}': '{a}' });
  const [x, y, z] = ['x:1', 'y:1', 'z:1'];
  t.same(
    renamed([run('a', x), run('b', y), run('c', z)], [run('a', z), run('b', x), run('c', y)]),
    { '{a}': '{c}', '{b}': '{a}', '{c}': '{b}' },
    'in a circle',
  );
  t.end();
});

void t.test('containers of one image are known by what they run and serve', (t) => {
  const before = [run('a', 'x', port(80)), run('b', 'x', port(81))];
  t.same(renamed(before, [run('a', 'x', port(81)), run('b', 'x', port(80))]), { '{a}': '{b}', '{b}': '{a}' });
  t.same(renamed(before, [run('a', 'x', port(80)), run('b', 'x', port(80))]), {}, 'a second one of the same is no exchange');
  t.same(renamed(before, [run('a', 'x', port(82)), run('b', 'x', port(83))]), {}, 'neither is something new');
  t.end();
});

void t.test('a container that takes the name of another one which is gone stays what it was', (t) => {
  t.same(renamed([run('a', 'x'), run('b', 'y')], [run('a', 'y')]), { '{a}': '{b}' });
  t.end();
});

void t.test('one that lost its name to another one, and runs what nobody ran, is new', (t) => {
  const before = [run('a', 'x'), run('b', 'y')];
  t.same(renamed(before, [run('a', 'z'), run('b', 'x')]), { '{a}': undefined, '{b}': '{a}' });
  t.end();
});

void t.test('what several ran before belongs to none of them', (t) => {
  const before = [run('a', 'x'), run('b', 'x'), run('c', 'y')];
  t.same(renamed(before, [run('a', 'y'), run('b', 'z'), run('c', 'x')]), { '{a}': '{c}', '{c}': undefined });
  t.end();
});

void t.test('an init container that becomes a sidecar is new, and so is one that ceases to be one', (t) => {
  const sidecar = run('a', 'x', { restartPolicy: 'Always' });
  t.same(renamed([run('a', 'x')], [sidecar], 'initContainers'), { '{a}': undefined });
  t.same(renamed([sidecar], [run('a', 'x')], 'initContainers'), { '{a}': undefined });
  t.same(renamed([sidecar], [sidecar], 'initContainers'), {});
  t.end();
});
