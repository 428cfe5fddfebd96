import t, { type Test } from 'tap';
import { decideMutation, decideValidation } from '../../src/admission/decision.ts';
import { answerOf } from '../../src/admission/response.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy, type PolicyDocument } from '../../src/core/policy.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../src/core/surroundings.ts';
import { NOW_MS } from './ask.ts';
import { IS_LONG, ONLY_LONG } from '../long-tests.ts';
import { countWork, exponentOf, type Work } from './counted-work.ts';
import { HOSTILE_PODS } from './hostile-objects.ts';
import { podOf, reviewOf, workloadOf, type Review } from './reviews.ts';

/** Four doublings, of which the last shows most. A small one shows what grows as the square, and misses what begins late. */
const SIZES = IS_LONG ? [8, 16, 32, 64, 128] : [16, 32];

/** Work that is in proportion to the size has the exponent 1; one that looks at each pair has 2. */
const LINEAR_EXPONENT = 1.1;

/** Everything denies; what can be repaired is, or nothing is. */
function strictest(mutation: 'apply' | 'off', spec: Partial<PolicyDocument['spec']> = {}): Policy {
  const document = presetDocument('strict');
  const rules = Object.fromEntries(
    catalogue.rules.map(({ meta }) => [meta.id, { mode: 'enforce', mutation: meta.mutation === 'none' ? 'off' : mutation } as const]),
  );
  return new Policy({ ...document, spec: { ...document.spec, rules, ...spec } }, catalogue);
}

const POLICIES: Readonly<Record<string, Policy>> = {
  'everything enforced and repaired': strictest('apply'),
  'everything enforced, nothing repaired, one exemption for each rule': strictest('off', {
    exemptions: catalogue.rules.map(({ meta }) => ({ rule: meta.id, container: 'c1*', reason: 'moves next week', expires: '2027-06-01' })),
  }),
};

/** Validation and mutation of a CREATE, and of an UPDATE from something that is wrong in as many places. */
function reviewsOf(make: (size: number) => Record<string, unknown>, size: number): Review[] {
  const pod = make(size);
  const before = make(size);
  before['spec'] = { ...(before['spec'] as object), terminationGracePeriodSeconds: 31 };
  const template = (object: Record<string, unknown>): object => workloadOf('apps/v1', 'Deployment', object as never);
  const update = reviewOf(template(pod), { operation: 'UPDATE', oldObject: template(before) });
  // What a creation does is a part of what an update does.
  return IS_LONG ? [reviewOf(pod), reviewOf(template(pod)), update] : [update];
}

function decide(review: Review, policy: Policy, surroundings: Surroundings = NOTHING_KNOWN): void {
  const request = decodeReview(review);
  const asking = { nowMs: NOW_MS, detailed: true, surroundings };
  JSON.stringify(answerOf(request, decideValidation(request, policy, asking), policy.name));
  JSON.stringify(answerOf(request, decideMutation(request, policy, asking), policy.name));
}

function workOf(make: (size: number) => Record<string, unknown>, size: number, policy: Policy): Work {
  return countWork(reviewsOf(make, size), (reviews) => {
    for (const review of reviews) decide(review, policy);
  });
}

/** @param workAt what an object of a size costs; asked once before, as settings are compiled once for a policy and a kind of workload */
function growsAsItsSize(t: Test, workAt: (size: number) => Work): void {
  workAt(1);
  const series = SIZES.map(workAt);
  for (const counter of ['blocks', 'looks'] as const) {
    const counts = series.map((work) => work[counter]);
    const exponent = exponentOf(counts);
    t.ok(exponent <= LINEAR_EXPONENT, `${counter} grow with exponent ${exponent.toFixed(2)}: ${counts.join(', ')}`);
  }
}

for (const [policyName, policy] of Object.entries(POLICIES)) {
  const skip = policyName.includes('nothing repaired') && ONLY_LONG;
  for (const [name, make] of Object.entries(HOSTILE_PODS)) {
    void t.test(`${name}, ${policyName}: twice as many are at most twice the work`, { skip }, (t) => {
      growsAsItsSize(t, (size) => workOf(make, size, policy));
      t.end();
    });
  }
}

/** Services that each send traffic to a port of their own, which one of the containers may have. */
function servicesFor(size: number): Surroundings['services'] {
  const value = Array.from({ length: size }, (_, at) => ({
    name: `s${at}`,
    selector: { app: 'web' },
    ports: [
      { name: 'web', targetPort: 20_000 + at },
      { name: 'api', targetPort: `p${at}` },
    ],
  }));
  return { isKnown: true, value };
}

const BEHIND_SERVICES: Readonly<Record<string, (at: number) => object>> = {
  'without ports': () => ({}),
  'with other ports': (at) => ({ ports: [{ name: `q${at}`, containerPort: 1000 + at }] }),
  'with a probe that asks a port': (at) => ({ livenessProbe: { tcpSocket: { port: 20_000 + at } } }),
};

for (const [what, make] of Object.entries(BEHIND_SERVICES)) {
  void t.test(`containers ${what} × Services that select their Pod: twice as many are at most twice the work`, (t) => {
    const policy = strictest('apply');
    const workAt = (size: number): Work => {
      const containers = Array.from({ length: size }, (_, at) => ({ name: `c${at}`, image: 'registry.example/app:1.0', ...make(at) }));
      const pod = podOf({ metadata: { labels: { app: 'web' } }, spec: { containers } });
      const review = reviewOf(workloadOf('apps/v1', 'Deployment', pod));
      return countWork({ review, services: servicesFor(size) }, ({ review: watched, services }) => {
        decide(watched, policy, { ...NOTHING_KNOWN, services });
      });
    };
    growsAsItsSize(t, workAt);
    t.end();
  });
}

/** What stands around a Pod in its namespace, `size` of each. */
const AROUND_CONTAINERS: Readonly<Record<string, (size: number) => Partial<Surroundings>>> = {
  ResourceQuotas: (size) => ({
    resourceQuotas: {
      isKnown: true,
      value: Array.from({ length: size }, (_, at) => ({
        name: `q${at}`,
        hard: { 'limits.memory': `${at + 1}Gi`, 'requests.cpu': '100', [`requests.example.com/r${at}`]: 1 },
        used: { 'limits.memory': '1Gi', 'requests.cpu': '99' },
        scopes: [],
      })),
    },
  }),
  LimitRanges: (size) => ({
    limitRanges: {
      isKnown: true,
      value: Array.from({ length: size }, (_, at) => ({
        name: `l${at}`,
        limits: [
          { type: 'Container', defaultRequest: { [`example.com/r${at % 8}`]: 1 }, max: { memory: `${at + 1}Gi` } },
          { type: 'Pod', maxLimitRequestRatio: { cpu: at + 1 } },
        ],
      })),
    },
  }),
};

for (const [what, make] of Object.entries(AROUND_CONTAINERS)) {
  void t.test(`${what} × containers: twice as many are at most twice the work`, (t) => {
    const policy = strictest('apply');
    const workAt = (size: number): Work => {
      const containers = Array.from({ length: size }, (_, at) => ({ name: `c${at}`, image: 'registry.example/app:1.0' }));
      const review = reviewOf(workloadOf('apps/v1', 'Deployment', podOf({ spec: { containers } })));
      return countWork({ review, known: make(size) }, ({ review: watched, known }) => {
        decide(watched, policy, { ...NOTHING_KNOWN, ...known });
      });
    };
    growsAsItsSize(t, workAt);
    t.end();
  });
}

/** What one command of a loop is made of; it runs in every round. */
const COMMANDS_IN_A_LOOP: Readonly<Record<string, (size: number) => string>> = {
  'words that are text': (size) => `echo ${'a '.repeat(size)}`,
  'words with a value': (size) => `echo ${'$v '.repeat(size)}`,
  'values of many fields': (size) => `echo ${'$fields '.repeat(size / 64)}`,
  'parts of one word': (size) => `echo ${'$v'.repeat(size)}`,
  sums: (size) => `echo ${'$((i+1)) '.repeat(size)}`,
  assignments: (size) => 'a=1 a=2 '.repeat(size),
  'declared variables': (size) => `export ${'a=1 a=2 '.repeat(size)}`,
  redirections: (size) => `app ${'>b '.repeat(size)}`,
  'arguments that are set': (size) => `set -- ${'a '.repeat(size)}`,
  'arguments that are shifted': (size) => `[ $i = 1 ] && set -- ${'a '.repeat(size)}; shift`,
  'words of an inner loop': (size) => `for a in ${'a '.repeat(size)}; do break; done`,
  'patterns of a case': (size) => `case x in ${'a|'.repeat(size)}b) ;; esac`,
};

for (const [at, [what, command]] of Object.entries(COMMANDS_IN_A_LOOP).entries()) {
  const skip = at % 3 !== 0 && ONLY_LONG;
  void t.test(`a command in a loop, ${what}: a step is as little work in a long command as in a short one`, { skip }, (t) => {
    const policy = strictest('off');
    const perStep = (size: number): number => {
      const variables = Array.from({ length: 40 }, (_, at) => `v${at}=1`).join(';');
      const script = `v=1; fields="${'a '.repeat(250)}"; ${variables}\ni=0\nwhile [ $i -lt 20 ]; do i=$((i+1)); ${command(size)}; done`;
      const exec = { command: ['sh', '-c', script] };
      const spec = { containers: [{ name: 'app', image: 'registry.example/app:1.0', lifecycle: { preStop: { exec } } }] };
      let steps = 0;
      const request = decodeReview(reviewOf(podOf({ spec })));
      const { blocks } = countWork({ request }, () => {
        decideValidation(request, policy, { nowMs: NOW_MS, outOfTime: (spent) => (steps = Math.max(steps, spent)) < 0 });
      });
      return blocks / steps;
    };
    const [short, long] = [perStep(1024), perStep(2048)];
    t.ok(long <= 1.1 * short, `${short.toFixed(0)} blocks a step, and ${long.toFixed(0)} in a command of twice the length`);
    t.end();
  });
}
