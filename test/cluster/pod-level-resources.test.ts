/**
 * Pod-level resources: where the API server fills them in, and what they make of the QoS class, differs between 1.36 and 1.37.
 * Whatever the server does, podgrace judges the class that the Pod has in the end.
 */
import { catalogue } from '../../src/config/catalogue.ts';
import { Catalogue } from '../../src/core/catalogue.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { Policy } from '../../src/core/policy.ts';
import { isLowerQos, qosClassOf, type QosClass } from '../../src/core/qos.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { podSpec } from '../core/stored-form.ts';
import { clusterTest, connect, eventually, makeNamespace, send, serverVersion } from './cluster.ts';
import { registerWebhook } from './registered-webhook.ts';

const ALL = { cpu: '1', memory: '1Gi' };

/** By name, the resources of the Pod and of its one container. */
const CASES: Readonly<Record<string, { readonly pod?: object; readonly container?: object }>> = {
  'nothing at all': {},
  'limits of the Pod': { pod: { limits: ALL } },
  'a memory limit of the Pod': { pod: { limits: { memory: '1Gi' } } },
  'requests of the Pod': { pod: { requests: ALL } },
  'requests of the Pod, limits of the container': { pod: { requests: ALL }, container: { limits: ALL } },
  'limits of the Pod, requests of the container': { pod: { limits: ALL }, container: { requests: { cpu: '500m' } } },
  'limits of the Pod, limits of the container': { pod: { limits: ALL }, container: { limits: { cpu: '500m', memory: '512Mi' } } },
  'an empty field, requests of the container': { pod: {}, container: { requests: { cpu: '500m' } } },
  'an empty field, limits of the container': { pod: {}, container: { limits: ALL } },
  'a request of 0': { pod: { requests: { cpu: '0' } } },
};

function create(api: KubeApi, namespace: string, spec: object): Promise<KubeAnswer> {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'any-' }, spec };
  return send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body });
}

function specOf({ pod, container }: (typeof CASES)[string]): object {
  return {
    automountServiceAccountToken: false,
    ...(pod && { resources: pod }),
    containers: [{ name: 'app', image: 'registry.example/app:1', ...(container && { resources: container }) }],
  };
}

/** Nothing but the class, and no repair. */
function demanding(wanted: QosClass, kubernetesVersion: string): Policy {
  const rule = catalogue.get('minimum-qos-class');
  if (rule === undefined) throw new Error('no such rule');
  const { after: _, ...meta } = rule.meta;
  return new Policy(
    {
      apiVersion: 'podgrace.dev/v1alpha1',
      kind: 'LifecyclePolicy',
      metadata: { name: 'demanding' },
      spec: {
        preset: 'strict',
        kubernetesVersion,
        rules: { 'minimum-qos-class': { mode: 'enforce', mutation: 'off', options: { class: wanted } } },
      },
    },
    new Catalogue([{ ...rule, meta }]),
  );
}

clusterTest('Pod-level resources are stored as predicted, and so is the QoS class', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const minor = parseKubernetesVersion(await serverVersion(api)) ?? 0;
  for (const [name, resources] of Object.entries(CASES)) {
    const { code, body } = await create(api, namespace, specOf(resources));
    t.equal(code, 201, `${name}: ${JSON.stringify(body['message'])}`);
    const { spec } = applyDefaults({ metadata: {}, spec: specOf(resources) }, 'pod', minor);
    t.same(podSpec(spec), podSpec(body['spec']), name);
    t.equal(qosClassOf(spec, minor), (body['status'] as { qosClass: string }).qosClass, name);
  }
});

/** Of containers that ask for less themselves. */
const LIMIT_RANGE = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'defaults' },
  spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m', memory: '64Mi' }, default: { cpu: '200m', memory: '128Mi' } }] },
};

for (const hasRange of [false, true]) {
  clusterTest(`the class that a Pod has in the end is judged, ${hasRange ? 'with' : 'without'} a LimitRange`, async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    if (hasRange) {
      await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/limitranges`, body: LIMIT_RANGE });
      const isKnown = async (): Promise<boolean> =>
        JSON.stringify((await create(api, namespace, specOf({}))).body).includes('"memory":"128Mi"');
      await eventually('the LimitRange', isKnown);
    }
    const classes = new Map<string, QosClass>();
    for (const [name, resources] of Object.entries(CASES)) {
      const { code, body } = await create(api, namespace, specOf(resources));
      if (code === 201) classes.set(name, (body['status'] as { qosClass: QosClass }).qosClass);
    }
    t.ok(classes.size >= 7, `${classes.size} Pods are valid`);
    const version = await serverVersion(api);
    const webhook = await registerWebhook(t, api, { namespace, policy: demanding('Burstable', version) });
    for (const wanted of ['Burstable', 'Guaranteed'] as const) {
      webhook.usePolicy(demanding(wanted, version));
      for (const [name, qosClass] of classes) {
        const { code } = await create(api, namespace, specOf(CASES[name] ?? {}));
        t.equal(code, isLowerQos(qosClass, wanted) ? 403 : 201, `${name}: ${qosClass} where ${wanted} is wanted`);
      }
    }
  });
}
