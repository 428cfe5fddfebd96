import t from 'tap';
import { nodePortOf, onlyNodeOf } from '../../src/core/node-port.ts';
import type { PodSpec } from '../../src/core/pod.ts';

const spec = (fields: object): PodSpec => ({
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  containers: [{ name: 'web' }],
  ...fields,
});

void t.test('a Pod takes the ports of its node that a container which stays asks for', (t) => {
  const asks = (ports: unknown, fields: object = {}): number | undefined =>
    nodePortOf(spec({ containers: [{ name: 'web', ports }], ...fields }));
  t.equal(asks(undefined), undefined);
  t.equal(asks([{ containerPort: 8080 }]), undefined);
  t.equal(asks([{ containerPort: 8080, hostPort: 0 }]), undefined, 'none');
  t.equal(asks([{ containerPort: 8080 }, { containerPort: 53, hostPort: 5353, protocol: 'UDP' }]), 5353);
  t.equal(asks([{ containerPort: 8080 }], { hostNetwork: true }), 8080);
  const proxy = { name: 'proxy', ports: [{ containerPort: 80, hostPort: 80 }] };
  t.equal(nodePortOf(spec({ initContainers: [proxy] })), undefined, 'it has ended');
  t.equal(nodePortOf(spec({ initContainers: [{ ...proxy, restartPolicy: 'Always' }] })), 80);
  t.end();
});

void t.test('a Pod has one node by its name, its label or a required affinity with one value', (t) => {
  const requires = (...nodeSelectorTerms: unknown[]): PodSpec =>
    spec({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
  const term = (key: string, ...values: string[]): object => ({ matchExpressions: [{ key, operator: 'In', values }] });
  t.equal(onlyNodeOf(spec({})), undefined);
  t.equal(onlyNodeOf(spec({ nodeName: '' })), undefined);
  t.equal(onlyNodeOf(spec({ nodeName: 'node-1' })), 'node-1');
  t.equal(onlyNodeOf(spec({ nodeSelector: { 'kubernetes.io/hostname': 'node-1' } })), 'node-1');
  t.equal(onlyNodeOf(spec({ nodeSelector: { disk: 'fast' } })), undefined);
  t.equal(onlyNodeOf(requires(term('kubernetes.io/hostname', 'node-1'))), 'node-1');
  t.equal(onlyNodeOf(requires(term('kubernetes.io/hostname', 'node-1', 'node-2'))), undefined);
  t.equal(onlyNodeOf(requires(term('kubernetes.io/hostname', 'node-1'), term('disk', 'fast'))), undefined, 'one or the other');
  t.equal(
    onlyNodeOf(requires({ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: ['node-1'] }] })),
    undefined,
  );
  t.end();
});
