import t from 'tap';
import { heldByPod, heldByWriter, isAboveBound, memoryScopesOf, overfullScopes, type MemoryScopes } from '../../src/core/memory-scope.ts';
import type { Container, PodSpec, Volume } from '../../src/core/pod.ts';
import { formatQuantity, type Quantity } from '../../src/core/quantity.ts';
import { volumeUsesOf } from '../../src/core/volume-use.ts';

const inMemory = (name: string, sizeLimit?: string): Volume => ({ name, emptyDir: { medium: 'Memory', ...(sizeLimit && { sizeLimit }) } });
const writer = (name: string, memory: string | undefined, ...volumes: string[]): Container => ({
  ...{ name, image: 'registry.example/app:1', volumeMounts: volumes.map((volume) => ({ name: volume, mountPath: `/${volume}` })) },
  ...(memory !== undefined && { resources: { limits: { memory } } }),
});

function scopesOf(containers: Container[], volumes: Volume[], spec: Partial<PodSpec> = {}): MemoryScopes {
  const whole = { containers, volumes, terminationGracePeriodSeconds: 30, ...spec } as PodSpec;
  return memoryScopesOf(whole, volumeUsesOf(whole));
}

const text = (amount: Quantity | undefined): string | undefined => (amount === undefined ? undefined : formatQuantity(amount));

void t.test('volumes that one container alone writes to share its memory, and all share that of the Pod', (t) => {
  const [web, helper] = [writer('web', '512Mi', 'a', 'b', 'both'), writer('helper', '256Mi', 'both', 'own')];
  const volumes = [
    inMemory('a', '100Mi'),
    inMemory('b', '200Mi'),
    inMemory('both', '64Mi'),
    inMemory('own'),
    { name: 'disk', emptyDir: {} },
  ];
  const scopes = scopesOf([web, helper], volumes);
  t.same(
    [...scopes.alone.values()].map((scope) => [scope.volumes.map(({ name }) => name), text(scope.bound)]),
    [
      [['a', 'b'], '512Mi'],
      [['own'], '256Mi'],
    ],
  );
  t.same(
    scopes.ofPod?.volumes.map(({ name }) => name),
    ['a', 'b', 'both', 'own'],
  );
  t.equal(text(scopes.ofPod?.bound), '768Mi');
  t.equal(text(heldByPod(scopes, ({ sizeLimit }) => sizeLimit)), '364Mi', 'a volume without a limit counts for nothing');
  t.end();
});

void t.test('what is too large by itself does not speak for the others', (t) => {
  const scopes = scopesOf(
    [writer('web', '512Mi', 'a', 'b'), writer('helper', '64Mi', 'c')],
    [...[inMemory('a', '1Gi'), inMemory('b', '100Mi'), inMemory('c', '64Mi')]],
  );
  const [ofWeb] = scopes.alone.values();
  if (ofWeb === undefined) throw new Error('no scope');
  t.equal(text(heldByWriter(ofWeb, ({ sizeLimit }) => sizeLimit)), '612Mi', 'a counts for 512Mi');
  t.equal(text(heldByPod(scopes, ({ sizeLimit }) => sizeLimit)), '576Mi', 'web counts for 512Mi');
  t.end();
});

void t.test('the limit of the Pod bounds all of its containers; where one has no limit, nothing is known', (t) => {
  const volumes = [inMemory('a', '400Mi'), inMemory('b', '400Mi')];
  const writers = [writer('web', undefined, 'a'), writer('helper', undefined, 'b')];
  const limited = scopesOf(writers, volumes, { resources: { limits: { memory: '512Mi' } } });
  t.ok(
    isAboveBound(
      heldByPod(limited, ({ sizeLimit }) => sizeLimit),
      limited.ofPod?.bound,
    ),
  );
  const unlimited = scopesOf(writers, volumes);
  t.notOk(
    isAboveBound(
      heldByPod(unlimited, ({ sizeLimit }) => sizeLimit),
      unlimited.ofPod?.bound,
    ),
  );
  t.end();
});

void t.test('overfull are the volumes of a container, and those of the Pod, that may hold more than their writers may use', (t) => {
  const overfull = (...[containers, volumes]: Parameters<typeof scopesOf>): unknown[] =>
    overfullScopes(scopesOf(containers, volumes)).map(({ writer: by, volumes: of, sum, bound }) => [
      by?.name,
      of.map(({ name }) => name),
      text(sum),
      text(bound),
    ]);
  const [a, b, c] = [inMemory('a', '400Mi'), inMemory('b', '400Mi'), inMemory('c', '64Mi')];
  t.same(overfull([writer('web', '512Mi', 'a', 'b'), writer('helper', '1Gi', 'c')], [a, b, c]), [['web', ['a', 'b'], '800Mi', '512Mi']]);
  const sharing = [writer('web', '256Mi', 'a', 'b'), writer('helper', '256Mi', 'a', 'b')];
  t.same(overfull(sharing, [a, b]), [[undefined, ['a', 'b'], '800Mi', '512Mi']], 'no container writes to them alone');
  t.same(overfull([writer('web', '1Gi', 'a', 'b')], [a, b]), [], 'there is room for both');
  t.same(overfull([writer('web', undefined, 'a', 'b')], [a, b]), [], 'nothing bounds them');
  t.same(overfull([writer('web', '256Mi', 'a')], [a]), [], 'one alone is no matter of several');
  t.end();
});

void t.test('without a volume in memory that is written to there is no scope', (t) => {
  t.same(scopesOf([writer('web', '1Gi', 'a')], [{ name: 'a', emptyDir: {} }]), { alone: new Map(), ofPod: undefined });
  t.same(scopesOf([writer('web', '1Gi')], [inMemory('a')]), { alone: new Map(), ofPod: undefined });
  t.end();
});
