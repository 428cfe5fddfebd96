/**
 * Right: for a sample of the corpus, the API server stores what podgrace predicts for its version.
 *
 * Harmless: what podgrace does to a real Pod is accepted by a real API server, and no Pod loses its QoS class.
 *
 * Every Pod of the corpus that the API server accepts is created by dry run, with every repair on; the class is compared
 * with the one that the same server gave without podgrace. Then the verdicts of the command line and of the cluster are
 * compared on a part of them.
 */
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy } from '../../src/core/policy.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import { equalJson, type JsonObject } from '../../src/core/json.ts';
import { parseKubernetesVersion, type KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import { IMAGE_VOLUME_MINORS, type CarrierOptions } from '../../src/core/process/carrier-options.ts';
import { isLowerQos, qosClassOf, type QosClass } from '../../src/core/qos.ts';
import { readWorkload, type Workload } from '../../src/core/rollout.ts';
import type { ObjectMeta } from '../../src/core/pod.ts';
import { isMirrorPod, templatesIn, WorkloadKinds } from '../../src/core/workload.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { admit } from '../../src/offline/admit.ts';
import { creationOf } from '../../src/offline/creation.ts';
import { checkManifest } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { podSpec } from '../core/stored-form.ts';
import { atLeast, IS_LONG } from '../long-tests.ts';
import { readGolden, skipWithoutGolden, type GoldenAnswer } from '../core/golden.ts';
import { asApplied } from './as-applied.ts';
import { clusterTest, connect, makeNamespace, send, serverVersion } from './cluster.ts';
import { withoutDropped } from './dropped-fields.ts';
import { registerWebhook } from './registered-webhook.ts';

const PARALLEL_REQUESTS = 8;

type Carrier = CarrierOptions['carrier'];

/** What is asked is what is decided, and not how soon. */
const PATIENT = { timeoutSeconds: 30 };

/** Strict, and every rule that can repair does; tini by the given carrier. */
function repairingPolicy(carrier: Carrier, kubernetesVersion: string | undefined): Policy {
  const rules = catalogue.rules
    .filter((rule) => rule.mutate !== undefined)
    .map(({ meta }) => [meta.id, { mutation: 'apply' as const }] as const);
  return new Policy(
    {
      apiVersion: 'podgrace.dev/v1alpha1',
      kind: 'LifecyclePolicy',
      metadata: { name: 'repairing' },
      spec: {
        preset: 'strict',
        ...(kubernetesVersion !== undefined && { kubernetesVersion }),
        rules: {
          ...Object.fromEntries(rules),
          'init-process': { mutation: 'apply', options: { carrier, image: 'registry.example/podgrace:1' } },
        },
      },
    },
    catalogue,
  );
}

function productionPolicy(kubernetesVersion: string): Policy {
  const document = presetDocument('production');
  return new Policy({ ...document, spec: { ...document.spec, kubernetesVersion } }, catalogue);
}

function create(api: KubeApi, namespace: string, golden: GoldenAnswer): Promise<KubeAnswer> {
  const { apiVersion, kind, metadata } = golden.posted;
  const body = { ...golden.posted, metadata: { ...(metadata as object), namespace } };
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const path = `${root}/namespaces/${namespace}/${kind.toLowerCase()}s`;
  return send(api, { method: 'POST', path, query: { dryRun: 'All' }, body });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: PARALLEL_REQUESTS }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

clusterTest(
  'every object of the corpus is answered as ever, and stored as podgrace predicts it for the version of the server',
  async (t) => {
    const skip = skipWithoutGolden();
    if (skip !== false) {
      t.pass('the corpus', { skip });
      return;
    }
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const kubernetesVersion = await serverVersion(api);
    const minor = parseKubernetesVersion(kubernetesVersion);
    if (minor === undefined) throw new Error(`podgrace does not know Kubernetes ${kubernetesVersion}`);
    for (const name of ['pods', 'workloads'] as const) {
      const answers = readGolden(name);
      const different: string[] = [];
      let stored = 0;
      await inParallel(answers, async (golden) => {
        const { code, body } = await create(api, namespace, golden);
        if (code !== golden.code) different.push(`${golden.file}: ${code} is not ${golden.code}`);
        if (code !== 201) return;
        stored += 1;
        for (const problem of wronglyPredicted(golden.posted, body, minor)) different.push(`${golden.file}: ${problem}`);
        if (golden.qosClass !== undefined && (body['status'] as { qosClass: string }).qosClass !== golden.qosClass)
          different.push(`${golden.file}: another QoS class than before`);
      });
      t.same(different, []);
      t.ok(stored >= atLeast(4000), `${stored} ${name} stored by Kubernetes ${kubernetesVersion}`);
    }
  },
);

const KINDS = new WorkloadKinds();

/** What podgrace says of an object, and the API server does not. */
function wronglyPredicted(posted: GoldenAnswer['posted'], stored: JsonObject, minor: KubernetesMinor): string[] {
  const [kind] = KINDS.templates(posted.apiVersion, posted.kind);
  const [given, kept] = [withoutDropped(posted, minor) as JsonObject, stored].map(
    (object) => kind && templatesIn(object, kind)[0]?.template,
  );
  if (kind === undefined || given === undefined || kept === undefined) return ['no template'];
  const problems: string[] = [];
  const predicted = applyDefaults(given, kind.templatePath.length > 0 ? 'template' : 'pod', minor);
  if (!equalJson(podSpec(predicted.spec), podSpec(kept['spec']))) problems.push('another spec');
  const { qosClass } = (stored['status'] ?? {}) as { qosClass?: string };
  if (qosClass !== undefined && qosClassOf(predicted.spec, minor) !== qosClass) problems.push(`not ${qosClass}`);
  const [workload, keptWorkload] = [posted, stored].map((object) => readWorkload(object, kind, minor).workload);
  if (!equalJson(saidBy(workload), saidBy(keptWorkload))) problems.push('another strategy');
  const field = workload?.strategy?.path.step;
  const { [field ?? '']: strategy } = (stored['spec'] ?? {}) as JsonObject;
  const { rollingUpdate } = (strategy ?? {}) as { rollingUpdate?: JsonObject };
  // The API server adds no bound to a StatefulSet that gives the type alone; from 1.37 on its controller goes by 1.
  const isUnsaid = posted.kind === 'StatefulSet' && rollingUpdate === undefined;
  if (!isUnsaid && !equalJson(workload?.strategy?.maxUnavailable ?? null, rollingUpdate?.['maxUnavailable'] ?? null))
    problems.push('another maxUnavailable');
  return problems;
}

function saidBy(workload: Workload | undefined): unknown {
  const { type, maxSurge, maxUnavailable } = workload?.strategy ?? {};
  return [workload?.replicas ?? null, type ?? null, maxSurge ?? null, maxUnavailable ?? null];
}

/** With tini by each carrier for the version of the server; and as a policy has it that names no version, and so none that is too new. */
const REPAIRING: readonly { readonly carrier: Carrier; readonly namesVersion: boolean }[] = [
  { carrier: 'image-volume', namesVersion: true },
  { carrier: 'init-container', namesVersion: true },
  { carrier: 'share-process-namespace', namesVersion: true },
  { carrier: 'auto', namesVersion: false },
];

for (const { carrier, namesVersion } of REPAIRING) {
  const title = `every Pod of the corpus is accepted with every repair, tini by ${carrier}, stored as patched, and keeps or raises its QoS class`;
  clusterTest(`${title}${namesVersion ? '' : ', by a policy that names no version'}`, async (t) => {
    const api = connect();
    const version = await serverVersion(api);
    const minor = parseKubernetesVersion(version) ?? 0;
    const isDropped = carrier === 'image-volume' && minor < IMAGE_VOLUME_MINORS.byDefault;
    const skip = isDropped ? `Kubernetes ${version} drops image volumes, and a policy for it is refused` : skipWithoutGolden();
    if (skip !== false) {
      t.pass('the corpus', { skip });
      return;
    }
    const namespace = await makeNamespace(t, api);
    const policy = repairingPolicy(carrier, namesVersion ? version : undefined);
    const webhook = await registerWebhook(t, api, { namespace, policy, phases: ['mutate'], webhook: PATIENT });
    // Without a version there is nothing to see in all of them that a sample does not show.
    const step = IS_LONG && !namesVersion ? 8 : 1;
    const accepted = readGolden('pods').filter(({ code }, index) => code === 201 && index % step === 0);
    const refused: string[] = [];
    const lowered: string[] = [];
    const different: string[] = [];
    let raised = 0;
    await inParallel(accepted, async (golden) => {
      const posted = asApplied(golden.posted);
      const answer = await create(api, namespace, { ...golden, posted });
      if (answer.code !== 201) {
        refused.push(`${golden.file}: ${String(answer.body['message'])}`);
        return;
      }
      const foretold = withoutDropped(specPatchedBy(policy, posted, namespace), minor);
      // A user's mirror annotation is believed in a file and not in a request.
      const isMirror = isMirrorPod(posted['metadata'] as ObjectMeta);
      if (!isMirror && !equalJson(podSpec(foretold), podSpec(answer.body['spec']))) different.push(golden.file);
      const before = golden.qosClass as QosClass;
      const after = (answer.body['status'] as { qosClass: QosClass }).qosClass;
      if (isLowerQos(after, before)) lowered.push(`${golden.file}: ${before} became ${after}`);
      else if (after !== before) raised += 1;
    });
    const records = webhook.takeRecords();
    const mutated = records.filter(({ outcome }) => outcome === 'mutated').length;
    t.same(refused, []);
    t.same(lowered, []);
    t.same(different, [], 'stored as the command line patches it');
    t.same(
      records.flatMap(({ findings }) => findings),
      [],
      'no rule failed',
    );
    t.comment(`${accepted.length} Pods accepted, ${mutated} mutations, ${raised} with a higher QoS class, none with a lower one`);
  });
}

/** The spec that the command line foretells. */
function specPatchedBy(policy: Policy, posted: GoldenAnswer['posted'], namespace: string): unknown {
  const creation = creationOf(posted, namespace);
  if (typeof creation === 'string') throw new Error(creation);
  return admit(creation, policy, { nowMs: Date.now() }).validate.pod?.spec;
}

clusterTest('the cluster gives the verdict that the command line gives, on every eighth Pod of the corpus', async (t) => {
  const skip = skipWithoutGolden();
  if (skip !== false) {
    t.pass('the corpus', { skip });
    return;
  }
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const policy = productionPolicy(await serverVersion(api));
  await registerWebhook(t, api, { namespace, policy, webhook: PATIENT });
  const sample = readGolden('pods').filter(({ code }, index) => code === 201 && index % 8 === 0);
  const differing: string[] = [];
  let denied = 0;
  await inParallel(sample, async (golden) => {
    const here = checkManifest(ManifestDocument.ofValue(golden.file, golden.posted), { policy, namespace, nowMs: Date.now() });
    const answer = await create(api, namespace, golden);
    // A user's mirror annotation is believed in a file and not in a request.
    if (here.outcome !== 'judged' || here.result.workload === 'static') return;
    if (answer.code === 403) denied += 1;
    if ((answer.code === 201) !== here.result.allowed) differing.push(`${golden.file}: ${answer.code} ${String(answer.body['message'])}`);
  });
  t.same(differing, []);
  t.comment(`${sample.length} Pods, ${denied} denied by both`);
});
