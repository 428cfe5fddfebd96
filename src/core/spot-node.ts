/** Nodes that a cloud takes away at short notice, which a Pod can ask for by their labels. */
import { asObject, asObjects } from './json-reading.ts';
import type { PodSpec } from './pod.ts';
import { requiredNodeTerms } from './node-affinity.ts';

export interface SpotNotice {
  /** The label that the Pod asks for. */
  readonly label: string;
  /** Between the notice and the end of the node. */
  readonly seconds: number;
}

/**
 * By label and value. AWS gives two minutes (docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html), Google
 * (cloud.google.com/compute/docs/instances/spot) and Azure (learn.microsoft.com/azure/virtual-machines/spot-vms) 30 s. Karpenter has nodes of each,
 * and none gives more than two minutes.
 */
const NOTICE_SECONDS: ReadonlyMap<string, number> = new Map([
  ['karpenter.sh/capacity-type=spot', 120],
  ['eks.amazonaws.com/capacityType=SPOT', 120],
  ['cloud.google.com/gke-spot=true', 30],
  ['cloud.google.com/gke-preemptible=true', 30],
  ['kubernetes.azure.com/scalesetpriority=spot', 30],
]);

/** @returns undefined where the Pod may run on other nodes, too */
export function spotNoticeOf({ nodeSelector, affinity }: PodSpec): SpotNotice | undefined {
  for (const key in nodeSelector) {
    const notice = noticeOf(key, nodeSelector[key]);
    if (notice !== undefined) return notice;
  }
  // Terms are alternatives: what each of them gives at most is certain.
  let longest: SpotNotice | undefined;
  for (const term of requiredNodeTerms(affinity)) {
    const notice = noticeOfTerm(term);
    if (notice === undefined) return undefined;
    if (longest === undefined || notice.seconds > longest.seconds) longest = notice;
  }
  return longest;
}

function noticeOfTerm(term: unknown): SpotNotice | undefined {
  for (const { key, operator, values } of asObjects(asObject(term)['matchExpressions'])) {
    if (operator !== 'In' || typeof key !== 'string' || !Array.isArray(values) || values.length !== 1) continue;
    const notice = noticeOf(key, values[0]);
    if (notice !== undefined) return notice;
  }
  return undefined;
}

function noticeOf(key: string, value: unknown): SpotNotice | undefined {
  if (typeof value !== 'string') return undefined;
  const label = `${key}=${value}`;
  const seconds = NOTICE_SECONDS.get(label);
  return seconds === undefined ? undefined : { label, seconds };
}
