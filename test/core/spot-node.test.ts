import t from 'tap';
import { spotNoticeOf } from '../../src/core/spot-node.ts';
import { podOf } from '../admission/reviews.ts';
import type { PodSpec } from '../../src/core/pod.ts';

function noticeOf(spec: object): string {
  const notice = spotNoticeOf(podOf({ spec }).spec as unknown as PodSpec);
  return notice === undefined ? 'none' : `${notice.label} ${notice.seconds}`;
}

function requiring(...terms: readonly Readonly<Record<string, readonly string[]>>[]): object {
  const nodeSelectorTerms = terms.map((term) => ({
    matchExpressions: Object.entries(term).map(([key, values]) => ({ key, operator: 'In', values })),
  }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

void t.test('a selector by a label of spot nodes', (t) => {
  t.equal(
    noticeOf({ nodeSelector: { 'kubernetes.io/os': 'linux', 'cloud.google.com/gke-spot': 'true' } }),
    'cloud.google.com/gke-spot=true 30',
  );
  t.equal(noticeOf({ nodeSelector: { 'karpenter.sh/capacity-type': 'on-demand' } }), 'none');
  t.equal(noticeOf({}), 'none');
  t.end();
});

void t.test('of required terms, each has to ask for such nodes, and the longest notice counts', (t) => {
  const aws = { 'eks.amazonaws.com/capacityType': ['SPOT'] };
  const azure = { 'kubernetes.azure.com/scalesetpriority': ['spot'] };
  t.equal(noticeOf(requiring(aws)), 'eks.amazonaws.com/capacityType=SPOT 120');
  t.equal(noticeOf(requiring(azure, aws)), 'eks.amazonaws.com/capacityType=SPOT 120');
  t.equal(noticeOf(requiring(azure, { zone: ['a'] })), 'none');
  t.equal(noticeOf(requiring({ 'karpenter.sh/capacity-type': ['spot', 'on-demand'] })), 'none');
  t.end();
});
