/** What `check` says that the API server refuses, against what one refused of thousands of real manifests. */
import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { checkManifest } from '../../src/offline/check.ts';
import { VALID_OBJECT } from '../../src/offline/refusals.ts';
import { NOW_MS } from '../admission/ask.ts';
import { readGolden, skipWithoutGolden } from '../core/golden.ts';
import { atLeast } from '../long-tests.ts';

const SOMEWHERE = { line: 1, column: 1, endLine: 1, endColumn: 2, quote: '' };
const source = (value: unknown): Parameters<typeof checkManifest>[0] => ({
  ...{ file: 'web.yaml', document: 1, line: 1, value },
  placeOf: () => SOMEWHERE,
});

for (const preset of ['baseline', 'strict'] as const) {
  void t.test(`${preset}: nothing is said to be refused that an API server accepts`, { skip: skipWithoutGolden() }, (t) => {
    const policy = presetPolicy(preset).forKubernetes('1.36');
    const wrong: string[] = [];
    let [accepted, foretold] = [0, 0];
    for (const { file, posted, code } of [...readGolden('pods'), ...readGolden('workloads')]) {
      const outcome = checkManifest(source(posted), { policy, namespace: 'shop', nowMs: NOW_MS });
      if (outcome.outcome !== 'judged') continue;
      const refusals = outcome.result.findings.filter(({ rule }) => rule === VALID_OBJECT);
      if (code !== 201) foretold += refusals.length > 0 ? 1 : 0;
      else {
        accepted += 1;
        for (const { field, message } of refusals) wrong.push(`${file}: ${field} ${message}`);
      }
    }
    t.same(wrong, []);
    t.ok(accepted >= atLeast(9_000), `${accepted} were accepted`);
    t.ok(foretold >= atLeast(280), `${foretold} were refused, and it was foretold`);
    t.end();
  });
}
