import t from 'tap';
import fc from '../fast-check.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from '../rules/arbitrary-workload.ts';
import { written } from '../yaml/edit/written.ts';
import { contextFor, fixLaws } from './fix-laws.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of one or more objects. */
const LAYOUTS: Readonly<Record<string, (objects: readonly Json[], choices: readonly number[]) => string>> = {
  'a YAML document': ([object = {}], choices) => written(object, choices).text,
  'documents one after another': (objects, choices) =>
    objects
      .map((object, index) =>
        written(object, choices.with(0, index))
          .text.replace(/^---\r?\n/m, '')
          .replace(/\r?\n?$/, '\n'),
      )
      .join('---\n'),
  'a List': (objects, choices) => written({ apiVersion: 'v1', kind: 'List', items: objects }, choices).text,
  'a typed list': (objects, choices) =>
    written({ apiVersion: 'apps/v1', kind: 'DeploymentList', items: objects.map(untyped) }, choices).text,
  'JSON of one line': (objects) => objects.map((object) => JSON.stringify(object)).join('\n'),
  'JSON of several lines': (objects) => `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, '\t')}\n`,
};

for (const [layout, textOf] of Object.entries(LAYOUTS)) {
  void t.test(`whatever workloads are repaired in ${layout}, every law holds`, (t) => {
    const contexts = [contextFor('production'), contextFor('strict')];
    let changed = 0;
    let refused = 0;
    const workloads = fc.array(anyWorkload, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(workloads, fc.array(fc.nat(9999), { minLength: 7, maxLength: 23 }), (sent, choices) => {
        const text = textOf(
          sent.map(({ object }) => JSON.parse(JSON.stringify(object)) as Json),
          choices,
        );
        for (const context of contexts) {
          const laws = fixLaws(text, context);
          if (laws.broken.length > 0) throw new Error(`${laws.broken.join('\n')}\n${text}`);
          changed += laws.changed;
          refused += laws.refused.length;
        }
      }),
      { numRuns: runs(250, 8) },
    );
    t.ok(changed > 0 && changed > 20 * refused, `${changed} changed, ${refused} refused`);
    t.end();
  });
}

/** As an item of a list that says what its items are. */
function untyped({ kind, apiVersion, ...object }: Json): Json {
  return kind === 'Deployment' ? object : { apiVersion, kind, ...object };
}
