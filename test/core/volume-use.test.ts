import t from 'tap';
import type { Container, PodSpec, VolumeMount } from '../../src/core/pod.ts';
import { volumeUsesOf } from '../../src/core/volume-use.ts';

function spec(fields: Partial<PodSpec>): PodSpec {
  return { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...fields };
}

function mounting(name: string, ...volumeMounts: VolumeMount[]): Container {
  return { name, volumeMounts };
}

void t.test('writers are those that do not mount a volume read-only, each once, ephemeral containers apart', (t) => {
  const data = { name: 'data', mountPath: '/data' };
  const uses = volumeUsesOf(
    spec({
      initContainers: [mounting('init', data)],
      containers: [mounting('twice', data, { name: 'data', mountPath: '/again' }), mounting('reader', { ...data, readOnly: true })],
      ephemeralContainers: [mounting('debug', data, { name: 'debugged', mountPath: '/debugged' })],
    }),
  );
  t.same(
    uses.get('data')?.writers.map(({ name }) => name),
    ['init', 'twice'],
  );
  t.equal(uses.get('debugged'), undefined);
  t.same(volumeUsesOf(spec({ containers: [mounting('reader', { ...data, readOnly: true })] })).get('data')?.writers, []);
  t.end();
});

void t.test('shared memory is what is mounted for writing at /dev/shm', (t) => {
  const at = (mountPath: string, more = {}): boolean | undefined =>
    volumeUsesOf(spec({ containers: [{ name: 'web', volumeMounts: [{ name: 'shm', mountPath, ...more }] }] })).get('shm')?.isSharedMemory;
  for (const path of ['/dev/shm', '/dev/shm/', '//dev/shm']) t.ok(at(path), path);
  for (const path of ['/shm', '/dev/shm/cache', '/dev']) t.notOk(at(path), path);
  t.notOk(at('/dev/shm', { readOnly: true }));
  t.end();
});
