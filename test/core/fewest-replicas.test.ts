import t from 'tap';
import { fewestReplicasOf } from '../../src/core/fewest-replicas.ts';
import { NOTHING_KNOWN, type Autoscaler } from '../../src/core/surroundings.ts';
import { subjectOf } from './subject-of.ts';

function fewest(kind: string, spec: object, autoscaler?: Partial<Autoscaler>): number | undefined {
  const template = { metadata: {}, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const subject = subjectOf({ apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, spec: { template, ...spec } });
  const scaleTargetRef = { apiVersion: 'apps/v1', kind, name: 'web' };
  const value = [{ name: 'web', scaleTargetRef, minReplicas: 3, maxReplicas: 9, ...autoscaler }];
  return fewestReplicasOf(subject, autoscaler === undefined ? NOTHING_KNOWN : { autoscalers: { isKnown: true, value } });
}

void t.test('an autoscaler says how few there may be, one at least, and otherwise the workload', (t) => {
  t.equal(fewest('Deployment', { replicas: 5 }), 5);
  t.equal(fewest('Deployment', {}), 1);
  t.equal(fewest('Deployment', {}, {}), 3);
  t.equal(fewest('Deployment', { replicas: 5 }, {}), 3);
  t.equal(fewest('Deployment', {}, { minReplicas: 0 }), 1);
  const ofAnother = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' } };
  t.equal(fewest('Deployment', { replicas: 2 }, ofAnother), 2);
  t.end();
});

void t.test('what is switched off stays off, and a DaemonSet has no replicas', (t) => {
  t.equal(fewest('StatefulSet', { replicas: 0 }, {}), 0);
  t.equal(fewest('DaemonSet', {}, {}), undefined);
  t.end();
});

void t.test('what KEDA or an autoscaler down to 0 scales is started again', (t) => {
  t.equal(fewest('Deployment', { replicas: 0 }, { kind: 'ScaledObject' }), 3);
  t.equal(fewest('Deployment', { replicas: 0 }, { kind: 'ScaledObject', minReplicas: 0 }), 1);
  t.equal(fewest('Deployment', { replicas: 0 }, { minReplicas: 0 }), 1);
  t.end();
});
