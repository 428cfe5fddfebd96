/**
 * Whatever happens, in whatever order: while a replica is ready, every API server trusts what it serves; and when things
 * calm down, all replicas serve a valid certificate.
 *
 * Three replicas with clocks of their own, two API servers that read the configurations late, requests that are carried out
 * and whose answers are lost or come hours later, and people and tools who overwrite, empty and set back what they find.
 */
import fc from '../../fast-check.ts';
import t from 'tap';
import { readCertificateState } from '../../../src/kube/client/certificate-secret.ts';
import { verifiesAgainst } from '../../../src/pki/ca-bundle.ts';
import { createAuthority } from '../../../src/pki/authority.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { runs } from '../../long-tests.ts';
import { bundleOf, CONFIGURATION_PATHS, configurationWith, LEASE_PATH, ModelCluster, SECRET_PATH } from './model-cluster.ts';
import { RULES, SimulatedReplica } from './simulated-replica.ts';

const REPLICAS = 3;
const API_SERVERS = 2;
/** An API server is never later than what is waited for. */
const LAG_MS = RULES.settleMs - 1_000;
const DAY_MS = 86_400_000;
/** A replica is never cut off for as long as an old authority stays published. */
const MAX_CUT_OFF_MS = RULES.overlapMs / 2;

const foreign = await createAuthority({ commonName: 'foreign', validDays: 3650, now: new Date('2029-12-31T00:00:00Z') });

const replica = fc.nat({ max: REPLICAS - 1 });
const configuration = fc.constantFrom(...CONFIGURATION_PATHS);

const action = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant('run' as const), replica }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom('begin' as const, 'carryOut' as const, 'answer' as const), replica }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('lose' as const, 'restart' as const, 'cutOff' as const), replica }) },
  // Whoever holds the Lease goes on alone, as far as through a whole renewal: what is left to chance above seldom gets there.
  { weight: 4, arbitrary: fc.record({ does: fc.constant('lead' as const), looks: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 16, 61) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('leap' as const), days: fc.constantFrom(0.5, 2, 31, 61, 95, 1500) }) },
  { weight: 5, arbitrary: fc.record({ does: fc.constant('catchUp' as const), server: fc.nat({ max: API_SERVERS - 1 }), configuration }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('emptySecret' as const, 'setBackSecret' as const, 'stealLease' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('dropKey' as const), key: fc.constantFrom('ca.crt', 'ca.key', 'tls.crt', 'next-ca.key') }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('request' as const), what: fc.constantFrom('ca', 'ca', 'leaf', 'everything') }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('overwrite' as const), configuration, by: fc.constantFrom('', 'garbage', foreign.certPem) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

class World {
  readonly cluster = new ModelCluster(API_SERVERS, LAG_MS);
  readonly replicas: SimulatedReplica[];
  readonly secrets: JsonObject[] = [];
  /** When somebody else last wrote a configuration. */
  meddledAtMs = 0;
  cutOffForMs = 0;

  constructor(skewsMs: readonly number[]) {
    this.replicas = skewsMs.map((skewMs, index) => new SimulatedReplica(this.cluster, `replica-${index}`, skewMs));
  }

  async act(action: Action): Promise<void> {
    const one = 'replica' in action ? this.replicas[action.replica] : undefined;
    switch (action.does) {
      case 'run':
      case 'begin':
      case 'answer':
      case 'lose':
        await one?.[action.does]();
        break;
      case 'carryOut':
      case 'restart':
        one?.[action.does]();
        break;
      case 'cutOff':
        if (one !== undefined) one.isCutOff = !one.isCutOff;
        break;
      case 'lead':
        for (let look = 0; look < action.looks; look++) {
          await this.#wait(16_000);
          await this.#holder().run();
        }
        break;
      case 'wait':
        await this.#wait(action.seconds * 1000);
        break;
      case 'leap':
        await this.#leap(action.days * DAY_MS);
        break;
      case 'catchUp':
        this.cluster.catchUp(action.server, action.configuration);
        break;
      case 'emptySecret':
        this.#writeSecret({ metadata: {} });
        break;
      case 'setBackSecret':
        this.#writeSecret(this.secrets[Math.floor(this.secrets.length / 2)] ?? { metadata: {} });
        break;
      case 'stealLease':
        this.cluster.write(LEASE_PATH, { metadata: {}, spec: { holderIdentity: 'ghost', renewTime: String(this.cluster.nowMs) } });
        break;
      case 'dropKey': {
        const { [action.key]: _, ...data } = (this.cluster.read(SECRET_PATH)?.['data'] ?? {}) as Record<string, unknown>;
        this.#writeSecret({ ...this.cluster.read(SECRET_PATH), data });
        break;
      }
      case 'request':
        this.#writeSecret({ ...this.cluster.read(SECRET_PATH), metadata: { annotations: { 'podgrace.dev/renew': action.what } } });
        break;
      case 'overwrite':
        this.meddle(action.configuration, action.by);
    }
    const secret = this.cluster.read(SECRET_PATH);
    if (secret !== undefined && secret !== this.secrets.at(-1)) this.secrets.push(secret);
    this.cluster.advance(50);
  }

  meddle(configuration: string, bundlePem: string): void {
    this.cluster.write(configuration, configurationWith(bundlePem));
    this.meddledAtMs = this.cluster.nowMs;
  }

  /** Whose calls fail: a replica that is ready, by what an API server goes by, where podgrace wrote that. */
  failing(): string | undefined {
    const now = new Date(this.cluster.nowMs);
    const views = this.cluster.viewsOfOurs();
    for (const [index, { isReady, certificates, lookedAtMs }] of this.replicas.entries()) {
      // Nobody can know at once what others have undone; those calls failed already.
      const { current } = certificates;
      if (!isReady || current === undefined || lookedAtMs <= this.meddledAtMs) continue;
      for (const view of views) {
        const verification = verifiesAgainst(current, view, now);
        if (!verification.verified) return `replica ${index}: ${verification.reason}`;
      }
    }
    return undefined;
  }

  /** Longer than a lease, so that one that nobody renews has run out after the next. */
  async round(): Promise<void> {
    this.cluster.advance(16_000);
    for (const each of this.replicas) await each.run();
  }

  async #wait(ms: number): Promise<void> {
    this.cluster.advance(ms);
    this.cutOffForMs = this.replicas.some(({ isCutOff }) => isCutOff) ? this.cutOffForMs + ms : 0;
    if (this.cutOffForMs > MAX_CUT_OFF_MS) this.#connect();
    return Promise.resolve();
  }

  /** Days go by while nothing happens but that everybody looks; from there on, one by one. */
  async #leap(ms: number): Promise<void> {
    this.#connect();
    for (let round = 0; round < 10; round++) await this.round();
    this.cluster.advance(ms);
  }

  #holder(): SimulatedReplica {
    const { holderIdentity = '' } = (this.cluster.read(LEASE_PATH)?.['spec'] ?? {}) as { holderIdentity?: string };
    const [, index = '0'] = /^replica-(\d)/.exec(holderIdentity) ?? [];
    const holder = this.replicas[Number(index)];
    if (holder === undefined) throw new Error(`no replica ${index}`);
    return holder;
  }

  #connect(): void {
    this.cutOffForMs = 0;
    for (const each of this.replicas) each.isCutOff = false;
  }

  #writeSecret(secret: JsonObject): void {
    this.cluster.write(SECRET_PATH, secret);
  }

  /** Enough for an interrupted renewal, one that was asked for, and what they leave behind. */
  async calmDown(): Promise<void> {
    this.#connect();
    const { metadata: _, ...secret } = this.cluster.read(SECRET_PATH) ?? {};
    this.#writeSecret({ ...secret, metadata: {} });
    for (let round = 0; round < 25; round++) await this.round();
    this.cluster.advance(2 * RULES.overlapMs);
    for (let round = 0; round < 12; round++) await this.round();
  }
}

const scenario = fc.record({
  skewsMs: fc.array(fc.constantFrom(0, 0, -3_600_000, 3_600_000, 400 * DAY_MS, -4000 * DAY_MS), {
    minLength: REPLICAS,
    maxLength: REPLICAS,
  }),
  /** Nothing but podgrace, configurations as the manifests have them, or what has run for long. */
  begins: fc.constantFrom('without configurations' as const, 'with configurations' as const, 'settled' as const, 'settled' as const),
  actions: fc.array(action, { minLength: 20, maxLength: 120 }),
});

void t.test('no ready replica serves what an API server does not trust, and in the end all is well', async (t) => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ skewsMs, begins, actions }) => {
      const world = new World(skewsMs);
      const create = (): void => {
        for (const path of CONFIGURATION_PATHS) world.meddle(path, '');
      };
      if (begins !== 'without configurations') create();
      if (begins === 'settled') for (let round = 0; round < 10; round++) await world.round();
      for (const [index, each] of actions.entries()) {
        await world.act(each);
        const failing = world.failing();
        if (failing !== undefined) throw new Error(`after action ${index} (${each.does}): calls fail: ${failing}`);
      }
      if (begins === 'without configurations') create();
      await world.calmDown();
      const state = readCertificateState(world.cluster.read(SECRET_PATH) ?? {});
      const bundles = CONFIGURATION_PATHS.map((path) => bundleOf(world.cluster.read(path) ?? {}));
      t.equal(state.next, undefined, 'no renewal is under way');
      t.same(state.retired, [], 'nothing is left of the past');
      t.same(bundles, [state.authority?.certPem, state.authority?.certPem], 'the authority in use is published, alone');
      for (const { isReady, certificates } of world.replicas) {
        t.ok(isReady, `every replica is ready: ${certificates.verdict.problem ?? ''}`);
        t.equal(certificates.current?.certPem, state.leaf?.certPem, 'and serves the certificate that is stored');
      }
      t.equal(world.failing(), undefined);
    }),
    // Each is a history of up to 120 steps, and most of them look at certificates.
    { numRuns: runs(40, 6) },
  );
});
