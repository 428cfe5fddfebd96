/** What depends on other objects, at admission and elsewhere. */
import t from 'tap';
import { presetDocument } from '../../src/config/presets.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy } from '../../src/core/policy.ts';
import { NOTHING_KNOWN, type PodDisruptionBudget, type Surroundings } from '../../src/core/surroundings.ts';
import { askValidate, type Validation } from './ask.ts';
import { podOf, reviewOf, workloadOf, containerOf } from './reviews.ts';

const { spec, ...document } = presetDocument('baseline');
/** Denies what it finds about budgets, and asks nothing else. */
const rules = Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, { mode: 'off', mutation: 'off' }] as const));
const policy = new Policy(
  {
    ...document,
    spec: { ...spec, rules: { ...rules, 'disruption-budget': { mode: 'enforce', mutation: 'off', options: { requiredFrom: 2 } } } },
  },
  catalogue,
);

function deployment(image: string): object {
  return workloadOf('apps/v1', 'Deployment', podOf({ metadata: {}, spec: { containers: [containerOf({ image })] } }));
}

const CREATE = reviewOf(deployment('web:1'));
const UPDATE = reviewOf(deployment('web:2'), { operation: 'UPDATE', oldObject: deployment('web:1') });

function budget(name: string, maxUnavailable: number | undefined, minAvailable?: number | string): PodDisruptionBudget {
  return { name, selector: { matchLabels: { app: 'web' } }, minAvailable, maxUnavailable };
}

/** Without autoscalers. */
function around(...budgets: readonly PodDisruptionBudget[]): Surroundings {
  return { ...NOTHING_KNOWN, podDisruptionBudgets: { isKnown: true, value: budgets }, autoscalers: { isKnown: true, value: [] } };
}

function ask(review: typeof CREATE, surroundings: Surroundings, othersMayFollow = true): Validation {
  return askValidate(review, policy, { surroundings, othersMayFollow });
}

const LABELS = 'spec.template.metadata.labels';

void t.test('what is not known denies nothing, and is not found', (t) => {
  const unknown = { isKnown: false, reason: 'the API server does not answer' } as const;
  const { decision, findings } = ask(CREATE, { ...NOTHING_KNOWN, podDisruptionBudgets: unknown });
  t.same([decision.allowed, findings], [true, []]);
  t.end();
});

void t.test(
  'a budget that may come after its workload is not missed when the workload is created, and missed without a denial later',
  (t) => {
    const created = ask(CREATE, around());
    t.same([created.decision.allowed, created.answer.warnings], [true, []]);
    t.same(created.findings, [`disruption-budget audit ${LABELS} may-follow`]);
    const updated = ask(UPDATE, around());
    t.same([updated.decision.allowed, updated.answer.warnings.length], [true, 1]);
    t.same(updated.findings, [`disruption-budget warn ${LABELS} may-follow`]);
    t.end();
  },
);

void t.test('an autoscaler that may come with more replicas keeps a budget from being called too strict', (t) => {
  const strict = around(budget('web', undefined, 2));
  t.same(ask(CREATE, strict).findings, ['disruption-budget audit spec.replicas may-follow']);
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const autoscalers = { isKnown: true, value: [{ name: 'web', scaleTargetRef, minReplicas: 2, maxReplicas: 5 }] } as const;
  t.same(ask(CREATE, { ...strict, autoscalers }).findings, ['disruption-budget enforce spec.replicas']);
  t.same(ask(CREATE, around(budget('web', 0))).findings, ['disruption-budget enforce spec.replicas'], 'no number of replicas helps');
  t.same(ask(CREATE, around(budget('web', undefined, '100%'))).findings, ['disruption-budget enforce spec.replicas'], 'nor does it of all');
  t.same(ask(CREATE, around(budget('web', undefined, '99%'))).findings, ['disruption-budget audit spec.replicas may-follow']);
  t.end();
});

void t.test('other workloads under the same budget count on an update, as the disruption controller has counted them', (t) => {
  const withStatus = (image: string, replicas: number): object => ({ ...deployment(image), status: { replicas } });
  const update = (expected: number): readonly string[] => {
    const count = { healthy: expected, desired: 2, allowed: expected - 2, expected };
    const review = reviewOf(withStatus('web:2', 2), { operation: 'UPDATE', oldObject: { ...withStatus('web:1', 2), spec: {} } });
    return ask(review, around({ ...budget('web', undefined, 2), count })).findings;
  };
  t.same(update(2), ['disruption-budget warn spec.replicas may-follow']);
  t.same(update(3), [], 'there is a canary');
  const ofThoseBefore = { ...budget('web', undefined, 2), count: { healthy: 2, desired: 2, allowed: 0, expected: 2 } };
  const { findings } = ask(reviewOf(deployment('web:2')), around(ofThoseBefore));
  t.same(findings, ['disruption-budget audit spec.replicas may-follow'], 'those of a workload that was deleted are none beside it');
  t.end();
});

void t.test('what is there is judged as it is', (t) => {
  const { decision, findings } = ask(CREATE, around(budget('a', 1), budget('b', 1)));
  t.same([decision.allowed, findings], [false, [`disruption-budget enforce ${LABELS}`]]);
  t.same(ask(CREATE, around(budget('web', 1))).findings, []);
  t.end();
});

void t.test('where all objects are here, what is missing is missing', (t) => {
  t.same(ask(CREATE, around(), false).findings, [`disruption-budget enforce ${LABELS}`]);
  t.end();
});

void t.test('labels of a template that bring the traffic of a Service are judged, whatever the kind is', (t) => {
  const readiness = new Policy(
    { ...document, spec: { ...spec, rules: { ...rules, 'readiness-probe': { mode: 'enforce', mutation: 'off' } } } },
    catalogue,
  );
  const web = { name: 'web', selector: { tier: 'front' }, ports: [{ name: 'http', targetPort: 8080 }] };
  const surroundings = { ...NOTHING_KNOWN, services: { isKnown: true, value: [web] } } as const;
  for (const kind of ['ReplicaSet', 'DaemonSet', 'Deployment']) {
    const labelled = (labels: object): object => workloadOf('apps/v1', kind, podOf({ metadata: { labels } }));
    const allows = (labels: object, before: object): boolean =>
      askValidate(reviewOf(labelled(labels), { operation: 'UPDATE', oldObject: labelled(before) }), readiness, { surroundings }).answer
        .allowed;
    t.equal(allows({ tier: 'front' }, { tier: 'back' }), false, kind);
    t.equal(allows({ tier: 'back' }, { tier: 'front' }), true, kind);
  }
  t.end();
});
