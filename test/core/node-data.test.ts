import t from 'tap';
import { keepsDataOnNode } from '../../src/core/node-data.ts';
import type { HostPath, PodSpec, VolumeMount } from '../../src/core/pod.ts';

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
  for (const path of ['/dev', '/dev/fuse', '/proc', '/sys/fs/cgroup', '/run/dbus', '/var/run/docker.sock', '/etc/localtime'])
    t.notOk(keepsDataOnNode(podWith({ path })), path);
  for (const path of ['/', '/device', '/var/running', '/etcd', '/var/lib/etc', '/home/run', 'C:\\data'])
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
  for (const volumes of [undefined, null, []]) t.notOk(keepsDataOnNode({ ...podWith({}), volumes }));
  t.end();
});
