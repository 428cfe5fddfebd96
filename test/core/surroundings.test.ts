import t from 'tap';
import { NOTHING_KNOWN, serviceThatSelects, type Known, type Service } from '../../src/core/surroundings.ts';

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
  t.equal(serviceThatSelects(LABELS, known({ name: 'back', selector: { app: 'web', tier: 'back' } }, web)), web);
  t.equal(serviceThatSelects({ app: 'shop' }, known(web)), undefined);
  t.equal(serviceThatSelects(null, known(web)), undefined);
  t.end();
});

void t.test('a Service with an empty selector selects nothing, and neither does one that is not known', (t) => {
  t.equal(serviceThatSelects(LABELS, known({ name: 'manual', selector: {} })), undefined);
  t.equal(serviceThatSelects(LABELS, NOTHING_KNOWN.services), undefined);
  t.end();
});

void t.test('a label that every object inherits is none', (t) => {
  const inherited = { name: 'odd', selector: { constructor: 'web' } };
  t.equal(serviceThatSelects({}, known(inherited)), undefined);
  t.end();
});
