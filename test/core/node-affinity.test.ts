import t from 'tap';
import { requiredNodeTerms } from '../../src/core/node-affinity.ts';

const required = (nodeSelectorTerms: unknown): unknown => ({
  nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
});

void t.test('the terms that a Pod requires are those that match a node at all', (t) => {
  const zone = { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'Exists' }] };
  const node = { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] };
  t.same(requiredNodeTerms(required([zone, {}, { matchExpressions: [], matchFields: null }, node])), [zone, node]);
  t.end();
});

void t.test('nothing is required where the affinity only prefers nodes, or is none', (t) => {
  const preference = { matchExpressions: [{ key: 'a', operator: 'Exists' }] };
  t.same(requiredNodeTerms({ nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] } }), []);
  for (const affinity of [undefined, null, {}, 'text', { nodeAffinity: null }, required(null)]) t.same(requiredNodeTerms(affinity), []);
  t.end();
});
