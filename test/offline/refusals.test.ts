/** What `check`, `fix` and `explain` say of objects that the API server refuses. */
import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { PresetName } from '../../src/core/rule.ts';
import { admit } from '../../src/offline/admit.ts';
import { creationOf } from '../../src/offline/creation.ts';
import { refusalsOf } from '../../src/offline/refusals.ts';
import { NOW_MS } from '../admission/ask.ts';

interface Said {
  readonly field: string;
  readonly container: string | undefined;
  readonly identity: string;
  readonly message: string;
}

function refused(object: JsonObject, preset: PresetName = 'production', namespace = 'shop'): Said[] {
  const policy = presetPolicy(preset);
  const submission = creationOf(object, namespace);
  if (typeof submission === 'string') throw new Error(submission);
  const admission = admit(submission, policy, { nowMs: NOW_MS, detailed: true });
  return refusalsOf(submission, admission, policy.kubernetesMinor, { file: 'web.yaml' }).map(
    ({ rule, mode, field, container, identity, message }) => {
      t.equal(`${rule} ${mode}`, 'valid-object enforce');
      return { field, container, identity, message };
    },
  );
}

const container = (fields: object = {}): object => ({ name: 'web', image: 'registry.example/web:1', ...fields });
const pod = (spec: object, metadata: object = { name: 'web' }): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
const workload = (kind: string, spec: object): JsonObject => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'batch/v1',
  kind,
  metadata: { name: 'web' },
  spec,
});
const deployment = (containers: object, spec: object = { selector: { matchLabels: { app: 'web' } } }): JsonObject =>
  workload('Deployment', { ...spec, template: { metadata: { labels: { app: 'web' } }, spec: { containers } } });

const OVER_LIMIT = container({ resources: { requests: { cpu: '1500m' }, limits: { cpu: 1 } } });

void t.test('a refusal has the place, the container and the words of the API server', (t) => {
  t.same(refused(deployment([container({ name: 'other' }), OVER_LIMIT])), [
    {
      field: 'spec.template.spec.containers[1].resources.requests[cpu]',
      container: 'web',
      identity: 'valid-object refused spec.template.spec.containers {web}.resources.requests[cpu]',
      message: 'is refused by the API server: Invalid value: "1500m": must be less than or equal to cpu limit of 1',
    },
  ]);
  const twice = [container({ readinessProbe: { exec: { command: ['check'] }, httpGet: { port: 80 } } })];
  t.match(refused(deployment(twice)), [
    {
      field: /readinessProbe\.exec$/,
      message:
        /server: spec\.template\.spec\.containers\[0\]\.readinessProbe\.httpGet: Forbidden: may not specify more than 1 handler type$/,
    },
  ]);
  t.same(refused(deployment([container()])), []);
  t.end();
});

void t.test('of a Pod, what the repairs set right is not refused, and of a template it is', (t) => {
  const hook = container({ lifecycle: { preStop: { sleep: { seconds: 50 } } } });
  const message = /must be non-negative and less than terminationGracePeriodSeconds \(30\)$/;
  t.match(refused(deployment([hook]), 'strict'), [{ message }]);
  t.same(refused(pod({ containers: [hook] }), 'strict'), []);
  t.end();
});

void t.test('words that repeat a long value are shortened', (t) => {
  const [said] = refused(pod({ containers: [container()] }, { name: 'W'.repeat(100_000) }));
  t.ok(said !== undefined && said.message.length < 1_000);
  t.end();
});

void t.test('nothing is said of what is not judged, cannot be read, or is of another API', (t) => {
  t.same(refused(pod({ containers: [OVER_LIMIT] }), 'production', 'kube-system'), [], 'the policy excludes the namespace');
  t.same(refused(pod({ containers: [OVER_LIMIT], hostNetwork: 'yes' })), [], 'the API server cannot decode it');
  t.same(refused({ ...deployment([OVER_LIMIT]), apiVersion: 'extensions/v1beta1' }), [], 'no cluster has that version');
  t.same(refused({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: {}, spec: {} }), []);
  t.end();
});

void t.test('a patch for kustomize is no object that somebody applies', (t) => {
  const patch = [{ name: 'web', resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }];
  t.same(refused(deployment(patch, {})), []);
  t.same(refused(workload('Deployment', { template: { spec: { containers: [OVER_LIMIT] } } })), [], 'neither selector nor labels');
  t.same(refused(workload('Job', { template: { spec: { containers: patch } } })), []);
  t.same(refused(workload('CronJob', { jobTemplate: { spec: { template: { spec: { containers: patch } } } } })), []);
  const image = [{ name: 'web', image: 'registry.example/web:2' }];
  t.same(refused(workload('CronJob', { jobTemplate: { spec: { template: { spec: { containers: image } } } } })), [], 'no restart policy');

  t.match(refused(deployment(patch)), [{ field: /image$/ }, { field: /requests\[cpu\]$/ }], 'it has a selector');
  t.match(refused(deployment([container()], {})), [{ field: 'spec.selector' }, { field: 'spec.selector' }], 'it has images and labels');
  t.match(refused(pod({ containers: patch })), [{ field: /image$/ }, { field: /requests\[cpu\]$/ }]);
  t.match(refused(workload('Job', { template: { spec: { containers: [container()] } } })), [{ field: /restartPolicy$/ }]);
  t.end();
});
