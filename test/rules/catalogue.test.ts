import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../src/core/kubernetes-version.ts';
import { problemsOfRule, renderProblem } from '../../src/dev/rule-problems.ts';
import { FROM_FILE_OWNED, FROM_USER_OWNED, subjectOf } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from './arbitrary-workload.ts';
import { anyChoice, DRAWS_OF_AN_ORDER, LAWS, policyOf, repair } from './catalogue-laws.ts';
import { undeclaredReads } from './recorded-reads.ts';

const ROOT = new URL('../../', import.meta.url);
const { rules } = catalogue;
const IDS = rules.map(({ meta }) => meta.id).sort();

/** Names in a folder that end so, without the ending. */
function namesIn(folder: string, ending: string): string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

void t.test('every rule is a file of its own name, and every file in the folder is a rule', (t) => {
  t.same(
    namesIn('src/rules/', '.ts').filter((name) => name !== 'index'),
    IDS,
  );
  t.end();
});

void t.test('every folder of fixtures has a rule', (t) => {
  const folders = readdirSync(new URL('test/rules/', ROOT), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  t.same(folders.map(({ name }) => name).sort(), IDS);
  t.end();
});

void t.test('every test of a rule has a rule', (t) => {
  const tests = namesIn('test/rules/', '.test.ts').filter((name) => !name.startsWith('catalogue') && !name.endsWith('.property'));
  t.same(tests, IDS);
  t.end();
});

void t.test('every rule has a page, and every page has a rule', (t) => {
  t.same(
    namesIn('docs/rules/', '.md').filter((name) => name !== 'README'),
    IDS,
  );
  const index = readFileSync(new URL('docs/rules/README.md', ROOT), 'utf8');
  t.same(
    [...index.matchAll(/^\| \[(.+?)\]/gm)].map(([, id]) => id),
    IDS,
  );
  t.end();
});

void t.test('every rule can be named in a policy, and nothing else can', (t) => {
  const schema = JSON.parse(readFileSync(new URL('schemas/policy.schema.json', ROOT), 'utf8')) as {
    properties: { spec: { properties: { rules: { properties: object } } } };
  };
  t.same(Object.keys(schema.properties.spec.properties.rules.properties), IDS);
  t.end();
});

for (const rule of rules) {
  const { id } = rule.meta;
  void t.test(`${id}: breaks nothing that every rule must keep`, (t) => {
    t.same(problemsOfRule(rule, id, ROOT).map(renderProblem), []);
    t.end();
  });
}

/** Five orders for each Pod: 10,000 in the long tests. */
const DRAWS = 5 * DRAWS_OF_AN_ORDER;

/** Everything that a property draws; an image volume only where it is not dropped. */
const anyRepaired = fc
  .record({ sent: anyWorkload, choice: anyChoice, draws: fc.noShrink(fc.array(fc.nat(1000), { minLength: DRAWS, maxLength: DRAWS })) })
  .filter(({ sent, choice }) => sent.minor >= 35 || choice.carrier !== 'image-volume');

/** What is wrong comes first, and the Pod that shows it, which is long, last. */
function reasonFirst<Values>({ failed, errorInstance, counterexample, seed, counterexamplePath }: fc.RunDetails<Values>): void {
  if (!failed) return;
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const again = `{ seed: ${seed}, path: ${JSON.stringify(counterexamplePath)} }`;
  throw new Error(`${reason}\n\nAgain with ${again}; the counterexample:\n${fc.stringify(counterexample)}`, { cause: errorInstance });
}

for (const [name, law] of Object.entries(LAWS)) {
  void t.test(`property: ${name}`, (t) => {
    fc.assert(
      fc.property(anyRepaired, ({ sent, choice, draws }) => {
        const subject = subjectOf(sent.object, { kubernetesMinor: sent.minor, trust: sent.admitted ? FROM_USER_OWNED : FROM_FILE_OWNED });
        law(repair(policyOf(sent.minor, choice), subject, draws));
      }),
      { numRuns: runs(2000), reporter: reasonFirst },
    );
    t.end();
  });
}

void t.test('property: no rule looks at what it does not declare', (t) => {
  fc.assert(
    fc.property(anyRepaired, ({ sent, choice }) => {
      const subject = subjectOf(sent.object, { kubernetesMinor: sent.minor, trust: sent.admitted ? FROM_USER_OWNED : FROM_FILE_OWNED });
      const { validating } = policyOf(sent.minor, choice).settingsFor(subject.namespace, subject.workloadClass);
      for (const { rule, options } of validating) assert.deepEqual(undeclaredReads(rule, options, { subject }), [], rule.meta.id);
    }),
    { numRuns: runs(2000), reporter: reasonFirst },
  );
  t.end();
});

void t.test('the Pods of the properties make every repair happen, in every class and version', (t) => {
  const seen = { rules: new Set<string>(), classes: new Set<string>(), minors: new Set<number>() };
  for (const { sent, choice, draws } of fc.sample(anyRepaired, 1000)) {
    const subject = subjectOf(sent.object, { kubernetesMinor: sent.minor, trust: sent.admitted ? FROM_USER_OWNED : FROM_FILE_OWNED });
    for (const id of repair(policyOf(sent.minor, choice), subject, draws).mutation.rules) seen.rules.add(id);
    seen.classes.add(subject.workloadClass);
    seen.minors.add(sent.minor);
  }
  t.same(
    [...seen.rules].sort(),
    IDS.filter((id) => catalogue.get(id)?.meta.mutation !== 'none'),
  );
  t.same([...seen.classes].sort(), ['batch', 'daemon', 'pod', 'service', 'stateful']);
  t.equal(seen.minors.size, NEWEST_MINOR - OLDEST_MINOR + 1);
  t.end();
});
