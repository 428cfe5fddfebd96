/**
 * One evaluation, many faces: what `check` says of a manifest is what admission decides on the object that a real API server
 * made of it. The cluster tests prove the same with a webhook in the way.
 */
import t from 'tap';
import { admit } from '../../src/offline/admit.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { checkManifest } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { PRESETS } from '../../src/core/rule.ts';
import { readGolden, skipWithoutGolden, type GoldenAnswer } from '../core/golden.ts';
import { atLeast } from '../long-tests.ts';

const NOW_MS = Date.parse('2027-01-15T00:00:00Z');

/** The request that the API server sends about an object with its defaults. */
function requestFor({ posted, stored }: GoldenAnswer): AdmissionRequest {
  const [version = '', group = ''] = posted.apiVersion.split('/').reverse();
  const { name = '', namespace = 'default' } = (stored?.['metadata'] ?? {}) as { name?: string; namespace?: string };
  return {
    uid: 'uid',
    operation: 'CREATE',
    kind: { group, version, kind: posted.kind },
    resource: `${posted.kind.toLowerCase()}s`,
    subResource: '',
    name,
    namespace,
    origin: { from: 'review', username: 'alice' },
    object: { apiVersion: posted.apiVersion, kind: posted.kind, ...stored },
    oldObject: null,
    dryRun: false,
  };
}

/** What somebody would read of it; where a finding is repaired or only recorded does not matter to the verdict. */
function told(findings: readonly { readonly mode: string; readonly rule: string; readonly field: string }[]): string {
  return findings
    .filter(({ mode }) => mode === 'enforce' || mode === 'warn')
    .map(({ mode, rule, field }) => `${mode} ${rule} ${field}`)
    .sort()
    .join(', ');
}

/** All under the policy that most people have, a part under the others. */
const EVERY = { baseline: 8, production: 1, strict: 8 } as const;

for (const name of ['pods', 'workloads'] as const) {
  for (const preset of PRESETS) {
    void t.test(`${name} of the corpus: the verdict of the cluster under ${preset}`, { skip: skipWithoutGolden() }, (t) => {
      const policy = presetPolicy(preset);
      const differing: string[] = [];
      let compared = 0;
      let denied = 0;
      for (const golden of readGolden(name).filter(({ code }, index) => code === 201 && index % EVERY[preset] === 0)) {
        const request = requestFor(golden);
        const checked = checkManifest(ManifestDocument.ofValue(golden.file, golden.posted), {
          policy,
          namespace: request.namespace,
          nowMs: NOW_MS,
        });
        // A user's mirror annotation is believed in a file and not in a request.
        if (checked.outcome === 'judged' && checked.result.workload === 'static') continue;
        const { validate } = admit(request, policy, { nowMs: NOW_MS });
        compared += 1;
        if (!validate.allowed) denied += 1;
        const here = checked.outcome === 'judged' ? `${String(checked.result.allowed)} ${told(checked.result.findings)}` : checked.outcome;
        const there = validate.skipped === undefined ? `${String(validate.allowed)} ${told(validate.findings)}` : 'skipped';
        if (here !== there) differing.push(`${golden.file}: check ${here}; admission ${there}`);
      }
      t.same(differing, []);
      t.ok(compared > atLeast(100), `${compared} compared`);
      t.comment(`${compared} compared, ${denied} denied by both`);
      t.end();
    });
  }
}
