/** That the recording of what rules look at (law 14) misses nothing. */
import t from 'tap';
import type { Rule } from '../../src/core/rule.ts';
import { makeRule } from '../core/made-up-rule.ts';
import { subjectOf } from '../core/subject-of.ts';
import { FieldPath } from '../../src/core/path.ts';
import { undeclaredReads } from './recorded-reads.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', annotations: { 'example.com/a': '1' } },
  spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] }] },
};
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 2, template: { metadata: {}, spec: POD.spec } },
};

function readsOf(
  reads: readonly string[],
  validate: Rule['validate'],
  object: object = POD,
  about: 'pod' | 'workload' = 'pod',
): readonly string[] {
  return undeclaredReads(makeRule('a', { reads, about, validate }), {}, { subject: subjectOf(object) });
}

/** Asking is all that is wanted. */
function look(asked: unknown): string {
  return String(asked);
}

void t.test('what is declared may be looked at, with all below it and on the way to it', (t) => {
  const validate: Rule['validate'] = (pod) => {
    for (const { ports } of pod.spec.containers) JSON.stringify(ports);
    return [];
  };
  t.same(readsOf(['spec.containers[*].ports'], validate), []);
  t.same(readsOf(['spec.initContainers[*].ports'], validate), [
    'spec.containers[0].ports',
    'spec.containers[0].ports[0]',
    'spec.containers[0].ports[0].containerPort',
    'spec.containers[0].ports[0][*]',
  ]);
  t.end();
});

void t.test('a member that is not there counts, and so does the question whether it is', (t) => {
  t.same(
    readsOf(['spec.containers[*].ports'], ({ spec }) => {
      look(spec.hostNetwork);
      look('hostPID' in spec);
      return [];
    }),
    ['spec.hostNetwork', 'spec.hostPID'],
  );
  t.end();
});

void t.test('the keys of an object are more than the one that is declared', (t) => {
  const validate: Rule['validate'] = ({ metadata }) => {
    Object.keys(metadata.annotations ?? {});
    return [];
  };
  t.same(readsOf(['metadata.annotations[example.com/a]'], validate), ['metadata.annotations[*]']);
  t.same(readsOf(['metadata.annotations[*]'], validate), []);
  t.end();
});

void t.test('what the context answers was read from the Pod', (t) => {
  t.same(
    readsOf(['spec.hostPID'], (_, { subject }) => {
      look(subject.operatingSystem);
      return [];
    }),
    ['spec.affinity', 'spec.nodeSelector', 'spec.os'],
  );
  t.same(
    readsOf(['spec.hostPID'], (_, { facts }) => {
      look(facts.diskBound);
      return [];
    }),
    ['spec.containers[0].resources'],
  );
  t.same(
    readsOf(['spec.hostPID'], (_, { subject }) => {
      subject.provenance.wasSent(FieldPath.of('spec', 'terminationGracePeriodSeconds'));
      return [];
    }),
    ['spec.terminationGracePeriodSeconds'],
  );
  t.end();
});

void t.test('what a repair looks at counts', (t) => {
  const rule = makeRule('a', {
    reads: ['spec.hostPID'],
    mutate({ spec }) {
      if (spec.hostNetwork !== true) spec.hostPID = false;
    },
  });
  t.same(undeclaredReads(rule, {}, { subject: subjectOf(POD) }), ['spec.hostNetwork']);
  t.end();
});

void t.test('a rule about the workload declares places of the workload', (t) => {
  const validate: Rule['validate'] = (pod, { subject }) => {
    look(subject.workload?.replicas);
    look(subject.workload?.strategy);
    look(pod.metadata.labels);
    return [];
  };
  t.same(readsOf(['spec.replicas', 'spec.strategy', 'spec.template.metadata.labels'], validate, DEPLOYMENT, 'workload'), []);
  t.same(readsOf(['spec.minReadySeconds'], validate, DEPLOYMENT, 'workload'), [
    'spec.replicas',
    'spec.strategy',
    'spec.template.metadata.labels',
  ]);
  t.throws(() => readsOf(['spec.replicas'], validate, DEPLOYMENT), /must say so in meta.about/);
  t.end();
});
