import t from 'tap';
import fc from '../fast-check.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from '../rules/arbitrary-workload.ts';
import { written } from '../yaml/edit/written.ts';
import { contextFor, fixLaws } from './fix-laws.ts';

void t.test('whatever workload is repaired, in whatever layout, every law holds', (t) => {
  const contexts = [contextFor('production'), contextFor('strict')];
  let changed = 0;
  let refused = 0;
  fc.assert(
    fc.property(anyWorkload, fc.array(fc.nat(9999), { minLength: 7, maxLength: 23 }), ({ object }, choices) => {
      const { text } = written(JSON.parse(JSON.stringify(object)) as Record<string, unknown>, choices);
      for (const context of contexts) {
        const laws = fixLaws(text, context);
        if (laws.broken.length > 0) throw new Error(`${laws.broken.join('\n')}\n${text}`);
        changed += laws.changed;
        refused += laws.refused.length;
      }
    }),
    { numRuns: runs(1000) },
  );
  t.ok(changed > 20 * refused, `${changed} changed, ${refused} refused`);
  t.end();
});
