import t from 'tap';
import { changeLines } from '../../../../src/cli/reporters/explanation/change-lines.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { appliedAfter } from '../../../../src/offline/applied.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { plain, workload } from './lines.ts';

type Kind = Parameters<typeof workload>[0];

async function changed(kind: Kind, before: object, after: object): Promise<string[]> {
  const old = workload(kind, before) as JsonObject;
  return plain(changeLines(await explanationOf(workload(kind, after), { before: () => Promise.resolve(old) })));
}

/** @param more containers before the one whose image is given */
function template(image: string, ...more: readonly object[]): object {
  return {
    template: {
      spec: { containers: [...more, { name: 'web', image, readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 10 } }] },
    },
  };
}

void t.test('nothing is said where nobody asks what changes', async (t) => {
  t.same(changeLines(await explanationOf(workload('Deployment'))), []);
});

void t.test('an object that was not there is new', async (t) => {
  const lines = changeLines(await explanationOf(workload('Deployment'), { before: () => Promise.resolve(undefined) }));
  t.match(plain(lines), [/^The object is new: /]);
});

void t.test('a default that somebody writes down changes nothing', async (t) => {
  t.same(await changed('Deployment', {}, { replicas: 1 }), ['Nothing changes: both are stored alike.']);
});

void t.test('Pods are replaced in steps, each of which takes as long as a Pod needs to be ready', async (t) => {
  t.same(await changed('Deployment', { ...template('web:1'), replicas: 2 }, { ...template('web:2'), replicas: 2, minReadySeconds: 5 }), [
    '2 Pods are replaced, at most 1 at a time, in at least 2 steps and 30 s.',
    'spec.template.spec.containers[0].image: web:1 → web:2 (replaces Pods)',
    'spec.minReadySeconds: not set → 5 (changes no Pod)',
  ]);
  t.match(await changed('DaemonSet', template('web:1'), template('web:2')), [
    'One Pod of each node is replaced, at most 1 at a time.',
    /web:2/,
  ]);
  const tenth = { updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } };
  t.match(await changed('DaemonSet', { ...template('web:1'), ...tenth }, { ...template('web:2'), ...tenth }), [
    'One Pod of each node is replaced, as many at a time as the percentage of the nodes allows.',
    /web:2/,
  ]);
});

void t.test('of Pods that never become ready there is no time', async (t) => {
  const holding = { name: 'hold', image: 'hold:1', lifecycle: { postStart: { exec: { command: ['sleep', 'infinity'] } } } };
  const [summary] = await changed(
    'Deployment',
    { ...template('web:1', holding), replicas: 2 },
    { ...template('web:2', holding), replicas: 2 },
  );
  t.equal(summary, '2 Pods are replaced, at most 1 at a time; the new ones never become ready.');
});

void t.test('what the API server refuses comes with the way to change it', async (t) => {
  const selector = { selector: { matchLabels: { app: 'other' } } };
  const anew = 'The API server refuses this update: the object has to be deleted and made anew.';
  t.match(await changed('Deployment', {}, selector), [anew, /\(refused by the API server\)$/]);
  t.match(await changed('Deployment', {}, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }), [
    'The API server refuses this update: correct what is marked as invalid below.',
    /maxUnavailable: 25% → 0 \(invalid: .* may not be 0 when `maxSurge` is 0\)$/,
    /maxSurge: 25% → 0 \(invalid: /,
  ]);
  const mount = { name: 'side', image: 'web:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  t.match(await changed('Deployment', template('web:1'), template('web:1', mount)), [
    'The API server refuses this update: correct what is marked as invalid below.',
    /\(invalid: spec\.template\.spec\.containers\[0\]\.volumeMounts\[0\]\.name: Not found: "data"\)$/,
  ]);
  const names = { name: 'Web', image: 'web:1', ports: [{ containerPort: 80, name: 'a--b' }] };
  t.match(
    await changed('Deployment', template('web:1'), template('web:1', names)),
    [/invalid below/, /\(invalid: \S*containers\[0\]\.name: Invalid.*; \S*ports\[0\]\.name: .*\)$/],
    'all that is wrong with a list',
  );
  t.match(await changed('Deployment', template('web:1', names), { ...template('web:1', names), replicas: 3 }), [
    'The API server refuses this update: correct what is marked as invalid below.',
    /^not changed, and invalid: [^;]*containers\[0\]\.name: Invalid/,
    /^not changed, and invalid: [^;]*ports\[0\]\.name: Invalid/,
    /^spec\.replicas: .*changes the number of Pods/,
  ]);
  t.match(await changed('StatefulSet', {}, selector), [anew, /refused/]);
  t.match(await changed('StatefulSet', {}, { podManagementPolicy: 'Parallel' }), [
    /delete it with `kubectl delete statefulset web --cascade=orphan`, which leaves its Pods and claims as they are, and make it anew\.$/,
    /refused/,
  ]);
});

void t.test('a StatefulSet says what it holds back, lets go and deletes', async (t) => {
  const held = { updateStrategy: { rollingUpdate: { partition: 3 } }, replicas: 3 };
  t.match(await changed('StatefulSet', { ...template('web:1'), ...held }, { ...template('web:2'), ...held }), [
    'No Pod is replaced.',
    /\(no Pod gets it before `partition` or `paused` lets it\)$/,
  ]);
  t.same(await changed('StatefulSet', held, { replicas: 3 }), [
    'Pods that still have an older template are replaced.',
    'spec.updateStrategy.rollingUpdate.partition: 3 → 0 (replaces Pods that still have an older template)',
  ]);
  t.match(await changed('StatefulSet', {}, { ordinals: { start: 2 } }), [
    'No Pod is replaced.',
    /\(makes Pods with other numbers, and deletes the others\)$/,
  ]);
  const deleting = {
    persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
    volumeClaimTemplates: [{ metadata: { name: 'a' }, spec: {} }],
  };
  t.match(await changed('StatefulSet', { ...deleting, replicas: 3 }, { ...deleting, replicas: 2 }), [
    'No Pod is replaced.',
    /^The claims of the Pods that go are deleted with them/,
    'spec.replicas: 3 → 2 (changes the number of Pods)',
  ]);
});

void t.test('a value is shown on one line, and a long one is cut', async (t) => {
  const env = (value: string): object => ({
    template: { spec: { containers: [{ name: 'web', image: 'web:1', command: ['sh', '-c', value] }] } },
  });
  const [, line] = await changed('Deployment', env('true'), env('x'.repeat(80)));
  t.equal(line, `spec.template.spec.containers[0].command[2]: true → ${'x'.repeat(60)}… (replaces Pods)`);
  const [, added] = await changed('Deployment', {}, env('true'));
  t.equal(added, 'spec.template.spec.containers[0].command: not set → ["sh","-c","true"] (replaces Pods)');
});

void t.test('a list of which kubectl apply takes several elements for one is told, also where it changes nothing', async (t) => {
  const ports = (...protocols: readonly string[]): JsonObject => {
    const others = protocols.length > 2 ? Array.from({ length: 11 }, (_, index) => ({ containerPort: 80 + index })) : [];
    const container = {
      name: 'dns',
      image: 'dns:1',
      ports: [...protocols.map((protocol) => ({ containerPort: 53, protocol })), ...others],
    };
    return workload('Deployment', { template: { spec: { containers: [container] } } }) as JsonObject;
  };
  const before = (): Promise<JsonObject> => Promise.resolve(ports('TCP'));
  const lines = plain(changeLines(await explanationOf(ports('TCP', 'UDP'), { before, applied: appliedAfter })));
  t.same(lines, [
    'Nothing changes: both are stored alike.',
    'spec.template.spec.containers[0].ports: kubectl apply does not store what the file says, because it takes elements with the same `containerPort` for one; kubectl replace stores it',
  ]);
  const [, long] = plain(changeLines(await explanationOf(ports('TCP', 'UDP', 'SCTP'), { before, applied: appliedAfter })));
  t.match(long, /\.ports: kubectl apply may store other elements than the file says, or fail, because it takes elements with the same/);
});
