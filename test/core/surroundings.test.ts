import t from 'tap';
import {
  autoscalerOf,
  NOTHING_KNOWN,
  selectsPods,
  servicesThatSelect,
  type Autoscaler,
  type Known,
  type Service,
} from '../../src/core/surroundings.ts';

const LABELS = { app: 'web', tier: 'front' };

function known(...services: readonly Service[]): Known<readonly Service[]> {
  return { isKnown: true, value: services };
}

void t.test('where nobody has looked, every answer is unknown and says why', (t) => {
  const answers: readonly Known<unknown>[] = Object.values(NOTHING_KNOWN);
  t.ok(answers.length > 0);
  const reasons = answers.map((answer) => (answer.isKnown ? 'known' : answer.reason));
  for (const reason of reasons) t.match(reason, /^podgrace has not read the [\s\S]*[^.]$/);
  t.equal(new Set(reasons).size, reasons.length, 'each has a reason of its own');
  t.end();
});

void t.test('a Service selects Pods that have all labels of its selector', (t) => {
  const web = { name: 'web', selector: { app: 'web' } };
  t.same(servicesThatSelect(LABELS, known({ name: 'back', selector: { app: 'web', tier: 'back' } }, web)), [web]);
  t.same(servicesThatSelect({ app: 'shop' }, known(web)), []);
  t.same(servicesThatSelect(null, known(web)), []);
  t.end();
});

void t.test('a Service with an empty selector selects nothing, and neither does one that is not known', (t) => {
  t.same(servicesThatSelect(LABELS, known({ name: 'manual', selector: {} })), []);
  t.same(servicesThatSelect(LABELS, NOTHING_KNOWN.services), []);
  t.end();
});

void t.test('a label that every object inherits is none', (t) => {
  const inherited = { name: 'odd', selector: { constructor: 'web' } };
  t.same(servicesThatSelect({}, known(inherited)), []);
  t.end();
});

void t.test('a selector of a budget fits labels by all of its terms; an empty one fits all, a missing one none', (t) => {
  t.equal(selectsPods(undefined, LABELS), false);
  t.equal(selectsPods(null, LABELS), false);
  t.equal(selectsPods({}, {}), true);
  t.equal(selectsPods({ matchLabels: { app: 'web' } }, LABELS), true);
  t.equal(selectsPods({ matchLabels: { app: 'web', tier: 'back' } }, LABELS), false);
  t.equal(selectsPods({ matchLabels: { constructor: 'web' } }, {}), false);
  const fits = (operator: string, values?: readonly string[], key = 'app'): boolean =>
    selectsPods({ matchExpressions: [{ key, operator, ...(values !== undefined && { values }) }] }, LABELS);
  t.equal(fits('In', ['api', 'web']), true);
  t.equal(fits('In', ['api']), false);
  t.equal(fits('NotIn', ['api']), true);
  t.equal(fits('NotIn', ['web']), false);
  t.equal(fits('NotIn', ['web'], 'zone'), true, 'a label that is not there is not in the list');
  t.equal(fits('Exists'), true);
  t.equal(fits('Exists', undefined, 'zone'), false);
  t.equal(fits('DoesNotExist', undefined, 'zone'), true);
  t.equal(fits('DoesNotExist'), false);
  t.equal(fits('Near', ['web']), false, 'what the API does not have selects nothing');
  t.end();
});

void t.test('an autoscaler scales the workload that it names, whatever the version of the API', (t) => {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const scaling = (target: Partial<typeof web>): Autoscaler => ({
    name: 'scaler',
    scaleTargetRef: { ...web, ...target },
    minReplicas: 1,
    maxReplicas: 3,
  });
  const scaler = scaling({ apiVersion: 'apps/v1beta1' });
  t.equal(autoscalerOf(web, [scaling({ name: 'api' }), scaling({ kind: 'StatefulSet' }), scaling({ apiVersion: 'v1' }), scaler]), scaler);
  t.equal(autoscalerOf(web, []), undefined);
  t.end();
});
