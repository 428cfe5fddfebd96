import t from 'tap';
import { formatQuantity } from '../../src/core/quantity.ts';
import { quotaShortageOf } from '../../src/core/rollout-quota.ts';
import type { ResourceQuota } from '../../src/core/surroundings.ts';
import { subjectOf } from './subject-of.ts';

const QUOTA: ResourceQuota = { name: 'team', hard: {}, used: {}, scopes: [] };

/** What is left, what one Pod needs, and what would be enough. */
function shortage(
  hard: ResourceQuota['hard'],
  used: ResourceQuota['used'],
  replicas: number | null = 2,
  currentReplicas?: number,
): string | undefined {
  const resources = { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } };
  const subject = subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'web', image: 'web:1', resources }] } });
  const found = quotaShortageOf(subject, { replicas: replicas ?? undefined, currentReplicas }, [
    { ...QUOTA, name: 'of-others', scopes: [{ name: 'Terminating', operator: 'Exists', values: [] }], hard: { pods: '0' } },
    { ...QUOTA, hard, used },
  ]);
  return found && [found.quota, found.counted, ...[found.left, found.needed, found.enough].map(formatQuantity)].join(' ');
}

void t.test('one Pod more needs as much as a quota has left', (t) => {
  t.equal(shortage({ 'requests.cpu': '2' }, { 'requests.cpu': '1500m' }), undefined);
  t.equal(shortage({ 'requests.cpu': '2' }, { 'requests.cpu': '1501m' }), 'team requests.cpu 499m 500m 2001m');
  t.equal(shortage({ memory: '3Gi' }, { memory: '2560Mi' }), 'team memory 512Mi 1Gi 3584Mi', 'the short name of requests');
  t.equal(shortage({ 'limits.memory': '4Gi' }, { 'limits.memory': '5Gi' }), 'team limits.memory 0 2Gi 7Gi', 'more is used than allowed');
  t.equal(shortage({ pods: 3, 'limits.cpu': '0', services: '0' }, { pods: '2' }), undefined, 'what this Pod does not use');
  t.end();
});

void t.test('what a rollout has started beside the old Pods is gone when it ends', (t) => {
  t.equal(shortage({ pods: '3' }, { pods: '3' }, 2), 'team pods 0 1 4');
  t.equal(shortage({ pods: '3' }, { pods: '3' }, 2, 3), undefined);
  t.equal(shortage({ 'requests.cpu': '1500m' }, { 'requests.cpu': '1500m' }, 2, 3), undefined);
  t.equal(shortage({ 'requests.cpu': '1499m' }, { 'requests.cpu': '1500m' }, 2, 3), 'team requests.cpu 499m 500m 1500m');
  t.equal(shortage({ pods: '2' }, { pods: '3' }, 2, 3), 'team pods 0 1 3');
  t.equal(shortage({ pods: '3' }, { pods: '3' }, 2, 1), 'team pods 0 1 4', 'fewer than it wants');
  t.end();
});

void t.test('the own Pods of a workload count, though nobody has counted them', (t) => {
  t.equal(shortage({ 'count/pods': '2' }, {}), 'team count/pods 0 1 3');
  t.equal(shortage({ 'count/pods': '2' }, { 'count/pods': '1' }), 'team count/pods 0 1 3');
  t.equal(shortage({ 'count/pods': '3' }, {}), undefined);
  t.equal(shortage({ pods: '2' }, { pods: '1' }, null), undefined, 'of a kind without replicas one alone is sure');
  t.end();
});
