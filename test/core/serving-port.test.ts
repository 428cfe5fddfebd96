import t from 'tap';
import type { ContainerPort } from '../../src/core/pod.ts';
import { isPortKnown, isPortName, portInsteadOf, servingPortOf } from '../../src/core/serving-port.ts';

function portOf(ports: readonly ContainerPort[], more: object = {}): number | undefined {
  return servingPortOf({ name: 'web', ports: [...ports], ...more });
}

const METRICS = { name: 'metrics', containerPort: 9090 };
const HTTP = { name: 'http', containerPort: 8080 };

void t.test('a port that is named like a service’s, wherever it stands', (t) => {
  t.equal(portOf([METRICS, HTTP]), 8080);
  for (const name of ['grpc', 'https', 'web', 'api-v2', 'http-alt'])
    t.equal(portOf([METRICS, { name: 'gossip', containerPort: 7000 }, { name, containerPort: 8081 }]), 8081, name);
  t.equal(
    portOf([
      { name: 'http-metrics', containerPort: 9091 },
      { name: 'raft', containerPort: 7001 },
    ]),
    7001,
    'http for monitoring',
  );
  t.end();
});

void t.test('else the first that is not there for monitoring, else the first', (t) => {
  t.equal(portOf([{ name: 'health', containerPort: 8081 }, { containerPort: 5432 }]), 5432);
  t.equal(portOf([METRICS, { name: 'pprof', containerPort: 6060 }]), 9090);
  t.equal(portOf([{ containerPort: 1 }, { containerPort: 2 }]), 1);
  t.end();
});

void t.test('what another probe asks counts over names', (t) => {
  t.equal(portOf([HTTP, { name: 'raft', containerPort: 7000 }], { startupProbe: { tcpSocket: { port: 'raft' } } }), 7000);
  t.equal(portOf([{ containerPort: 8080 }, METRICS], { livenessProbe: { httpGet: { port: 9090 } } }), 9090);
  t.equal(portOf([{ name: 'healthz', containerPort: 8081 }, HTTP], { livenessProbe: { httpGet: { port: 'healthz' } } }), 8080);
  t.equal(portOf([HTTP], { startupProbe: { httpGet: { port: 9999 } } }), 8080, 'a port that is not declared');
  t.equal(portOf([HTTP], { startupProbe: { exec: { command: ['true'] } } }), 8080);
  t.end();
});

void t.test('only TCP ports that can be', (t) => {
  t.equal(
    portOf([
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
    ]),
    53,
  );
  t.equal(portOf([{ containerPort: 53, protocol: 'UDP' }, { containerPort: 70000 }]), undefined);
  t.equal(servingPortOf({ name: 'web' }), undefined);
  t.end();
});

void t.test('the kubelet finds numbers, and names of ports of the same container', (t) => {
  const container = { name: 'web', ports: [HTTP] };
  for (const port of [8080, 1, '8080', 'http']) t.ok(isPortKnown(port, container), String(port));
  for (const port of ['web', 'HTTP', '']) t.notOk(isPortKnown(port, container), port);
  t.notOk(isPortKnown('http', { name: 'web' }));
  t.end();
});

void t.test('a number in quotes is written without them where it is a port', (t) => {
  t.match(portInsteadOf('65535'), '`port: 65535`');
  for (const text of ['65536', '99999', '0', '080', 'HTTP']) t.match(portInsteadOf(text), /^the number, or a name/, text);
  t.end();
});

void t.test('the name of a port is what the API server takes for one', (t) => {
  for (const name of ['http', 'a', '8080-tcp', 'p2p', 'fifteen-letters']) t.ok(isPortName(name), name);
  for (const text of ['', '8080', '80-80', 'HTTP', 'http_alt', '-http', 'http-', 'a--b', 'sixteen-letters-'])
    t.notOk(isPortName(text), text);
  t.end();
});
