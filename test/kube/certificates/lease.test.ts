import t from 'tap';
import { ApiClock } from '../../../src/kube/client/api-clock.ts';
import { Lease } from '../../../src/kube/certificates/lease.ts';
import { LEASE_PATH, ModelCluster, NAMES, type Pending } from './model-cluster.ts';

/** Requests go through at once, but for those that a test holds back. */
function setUp(): { cluster: ModelCluster; leaseOf: (identity: string, skewMs?: number, onRequest?: (pending: Pending) => void) => Lease } {
  const cluster = new ModelCluster(0, 0);
  const leaseOf = (
    identity: string,
    skewMs = 0,
    onRequest = (pending: Pending): void => {
      pending.deliver();
    },
  ): Lease => {
    const clock = new ApiClock({ wallMs: () => cluster.nowMs + skewMs, monotonicMs: () => cluster.nowMs });
    const options = { namespace: NAMES.namespace, name: NAMES.leaseName, identity, durationSeconds: 15 };
    return new Lease(cluster.client(clock, onRequest), options);
  };
  return { cluster, leaseOf };
}

void t.test('the first has it, renews it, and lets it go for the next', async (t) => {
  const { cluster, leaseOf } = setUp();
  const [a, b] = [leaseOf('a'), leaseOf('b')];
  t.ok(await a.tryToHold());
  t.notOk(await b.tryToHold());
  cluster.advance(14_000);
  t.ok(await a.tryToHold());
  cluster.advance(14_000);
  t.notOk(await b.tryToHold(), 'it was renewed');
  await b.release();
  t.notOk(await b.tryToHold(), 'only the holder can let go');
  await a.release();
  t.ok(await b.tryToHold());
  t.match(cluster.read(LEASE_PATH)?.['spec'], { holderIdentity: 'b', leaseTransitions: 2, renewTime: /^\d{4}-.*\.\d{6}Z$/ });
});

void t.test('it runs out by the time since it was last seen to change, whatever clocks say', async (t) => {
  const { cluster, leaseOf } = setUp();
  const [a, b] = [leaseOf('a', -3_600_000), leaseOf('b', 3_600_000)];
  t.ok(await a.tryToHold());
  t.notOk(await b.tryToHold(), 'an hour between clocks is not an hour of silence');
  cluster.advance(14_999);
  t.notOk(await b.tryToHold());
  cluster.advance(1);
  t.ok(await b.tryToHold());
  t.notOk(await a.tryToHold(), 'who comes back finds it taken');
});

void t.test('of two that take it at once, one has it', async (t) => {
  const { leaseOf } = setUp();
  const held: Pending[] = [];
  const hold = (pending: Pending): void => void held.push(pending);
  const both = Promise.all([leaseOf('a', 0, hold).tryToHold(), leaseOf('b', 0, hold).tryToHold()]);
  // Both have read it before either writes.
  for (const pending of held.splice(0)) pending.deliver();
  await new Promise((resolve) => setImmediate(resolve));
  for (const pending of held.splice(0)) pending.deliver();
  t.same((await both).sort(), [false, true]);
});

void t.test('two processes on one machine are two holders', async (t) => {
  const { leaseOf } = setUp();
  t.ok(await leaseOf('host_1').tryToHold());
  t.notOk(await leaseOf('host_2').tryToHold());
});
