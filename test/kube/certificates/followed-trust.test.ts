import t from 'tap';
import { ApiClock } from '../../../src/kube/client/api-clock.ts';
import { KubeStatusError, KubeUnreachableError } from '../../../src/kube/client/api.ts';
import { FollowedTrust } from '../../../src/kube/certificates/followed-trust.ts';
import { createAuthority, issueServingPair } from '../../../src/pki/authority.ts';
import { parseServingPair, type ServingPair } from '../../../src/pki/serving-pair.ts';
import { eventually } from '../../files/eventually.ts';
import { configurationWith } from './model-cluster.ts';

const now = new Date();
async function authorityWithLeaf(commonName: string): Promise<{ certPem: string; leaf: ServingPair }> {
  const authority = await createAuthority({ commonName, validDays: 30, now });
  const leaf = await issueServingPair(authority, { dnsNames: ['a'], validDays: 10, now });
  return { certPem: authority.certPem, leaf: parseServingPair(leaf.certPem, leaf.keyPem) };
}
const [one, other] = [await authorityWithLeaf('one'), await authorityWithLeaf('other')];

/** An API server with a bundle that a test sets; undefined while it is away. */
function follow(bundle: { pem: string | undefined }): { followed: FollowedTrust; errors: string[]; looks: () => number } {
  let looks = 0;
  const errors: string[] = [];
  const api = {
    clock: new ApiClock(),
    request: ({ path }: { path: string }) => {
      if (bundle.pem === undefined) return Promise.reject(new KubeUnreachableError('away'));
      looks++;
      const missing = new KubeStatusError({ code: 404, body: {}, warnings: [] });
      return path.includes('/mutating')
        ? Promise.reject(missing)
        : Promise.resolve({ code: 200, body: configurationWith(bundle.pem), warnings: [] });
    },
  };
  const followed = new FollowedTrust(api, { configurationName: 'podgrace', intervalMs: 5 });
  followed.watch(({ message }) => errors.push(message));
  return { followed, errors, looks: () => looks };
}

void t.test('not ready before the bundles were read; told once while they cannot be; what was read stays', async (t) => {
  const bundle: { pem: string | undefined } = { pem: undefined };
  const { followed, errors, looks } = follow(bundle);
  t.teardown(() => followed.close());
  await eventually('it is told', () => errors.length > 0);
  t.match(followed.judge(one.leaf).problem, 'has not been read yet');
  bundle.pem = one.certPem;
  await eventually('it is ready', () => followed.judge(one.leaf).problem === undefined);
  t.equal(followed.lastError, undefined);
  bundle.pem = undefined;
  await eventually('it is told again', () => errors.length === 2);
  t.same(followed.judge(one.leaf), {});
  t.equal(followed.lastError?.message, 'away');
  bundle.pem = other.certPem;
  const before = looks();
  await eventually('it was read', () => looks() > before + 2);
  t.match(followed.judge(one.leaf).problem, "but holds 'CN=other'");
  t.same(errors, ['away', 'away']);
});

void t.test('a pair that changes together with its bundle is not called untrusted by the bundle of before', async (t) => {
  const bundle: { pem: string | undefined } = { pem: one.certPem };
  const { followed } = follow(bundle);
  t.teardown(() => followed.close());
  await eventually('it is ready', () => followed.judge(one.leaf).problem === undefined);
  bundle.pem = undefined;
  await eventually('the API server is away', () => followed.lastError !== undefined);
  followed.expectChange(one.leaf);
  t.match(followed.judge(other.leaf).note, "but holds 'CN=one'");
  bundle.pem = other.certPem;
  await eventually('it was read again', () => followed.judge(other.leaf).note === undefined);
  t.same(followed.judge(other.leaf), {});
  followed.expectChange(other.leaf);
  await eventually('what does not fit is told', () => followed.judge(one.leaf).problem !== undefined);
});
