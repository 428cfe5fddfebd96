import t from 'tap';
import {
  diskBoundOf,
  mediumOf,
  memoryBoundOf,
  memoryVolumesOf,
  pageSizeOf,
  requestedPageSizesOf,
  sizeLimitOf,
  volumesByName,
} from '../../src/core/empty-dir.ts';
import type { Container, PodSpec } from '../../src/core/pod.ts';
import { formatQuantity, type Quantity } from '../../src/core/quantity.ts';
import { volumeUsesOf } from '../../src/core/volume-use.ts';

const text = (quantity: Quantity | undefined): string | undefined => quantity && formatQuantity(quantity);

void t.test('a medium is the disk, memory, huge pages, or one that is none', (t) => {
  t.equal(mediumOf({}), 'disk');
  t.equal(mediumOf({ medium: '' }), 'disk');
  t.equal(mediumOf({ medium: 'Memory' }), 'memory');
  for (const medium of ['memory', 'Ramdisk', 'HugePages2Mi', 'hugepages'])
    t.equal(mediumOf({ medium }), 'unknown', 'the API server accepts it, the kubelet does not know it');
  t.equal(mediumOf({ medium: 'HugePages' }), 'huge-pages');
  t.equal(mediumOf({ medium: 'HugePages-1Gi' }), 'huge-pages');
  for (const medium of ['HugePages-', 'HugePages-large', 'HugePages-2mi', 'HugePages-0']) t.equal(mediumOf({ medium }), 'unknown', medium);
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

function boundOf(pod: PodSpec): string | undefined {
  return text(memoryBoundOf(pod, volumeUsesOf(pod).get('shm') ?? { writers: [] }));
}

void t.test('a volume in memory is bounded by what the memory limits of its writers add up to', (t) => {
  const init = container('init', ['shm'], { memory: '256Mi' });
  const web = container('web', ['shm'], { memory: '128Mi' });
  const other = container('other', ['cache'], { memory: '1Gi' });
  t.equal(boundOf(spec({ initContainers: [init], containers: [web, other] })), '384Mi');
  t.equal(boundOf(spec({ containers: [web, other] })), '128Mi');
  t.end();
});

void t.test('one writer without a limit leaves a volume in memory unbounded, a limit of 0 is none', (t) => {
  const web = container('web', ['shm'], { memory: '128Mi' });
  for (const limits of [{}, { memory: '0' }, { cpu: '1' }]) {
    t.equal(boundOf(spec({ containers: [web, container('writer', ['shm'], limits as Record<string, string>)] })), undefined);
  }
  t.end();
});

void t.test('the Pod’s own memory limit stands in for a container’s, and bounds the sum', (t) => {
  const resources = { limits: { memory: '1Gi' } };
  const web = container('web', ['shm'], { memory: '128Mi' });
  t.equal(boundOf(spec({ resources, containers: [web, container('writer', ['shm'], {})] })), '1Gi');
  t.equal(boundOf(spec({ resources, containers: [web] })), '128Mi');
  t.end();
});

void t.test('bounds are whole bytes: up for memory, as the kernel has it, and down for the disk, as nothing above its limit stays', (t) => {
  t.equal(boundOf(spec({ containers: [container('web', ['shm'], { memory: '0.1Gi' })] })), '107374183');
  t.equal(boundOf(spec({ resources: { limits: { memory: '0.3Gi' } }, containers: [container('web', ['shm'], {})] })), '322122548');
  t.equal(text(diskBoundOf(spec({ containers: [container('web', [], { 'ephemeral-storage': '0.1Gi' })] }))), '107374182');
  t.equal(text(diskBoundOf(spec({ containers: [container('web', [], { 'ephemeral-storage': '1500m' })] }))), '1');
  t.equal(text(diskBoundOf(spec({ containers: [container('web', [], { 'ephemeral-storage': '1.5Gi' })] }))), '1536Mi');
  t.end();
});

void t.test('readers and ephemeral containers fill nothing, and a volume is written to once by each', (t) => {
  const web = container('web', [], { memory: '128Mi' });
  t.equal(boundOf(spec({ containers: [web] })), undefined);
  const twice = container('twice', ['shm', 'shm'], { memory: '64Mi' });
  const reader = { ...container('reader', [], {}), volumeMounts: [{ name: 'shm', mountPath: '/shm', readOnly: true }] };
  t.equal(boundOf(spec({ containers: [twice, reader], ephemeralContainers: [container('debug', ['shm'], {})] })), '64Mi');
  t.equal(volumeUsesOf(spec({ containers: [reader] })).get('shm')?.writers.length, 0);
  t.end();
});

void t.test('huge pages are mounted where somebody asks for them, of that size if the medium names one', (t) => {
  const asks = (limits: Record<string, string>, medium: string): string =>
    pageSizeOf(requestedPageSizesOf(spec({ containers: [container('web', [], limits)] })), { medium });
  t.equal(asks({ 'hugepages-2Mi': '64Mi' }, 'HugePages'), 'found');
  t.equal(asks({ 'hugepages-2Mi': '64Mi' }, 'HugePages-2048Ki'), 'found', 'sizes are amounts');
  t.equal(asks({ 'hugepages-2Mi': '64Mi' }, 'HugePages-1Gi'), 'not requested');
  t.equal(asks({ memory: '64Mi' }, 'HugePages'), 'not requested');
  const ofPod = requestedPageSizesOf(spec({ resources: { requests: { 'hugepages-2Mi': '64Mi' } } }));
  t.equal(pageSizeOf(ofPod, { medium: 'HugePages' }), 'found');
  const ofInit = requestedPageSizesOf(spec({ initContainers: [container('init', [], { 'hugepages-1Gi': '1Gi' })] }));
  t.equal(pageSizeOf(ofInit, { medium: 'HugePages-1Gi' }), 'found');
  t.end();
});

void t.test('HugePages without a size is mounted only where all huge pages of the Pod have one size', (t) => {
  const both = requestedPageSizesOf(
    spec({ containers: [container('web', [], { 'hugepages-2Mi': '64Mi' }), container('other', [], { 'hugepages-1Gi': '1Gi' })] }),
  );
  t.equal(pageSizeOf(both, { medium: 'HugePages' }), 'one of several');
  t.equal(pageSizeOf(both, { medium: 'HugePages-1Gi' }), 'found');
  const same = requestedPageSizesOf(spec({ containers: [container('web', [], { 'hugepages-2Mi': '64Mi', 'hugepages-2048Ki': '64Mi' })] }));
  t.equal(pageSizeOf(same, { medium: 'HugePages' }), 'found');
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

void t.test('what the volumes in memory hold together that a container writes to', (t) => {
  const volumes = [
    { name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
    { name: 'endless', emptyDir: { medium: 'Memory' } },
    { name: 'disk', emptyDir: { sizeLimit: '10Gi' } },
    { name: 'config' },
  ];
  const named = volumesByName([...volumes, { name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '9Gi' } }]);
  const held = (mounted: readonly string[]): string | undefined => text(memoryVolumesOf(named, container('web', mounted, {})));
  t.equal(held(['small', 'shm', 'endless', 'disk', 'config']), '1025Mi');
  t.equal(held(['small']), '1Mi', 'the first of a name');
  t.equal(held(['endless', 'disk']), undefined);
  const reader = { ...container('web', [], {}), volumeMounts: [{ name: 'shm', mountPath: '/shm', readOnly: true }] };
  t.equal(memoryVolumesOf(named, reader), undefined, 'who only reads fills nothing');
  t.equal(memoryVolumesOf(new Map(), container('web', ['shm'], {})), undefined, 'a Pod without volumes');
  t.end();
});
