import t from 'tap';
import { Evaluation } from '../../src/core/evaluation.ts';
import type { ContainerKind, Pod } from '../../src/core/pod.ts';
import { NO_VIOLATIONS, renderMessage } from '../../src/core/rule.ts';
import { WORKLOAD_CLASSES } from '../../src/core/workload.ts';
import { makeRule, policyOf } from './made-up-rule.ts';
import { subjectOf } from './subject-of.ts';

const SUBJECT = subjectOf({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: {
    initContainers: [{ name: 'migrate' }, { name: 'proxy', restartPolicy: 'Always' }],
    containers: [{ name: 'web' }, { name: 'log' }],
    ephemeralContainers: [{ name: 'debug' }],
  },
});

function namesOf(containers: readonly ContainerKind[], exempt?: string, pod: Pod = SUBJECT.pod): string[] {
  const rule = makeRule('a', { appliesTo: { containers, workloads: WORKLOAD_CLASSES } });
  const exemptions = exempt === undefined ? [] : [{ rule: 'a', container: exempt, reason: 'legacy', expires: '2027-01-31' }];
  const evaluation = new Evaluation(policyOf([rule], { exemptions }), SUBJECT, { nowMs: 0 });
  const [setting] = evaluation.settings.validating;
  return setting === undefined ? [] : Array.from(evaluation.repairContextFor(setting, pod).containers(), ({ container }) => container.name);
}

void t.test('a rule gets the containers that it is for, in start order', (t) => {
  t.same(namesOf(['main']), ['web', 'log']);
  t.same(namesOf(['sidecar', 'main']), ['proxy', 'web', 'log']);
  t.same(namesOf(['init']), ['migrate']);
  t.same(namesOf(['ephemeral']), ['debug']);
  t.same(namesOf([]), []);
  t.end();
});

void t.test('an exempt container is left out', (t) => {
  t.same(namesOf(['main', 'init'], 'web'), ['migrate', 'log']);
  t.end();
});

void t.test('the containers are those of the Pod that is asked about, not of the one that was received', (t) => {
  const pod = { ...SUBJECT.pod, spec: { ...SUBJECT.pod.spec, containers: [{ name: 'new' }] } };
  t.same(namesOf(['main'], undefined, pod), ['new']);
  t.end();
});

void t.test('a message gets its values, as often as it names them', (t) => {
  t.equal(renderMessage('must be {{wanted}}, but is {{value}}; {{wanted}}', { wanted: 5, value: '0' }), 'must be 5, but is 0; 5');
  t.equal(renderMessage('must be set', undefined), 'must be set');
  t.equal(renderMessage('must be set', { wanted: 5 }), 'must be set');
  t.end();
});

void t.test('a value is inserted as it is, whatever it looks like', (t) => {
  t.equal(renderMessage('is {{value}}', { value: '$& {{value}} $1' }), 'is $& {{value}} $1');
  t.equal(renderMessage('is {{value}}', { value: '' }), 'is ');
  t.end();
});

void t.test('a placeholder without a value stays visible', (t) => {
  t.equal(renderMessage('is {{value}}', {}), 'is {{value}}');
  t.equal(renderMessage('is {{value}}', undefined), 'is {{value}}');
  t.end();
});

void t.test('the shared empty list cannot be added to', (t) => {
  const list: unknown = NO_VIOLATIONS;
  t.throws(() => (list as unknown[]).push({}), TypeError);
  t.end();
});
