/** podgrace asks of others only what it does itself. */
import t from 'tap';
import { checkManifest } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { RENDERINGS } from './rendered.ts';

/** `strict`, and podgrace's own namespace is not left alone. */
const STRICT = readPolicy(
  JSON.stringify({
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'strict' },
    spec: { preset: 'strict', kubernetesVersion: '1.36', excludedNamespaces: [] },
  }),
  'strict.yaml',
  { catalogue, nowMs: Date.now() },
);

for (const { name, skip, render } of RENDERINGS) {
  void t.test(`${name} is clean under strict, nothing to repair`, { skip }, (t) => {
    const outcomes = render().map((value) =>
      checkManifest(ManifestDocument.ofValue(name, value), { policy: STRICT, namespace: 'default', nowMs: Date.now() }),
    );
    const judged = outcomes.filter(({ outcome }) => outcome !== 'skipped');
    const kinds = judged.map((outcome) => (outcome.outcome === 'judged' ? outcome.result.kind : outcome.outcome));
    t.same(
      kinds.filter((kind) => kind !== 'PodDisruptionBudget'),
      ['Deployment'],
    );
    t.ok(kinds.length <= 2, 'and its budget');
    for (const outcome of judged) t.match(outcome, { result: { allowed: true } });
    const findings = judged.flatMap((outcome) => (outcome.outcome === 'judged' ? outcome.result.findings : []));
    t.same(findings, []);
    t.end();
  });
}
