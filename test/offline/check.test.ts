/** What `check` does without printing: files in, outcomes out, one after the other. */
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { checkFiles, type CheckInput, type CheckOutcome } from '../../src/offline/check.ts';
import { CheckTally } from '../../src/offline/check-tally.ts';
import { NOW_MS } from '../admission/ask.ts';

const policy = presetPolicy('production');

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers: [{ name: web, image: registry.example/web:1, resources: { requests: { cpu: 100m, memory: 64Mi } } }]
`;
const UNBOUNDED_CACHE = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers: [{ name: web, image: registry.example/web:1, volumeMounts: [{ name: cache, mountPath: /cache }] }]
  volumes: [{ name: cache, emptyDir: {} }]
`;
const CONFIG_MAP = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\n`;
const ROLLOUT = `apiVersion: example.dev/v1
kind: Rollout
metadata: { name: web }
spec: { template: { spec: { containers: [{ name: web, image: registry.example/web:1 }] } } }
`;

const CHART = { 'Chart.yaml': 'name: web\nversion: 1.0.0\n', templates: { 'web.yaml': 'kind: {{ .Values.kind }}\n' } };

interface Files {
  readonly [name: string]: string | Files;
}

async function outcomesOf(t: Test, files: Files, options: Partial<CheckInput> = {}): Promise<[CheckOutcome[], CheckTally]> {
  const folder = t.testdir({ ...files });
  const contextOf = (): { policy: typeof policy; namespace: string; nowMs: number } => ({ policy, namespace: 'shop', nowMs: NOW_MS });
  const outcomes: CheckOutcome[] = [];
  const tally = new CheckTally();
  for await (const outcome of checkFiles([folder], [], contextOf, { stdin: process.stdin, ...options })) {
    outcomes.push(outcome);
    tally.count(outcome);
  }
  return [outcomes, tally];
}

/** The one outcome of its kind. */
function only<Name extends CheckOutcome['outcome']>(
  outcomes: readonly CheckOutcome[],
  name: Name,
): Extract<CheckOutcome, { outcome: Name }> {
  const found = outcomes.filter((outcome): outcome is Extract<CheckOutcome, { outcome: Name }> => outcome.outcome === name);
  const [first] = found;
  if (first === undefined || found.length !== 1) throw new Error(`${found.length} of ${outcomes.length} outcomes are ${name}`);
  return first;
}

void t.test('an object comes with its place, its class and its findings', async (t) => {
  const [outcomes] = await outcomesOf(t, { 'all.yaml': `${CONFIG_MAP}---\n${UNBOUNDED_CACHE}` });
  const { result } = only(outcomes, 'judged');
  t.match(result, { document: 2, line: 5, kind: 'Pod', namespace: 'shop', name: 'web', workload: 'pod', qosClass: 'BestEffort' });
  t.equal(result.policy, 'production');
  t.equal(result.allowed, false);
  const limit = result.findings.find(({ rule }) => rule === 'empty-dir-size-limit');
  t.match(limit, { mode: 'enforce', field: 'spec.volumes[0].emptyDir.sizeLimit', place: { line: 10 } });
});

void t.test('what is not judged says why as a value, and not in words', async (t) => {
  const [outcomes] = await outcomesOf(t, { 'rollout.yaml': ROLLOUT });
  t.match(only(outcomes, 'skipped').skip, { kind: 'Rollout', unjudged: { what: 'unlisted-kind', hint: /spec\.template/ } });

  const [ofChart] = await outcomesOf(t, { chart: CHART, 'pod.yaml': POD });
  t.same(
    ofChart.flatMap((outcome) => (outcome.outcome === 'skipped' ? [outcome.skip.unjudged] : [])),
    [{ what: 'chart' }, undefined],
    'Chart.yaml itself is no object',
  );

  const [ofBase] = await outcomesOf(t, { 'kustomization.yaml': 'resources: [pod.yaml]\n', 'pod.yaml': POD });
  t.match(only(ofBase, 'skipped').skip.unjudged, { what: 'kustomization', folder: /\/$/ });
});

void t.test('the record of a template is no workload that somebody forgot to list', async (t) => {
  const record = ROLLOUT.replace('example.dev/v1', 'apps/v1').replace('Rollout', 'ControllerRevision').replace('spec:', 'data: { spec:');
  const [outcomes] = await outcomesOf(t, { 'record.yaml': record.replace(/\n$/, ' }\n') });
  t.match(only(outcomes, 'skipped').skip, { kind: 'ControllerRevision', unjudged: undefined });
});

void t.test('an unknown kind is an error where the run is strict', async (t) => {
  const [outcomes] = await outcomesOf(t, { 'rollout.yaml': ROLLOUT }, { isStrict: true });
  t.match(only(outcomes, 'error').errors, [{ line: 1, message: /the kind Rollout of the API group example\.dev is not known/ }]);
});

void t.test('what cannot be read is an error of its own, and the rest is judged', async (t) => {
  const [outcomes, tally] = await outcomesOf(t, { 'a.yaml': 'kind: [\n', 'b.yaml': POD });
  t.match(only(outcomes, 'error').errors, [{ file: /a\.yaml$/, line: 2 }]);
  t.equal(only(outcomes, 'judged').result.allowed, true);
  t.match(tally.summary, { objects: 1, allowed: 1, denied: 0, errors: 1, skipped: 0 });
});

void t.test('a folder without an object is an error', async (t) => {
  const [outcomes] = await outcomesOf(t, { 'empty.yaml': '\n' });
  t.match(only(outcomes, 'error').errors, [{ document: null, line: null, message: /must hold a Kubernetes object/ }]);
});

void t.test('where kustomize adds what an object lacks, the API server is not said to refuse the object without it', async (t) => {
  const bare = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: registry.example/web:1 }] }
`;
  const over = bare
    .replace('spec:\n', 'spec:\n  selector: { matchLabels: { app: web } }\n')
    .replace('{ name: web, image', '{ name: WEB, image');
  const refusedIn = async (t: Test, files: Files): Promise<string[]> => {
    const [outcomes] = await outcomesOf(t, files);
    const results = outcomes.flatMap((outcome) => (outcome.outcome === 'judged' ? [outcome.result] : []));
    return results.flatMap(({ findings }) => findings.flatMap(({ rule, field }) => (rule === 'valid-object' ? [field] : [])));
  };
  t.same(await refusedIn(t, { base: { 'kustomization.yaml': 'labels: []\n', 'web.yaml': bare } }), []);
  t.same(await refusedIn(t, { overlay: { 'kustomization.yaml': 'patches: []\n', patches: { 'web.yaml': bare } } }), [], 'below it');
  t.same(await refusedIn(t, { base: { 'web.yaml': bare } }), ['spec.selector', 'spec.selector'], 'no kustomization');
  t.same(await refusedIn(t, { base: { 'kustomization.yaml': '', 'web.yaml': over } }), ['spec.template.spec.containers[0].name'], 'whole');
});
