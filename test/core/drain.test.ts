import t from 'tap';
import { drainOf, type Drain } from '../../src/core/drain.ts';
import type { PodNow } from '../../src/core/evictions-now.ts';
import { podTimelinesOf } from '../../src/core/pod-timelines.ts';
import {
  NOTHING_KNOWN,
  type Autoscaler,
  type KnownWorkload,
  type PodDisruptionBudget,
  type Surroundings,
} from '../../src/core/surroundings.ts';
import { FROM_FILE_OWNED, subjectOf } from './subject-of.ts';

const LABELS = { app: 'web' };
const known = <T>(value: T): { readonly isKnown: true; readonly value: T } => ({ isKnown: true, value });

function budget(bound: Partial<Pick<PodDisruptionBudget, 'minAvailable' | 'maxUnavailable'>>, name = 'web'): PodDisruptionBudget {
  return { name, selector: { matchLabels: LABELS }, minAvailable: undefined, maxUnavailable: undefined, ...bound };
}

interface Case {
  readonly kind?: string;
  readonly replicas?: number;
  readonly budgets?: readonly PodDisruptionBudget[];
  readonly others?: readonly Partial<KnownWorkload>[];
  readonly autoscaler?: Autoscaler;
  readonly podSpec?: object;
  readonly container?: object;
  readonly owner?: string;
  readonly ownerGroup?: string;
  readonly now?: PodNow;
  readonly isOwnerGone?: boolean;
}

function drain({
  kind = 'Deployment',
  replicas,
  budgets,
  others,
  autoscaler,
  podSpec,
  container,
  owner,
  ownerGroup = 'apps',
  now,
  isOwnerGone = false,
}: Case): Drain | undefined {
  const isOfBatch = kind === 'Job';
  const spec = { containers: [{ name: 'web', image: 'web:1', ...container }], ...podSpec };
  const ownerReferences =
    owner === undefined ? undefined : [{ apiVersion: `${ownerGroup}/v1`, kind: owner, name: 'web', uid: '1', controller: true }];
  const object =
    kind === 'Pod'
      ? { apiVersion: 'v1', kind, metadata: { name: 'web', labels: LABELS, ownerReferences }, spec }
      : {
          apiVersion: isOfBatch ? 'batch/v1' : 'apps/v1',
          kind,
          metadata: { name: 'web' },
          spec: { replicas, template: { metadata: { labels: LABELS }, spec: { ...spec, ...(isOfBatch && { restartPolicy: 'Never' }) } } },
        };
  const subject = subjectOf(object, { trust: FROM_FILE_OWNED });
  const surroundings: Surroundings = {
    ...NOTHING_KNOWN,
    ...(budgets !== undefined && { podDisruptionBudgets: known(budgets) }),
    autoscalers: known(autoscaler === undefined ? [] : [autoscaler]),
    ...(others !== undefined && { workloads: known({ isComplete: true, workloads: others.map(workload) }) }),
  };
  return drainOf(subject, podTimelinesOf(subject, 1n << 34n), surroundings, { now, isOwnerGone });
}

function workload(known: Partial<KnownWorkload>): KnownWorkload {
  const base = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'canary', labels: LABELS, replicas: 1, setsReplicas: true };
  return { ...base, keepsData: false, ...known };
}

const verdictOf = (of: Case): string => {
  const found = drain(of);
  return found === undefined ? 'none' : [found.verdict, found.atOnce, found.waits].map((each) => each ?? '?').join(' ');
};

void t.test('nothing is said where nobody knows the budgets, and of 0 replicas', (t) => {
  t.equal(verdictOf({ replicas: 3 }), 'none');
  t.equal(verdictOf({ replicas: 0, budgets: [] }), 'none');
  t.end();
});

void t.test('without a budget nothing holds an eviction back', (t) => {
  t.equal(verdictOf({ replicas: 3, budgets: [] }), 'unprotected 3 0');
  t.equal(
    verdictOf({ replicas: 3, budgets: [{ ...budget({ maxUnavailable: 0 }), selector: { matchLabels: { app: 'db' } } }] }),
    'unprotected 3 0',
  );
  t.equal(verdictOf({ kind: 'Job', budgets: [] }), 'unprotected ? 0');
  t.end();
});

void t.test('a budget paces a drain by what it allows, percentages rounded up', (t) => {
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ maxUnavailable: 1 })] }), 'paced 1 2');
  t.equal(verdictOf({ replicas: 7, budgets: [budget({ maxUnavailable: '34%' })] }), 'paced 3 2');
  t.equal(verdictOf({ replicas: 7, budgets: [budget({ minAvailable: '50%' })] }), 'paced 3 2');
  t.equal(verdictOf({ replicas: 2, budgets: [budget({ maxUnavailable: 5 })] }), 'paced 2 0', 'no more than there are');
  t.end();
});

void t.test('a budget that allows nothing blocks a drain', (t) => {
  t.equal(verdictOf({ replicas: 2, budgets: [budget({ minAvailable: 2 })] }), 'blocked 0 ?');
  t.equal(verdictOf({ replicas: 2, budgets: [budget({ maxUnavailable: '0%' })] }), 'blocked 0 ?');
  t.equal(verdictOf({ replicas: 2, budgets: [budget({})] }), 'blocked 0 ?', 'neither bound');
  t.equal(verdictOf({ kind: 'Job', budgets: [budget({ maxUnavailable: 1 })] }), 'blocked 0 ?', 'a Job has no scale');
  t.end();
});

void t.test('two budgets for the same Pods make each eviction fail', (t) => {
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ maxUnavailable: 1 }), budget({ maxUnavailable: 1 }, 'other')] }), 'refused 0 ?');
  t.end();
});

void t.test('others under the same budget count, too', (t) => {
  const budgets = [budget({ minAvailable: 3 })];
  t.equal(verdictOf({ replicas: 3, budgets, others: [] }), 'blocked 0 ?');
  t.equal(verdictOf({ replicas: 3, budgets, others: [{}] }), 'paced 1 2');
  t.equal(verdictOf({ replicas: 3, budgets, others: [{ kind: 'Pod' }] }), 'paced 1 2');
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ maxUnavailable: 1 })], others: [{ kind: 'DaemonSet' }] }), 'blocked 0 ?');
  t.end();
});

void t.test('a Pod without a controller that is there lets another be evicted, whatever the budget keeps', (t) => {
  const bare = [{ kind: 'Pod' }, { kind: 'Pod', name: 'other' }];
  t.equal(verdictOf({ replicas: 1, budgets: [budget({ minAvailable: '100%' })], others: bare }), 'paced 1 0');
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ maxUnavailable: 0 })], others: bare }), 'paced 2 1');
  t.equal(verdictOf({ kind: 'Pod', budgets: [budget({ maxUnavailable: 0 })], others: [{ replicas: 2 }] }), 'paced 1 0');
  t.equal(verdictOf({ kind: 'Pod', budgets: [budget({ maxUnavailable: 0 })], others: [] }), 'blocked 0 ?', 'nobody counts replicas');
  t.equal(verdictOf({ replicas: 1, budgets: [budget({})], others: bare }), 'blocked 0 ?', 'neither bound');
  t.end();
});

void t.test('a Job that has ended keeps replicas from being counted, and has no Pod that is ready', (t) => {
  const others = [{ kind: 'Job', replicas: undefined, hasEnded: true as const }];
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ maxUnavailable: 1 })], others }), 'blocked 0 ?');
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ minAvailable: 3 })], others }), 'blocked 0 ?');
  t.equal(verdictOf({ replicas: 3, budgets: [budget({ minAvailable: 2 })], others }), 'paced 1 2');
  t.end();
});

void t.test('of a workload that is scaled, the fewest replicas count', (t) => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const autoscaler = { name: 'load', scaleTargetRef, minReplicas: 2, maxReplicas: 9 };
  const found = drain({ replicas: 6, budgets: [budget({ minAvailable: 1 })], autoscaler });
  t.match(found, { pods: 2, atOnce: 1, scaledBy: 'load' });
  t.end();
});

void t.test('Pods of a DaemonSet stay', (t) => {
  t.equal(verdictOf({ kind: 'DaemonSet', budgets: [budget({ maxUnavailable: 0 })] }), 'stays 0 ?');
  t.equal(verdictOf({ kind: 'Pod', owner: 'DaemonSet', budgets: [] }), 'stays 0 ?');
  t.end();
});

void t.test('kubectl evicts the Pods of a DaemonSet of another group', (t) => {
  t.equal(verdictOf({ kind: 'Pod', owner: 'DaemonSet', ownerGroup: 'apps.kruise.io', budgets: [] }), 'unprotected ? 0');
  t.end();
});

void t.test('a Pod that has ended is deleted without a flag, and no budget is asked', (t) => {
  const podSpec = { volumes: [{ name: 'cache', emptyDir: {} }] };
  const budgets = [budget({ maxUnavailable: 0 })];
  for (const made of [{}, { owner: 'DaemonSet' }]) {
    const found = drain({ kind: 'Pod', now: 'over', budgets, podSpec, ...made });
    t.match(found, { verdict: 'unprotected', now: undefined, emptyDirs: [], needsForce: false });
  }
  t.match(drain({ kind: 'Pod', now: 'pending', budgets, podSpec }), { now: { isEvicted: true }, emptyDirs: ['cache'], needsForce: true });
  t.end();
});

void t.test('kubectl looks for the DaemonSet that a Pod names, and for no other controller', (t) => {
  const gone = (owner: string, more: Case = {}): Drain | undefined =>
    drain({ kind: 'Pod', owner, isOwnerGone: true, budgets: [], ...more });
  t.match(gone('DaemonSet'), { verdict: 'unprotected', needsForce: true });
  t.match(gone('DaemonSet', { budgets: [budget({ maxUnavailable: 0 })] }), { verdict: 'blocked', needsForce: true });
  t.match(gone('DaemonSet', { now: 'over' }), { verdict: 'unprotected', needsForce: false }, 'one that has ended is deleted all the same');
  t.match(gone('DaemonSet', { ownerGroup: 'apps.kruise.io' }), { verdict: 'unprotected', needsForce: false });
  t.match(gone('ReplicaSet'), { verdict: 'unprotected', needsForce: false });
  t.match(drain({ kind: 'Pod', owner: 'DaemonSet', budgets: [] }), { verdict: 'stays', needsForce: false });
  t.end();
});

void t.test(
  'a Pod without a controller is the only one of its kind; one with a controller is one of a number that it does not tell',
  (t) => {
    const budgets = [budget({ minAvailable: 1 })];
    t.equal(verdictOf({ kind: 'Pod', budgets, others: [] }), 'blocked 0 ?');
    t.equal(verdictOf({ kind: 'Pod', budgets, others: [{ kind: 'Pod' }] }), 'paced 1 0');
    t.equal(verdictOf({ kind: 'Pod', budgets }), 'unknown ? ?', 'where nobody knows the others');
    t.equal(verdictOf({ kind: 'Pod', budgets, owner: 'ReplicaSet', others: [] }), 'unknown ? ?');
    t.equal(verdictOf({ kind: 'Pod', budgets: [], owner: 'ReplicaSet' }), 'unprotected ? 0');
    t.same(
      [{ kind: 'Pod' }, { kind: 'Pod', owner: 'ReplicaSet' }, {}].map((of) => drain({ budgets: [], replicas: 1, ...of })?.needsForce),
      [true, false, false],
    );
    t.end();
  },
);

void t.test(
  'it takes as long as the new Pods need to become ready, and of a StatefulSet also as long as the old ones need to stop',
  (t) => {
    const container = {
      readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 10 },
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
    };
    const budgets = [budget({ maxUnavailable: 1 })];
    const seconds = (of: Case): number | undefined => drain({ replicas: 3, budgets, container, ...of })?.leastSeconds;
    t.equal(seconds({}), 5 + 2 * 10);
    t.equal(seconds({ kind: 'StatefulSet' }), 5 + 2 * 15);
    t.equal(seconds({ budgets: [] }), 5);
    t.equal(seconds({ container: { command: ['sh', '-c', 'server; true'] } }), 30, 'a shell that does not end at the signal');
    t.equal(seconds({ budgets: [budget({ maxUnavailable: 0 })] }), undefined);
    t.end();
  },
);

void t.test('emptyDir volumes are lost', (t) => {
  const podSpec = {
    volumes: [
      { name: 'cache', emptyDir: {} },
      { name: 'config', configMap: { name: 'config' } },
      { name: 'memory', emptyDir: { medium: 'Memory' } },
    ],
  };
  t.same(drain({ replicas: 1, budgets: [], podSpec })?.emptyDirs, ['cache', 'memory']);
  t.same(drain({ kind: 'DaemonSet', budgets: [], podSpec })?.emptyDirs, []);
  t.end();
});
