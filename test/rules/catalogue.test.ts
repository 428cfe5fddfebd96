import { Ajv } from 'ajv';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { VERSION } from '../../src/config/version.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../src/core/kubernetes-version.ts';
import { PRESETS } from '../../src/core/rule.ts';
import { FROM_FILE, FROM_USER, subjectOf } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from './arbitrary-workload.ts';
import { anyChoice, LAWS, policyOf, repair } from './catalogue-laws.ts';

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

void t.test('every rule has fixtures, and every folder of fixtures has a rule', (t) => {
  const folders = readdirSync(new URL('test/rules/', ROOT), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  t.same(folders.map(({ name }) => name).sort(), IDS);
  for (const id of IDS) t.ok(namesIn(`test/rules/${id}/`, '.yaml').length > 1, id);
  t.end();
});

void t.test('every rule has a test that proves the laws, and every such test has a rule', (t) => {
  const tests = namesIn('test/rules/', '.test.ts').filter((name) => !name.startsWith('catalogue') && !name.endsWith('.property'));
  t.same(tests, IDS);
  for (const id of IDS) {
    const text = readFileSync(new URL(`test/rules/${id}.test.ts`, ROOT), 'utf8');
    t.ok(text.includes(`from '../../src/rules/${id}.ts'`) && /^testRule\(rule\);$/m.test(text), id);
  }
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
  const { meta } = rule;
  const repairs = rule.mutate !== undefined;
  void t.test(`${meta.id}: what it says of itself is whole`, (t) => {
    const { id, since, docs, messages } = meta;
    t.match(id, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    t.match(since, /^\d+\.\d+\.\d+$/);
    t.ok(since.localeCompare(VERSION, undefined, { numeric: true }) <= 0, `${since} is no later version than ${VERSION}`);
    t.match(docs.summary, /^[A-Z].*\.$/, 'one sentence on one line');
    for (const text of [docs.why, docs.remediation]) t.match(text, /^[A-Z][\s\S]*[.:]$/, 'sentences');
    for (const reference of docs.references) t.match(reference, /^https:\/\//);
    t.ok(docs.references.length > 0, 'it names its sources');
    for (const [name, { text, fix }] of Object.entries(messages)) {
      t.match(text, /^must [\s\S]*[^.]$/, `${name}: starts with must, no full stop`);
      t.match(fix, /^[a-z`][\s\S]*[^.]$/, `${name}: what can be done about it`);
    }
    t.ok(meta.reads.length > 0, 'it looks at something');
    t.notMatch(JSON.stringify(meta), /TODO/, 'nothing is left of the scaffold');
    t.end();
  });

  void t.test(`${meta.id}: what it says of its repair is so`, (t) => {
    t.equal(meta.mutation !== 'none', repairs);
    t.equal(meta.writes.length > 0, repairs);
    for (const preset of PRESETS) t.ok(repairs || meta.presets[preset].mutation === 'off', preset);
    t.end();
  });

  void t.test(`${meta.id}: its default options and those of each preset are right`, (t) => {
    const isRight = new Ajv().compile(meta.schema);
    for (const preset of PRESETS) {
      const { options, mutation } = meta.presets[preset];
      const merged = { ...(meta.defaultOptions as object), ...(options as object | undefined) };
      t.ok(isRight(merged), `${preset}: ${JSON.stringify(isRight.errors)}`);
      for (const minor of [OLDEST_MINOR, NEWEST_MINOR])
        t.same(meta.checkOptions?.(merged, mutation, minor) ?? [], [], `${preset} 1.${minor}`);
    }
    const properties = Object.keys((meta.schema as { properties: object }).properties);
    t.same(
      Object.keys(meta.defaultOptions as object).filter((option) => !properties.includes(option)),
      [],
    );
    t.end();
  });
}

/** Everything that a property draws; an image volume only where it is not dropped. */
const anyRepaired = fc
  .record({ sent: anyWorkload, choice: anyChoice, draws: fc.noShrink(fc.array(fc.nat(1000), { minLength: 20, maxLength: 20 })) })
  .filter(({ sent, choice }) => sent.minor >= 35 || choice.carrier !== 'image-volume');

for (const [name, law] of Object.entries(LAWS)) {
  void t.test(`property: ${name}`, (t) => {
    fc.assert(
      fc.property(anyRepaired, ({ sent, choice, draws }) => {
        const subject = subjectOf(sent.object, { kubernetesMinor: sent.minor, trust: sent.admitted ? FROM_USER : FROM_FILE });
        law(repair(policyOf(sent.minor, choice), subject, draws));
      }),
      { numRuns: runs(2000) },
    );
    t.end();
  });
}

void t.test('the Pods of the properties make every repair happen, in every class and version', (t) => {
  const seen = { rules: new Set<string>(), classes: new Set<string>(), minors: new Set<number>() };
  for (const { sent, choice, draws } of fc.sample(anyRepaired, 1000)) {
    const subject = subjectOf(sent.object, { kubernetesMinor: sent.minor, trust: sent.admitted ? FROM_USER : FROM_FILE });
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
