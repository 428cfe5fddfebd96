import t from 'tap';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { mayRepair, unreadableFor } from '../../src/core/unreadable.ts';
import { ANY } from '../../src/core/path.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { makeRule } from './made-up-rule.ts';
import { READING } from './subject-of.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 7 }] } };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };

function malformed(object: object): Subject {
  const reading = readSubject(object, READING);
  if (reading.outcome !== 'malformed' || reading.readable === undefined) throw new Error('nothing is malformed');
  return reading.readable.subject;
}

const IMAGES = makeRule('images', { reads: ['spec.containers[*].image'] });
const PORTS = makeRule('ports', { reads: ['spec.containers[*].ports'] });
const CONTAINERS = makeRule('containers', { reads: ['spec.containers'] });
const REPLICAS = makeRule('replicas', { about: 'workload', kinds: ['apps/Deployment'], reads: ['spec.replicas'] });

function namesFor(subject: Subject): string[] {
  return [IMAGES, PORTS, CONTAINERS, REPLICAS].filter((rule) => unreadableFor(rule, subject).length > 0).map(({ meta }) => meta.id);
}

void t.test('a field concerns the rules that read it, what it is part of, or part of it', (t) => {
  t.same(namesFor(malformed(POD)), ['images', 'containers']);
  t.same(namesFor(malformed({ ...POD, spec: { containers: 'web' } })), ['images', 'ports', 'containers', 'replicas']);
  t.end();
});

void t.test('what every rule depends on concerns every rule', (t) => {
  t.same(namesFor(malformed({ ...POD, spec: { ...POD.spec, restartPolicy: 1, containers: [] } })), [
    'images',
    'ports',
    'containers',
    'replicas',
  ]);
  t.same(namesFor(malformed({ ...POD, spec: undefined })), ['images', 'ports', 'containers', 'replicas']);
  t.end();
});

void t.test('in a workload, rules about Pods read the template and others the workload', (t) => {
  t.same(namesFor(malformed({ ...DEPLOYMENT, spec: { template: { spec: POD.spec } } })), ['images', 'containers']);
  t.same(namesFor(malformed({ ...DEPLOYMENT, spec: { replicas: 'two', template: { spec: { containers: [] } } } })), ['replicas']);
  t.same(namesFor(malformed({ ...DEPLOYMENT, metadata: { labels: 1 }, spec: { template: { spec: { containers: [] } } } })), []);
  t.end();
});

void t.test('what cannot be read in one template concerns no other one, and what is wrong above them all', (t) => {
  const kinds = new WorkloadKinds([{ group: 'example.com', kind: 'Farm', podClass: 'service', templatePath: ['spec', ANY, 'template'] }]);
  const farm = (metadata: object): object => ({
    ...{ apiVersion: 'example.com/v1', kind: 'Farm', metadata },
    spec: { a: { template: { spec: { containers: [{ name: 'a', ports: 'none' }] } } }, b: { template: { spec: POD.spec } } },
  });
  const reading = readSubject(farm({ name: 'farm' }), { ...READING, kinds });
  if (reading.outcome !== 'malformed' || reading.readable === undefined) throw new Error('nothing is malformed');
  const { subject, others } = reading.readable;
  t.same([subject, ...others].map(namesFor), [
    ['ports', 'containers'],
    ['images', 'containers'],
  ]);
  t.same(
    [subject, ...others].map(({ unreadable }) => unreadable.length),
    [1, 1],
  );
  const type = { apiVersion: 'example.com/v1', kind: 'Farm' };
  t.equal(readSubject(null, { ...READING, kinds, type }).outcome, 'malformed');
  t.end();
});

void t.test('a rule repairs where it can read all that it reads, and write all that it writes', (t) => {
  const repairing = (reads: string): boolean => {
    const rule = makeRule('repairing', { reads: [reads], mutate: () => undefined });
    return mayRepair({ ...rule, writes: PORTS.reads }, malformed(POD));
  };
  t.ok(repairing('spec.hostPID'));
  t.notOk(repairing('spec.containers[*].image'));
  const writing = makeRule('writing', { reads: ['spec.hostPID'], mutate: () => undefined });
  t.notOk(mayRepair({ ...writing, writes: IMAGES.reads }, malformed(POD)));
  t.end();
});
