/**
 * Harmless: what podgrace does to a real Pod is accepted by a real API server, and no Pod loses its QoS class.
 *
 * Every Pod of the corpus that the API server accepts is created by dry run, with every repair on; the class is compared
 * with the one that the same server gave without podgrace. Then the verdicts of the command line and of the cluster are
 * compared on a part of them.
 */
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy } from '../../src/core/policy.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { isLowerQos, type QosClass } from '../../src/core/qos.ts';
import type { KubeAnswer, KubeApi } from '../../src/kube/client/api.ts';
import { checkManifest } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { readGolden, skipWithoutGolden, type GoldenAnswer } from '../core/golden.ts';
import { clusterTest, connect, makeNamespace, send } from './cluster.ts';
import { registerWebhook } from './registered-webhook.ts';

const PARALLEL_REQUESTS = 8;

/** Strict, and every rule that can repair does; tini by the given carrier. */
function repairingPolicy(carrier: 'image-volume' | 'init-container' | 'share-process-namespace'): Policy {
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
        kubernetesVersion: '1.36',
        rules: {
          ...Object.fromEntries(rules),
          'init-process': { mutation: 'apply', options: { carrier, image: 'registry.example/podgrace:1' } },
        },
      },
    },
    catalogue,
  );
}

function create(api: KubeApi, namespace: string, golden: GoldenAnswer): Promise<KubeAnswer> {
  const body = { ...golden.posted, metadata: { ...(golden.posted['metadata'] as object), namespace } };
  return send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: PARALLEL_REQUESTS }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

for (const carrier of ['image-volume', 'init-container', 'share-process-namespace'] as const) {
  clusterTest(`every Pod of the corpus is accepted with every repair, tini by ${carrier}, and keeps or raises its QoS class`, async (t) => {
    const skip = skipWithoutGolden();
    if (skip !== false) {
      t.pass('the corpus', { skip });
      return;
    }
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const webhook = await registerWebhook(t, api, { namespace, policy: repairingPolicy(carrier), phases: ['mutate'] });
    const accepted = readGolden('pods').filter(({ code }) => code === 201);
    const refused: string[] = [];
    const lowered: string[] = [];
    let raised = 0;
    await inParallel(accepted, async (golden) => {
      const answer = await create(api, namespace, golden);
      if (answer.code !== 201) {
        refused.push(`${golden.file}: ${String(answer.body['message'])}`);
        return;
      }
      const before = golden.qosClass as QosClass;
      const after = (answer.body['status'] as { qosClass: QosClass }).qosClass;
      if (isLowerQos(after, before)) lowered.push(`${golden.file}: ${before} became ${after}`);
      else if (after !== before) raised += 1;
    });
    const records = webhook.takeRecords();
    const mutated = records.filter(({ outcome }) => outcome === 'mutated').length;
    t.same(refused, []);
    t.same(lowered, []);
    t.same(
      records.flatMap(({ findings }) => findings),
      [],
      'no rule failed',
    );
    t.comment(`${accepted.length} Pods accepted, ${mutated} mutations, ${raised} with a higher QoS class, none with a lower one`);
  });
}

clusterTest('the cluster gives the verdict that the command line gives, on every eighth Pod of the corpus', async (t) => {
  const skip = skipWithoutGolden();
  if (skip !== false) {
    t.pass('the corpus', { skip });
    return;
  }
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const policy = presetPolicy('production');
  await registerWebhook(t, api, { namespace, policy });
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
