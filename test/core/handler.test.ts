import t from 'tap';
import { asksTheSame, missingProgramOf, otherHostAskedBy, otherHostOf } from '../../src/core/handler.ts';
import { ImageKnowledge } from '../../src/core/process/image-knowledge.ts';
import type { Container, PodSpec, Probe } from '../../src/core/pod.ts';

const WEB: Container = { name: 'web', ports: [{ name: 'http', containerPort: 8080 }] };

function probe(handler: object): Probe {
  return { ...handler, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
}

void t.test('two probes ask the same where handler, port and what is said besides are the same', (t) => {
  const same = (a: object, b: object): boolean => asksTheSame(probe(a), probe(b), WEB);
  t.equal(same({ httpGet: { port: 'http' } }, { httpGet: { port: 8080 } }), true);
  t.equal(same({ httpGet: { port: '8080' } }, { httpGet: { port: 8080, host: '', httpHeaders: [] } }), true);
  t.equal(same({ httpGet: { port: 8080, protocol: 'HTTP1' } }, { httpGet: { port: 8080 } }), true);
  t.equal(same({ httpGet: { port: 8080, protocol: 'HTTP2' } }, { httpGet: { port: 8080 } }), false);
  t.equal(same({ httpGet: { port: 'admin' } }, { httpGet: { port: 'admin' } }), true, 'an unknown port is still the same name');
  t.equal(same({ tcpSocket: { port: 8080 } }, { httpGet: { port: 8080 } }), false);
  t.equal(same({ exec: { command: ['a', 'b'] } }, { exec: { command: ['b', 'a'] } }), false);
  t.equal(same({ grpc: { port: 1, service: 'a' } }, { grpc: { port: 1 } }), false);
  t.equal(same({ grpc: { port: 1, mode: 'TLS' } }, { grpc: { port: 1 } }), false);
  t.equal(same({}, {}), false, 'without a handler nothing is asked');
  t.end();
});

void t.test('an image without a shell has no tools of a distribution either; of others nothing is known', (t) => {
  const missing = (command: string[], image: string | undefined): unknown =>
    missingProgramOf({ exec: { command } }, { ...WEB, image: image ?? null }, ImageKnowledge.BUILT_IN);
  t.same(missing(['/bin/sh', '-c', 'x'], 'gcr.io/distroless/static'), { program: 'sh', image: 'gcr.io/distroless/static' });
  t.equal(missing(['/app'], 'gcr.io/distroless/static'), undefined);
  t.equal(missing(['sh'], 'gcr.io/distroless/static:debug'), undefined);
  t.equal(missing(['sh'], 'registry.example/web:1'), undefined);
  t.equal(missing(['sh'], undefined), undefined);
  t.equal(missing([], 'gcr.io/distroless/static'), undefined);
  t.end();
});

void t.test('an address is the Pod’s own where the command listens on it or announces it, and not where it is that of a server', (t) => {
  const other = (...args: string[]): unknown =>
    otherHostOf({ host: '192.0.2.1' }, { hostNetwork: true } as PodSpec, { name: 'api', command: ['api'], args });
  for (const args of [['--listen=192.0.2.1:2379'], ['--bind-address', '192.0.2.1'], ['-host=192.0.2.1'], ['--node-ip', '192.0.2.1']])
    t.equal(other(...args), undefined, args.join(' '));
  for (const args of [['--upstream=192.0.2.1:53'], ['--server', '192.0.2.1'], ['192.0.2.1'], ['--bind-address=192.0.2.11'], []])
    t.equal(other(...args), '192.0.2.1', args.join(' '));
  t.end();
});

void t.test('the loopback address is the Pod’s own only in the network of the node', (t) => {
  const asked = (host: string | null | undefined, hostNetwork: boolean): unknown =>
    otherHostOf({ host }, { hostNetwork } as PodSpec, { name: 'api', args: ['--advertise-address=192.0.2.1'] });
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) {
    t.equal(asked(host, true), undefined);
    t.equal(asked(host, false), host);
  }
  t.equal(asked('10.0.0.1', true), '10.0.0.1');
  t.equal(asked('192.0.2.1', true), undefined, 'named by the command');
  t.equal(asked('192.0.2.1', false), '192.0.2.1');
  for (const host of ['', null, undefined]) t.equal(asked(host, false), undefined);
  t.end();
});

void t.test('a command that asks the Pod by a name that the kubelet writes into /etc/hosts asks no other host', (t) => {
  const asked = (host: string, spec: Partial<PodSpec>, podName?: string): unknown =>
    otherHostAskedBy({ exec: { command: ['nc', '-z', host, '80'] } } as Probe, spec as PodSpec, { name: 'web' }, podName)?.host;
  t.equal(asked('web', {}, 'web'), undefined);
  t.equal(asked('web', {}), 'web', 'nobody knows the name of the Pod');
  t.equal(asked('queue', { hostname: 'queue' }, 'web'), undefined);
  t.equal(asked('web', { hostname: 'queue' }, 'web'), 'web');
  t.equal(asked('queue', { hostname: 'queue', hostNetwork: true }), 'queue');
  t.equal(asked('web.shop.default.svc.cluster.local', { subdomain: 'shop' }, 'web'), undefined);
  t.equal(asked('web.shop.default.svc.cluster.local', {}, 'web'), 'web.shop.default.svc.cluster.local');
  const hostAliases = [{ ip: '127.0.0.1', hostnames: ['app.local'] }, { ip: '192.0.2.1', hostnames: ['db'] }, {}];
  t.equal(asked('app.local', { hostAliases, hostNetwork: true }), undefined);
  t.equal(asked('db', { hostAliases }), 'db');
  t.end();
});
