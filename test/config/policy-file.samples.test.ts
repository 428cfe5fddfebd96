import { readFileSync } from 'node:fs';
import t from 'tap';
import { decideValidation } from '../../src/admission/decision.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { creationOf } from '../../src/offline/creation.ts';

const NAME = 'samples/policies/workload-kinds.yaml';
const POLICY = readPolicy(readFileSync(new URL(`../../${NAME}`, import.meta.url), 'utf8'), NAME, {
  catalogue,
  nowMs: Date.parse('2026-12-01T00:00:00Z'),
});
const TEMPLATE = { spec: { containers: [{ image: 'registry.example/app:1' }] } };

/** The places of the findings about BestEffort Pods: every template of an object has one. */
function judgedPlaces(apiVersion: string, kind: string, spec: object): string[] {
  const submission = creationOf({ apiVersion, kind, metadata: { name: 'a', namespace: 'shop' }, spec }, 'default');
  if (typeof submission === 'string') throw new Error(submission);
  const { findings } = decideValidation(submission, POLICY, { nowMs: 0 });
  return findings.filter(({ rule }) => rule === 'minimum-qos-class').map(({ field }) => field.replace('.spec.containers', ''));
}

void t.test('each kind of the sample is judged at every place where its documentation puts a Pod template', (t) => {
  const ray = {
    headGroupSpec: { template: TEMPLATE },
    workerGroupSpecs: [
      { groupName: 'a', template: TEMPLATE },
      { groupName: 'b', template: TEMPLATE },
    ],
  };
  const rayPlaces = ['headGroupSpec.template', 'workerGroupSpecs[0].template', 'workerGroupSpecs[1].template'];
  t.same(judgedPlaces('argoproj.io/v1alpha1', 'Rollout', { template: TEMPLATE }), ['spec.template']);
  t.same(judgedPlaces('serving.knative.dev/v1', 'Service', { template: TEMPLATE }), ['spec.template']);
  t.same(judgedPlaces('serving.knative.dev/v1', 'Configuration', { template: TEMPLATE }), ['spec.template']);
  t.same(
    judgedPlaces('ray.io/v1', 'RayCluster', ray),
    rayPlaces.map((place) => `spec.${place}`),
  );
  t.same(judgedPlaces('ray.io/v1', 'RayJob', { rayClusterSpec: ray, submitterPodTemplate: TEMPLATE }), [
    ...rayPlaces.map((place) => `spec.rayClusterSpec.${place}`),
    'spec.submitterPodTemplate',
  ]);
  t.same(
    judgedPlaces('ray.io/v1', 'RayService', { rayClusterConfig: ray }),
    rayPlaces.map((place) => `spec.rayClusterConfig.${place}`),
  );
  for (const [kind, name] of [
    ['PyTorchJob', 'pytorchReplicaSpecs'],
    ['TFJob', 'tfReplicaSpecs'],
    ['MPIJob', 'mpiReplicaSpecs'],
    ['XGBoostJob', 'xgbReplicaSpecs'],
    ['PaddleJob', 'paddleReplicaSpecs'],
    ['JAXJob', 'jaxReplicaSpecs'],
  ] as const) {
    const replicas = { Master: { template: TEMPLATE }, Worker: { template: TEMPLATE } };
    t.same(
      judgedPlaces('kubeflow.org/v1', kind, { [name]: replicas }),
      [`spec.${name}.Master.template`, `spec.${name}.Worker.template`],
      kind,
    );
  }
  t.same(judgedPlaces('kubeflow.org/v1', 'Notebook', { template: TEMPLATE }), ['spec.template']);
  const jobs = [{ name: 'a', template: { spec: { template: TEMPLATE } } }];
  t.same(judgedPlaces('jobset.x-k8s.io/v1alpha2', 'JobSet', { replicatedJobs: jobs }), ['spec.replicatedJobs[0].template.spec.template']);
  t.end();
});

void t.test('an object without a template is allowed, and not judged', (t) => {
  const workloadRef = { kind: 'Deployment', name: 'a' };
  for (const template of [
    undefined,
    null,
    {},
    { metadata: { creationTimestamp: null }, spec: { containers: null } },
    { metadata: {}, spec: null },
    { spec: { containers: [] } },
  ]) {
    const spec = { workloadRef, ...(template !== undefined && { template }) };
    const submission = creationOf({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'a' }, spec }, 'shop');
    if (typeof submission === 'string') throw new Error(submission);
    const decision = decideValidation(submission, POLICY, { nowMs: 0 });
    t.match(decision, { allowed: true, skipped: 'no-template', findings: [] }, JSON.stringify(template));
  }
  t.end();
});

void t.test('no template is asked for probes and hooks that the controller of its kind gives', (t) => {
  const container = { image: 'registry.example/app:1', ports: [{ containerPort: 8080 }], resources: { requests: { memory: '64Mi' } } };
  const submission = creationOf(
    {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'a' },
      spec: { template: { spec: { containers: [container] } } },
    },
    'shop',
  );
  if (typeof submission === 'string') throw new Error(submission);
  const rules = decideValidation(submission, POLICY, { nowMs: 0 }).findings.map(({ rule }) => rule);
  t.same(
    rules.filter((rule) => ['readiness-probe', 'pre-stop-delay', 'toleration-seconds'].includes(rule)),
    [],
  );
  t.end();
});
