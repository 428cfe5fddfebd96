import t from 'tap';
import type { Container, Pod } from '../../src/core/pod.ts';
import type { Service } from '../../src/core/surroundings.ts';
import { declaresOnlyBesideTraffic, mayReceiveTraffic, serviceForClients, ServiceTraffic } from '../../src/core/traffic.ts';

function receives(ports: readonly (string | number)[], more: Partial<Container> = {}): boolean {
  const declared = ports.map((port, index) =>
    typeof port === 'number' ? { containerPort: port } : { name: port, containerPort: 9000 + index },
  );
  return receivesTraffic({ name: 'app', image: 'registry.example/app:1', ports: declared, ...more });
}

/** Where no Service is known. */
function receivesTraffic(container: Container): boolean {
  const pod: Pod = { metadata: {}, spec: { containers: [container], restartPolicy: 'Always', terminationGracePeriodSeconds: 30 } };
  return new ServiceTraffic(pod, { isKnown: false, reason: 'nobody asked' }).receivesTraffic(container);
}

void t.test('a container with a declared port receives traffic, whatever it is called', (t) => {
  for (const name of ['http', 'https', 'grpc', 'web', 'redis', 'admin', 'livereload', 'promptly', 'alive', 'raft'])
    t.ok(receives([name]), name);
  t.ok(receives([8080]));
  t.ok(receives(['metrics', 8080]), 'besides metrics');
  t.notOk(receives([]));
  t.notOk(receivesTraffic({ name: 'app' }));
  t.end();
});

void t.test('ports for metrics, health and profiling alone are no traffic', (t) => {
  for (const name of ['metrics', 'http-metrics', 'https-metrics', 'prom', 'tcp-prometheus', 'health', 'healthz', 'http-health', 'liveness'])
    t.notOk(receives([name]), name);
  for (const name of ['readyz', 'probe', 'pprof', 'profiling', 'debug', 'jmx', 'jmx-exporter', 'monitoring', 'telemetry', 'healthcheck'])
    t.notOk(receives([name]), name);
  t.notOk(receives(['metrics', 'healthz', 'pprof']));
  t.end();
});

void t.test('a flag of the command says what a port is for', (t) => {
  const by = (...args: string[]): boolean => receives([8080], { args });
  t.notOk(by('--metrics-bind-address=:8080'));
  t.notOk(by('--metrics-addr', '0.0.0.0:8080'));
  t.notOk(by('-healthz-port=8080'));
  t.notOk(by('--health-probe-bind-address=[::]:8080'));
  t.notOk(by('--pprof-listen', '8080'));
  t.ok(by('--metrics-bind-address=:8081'), 'another port');
  t.ok(by('--bind-address=:8080'));
  t.ok(by('--metrics=8080'), 'no place');
  t.ok(by('--metrics-bind-address='));
  t.notOk(receives([8080, 8081], { args: ['--metrics-port=8080', '--health-port', '8081'] }));
  t.notOk(receives([8080], { command: ['sh', '-c', 'exec /app --metrics-port=8080'] }), 'in a script');
  t.end();
});

void t.test('the helpers of a CSI driver, and of health checks, answer the monitoring and the kubelet alone', (t) => {
  for (const image of [
    'registry.k8s.io/sig-storage/csi-provisioner:v6',
    'sig-storage/livenessprobe:v2',
    'google_containers/exechealthz-amd64:1.1',
  ])
    t.notOk(receives(['http-endpoint'], { image }), image);
  t.ok(receives([22_011], { image: 'registry.example/csi-provisioner-ui:1' }));
  t.end();
});

void t.test('an exporter answers the monitoring alone', (t) => {
  for (const image of [
    'quay.io/prometheus/node-exporter:v1',
    'oliver006/redis_exporter',
    'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2',
  ])
    t.notOk(receives([9100], { image }), image);
  for (const image of ['registry.example/exporters:1', 'registry.example/exporter-ui']) t.ok(receives([9100], { image }), image);
  t.end();
});

void t.test('a proxy passes traffic on, and a program that is called like its port serves on it', (t) => {
  for (const image of ['istio/proxyv2:1', 'envoyproxy/envoy:v1', 'cr.l5d.io/linkerd/proxy:2'])
    t.ok(receives(['http-envoy-prom'], { image }), image);
  t.ok(receives(['prometheus'], { image: 'prom/prometheus:v3' }));
  t.notOk(receives(['prometheus'], { image: 'registry.k8s.io/autoscaling/vpa-recommender:1' }));
  t.end();
});

void t.test('who takes part in a leader election receives traffic on a service’s or a webhook’s port', (t) => {
  for (const flag of ['--leader-elect', '--leader-elect=true', '--enable-leader-election', '--leader-election'])
    t.notOk(receives([8080], { args: [flag] }), flag);
  t.ok(receives([8080], { args: ['--leader-elect=false'] }));
  t.ok(receives(['webhook-server'], { args: ['--leader-elect'] }));
  t.ok(receives(['https'], { args: ['--leader-elect'] }));
  t.notOk(receives(['http-metrics', 'manager'], { args: ['--leader-elect'] }));
  t.end();
});

void t.test('a Service sends to the TCP port where UDP has the same number, as with HTTP/3', (t) => {
  const container = {
    name: 'web',
    ports: [
      { name: 'http3', containerPort: 8443, protocol: 'UDP' },
      { name: 'https', containerPort: 8443 },
    ],
  };
  const spec = { containers: [container], restartPolicy: 'Always', terminationGracePeriodSeconds: 30 };
  const pod: Pod = { metadata: { labels: { app: 'web' } }, spec };
  const service = { name: 'web', selector: { app: 'web' }, ports: [{ name: 'https', targetPort: 8443 }] };
  t.equal(new ServiceTraffic(pod, { isKnown: true, value: [service] }).targetedPortOf(container), 8443);
  t.end();
});

const TIMING = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

/** The names of the main containers that a Service which sends to port 8080 reaches. */
function targetsOf(containers: Container[], more: Partial<Pod['spec']> = {}): string[] {
  const pod: Pod = {
    metadata: { labels: { app: 'web' } },
    spec: { containers, restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...more },
  };
  const services = {
    isKnown: true,
    value: [{ name: 'web', selector: { app: 'web' }, ports: [{ name: undefined, targetPort: 8080 }] }],
  } as const;
  const traffic = new ServiceTraffic(pod, services);
  return containers.filter((container) => traffic.targetOf(container) !== undefined).map(({ name }) => name);
}

void t.test('a port that nobody declares is served by the container whose probe asks it', (t) => {
  const probe = { ...TIMING, httpGet: { path: '/', port: 8080 } };
  t.same(targetsOf([{ name: 'a' }, { name: 'b' }]), [], 'nobody knows');
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    t.same(targetsOf([{ name: 'a' }, { name: 'b', [kind]: probe }]), ['b'], kind);
  t.same(targetsOf([{ name: 'a', ports: [{ name: 'metrics', containerPort: 9090 }], readinessProbe: probe }, { name: 'b' }]), ['a']);
  t.same(targetsOf([{ name: 'a', readinessProbe: { ...TIMING, tcpSocket: { port: 8081 } } }]), ['a'], 'the only container');
  t.end();
});

void t.test('else it is the only container, unless a sidecar may serve it', (t) => {
  const metrics = [{ name: 'metrics', containerPort: 9090 }];
  t.same(targetsOf([{ name: 'a', ports: metrics }]), ['a']);
  t.same(targetsOf([{ name: 'a', ports: metrics }], { initContainers: [{ name: 'init' }] }), ['a']);
  t.same(targetsOf([{ name: 'a', ports: metrics }], { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] }), []);
  t.same(
    targetsOf([
      { name: 'a', ports: metrics },
      { name: 'b', ports: metrics },
    ]),
    [],
  );
  t.end();
});

void t.test('a declared port counts for a Service, by its number or its name', (t) => {
  const container = { name: 'web', ports: [{ name: 'in', containerPort: 24_224 }] };
  const pod: Pod = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [container], restartPolicy: 'Always', terminationGracePeriodSeconds: 30 },
  };
  const behind = (targetPort: string | number, name?: string): boolean =>
    new ServiceTraffic(pod, {
      isKnown: true,
      value: [{ name: 'web', selector: { app: 'web' }, ports: [{ name, targetPort }] }],
    }).isBehindService(container);
  t.ok(behind('in'));
  t.ok(behind(24_224));
  t.notOk(behind('in', 'metrics'));
  t.notOk(behind('out'));
  t.end();
});

void t.test('a readinessProbe over the network speaks of traffic where no port is declared', (t) => {
  const readinessProbe = { ...TIMING, grpc: { port: 50_051 } };
  t.ok(mayReceiveTraffic({ name: 'a', readinessProbe }));
  t.notOk(mayReceiveTraffic({ name: 'a', readinessProbe, ports: [{ containerPort: 50_051 }] }), 'then the port says it');
  t.notOk(mayReceiveTraffic({ name: 'a', livenessProbe: readinessProbe }));
  t.notOk(mayReceiveTraffic({ name: 'a', readinessProbe: { ...TIMING, exec: { command: ['true'] } } }));
  t.notOk(mayReceiveTraffic({ name: 'a', readinessProbe, args: ['--leader-elect'] }));
  t.notOk(mayReceiveTraffic({ name: 'a', readinessProbe, args: ['--health-port=50051'] }));
  t.end();
});

void t.test('where a proxy serves does not show if it declares its metrics alone', (t) => {
  t.ok(declaresOnlyBesideTraffic({ name: 'proxy', ports: [{ name: 'http-envoy-prom', containerPort: 15_090 }] }));
  t.notOk(declaresOnlyBesideTraffic({ name: 'proxy', ports: [{ name: 'http-envoy-prom', containerPort: 15_090 }, { containerPort: 80 }] }));
  t.notOk(declaresOnlyBesideTraffic({ name: 'proxy' }));
  t.end();
});

void t.test('of several Services the first one that reaches a container is named, and each port of theirs counts once', (t) => {
  const containers = [{ name: 'a', livenessProbe: { ...TIMING, tcpSocket: { port: 9000 } } }, { name: 'b' }];
  const pod: Pod = {
    metadata: { labels: { app: 'web' } },
    spec: { containers, restartPolicy: 'Always', terminationGracePeriodSeconds: 30 },
  };
  const service = (name: string, ...targets: number[]): Service => ({
    name,
    selector: { app: 'web' },
    ports: targets.map((targetPort) => ({ name: undefined, targetPort })),
  });
  const value = [service('metrics', 9000), service('one', 7000), service('two', 9000), service('three', 9000)];
  const traffic = new ServiceTraffic(pod, { isKnown: true, value });
  const targets = pod.spec.containers.map((container) => traffic.targetOf(container));
  t.same(targets, [{ service: 'two', port: 9000 }, undefined], 'two declare no port');
  t.end();
});

void t.test('the Service for clients is not one that only lets the monitoring ask', (t) => {
  const service = (name: string, ...ports: readonly string[]): Service => ({
    ...{ name, selector: { app: 'web' } },
    ports: ports.map((port) => ({ name: port, targetPort: 80 })),
  });
  const found = (...value: readonly Service[]): string | undefined => serviceForClients({ app: 'web' }, { isKnown: true, value })?.name;
  t.equal(found(service('web', 'http-metrics'), service('web-metrics', 'http')), undefined);
  t.equal(found(service('web', 'http-metrics'), service('web-http', 'metrics', 'http')), 'web-http');
  t.equal(found({ name: 'headless', selector: { app: 'web' } }), 'headless');
  t.end();
});
