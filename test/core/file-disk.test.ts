import t from 'tap';
import { unboundedDiskOf } from '../../src/core/file-disk.ts';
import type { Container, Volume } from '../../src/core/pod.ts';
import { Work } from '../../src/core/work.ts';

const VOLUMES: Volume[] = [
  { name: 'scratch', emptyDir: {} },
  { name: 'bounded', emptyDir: { sizeLimit: '1Gi' } },
  { name: 'memory', emptyDir: { medium: 'Memory' } },
  { name: 'host', hostPath: { path: '/var/log' } },
  { name: 'claim', persistentVolumeClaim: { claimName: 'data' } },
];

function diskOf(file: string, more: Partial<Container> = {}): string | undefined {
  const container: Container = { name: 'web', ...more };
  return unboundedDiskOf(file, container, { containers: [container], volumes: VOLUMES } as never, Work.UNBOUNDED);
}

const mounted = (name: string, mountPath = '/logs'): Partial<Container> => ({ volumeMounts: [{ name, mountPath }] });

void t.test('what is below no mount is on the disk of the node, unless the container may not write there or has a limit', (t) => {
  t.equal(diskOf('/var/log/web.log'), 'node');
  t.equal(diskOf('/var/log/web.log', { securityContext: { readOnlyRootFilesystem: true } }), undefined);
  t.equal(diskOf('/var/log/web.log', { resources: { limits: { 'ephemeral-storage': '1Gi' } } }), undefined);
  t.end();
});

void t.test('a volume decides about the files below its mount', (t) => {
  t.equal(diskOf('/logs/web.log', mounted('scratch')), 'node');
  t.equal(diskOf('/logs/web.log', mounted('host')), 'host');
  for (const bounded of ['bounded', 'memory', 'claim']) t.equal(diskOf('/logs/web.log', mounted(bounded)), undefined, bounded);
  t.equal(diskOf('/logs-of-web/web.log', mounted('bounded')), 'node');
  t.equal(diskOf('/logs/web.log', { volumeMounts: [{ name: 'host', mountPath: '/logs', readOnly: true }] }), undefined);
  t.end();
});

void t.test('of mounts in each other, the longest counts', (t) => {
  const volumeMounts = [
    { name: 'bounded', mountPath: '/logs/' },
    { name: 'host', mountPath: '/logs/web' },
  ];
  t.equal(diskOf('/logs/web/access.log', { volumeMounts }), 'host');
  t.equal(diskOf('/logs/access.log', { volumeMounts }), undefined);
  t.end();
});
