import { Agent } from 'node:https';
import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { verifyAnswer, type Phase } from '../admission/contract.ts';
import { forbidLatest, policyOf, requireGrace } from '../admission/made-up-rules.ts';
import { latestPod, podOf, reviewOf, workloadOf, type Review } from '../admission/reviews.ts';
import { IS_LONG, runs } from '../long-tests.ts';
import { post, startServing } from './serving.ts';

const KEYS = [
  '__proto__',
  '\\u005f_proto__',
  '\\u005F\\u005Fproto\\u005f_',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
] as const;
const POISON = '{"prototype":{"polluted":true},"polluted":true,"allowed":true}';

/**
 * Every text that has the key added to one of the review's objects, at any depth, and one with it in all of them. But in the
 * long tests, each key goes to every fifth object, beginning at another one.
 */
function poisoned(text: string, key: string): string[] {
  const pair = `"${key}":${POISON}`;
  const places: number[] = [];
  for (let at = 0, inString = false; at < text.length; at++) {
    if (text[at] === '"' && text[at - 1] !== '\\') inString = !inString;
    if (text[at] === '{' && !inString) places.push(at + 1);
  }
  const insertAt = (at: number, into: string): string => `${into.slice(0, at)}${pair}${into[at] === '}' ? '' : ','}${into.slice(at)}`;
  const tried = IS_LONG ? places : places.filter((_, index) => (index + key.length) % 5 === 0);
  return [...tried.map((at) => insertAt(at, text)), places.reduceRight((into, at) => insertAt(at, into), text)];
}

const metadata = { labels: { app: 'web' }, annotations: { note: 'x' }, ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a' }] };
const resources = { requests: { cpu: '1' }, limits: { cpu: '1' } };
const rich = latestPod({
  metadata,
  spec: {
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ operator: 'Exists' }],
    volumes: [{ name: 'tmp', emptyDir: {} }],
    containers: [
      {
        name: 'app',
        image: 'a:latest',
        resources,
        ports: [{ containerPort: 80 }],
        readinessProbe: { httpGet: { port: 80 } },
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
      },
    ],
  },
});
const reviews: readonly Review[] = [
  reviewOf(rich),
  reviewOf(workloadOf('apps/v1', 'Deployment', rich)),
  reviewOf(rich, { operation: 'UPDATE', oldObject: podOf() }),
];

for (const preset of ['made-up', 'strict'] as const) {
  const policy = preset === 'strict' ? presetPolicy(preset) : policyOf([forbidLatest(), requireGrace()]);
  for (const key of KEYS) {
    void t.test(`a key ${key} in any object of a review is answered under ${preset}, and touches no prototype`, async (t) => {
      const before = Object.getOwnPropertyNames(Object.prototype);
      const { port, failures } = await startServing(t, { policy });
      const agent = new Agent({ keepAlive: true });
      t.teardown(() => {
        agent.destroy();
      });
      let answered = 0;
      for (const review of reviews) {
        for (const text of poisoned(JSON.stringify(review), key)) {
          for (const phase of ['validate', 'mutate'] as const) {
            if (await isAnswered(port, phase, text, agent)) answered += 1;
          }
        }
      }
      t.ok(answered > runs(100), `${answered} answers`);
      t.same(failures, []);
      t.same(Object.getOwnPropertyNames(Object.prototype), before);
      t.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });
  }
}

/** The verifier throws for an answer that the API server would not take. */
async function isAnswered(port: number, phase: Phase, text: string, agent: Agent): Promise<boolean> {
  const { status, text: answer } = await post(port, `/${phase}`, text, { agent });
  if (status !== 200) throw new Error(`${status} for ${text}: ${answer}`);
  verifyAnswer(phase, JSON.parse(text) as Review, answer);
  return true;
}

void t.test('labels and node selectors of such names do not change the verdict', async (t) => {
  const { port } = await startServing(t, { policy: policyOf([forbidLatest()]) });
  const labels = '{"__proto__":"x","constructor":"y","prototype":"z"}';
  for (const [object, allowed] of [
    [latestPod(), false],
    [podOf(), true],
  ] as const) {
    const named = JSON.stringify(reviewOf(object)).replace('"name":"web"', `"name":"web","labels":${labels},"annotations":${labels}`);
    const { text } = await post(port, '/validate', named);
    t.equal(verifyAnswer('validate', JSON.parse(named) as Review, text).allowed, allowed);
  }
});

void t.test('a patch leaves such keys where they are', async (t) => {
  const { port } = await startServing(t, { policy: policyOf([requireGrace()]) });
  const labels = '{"__proto__":"x","constructor":"y"}';
  const named = JSON.stringify(reviewOf(podOf())).replace('"name":"web"', `"name":"web","labels":${labels}`);
  const { text } = await post(port, '/mutate', named);
  const { patch } = verifyAnswer('mutate', JSON.parse(named) as Review, text);
  t.same(patch, [{ op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: 60 }]);
});
