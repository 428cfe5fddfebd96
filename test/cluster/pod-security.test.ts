/**
 * Repairs and Pod Security: what a namespace with these standards takes, it takes with every repair that podgrace has. The Pods are those
 * of all fixtures, once as they are written, and once with the security contexts that the standard `restricted` asks for.
 */
import { applyPatch } from 'rfc6902';
import { cloneJson, isObject, type JsonObject } from '../../src/core/json.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { admit } from '../../src/offline/admit.ts';
import { creationOf } from '../../src/offline/creation.ts';
import { fixturesOf, minorOf, subjectOf, type Fixture } from '../rules/fixture.ts';
import { asApplied } from './as-applied.ts';
import { clusterTest, connect, makeNamespace, send, serverVersion } from './cluster.ts';
import { withoutDropped } from './dropped-fields.ts';
import { policyOf } from './proof/scenario.ts';

const FIXTURES = catalogue.rules.filter(({ meta }) => meta.about !== 'deletion' && meta.companions === undefined).flatMap(fixturesOf);

const CARRIERS = ['image-volume', 'init-container', 'share-process-namespace'] as const;

for (const standard of ['baseline', 'restricted'] as const)
  clusterTest(`what a namespace with the standard ${standard} takes, it takes with every repair`, async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api, { 'pod-security.kubernetes.io/enforce': standard });
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const kubernetesVersion = await serverVersion(api);
    const accepts = async (body: JsonObject): Promise<string> => {
      const { code, body: answer } = await send(api, { method: 'POST', path, query: { dryRun: 'All' }, body });
      return code === 201 ? '' : String(answer['message']);
    };
    const repairing = new Set<string>();
    for (const carrier of CARRIERS) {
      const policy = policyOf(everyRepair(carrier), { kubernetesVersion });
      for (const fixture of FIXTURES.map((each) => ({ ...each, kubernetesVersion }))) {
        const pod = podOf(fixture, standard === 'restricted');
        const submission = creationOf(pod, namespace);
        if (typeof submission === 'string') continue;
        const { patch, rules } = admit(submission, policy, { nowMs: 0 }).mutate;
        const isOfCarrier = carrier === CARRIERS[0] || rules.includes('init-process');
        if (patch.length === 0 || !isOfCarrier || (await accepts(pod)) !== '') continue;
        const repaired = cloneJson(pod);
        for (const error of applyPatch(repaired, cloneJson(patch) as Parameters<typeof applyPatch>[1])) if (error !== null) throw error;
        t.equal(await accepts(repaired), '', `${fixture.rule.meta.id}, ${fixture.name}: ${rules.join(', ')}`);
        for (const rule of rules) repairing.add(rule);
      }
    }
    const missing = catalogue.rules.filter(({ meta }) => meta.mutation !== 'none' && !repairing.has(meta.id)).map(({ meta }) => meta.id);
    t.same(missing, [], 'each repair is among them');
  });

function everyRepair(carrier: (typeof CARRIERS)[number]): Parameters<typeof policyOf>[0] {
  // Without these options, the two repair nothing.
  const options: Readonly<Record<string, object>> = {
    'init-process': { carrier, image: 'registry.example/podgrace:1.2.3' },
    'toleration-seconds': { withoutClaim: { seconds: 60, min: 30, max: 120 } },
  };
  const rules = catalogue.rules.filter(({ meta }) => meta.mutation !== 'none');
  return Object.fromEntries(
    rules.map(({ meta: { id } }) => [id, { mode: 'audit', mutation: 'apply', ...(options[id] && { options: { ...options[id] } }) }]),
  );
}

const OWNER = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'owner', uid: 'd9607e19-f88f-11e6-a518-42010a800195', controller: true };

function podOf(fixture: Fixture, isHardened: boolean): JsonObject {
  const { received, isTemplate } = subjectOf(fixture.given, fixture);
  const { annotations, labels } = (received['metadata'] ?? {}) as JsonObject;
  const { ephemeralContainers: _, ...spec } = withoutDropped(received['spec'], minorOf(fixture)) as Record<string, unknown>;
  return asApplied({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'fixture-',
      ...(isObject(annotations) && { annotations }),
      ...(isObject(labels) && { labels }),
      ...(isTemplate && { ownerReferences: [OWNER] }),
    },
    spec: { schedulerName: 'nobody', automountServiceAccountToken: false, ...(isHardened ? hardened(spec) : spec) },
  });
}

/** With what `restricted` asks of each container. */
function hardened(spec: Record<string, unknown>): JsonObject {
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const each = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((container: JsonObject) => ({
          ...container,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        }))
      : list;
  return { ...spec, securityContext, containers: each(spec['containers']), initContainers: each(spec['initContainers']) };
}
