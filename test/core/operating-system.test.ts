import t from 'tap';
import { operatingSystemOf } from '../../src/core/operating-system.ts';
import type { PodSpec } from '../../src/core/pod.ts';

void t.test('a Pod is for Windows by its API field, else by its node selector', (t) => {
  const os = (spec: Partial<PodSpec>): string => operatingSystemOf(spec as PodSpec);
  t.equal(os({}), 'linux');
  t.equal(os({ os: { name: 'windows' } }), 'windows');
  t.equal(os({ nodeSelector: { 'kubernetes.io/os': 'windows' } }), 'windows');
  t.equal(os({ os: { name: 'linux' }, nodeSelector: { 'kubernetes.io/os': 'windows' } }), 'linux');
  t.equal(os({ nodeSelector: { 'node.kubernetes.io/windows-build': '10.0.20348' } }), 'windows');
  t.equal(os({ os: null, nodeSelector: null }), 'linux');
  const required = (...expressions: object[]): string =>
    os({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: expressions.map((expression) => ({ matchExpressions: [expression] })),
          },
        },
      },
    });
  const key = 'kubernetes.io/os';
  t.equal(required({ key, operator: 'NotIn', values: ['linux'] }), 'windows');
  t.equal(required({ key, operator: 'In', values: ['windows', 'linux'] }), 'linux');
  t.equal(required({ key, operator: 'NotIn', values: ['windows'] }), 'linux');
  t.equal(required({ key: 'node.kubernetes.io/windows-build', operator: 'Exists' }), 'windows');
  t.equal(required({ key: 'node.kubernetes.io/windows-build', operator: 'DoesNotExist' }), 'linux');
  t.equal(required({ key, operator: 'In', values: ['windows'] }, { key: 'a', operator: 'Exists' }), 'linux', 'one term is enough');
  const terms = (...nodeSelectorTerms: object[]): string =>
    os({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
  const windows = { matchExpressions: [{ key, operator: 'In', values: ['windows'] }] };
  t.equal(terms(windows, {}, { matchExpressions: [], matchFields: null }), 'windows', 'an empty term matches no node');
  t.equal(terms({}), 'linux');
  t.equal(terms(windows, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }), 'linux');
  t.end();
});
