import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { meantField, rulesAbout } from '../../src/offline/rules-about.ts';

const about = (field: string): string[] => rulesAbout(field, catalogue.rules).map(({ meta }) => meta.id);

void t.test('a field is named as in kubectl explain, as in a manifest, or by its last part', (t) => {
  const wanted = about('spec.containers[*].livenessProbe');
  t.ok(wanted.includes('probe-timing'));
  for (const field of [
    'livenessProbe',
    'pod.spec.containers.livenessProbe',
    'containers[0].livenessProbe',
    'spec.template.spec.containers[0].livenessProbe',
  ])
    t.same(about(field), wanted, field);
  t.end();
});

void t.test('what is below a field that a rule reads is about that rule, and so is what it is below', (t) => {
  t.ok(about('livenessProbe.timeoutSeconds').includes('probe-timing'));
  t.ok(about('lifecycle').includes('pre-stop-delay'));
  t.end();
});

void t.test('every field that a rule reads or changes leads to it', (t) => {
  for (const { meta } of catalogue.rules) for (const field of [...meta.reads, ...meta.writes]) t.ok(about(field).includes(meta.id), field);
  t.end();
});

void t.test('a field that no rule is about has no rules', (t) => {
  for (const field of ['', '.', '[0]', 'nonsense', 'livenessProbes', 'metadata.uid']) t.same(about(field), [], field);
  t.end();
});

void t.test('a field that is written wrongly is told from one that no rule is about', (t) => {
  const meant = (field: string): unknown => meantField(field, catalogue.rules);
  t.equal(meant('terminationGracePeriodSecond'), 'terminationGracePeriodSeconds');
  t.equal(meant('livenessprobe'), 'livenessProbe');
  t.equal(meant('spec.containers[0].livenesProbe.timeoutSeconds'), 'spec.containers.livenessProbe.timeoutSeconds');
  for (const field of ['nonsense', '', '[0]', 'livenessProbe.nonsense', 'spec.containers.livenessProbe'])
    t.equal(meant(field), undefined, field);
  t.end();
});
