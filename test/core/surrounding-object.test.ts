import t from 'tap';
import { budgetOf, countedBudgetOf, namespaceOf, surroundingObjectOf } from '../../src/core/surrounding-object.ts';

void t.test('a quota is what its controller enforces and has counted, or its spec until then', (t) => {
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '4', 'requests.cpu': 2 } } };
  t.same(surroundingObjectOf(quota)?.value, { name: 'q', hard: { pods: '4', 'requests.cpu': 2 }, used: {}, scopes: [] });
  const status = { hard: { pods: '3' }, used: { pods: '1' } };
  t.same(surroundingObjectOf({ ...quota, status })?.value, { name: 'q', hard: { pods: '3' }, used: { pods: '1' }, scopes: [] });
  const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }];
  const scoped = { ...quota, spec: { ...quota.spec, scopes: ['BestEffort'], scopeSelector: { matchExpressions } } };
  t.match(surroundingObjectOf(scoped)?.value, {
    scopes: [
      { name: 'BestEffort', operator: 'Exists', values: [] },
      { name: 'PriorityClass', operator: 'In', values: ['high'] },
    ],
  });
  const wrong = { ...quota, spec: { hard: { pods: 'four', 'requests.cpu': '2' } } };
  t.match(surroundingObjectOf(wrong)?.value, { hard: { pods: undefined, 'requests.cpu': '2' } }, 'what is no amount is left out');
  t.end();
});

void t.test('a limit range keeps its bounds, by type', (t) => {
  const limits = [
    { type: 'Container', default: { memory: '64Mi' }, maxLimitRequestRatio: { cpu: '2' }, min: null },
    { type: 'Pod', max: { cpu: 4, memory: [] } },
    { type: 'example.com/Image', max: { storage: '1Gi' } },
    'all',
  ];
  t.same(surroundingObjectOf({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits } }), {
    surrounding: 'limitRanges',
    value: {
      name: 'l',
      limits: [
        { type: 'Container', default: { memory: '64Mi' }, maxLimitRequestRatio: { cpu: '2' } },
        { type: 'Pod', max: { cpu: 4 } },
      ],
    },
  });
  t.end();
});

void t.test('a namespace has labels and annotations, also where there are none', (t) => {
  t.same(namespaceOf({ metadata: { labels: { a: 'b' }, annotations: { c: 'd', e: 1 } } }), { labels: { a: 'b' }, annotations: { c: 'd' } });
  t.same(namespaceOf({ metadata: null }), { labels: {}, annotations: {} });
  t.end();
});

void t.test('a Service has the ports that it sends to: its own number where nobody says another', (t) => {
  const service = (ports: unknown): unknown =>
    surroundingObjectOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: {}, ports } })?.value;
  t.same(service([{ port: 80 }, { name: 'grpc', port: 81, targetPort: 'grpc' }, { port: 82, targetPort: 8080 }, 1, {}]), {
    name: 'web',
    selector: {},
    ports: [
      { name: undefined, targetPort: 80 },
      { name: 'grpc', targetPort: 'grpc' },
      { name: undefined, targetPort: 8080 },
    ],
  });
  t.same(service(null), { name: 'web', selector: {} });
  t.end();
});

void t.test('a kind of another group is none of these', (t) => {
  const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' } } };
  t.equal(surroundingObjectOf(knative), undefined);
  t.match(surroundingObjectOf({ ...knative, apiVersion: 'v1' }), { surrounding: 'services' });
  t.end();
});

void t.test('a Service has the protocols of its ports, and no selector where it is only another name', (t) => {
  const service = (spec: object): unknown =>
    surroundingObjectOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'dns' }, spec })?.value;
  const ports = [{ port: 53, protocol: 'UDP' }, { port: 54, protocol: 'TCP' }, { port: 55 }];
  t.same(service({ selector: { app: 'dns' }, ports }), {
    name: 'dns',
    selector: { app: 'dns' },
    ports: [
      { name: undefined, targetPort: 53, isTcp: false },
      { name: undefined, targetPort: 54 },
      { name: undefined, targetPort: 55 },
    ],
  });
  t.same(service({ type: 'ExternalName', externalName: 'dns.example', selector: { app: 'dns' } }), {
    name: 'dns',
    selector: {},
    externalName: 'dns.example',
  });
  const peers = { selector: { app: 'dns' }, clusterIP: 'None' };
  t.same(service({ ...peers, publishNotReadyAddresses: true }), { name: 'dns', selector: { app: 'dns' }, ignoresReadiness: true });
  t.same(service({ ...peers, publishNotReadyAddresses: false }), { name: 'dns', selector: { app: 'dns' } });
  t.end();
});

const KEDA = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', metadata: { name: 'load' } };

void t.test('a ScaledObject without a version and a kind of its target scales a Deployment, also where they are empty', (t) => {
  for (const empty of [undefined, null, '']) {
    const spec = { scaleTargetRef: { apiVersion: empty, kind: empty, name: 'web' } };
    t.match(surroundingObjectOf({ ...KEDA, spec })?.value, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } });
  }
  t.end();
});

void t.test('an autoscaler that KEDA makes counts as its ScaledObject, and does not tell whether it goes down to 0', (t) => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const scaler = (owner: object, minReplicas: number): unknown =>
    surroundingObjectOf({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'keda-hpa-load', ownerReferences: [owner] },
      spec: { scaleTargetRef: target, minReplicas, maxReplicas: 9, metrics: [{ type: 'External' }] },
    })?.value;
  const keda = { apiVersion: KEDA.apiVersion, kind: KEDA.kind, name: 'load', controller: true };
  const scaled = { name: 'load', kind: 'ScaledObject', scaleTargetRef: target, maxReplicas: 9 };
  t.same(scaler(keda, 1), { ...scaled, minReplicas: 0 });
  t.same(scaler(keda, 2), { ...scaled, minReplicas: 2 });
  for (const other of [
    { ...keda, apiVersion: 'example.com/v1' },
    { ...keda, controller: false },
  ])
    t.same(scaler(other, 1), { name: 'keda-hpa-load', scaleTargetRef: target, minReplicas: 1, maxReplicas: 9 });
  t.end();
});

void t.test('a ScaledObject says which of its triggers compare with requests', (t) => {
  const scaled = (...triggers: unknown[]): unknown =>
    surroundingObjectOf({ ...KEDA, spec: { scaleTargetRef: { name: 'web' }, triggers } })?.value;
  const metadata = { value: '60' };
  t.match(scaled({ type: 'cpu', metricType: 'Utilization', metadata }), { utilizations: [{ resource: 'cpu', container: undefined }] });
  t.match(
    scaled(
      { type: 'memory', metadata: { ...metadata, type: 'Utilization', containerName: 'web' } },
      { type: 'kafka', metricType: 'AverageValue', metadata: { topic: 'orders' } },
    ),
    { utilizations: [{ resource: 'memory', container: 'web' }] },
    'the older spelling',
  );
  for (const trigger of [
    { type: 'cpu', metricType: 'AverageValue', metadata },
    { type: 'cpu', metadata },
    { type: 'cron', metricType: 'Utilization', metadata },
    'cpu',
    null,
  ])
    t.notOk(Object.hasOwn(scaled(trigger) as object, 'utilizations'), JSON.stringify(trigger));
  t.end();
});

void t.test('an autoscaler says what it compares with requests, in each of its versions', (t) => {
  const scaler = (spec: object, apiVersion = 'autoscaling/v2'): unknown =>
    surroundingObjectOf({
      apiVersion,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 9, ...spec },
    })?.value;
  const cpu = { resource: 'cpu', container: undefined };
  t.match(scaler({ targetCPUUtilizationPercentage: 80 }), { utilizations: [cpu] });
  t.match(scaler({ metrics: [{ type: 'Resource', resource: { name: 'cpu', targetAverageUtilization: 80 } }] }), { utilizations: [cpu] });
  const target = { type: 'Utilization', averageUtilization: 80 };
  t.match(
    scaler({
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target } },
        { type: 'ContainerResource', containerResource: { name: 'memory', container: 'web', target } },
      ],
    }),
    { utilizations: [cpu, { resource: 'memory', container: 'web' }] },
  );
  for (const metrics of [undefined, null, []]) {
    t.match(scaler({ metrics }), { utilizations: [cpu] }, 'the default of v2');
    t.notOk(Object.hasOwn(scaler({ metrics }, 'autoscaling/v1') as object, 'utilizations'));
  }
  for (const metrics of [
    [null, 'cpu', {}],
    [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '1' } } }],
    [{ type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '30' } } }],
  ])
    t.notOk(Object.hasOwn(scaler({ metrics }) as object, 'utilizations'), JSON.stringify(metrics));
  t.end();
});

void t.test('of a budget in a cluster it is known what has been counted of its spec, and in files nothing', (t) => {
  const spec = { selector: {}, maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' };
  const status = { observedGeneration: 2, currentHealthy: 2, desiredHealthy: 2, expectedPods: 3 };
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', generation: 2 }, spec, status };
  const count = { healthy: 2, desired: 2, allowed: 0, expected: 3 };
  t.match(countedBudgetOf(budget), { name: 'web', allowsUnhealthy: true, count });
  t.equal(countedBudgetOf({ ...budget, metadata: { name: 'web', generation: 3 } })?.count, undefined, 'of the spec before');
  t.equal(countedBudgetOf({ ...budget, status: {} })?.count, undefined, 'not yet');
  t.equal(budgetOf(budget)?.count, undefined);
  t.equal(budgetOf({ ...budget, spec: { ...spec, unhealthyPodEvictionPolicy: 'IfHealthyBudget' } })?.allowsUnhealthy, undefined);
  t.end();
});
