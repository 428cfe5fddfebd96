import t from 'tap';
import { Finding, placeOf } from '../../src/core/finding.ts';
import { FieldPath } from '../../src/core/path.ts';

const CONTAINERS = FieldPath.of('spec', 'containers');

function finding(changes: Partial<ConstructorParameters<typeof Finding>[0]> = {}): Finding {
  return new Finding({
    rule: 'memory-limit',
    messageId: 'missing',
    mode: 'enforce',
    path: CONTAINERS.at(1, { name: 'web' }).field('resources', 'limits'),
    wording: { text: 'must be at most {{max}}', fix: 'lower it to {{max}}' },
    data: { max: '1Gi' },
    rank: [2, 1],
    ...changes,
  });
}

void t.test('texts are made of the data of the violation', (t) => {
  const { message, fix, field, container } = finding();
  t.same(
    { message, fix, field, container },
    { message: 'must be at most 1Gi', fix: 'lower it to 1Gi', field: 'spec.containers[1].resources.limits', container: 'web' },
  );
  t.equal(finding({ path: FieldPath.ROOT }).field, 'object');
  t.end();
});

void t.test('an element is known by its name, wherever it stands in its list', (t) => {
  const moved = finding({ path: CONTAINERS.at(0, { name: 'web' }).field('resources', 'limits') });
  t.equal(moved.identity, finding().identity);
  t.not(finding({ path: CONTAINERS.at(1, { name: 'other' }).field('resources', 'limits') }).identity, finding().identity);
  t.equal(placeOf(CONTAINERS.at(3).field('image')), 'spec.containers[3].image', 'without a name, its place tells it apart');
  t.equal(placeOf(CONTAINERS.at(1, { name: 'web' }).field('image')), 'spec.containers {web}.image');
  t.end();
});

void t.test('each thing that a finding is about is ranked for itself', (t) => {
  const [volume, probe] = [FieldPath.of('spec', 'volumes').at(0, { name: 'cache' }), FieldPath.of('spec', 'probe')];
  t.same(finding().severities(), [{ of: 'memory-limit spec.containers {web}.resources.limits', rank: [2, 1] }]);
  t.same(finding({ ranked: [volume, probe] }).severities(), [
    { of: 'memory-limit spec.volumes {cache}', rank: [2, 1] },
    { of: 'memory-limit spec.probe', rank: [2, 1] },
  ]);
  t.end();
});

void t.test('what could not be judged is as bad as what could not be judged before; what cannot be read, as the same value', (t) => {
  const errored = finding({ messageId: 'errored', rank: undefined });
  t.same(errored.severities(), [{ of: errored.identity, rank: [] }]);
  const unreadable = (value: string): string | undefined =>
    finding({ messageId: 'unreadable-field', data: { max: value } }).severities()[0]?.of;
  t.equal(unreadable('1'), unreadable('1'));
  t.not(unreadable('1'), unreadable('2'));
  t.end();
});

void t.test('a container that was called otherwise is compared with what it was; a new one, with nothing', (t) => {
  const now = 'spec.containers {web}';
  const of = (before: string | undefined): string | undefined => finding().severities(new Map([[now, before]]))[0]?.of;
  t.equal(of('spec.containers {app}'), 'memory-limit spec.containers {app}.resources.limits');
  t.equal(of(undefined), 'memory-limit new: spec.containers {web}.resources.limits');
  t.equal(finding().severities(new Map([['spec.containers {other}', undefined]]))[0]?.of, finding().severities()[0]?.of);
  t.end();
});

void t.test('an excuse changes the mode and keeps everything else that is compared or printed', (t) => {
  const excused = finding().excused('audit', 'not-worse');
  t.equal(excused.mode, 'audit');
  t.equal(excused.excuse, 'not-worse');
  for (const field of ['identity', 'message', 'fix', 'field', 'rank', 'mayFollow', 'isForWantOfTime'] as const)
    t.same(excused[field], finding()[field], field);
  t.same(excused.severities(), finding().severities());
  t.end();
});
