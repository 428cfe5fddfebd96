/** What `explain` does without printing: objects and files in, explanations out. */
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import type { OwnerName } from '../../src/admission/submission.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { NOTHING_KNOWN, type ImageConfiguration, type Known, type Surroundings } from '../../src/core/surroundings.ts';
import { explainFiles, explainObject, type ExplainContext } from '../../src/offline/explain.ts';
import type { ExplainOutcome, Explanation } from '../../src/offline/explanation.ts';
import { EXPLAIN_CONTEXT, explanationOf, outcomesOf } from './explanations.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };

function deployment(spec: object = {}): object {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 3, template, ...spec } };
}

async function filesExplained(
  t: Test,
  files: Readonly<Record<string, string>>,
  context: Partial<ExplainContext> = {},
): Promise<ExplainOutcome[]> {
  const folder = t.testdir({ ...files });
  const outcomes: ExplainOutcome[] = [];
  const read = explainFiles([folder], [], { ...EXPLAIN_CONTEXT, ...context }, { stdin: Readable.from([]) });
  for await (const outcome of read) outcomes.push(outcome);
  return outcomes;
}

void t.test('an explanation says what the API server refuses, without anything to compare with', async (t) => {
  const { judgement } = await explanationOf(deployment({ selector: { matchLabels: { app: 'other' } } }));
  t.match(judgement.findings[0], {
    ...{ rule: 'valid-object', mode: 'enforce', field: 'spec.template.metadata.labels[app]' },
    message: /^is refused by the API server: Invalid value: \{"app":"web"\}: `selector` does not match template `labels`$/,
  });
});

void t.test('an explanation has what becomes of the Pods, and what the rules say', async (t) => {
  const explanation = await explanationOf(deployment());
  t.match(explanation, {
    file: 'web.yaml',
    document: 1,
    line: 1,
    subject: { kind: 'Deployment', namespace: 'shop', name: 'web', workloadClass: 'service' },
    timelines: { qosClass: 'BestEffort', rollout: { replicas: 3, mostPods: 4 } },
    surge: { pods: 1 },
    judgement: { policy: 'production', skipped: undefined },
  });
  t.ok(explanation.judgement.findings.some(({ rule, mode }) => rule === 'minimum-qos-class' && mode === 'enforce'));
  t.same([explanation.status, explanation.change, explanation.isNew, explanation.around], [undefined, undefined, false, undefined]);
});

void t.test('what has no Pod template is passed over, and what is malformed names its field', async (t) => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  t.match(await outcomesOf(map), [{ outcome: 'skipped', skip: { file: 'web.yaml', kind: 'ConfigMap', hint: undefined } }]);
  t.match(await outcomesOf({ ...POD, spec: { containers: 'web' } }), [
    { outcome: 'error', errors: [{ message: /^spec\.containers must be/ }] },
  ]);
  t.match(await outcomesOf({ kind: 'Pod' }), [{ outcome: 'error', errors: [{ line: 1, message: 'apiVersion must be set' }] }]);
});

void t.test('a Pod that an API server has stored has a STATUS, a template has none', async (t) => {
  const status = {
    phase: 'Running',
    containerStatuses: [{ name: 'web', restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  };
  t.match((await explanationOf({ ...POD, status })).status, { status: 'CrashLoopBackOff', restarts: 2, cause: { rules: [] } });
  t.equal((await explanationOf(POD)).status, undefined, 'nobody has stored it');
  t.equal((await explanationOf({ ...deployment(), status })).status, undefined);
});

void t.test('the object before it decides what changes', async (t) => {
  const from = async (old: object | undefined): Promise<Explanation> =>
    explanationOf(deployment(), { before: () => Promise.resolve(old as JsonObject | undefined) });
  t.match(await from(deployment({ replicas: 2 })), { isNew: false, change: { fields: [{ from: 2, to: 3, effect: 'scales' }] } });
  t.match(await from(undefined), { isNew: true, change: undefined });
  const outcomes = await outcomesOf(deployment(), { before: () => Promise.resolve(deployment({ template: 'x' }) as JsonObject) });
  t.match(outcomes, [
    { outcome: 'error', errors: [{ message: /^before the change, spec\.template must be/ }] },
    { outcome: 'judged', result: { change: undefined, isNew: false } },
  ]);
});

void t.test('what is applied onto the object before it is what changes', async (t) => {
  const { change } = await explanationOf(deployment(), {
    before: () => Promise.resolve(deployment() as JsonObject),
    applied: (before) => ({ object: { ...before, metadata: { name: 'web', labels: { team: 'shop' } } }, misapplied: [] }),
  });
  t.match(
    change?.fields.map(({ path, effect }) => `${path.text} ${effect}`),
    ['metadata.labels metadata'],
  );
});

void t.test('a cluster says what is around an object, and counts more than files', async (t) => {
  const quota = (name: string): Partial<typeof NOTHING_KNOWN> => ({
    resourceQuotas: { isKnown: true, value: [{ name, hard: { pods: '3' }, used: { pods: '3' }, scopes: [] }] },
  });
  const explain = async (context: Partial<ExplainContext>): Promise<Explanation | undefined> => {
    const given = { origin: { from: 'file' }, source: { file: 'web.yaml', document: 1, line: 1 } } as const;
    const inFiles = { ...NOTHING_KNOWN, ...quota('of-the-files') };
    for await (const outcome of explainObject(deployment(), given, { ...EXPLAIN_CONTEXT, ...context }, inFiles))
      if (outcome.outcome === 'judged') return outcome.result;
    return undefined;
  };
  const ofFiles = await explain({});
  t.equal(ofFiles?.surge?.shortage?.quota, 'of-the-files');
  t.match(ofFiles?.around, {
    isOfCluster: false,
    resourceQuotas: { isKnown: true, value: ['of-the-files'] },
    services: { isKnown: false },
  });
  const asked: string[] = [];
  const ofCluster = await explain({
    around: (namespace) => {
      asked.push(namespace);
      return Promise.resolve({ ...NOTHING_KNOWN, ...quota('of-the-cluster') });
    },
  });
  t.same(asked, ['shop']);
  t.equal(ofCluster?.surge?.shortage?.quota, 'of-the-cluster');
  t.match(ofCluster?.around, { resourceQuotas: { isKnown: true, value: ['of-the-cluster'] }, services: { isKnown: false } });
});

void t.test('an amount that LimitRanges dispute is said to be unknown', async (t) => {
  const limitRange = (name: string, memory: string): string =>
    `apiVersion: v1\nkind: LimitRange\nmetadata: {name: ${name}}\nspec: {limits: [{type: Container, default: {memory: ${memory}}}]}\n`;
  const files = { 'a.yaml': limitRange('a', '1Gi'), 'b.yaml': limitRange('b', '2Gi'), 'web.yaml': JSON.stringify(deployment()) };
  const unknownIn = async (of: Readonly<Record<string, string>>): Promise<readonly string[] | undefined> => {
    for (const outcome of await filesExplained(t, of)) if (outcome.outcome === 'judged') return outcome.result.around?.unknown;
    return undefined;
  };
  t.match(await unknownIn(files), [/which limits\.memory, requests\.memory its containers get: LimitRanges a, b say different ones/]);
  t.same(await unknownIn({ ...files, 'b.yaml': limitRange('b', '1024Mi') }), []);
});

void t.test('a live Pod whose DaemonSet is gone is drained by force', async (t) => {
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: '1', controller: true }];
  const pod = { ...POD, metadata: { ...POD.metadata, ownerReferences } };
  const around = (): Promise<Surroundings> => Promise.resolve({ ...NOTHING_KNOWN, podDisruptionBudgets: { isKnown: true, value: [] } });
  const drainWith = async (owners: readonly OwnerName[]): Promise<Explanation['drain']> => {
    const given = { origin: { from: 'live', owners }, source: { file: 'pod/web', document: null, line: null } } as const;
    for await (const outcome of explainObject(pod, given, { ...EXPLAIN_CONTEXT, around }))
      if (outcome.outcome === 'judged') return outcome.result.drain;
    return undefined;
  };
  t.match(await drainWith([]), { verdict: 'unprotected', needsForce: true });
  t.match(await drainWith(ownerReferences), { verdict: 'stays', needsForce: false });
});

void t.test('what registries say of an image decides what its stop signal does', async (t) => {
  const image: Known<ImageConfiguration> = {
    isKnown: true,
    value: { entrypoint: ['/bin/sh', '-c', 'server; true'], cmd: [], user: '', stopSignal: undefined, labels: {} },
  };
  const asked: string[] = [];
  const { timelines } = await explanationOf(POD, {
    readImages: (names) => {
      asked.push(...names);
      return Promise.resolve({ isKnown: true, value: new Map([['web:1', image]]) });
    },
  });
  t.same(asked, ['web:1']);
  t.equal(timelines.stop.containers[0]?.verdict.fate, 'swallows');
  t.equal((await explanationOf(POD)).timelines.stop.containers[0]?.verdict.fate, 'unknown');
});

void t.test('files are explained in their order, with what stands around a workload in its folder', async (t) => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  const outcomes = await filesExplained(t, {
    'a.yaml': `${JSON.stringify(deployment())}\n---\n${JSON.stringify(POD)}\n`,
    'b.yaml': JSON.stringify(service),
  });
  t.match(outcomes, [
    { outcome: 'judged', result: { document: 1, line: 1, subject: { kind: 'Deployment' } } },
    { outcome: 'judged', result: { document: 2, line: 3, subject: { kind: 'Pod' } } },
    { outcome: 'skipped', skip: { kind: 'Service' } },
  ]);
  const [first] = outcomes;
  const findings = first?.outcome === 'judged' ? first.result.judgement.findings : [];
  t.ok(findings.some(({ message }) => message.includes('the Service web sends traffic to port 8080')));
});

void t.test('each file is judged by its own policy', async (t) => {
  const strict = presetPolicy('strict');
  const production = presetPolicy('production');
  const outcomes = await filesExplained(
    t,
    { 'a.json': JSON.stringify(POD), 'b.json': JSON.stringify(POD) },
    { policyFor: (file) => (file.endsWith('a.json') ? strict : production) },
  );
  t.match(outcomes, [{ result: { judgement: { policy: 'strict' } } }, { result: { judgement: { policy: 'production' } } }]);
});

void t.test('a folder without objects is an error, and so is a file that cannot be read', async (t) => {
  t.match(await filesExplained(t, { 'a.yaml': '# nothing yet\n' }), [
    { outcome: 'error', errors: [{ message: 'must hold a Kubernetes object, but holds none' }] },
  ]);
  t.match(await filesExplained(t, { 'a.yaml': 'a: [', 'b.json': JSON.stringify(POD) }), [
    { outcome: 'error', errors: [{ document: 1 }] },
    { outcome: 'judged', result: { subject: { kind: 'Pod' } } },
  ]);
});
