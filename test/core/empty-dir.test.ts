import t from 'tap';
import { diskBoundOf, largestMemoryVolumeOf, mediumOf, memoryBoundOf, sizeLimitOf } from '../../src/core/empty-dir.ts';
import type { Container, PodSpec } from '../../src/core/pod.ts';
import { formatQuantity, type Quantity } from '../../src/core/quantity.ts';

const text = (quantity: Quantity | undefined): string | undefined => quantity && formatQuantity(quantity);

void t.test('a medium is memory, huge pages, or else the disk', (t) => {
  t.equal(mediumOf({}), 'disk');
  t.equal(mediumOf({ medium: '' }), 'disk');
  t.equal(mediumOf({ medium: 'Memory' }), 'memory');
  t.equal(mediumOf({ medium: 'memory' }), 'disk', 'the API server accepts it, the kubelet does not know it');
  t.equal(mediumOf({ medium: 'HugePages' }), 'huge-pages');
  t.equal(mediumOf({ medium: 'HugePages-1Gi' }), 'huge-pages');
  t.end();
});

void t.test('a size limit of 0, in whatever text, is none', (t) => {
  for (const sizeLimit of [undefined, null, 0, '0', '0Gi', '0.0']) t.equal(sizeLimitOf({ sizeLimit }), undefined, String(sizeLimit));
  t.equal(text(sizeLimitOf({ sizeLimit: '1024Mi' })), '1Gi');
  t.end();
});

function container(name: string, mounted: readonly string[], limits: Record<string, string>, more: object = {}): Container {
  return { name, volumeMounts: mounted.map((volume) => ({ name: volume, mountPath: `/${volume}` })), resources: { limits }, ...more };
}

function spec(fields: Partial<PodSpec>): PodSpec {
  return { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...fields };
}

void t.test('a volume in memory is bounded by the largest memory limit of those that mount it', (t) => {
  const init = container('init', ['shm'], { memory: '256Mi' });
  const web = container('web', ['shm'], { memory: '128Mi' });
  const other = container('other', ['cache'], { memory: '1Gi' });
  t.equal(text(memoryBoundOf(spec({ initContainers: [init], containers: [web, other] }), 'shm')), '256Mi');
  t.equal(text(memoryBoundOf(spec({ containers: [web, other] }), 'shm')), '128Mi');
  t.end();
});

void t.test('one container without a limit leaves a volume in memory unbounded, a limit of 0 is none', (t) => {
  const web = container('web', ['shm'], { memory: '128Mi' });
  for (const limits of [{}, { memory: '0' }, { cpu: '1' }]) {
    t.equal(memoryBoundOf(spec({ containers: [web, container('writer', ['shm'], limits as Record<string, string>)] }), 'shm'), undefined);
  }
  t.end();
});

void t.test('the Pod’s own memory limit stands in for a container’s', (t) => {
  const resources = { limits: { memory: '1Gi' } };
  const web = container('web', ['shm'], { memory: '128Mi' });
  t.equal(text(memoryBoundOf(spec({ resources, containers: [web, container('writer', ['shm'], {})] }), 'shm')), '1Gi');
  t.equal(text(memoryBoundOf(spec({ resources, containers: [web] }), 'shm')), '128Mi');
  t.end();
});

void t.test('nobody fills a volume that no container mounts; ephemeral containers come and go', (t) => {
  const web = container('web', [], { memory: '128Mi' });
  t.equal(memoryBoundOf(spec({ containers: [web] }), 'shm'), undefined);
  const mounting = container('mounting', ['shm'], { memory: '64Mi' });
  t.equal(text(memoryBoundOf(spec({ containers: [mounting], ephemeralContainers: [container('debug', ['shm'], {})] }), 'shm')), '64Mi');
  t.end();
});

void t.test('the disk of a Pod is bounded by what its limits for ephemeral-storage add up to', (t) => {
  const limits = { 'ephemeral-storage': '1Gi' };
  t.equal(diskBoundOf(spec({ containers: [container('web', [], { memory: '1Gi' })] })), undefined);
  t.equal(text(diskBoundOf(spec({ containers: [container('web', [], limits), container('other', [], {})] }))), '1Gi');
  t.equal(text(diskBoundOf(spec({ containers: [container('web', [], limits), container('other', [], limits)] }))), '2Gi');
  t.equal(text(diskBoundOf(spec({ initContainers: [container('init', [], limits)], containers: [container('web', [], {})] }))), '1Gi');
  t.equal(text(diskBoundOf(spec({ containers: [container('web', [], { 'ephemeral-storage': '0' })] }))), '0');
  t.end();
});

void t.test('the largest volume in memory that a container mounts', (t) => {
  const volumes = [
    { name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
    { name: 'endless', emptyDir: { medium: 'Memory' } },
    { name: 'disk', emptyDir: { sizeLimit: '10Gi' } },
    { name: 'config' },
  ];
  const largest = (mounted: readonly string[]): string | undefined =>
    text(largestMemoryVolumeOf(spec({ volumes }), container('web', mounted, {})));
  t.equal(largest(['small', 'shm', 'endless', 'disk', 'config']), '1Gi');
  t.equal(largest(['small']), '1Mi');
  t.equal(largest(['endless', 'disk']), undefined);
  t.equal(largestMemoryVolumeOf(spec({}), container('web', ['shm'], {})), undefined, 'a Pod without volumes');
  t.end();
});
