import t from 'tap';
import { dataPlaceOf } from '../../src/core/node-data.ts';
import type { HostPath, PodSpec, VolumeMount } from '../../src/core/pod.ts';

const keepsDataOnNode = (spec: PodSpec): boolean => dataPlaceOf(spec) === 'node';

const MOUNT: VolumeMount = { name: 'data', mountPath: '/data' };

function podWith(hostPath: HostPath, mount: Partial<VolumeMount> = {}): PodSpec {
  return {
    containers: [{ name: 'app', volumeMounts: [{ ...MOUNT, ...mount }] }],
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: 'data', hostPath },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
  };
}

void t.test('a directory of the node that is mounted for writing holds data', (t) => {
  for (const type of [undefined, null, '', 'Directory', 'DirectoryOrCreate'])
    t.ok(keepsDataOnNode(podWith({ path: '/data', type })), `type ${type}`);
  t.ok(keepsDataOnNode(podWith({ path: '/data' }, { readOnly: false })));
  t.end();
});

void t.test('what is only read, or not mounted at all, holds none of the Pod', (t) => {
  t.notOk(keepsDataOnNode(podWith({ path: '/data' }, { readOnly: true })));
  t.notOk(keepsDataOnNode(podWith({ path: '/data' }, { name: 'tmp' })));
  t.end();
});

void t.test('files, sockets and devices are no directories', (t) => {
  for (const type of ['File', 'FileOrCreate', 'Socket', 'CharDevice', 'BlockDevice'])
    t.notOk(keepsDataOnNode(podWith({ path: '/data', type })), type);
  t.end();
});

void t.test('what belongs to the host is no data of a Pod, what is only named like it may be', (t) => {
  for (const path of ['/', '/dev', '/dev/fuse', '/proc', '/sys/fs/cgroup', '/run/dbus', '/var/run/docker.sock', '/etc/localtime'])
    t.notOk(keepsDataOnNode(podWith({ path })), path);
  for (const path of ['/lib/modules', '/usr/libexec/kubernetes', '/usr/src', '/usr', '/boot', '/var/log/app'])
    t.notOk(keepsDataOnNode(podWith({ path })), path);
  for (const path of ['/device', '/var/running', '/etcd', '/var/lib/etc', '/home/run', '/usr/local/data', '/library', 'C:\\data'])
    t.ok(keepsDataOnNode(podWith({ path })), path);
  t.end();
});

void t.test('sidecars and init containers count, ephemeral containers do not', (t) => {
  const spec = { ...podWith({ path: '/data' }), containers: [{ name: 'app' }] };
  const writing = [{ name: 'other', volumeMounts: [MOUNT] }];
  t.ok(keepsDataOnNode({ ...spec, initContainers: writing }));
  t.notOk(keepsDataOnNode({ ...spec, ephemeralContainers: writing }));
  t.end();
});

void t.test('a Pod without volumes keeps none', (t) => {
  for (const volumes of [undefined, null, []]) t.equal(dataPlaceOf({ ...podWith({}), containers: [{ name: 'app' }], volumes }), 'nowhere');
  t.end();
});

void t.test('a claim that is written to is a place for data, one that is only read or scratch space is none', (t) => {
  const withVolume = (source: object, mount: Partial<VolumeMount> = {}): PodSpec => ({
    ...podWith({}, mount),
    volumes: [{ name: 'data', ...source }],
  });
  t.equal(dataPlaceOf(withVolume({ persistentVolumeClaim: { claimName: 'data' } })), 'claim');
  t.equal(dataPlaceOf(withVolume({ persistentVolumeClaim: { claimName: 'data' } }, { readOnly: true })), 'nowhere');
  t.equal(dataPlaceOf(withVolume({ persistentVolumeClaim: { claimName: 'data', readOnly: true } })), 'nowhere');
  t.equal(
    dataPlaceOf(withVolume({ persistentVolumeClaim: { claimName: 'data' } }, { name: 'other' })),
    'claim',
    'other is made for each Pod',
  );
  t.equal(dataPlaceOf(withVolume({ awsElasticBlockStore: { volumeID: 'vol-1' } })), 'claim', 'one node at a time attaches it');
  t.equal(dataPlaceOf(withVolume({ gcePersistentDisk: { pdName: 'models', readOnly: true } })), 'nowhere');
  t.equal(dataPlaceOf(withVolume({ nfs: { server: 'files.example', path: '/' } })), 'nowhere', 'every node can mount it');
  t.equal(dataPlaceOf(withVolume({ ephemeral: {} })), 'nowhere');
  t.equal(dataPlaceOf(withVolume({ emptyDir: {} })), 'nowhere');
  t.end();
});

void t.test('a mount without a volume is a claim that the StatefulSet makes; the node counts over claims', (t) => {
  t.equal(dataPlaceOf({ ...podWith({}), volumes: [] }), 'claim');
  t.equal(dataPlaceOf({ ...podWith({}, { readOnly: true }), volumes: null }), 'nowhere');
  const both = podWith({ path: '/data' });
  t.equal(dataPlaceOf({ ...both, containers: [{ name: 'app', volumeMounts: [MOUNT, { name: 'made', mountPath: '/made' }] }] }), 'node');
  t.end();
});

void t.test('a claim as a block device is written to, unless the volume is read-only', (t) => {
  const withDevice = (volumes: PodSpec['volumes']): PodSpec => ({
    containers: [{ name: 'app', volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] }],
    volumes,
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
  });
  t.equal(dataPlaceOf(withDevice([{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }])), 'claim');
  t.equal(dataPlaceOf(withDevice([{ name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: true } }])), 'nowhere');
  t.equal(dataPlaceOf(withDevice([{ name: 'data', ephemeral: {} }])), 'nowhere');
  t.equal(dataPlaceOf(withDevice(undefined)), 'claim', 'of a StatefulSet');
  t.end();
});
