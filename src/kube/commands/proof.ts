/**
 * Checks from outside whether the webhook answers: sends a Pod that the policy denies as a dry run, and expects podgrace's
 * denial.
 *
 * podgrace's own evaluation of the same policy finds such a Pod first, so the check does not depend on chance. If the
 * policy denies nothing, the check expects a warning or a repair instead.
 */
import { admit, type Admission } from '../../offline/admit.ts';
import { creationOf } from '../../offline/creation.ts';
import { decideValidation } from '../../admission/decision.ts';
import { warningsOf } from '../../admission/warnings.ts';
import { equalJson, isObject, type JsonObject } from '../../core/json.ts';
import { asObject, metadataOf } from '../../core/json-reading.ts';
import type { Policy } from '../../core/policy.ts';
import { KubeStatusError, type KubeApi, type KubeAnswer } from '../client/api.ts';
import { denialOf, isPodgraceWebhook } from './denial.ts';
import { closedWebhooksOf } from './break-glass.ts';
import { selects } from './label-selector.ts';
import { changesBetween, valueAt, type Change } from './object-changes.ts';
import { webhooksOf } from './installation.ts';

/** What a Pod must meet with, for it to be podgrace that answered. */
export type Foreseen =
  | { readonly sign: 'denial' }
  | { readonly sign: 'warning'; readonly warnings: readonly string[] }
  | { readonly sign: 'repair'; readonly changes: readonly Change[] }
  /** The policy lets the Pod through as it is: seen is only that the webhook, which refuses when it fails, did not fail. */
  | { readonly sign: 'admission' };

export interface ProofPlan {
  readonly namespace: string;
  readonly pod: JsonObject;
  readonly foreseen: Foreseen;
}

/** In this order: the first sign that some Pod meets with in some namespace is taken. */
const SIGNS = ['denial', 'warning', 'repair', 'admission'] as const;

/**
 * @param namespaces all of them, as the API server has them
 * @param configuration the validating one
 * @returns undefined where the webhook looks at no namespace that the policy judges
 */
export function planProof(policy: Policy, namespaces: readonly JsonObject[], configuration: JsonObject, now: Date): ProofPlan | undefined {
  const [webhook] = webhooksOf(configuration);
  const judged = namespaces
    .filter(({ metadata, status }) => isUnder(webhook, metadata) && (!isObject(status) || status['phase'] !== 'Terminating'))
    .map((namespace) => String(metadataOf(namespace)['name']))
    .filter((name) => !policy.isExcludedNamespace(name))
    .toSorted((a, b) => Number(b === 'default') - Number(a === 'default') || (a < b ? -1 : 1));
  const plans = judged.flatMap((namespace) =>
    CARELESS_PODS.map((pod) => ({ namespace, pod, foreseen: foresee(pod, namespace, policy, now) })),
  );
  const sign = SIGNS.find((candidate) => plans.some(({ foreseen }) => foreseen.sign === candidate));
  return plans.find(({ foreseen }) => foreseen.sign === sign);
}

export type ProofOutcome =
  | { readonly proved: true }
  /** Not seen (yet); `reason` says what came back instead. */
  | { readonly proved: false; readonly reason: string };

/** Sends the Pod once; nothing is stored. */
export async function tryProof(api: KubeApi, plan: ProofPlan, configuration: JsonObject): Promise<ProofOutcome> {
  try {
    const answer = await api.request({
      method: 'POST',
      path: `/api/v1/namespaces/${plan.namespace}/pods`,
      query: { dryRun: 'All' },
      body: plan.pod,
    });
    return judgeAnswer(answer, plan.foreseen, configuration);
  } catch (error) {
    if (error instanceof KubeStatusError) return judgeRefusal(error);
    throw error;
  }
}

function judgeRefusal(error: KubeStatusError): ProofOutcome {
  const denial = denialOf(error);
  if (denial?.by === 'podgrace') return { proved: true };
  if (denial !== undefined) return { proved: false, reason: `the Pod was denied, but not by podgrace: ${denial.message}` };
  return { proved: false, reason: error.message };
}

function judgeAnswer({ body, warnings }: KubeAnswer, foreseen: Foreseen, configuration: JsonObject): ProofOutcome {
  switch (foreseen.sign) {
    case 'denial':
      return { proved: false, reason: 'a Pod that the policy denies was let through: the webhook was not asked, or has another policy' };
    case 'warning':
      return foreseen.warnings.some((warning) => warnings.includes(warning))
        ? { proved: true }
        : { proved: false, reason: 'a Pod that the policy warns about was let through without a word' };
    case 'repair':
      return foreseen.changes.every(({ place, to }) => equalJson(valueAt(body, place), to))
        ? { proved: true }
        : { proved: false, reason: 'a Pod that the policy repairs was let through as it was' };
    case 'admission':
      return closedWebhooksOf(configuration).length > 0
        ? { proved: true }
        : {
            proved: false,
            reason: 'the policy lets everything through, and so does a webhook that fails: nothing can be seen from outside',
          };
  }
}

function foresee(pod: JsonObject, namespace: string, policy: Policy, now: Date): Foreseen {
  const request = creationOf(pod, namespace);
  if (typeof request === 'string') throw new Error(`the Pod of the proof ${request}`);
  const asking = { nowMs: now.getTime() };
  const admission: Admission = admit(request, policy, asking);
  if (!admission.validate.allowed) return { sign: 'denial' };
  const warnings = warningsOf(admission.validate.findings);
  if (warnings.length > 0) return { sign: 'warning', warnings };
  const [before, after] = [decideValidation(request, policy, asking).pod, admission.validate.pod];
  const changes = before === undefined || after === undefined ? [] : changesBetween(before, after);
  return changes.length > 0 ? { sign: 'repair', changes } : { sign: 'admission' };
}

function isUnder(webhook: JsonObject | undefined, metadata: unknown): boolean {
  const labels = asObject(asObject(metadata)['labels']);
  return webhook !== undefined && isPodgraceWebhook(String(webhook['name'])) && selects(webhook['namespaceSelector'], labels);
}

/** What nearly every rule has something to say about; Pod Security `restricted` has not. */
const CARELESS_CONTAINER = {
  name: 'proof',
  image: 'podgrace.invalid/proof:1',
  command: ['sh', '-c', 'prepare; serve'],
  env: [{ name: 'LOG_LEVEL', value: 'debug' }],
  ports: [{ containerPort: 8080 }],
  livenessProbe: { tcpSocket: { port: 8080 } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};

/** With values that were chosen, badly: those are not repaired. */
const WRONG_CONTAINER = {
  ...CARELESS_CONTAINER,
  resources: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } },
  readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2, timeoutSeconds: 3600, failureThreshold: 100 },
  livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2, timeoutSeconds: 3600 },
  lifecycle: { preStop: { exec: { command: ['sleep', '86400'] } } },
};

const CARELESS_PODS: readonly JsonObject[] = [
  podOf(CARELESS_CONTAINER, {}),
  podOf(WRONG_CONTAINER, { sizeLimit: '1Pi' }),
  podOf(WRONG_CONTAINER, { medium: 'Memory' }),
  heldToLostNodes(podOf(CARELESS_CONTAINER, {})),
];

/** As a ReplicaSet's Pod, which should be replaced soon; the reference is to nobody, and excuses nothing. */
function heldToLostNodes(pod: JsonObject): JsonObject {
  const taints = ['not-ready', 'unreachable'];
  return {
    ...pod,
    metadata: {
      generateName: 'podgrace-proof-',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'proof', uid: '00000000-0000-0000-0000-000000000000', controller: true },
      ],
    },
    spec: {
      ...(pod['spec'] as JsonObject),
      tolerations: taints.map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 86_400,
      })),
    },
  };
}

function podOf(container: JsonObject, emptyDir: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'podgrace-proof-' },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [{ name: 'data', emptyDir }],
      containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    },
  };
}
