/**
 * `npm run accuracy -- RULE`: findings of a rule in the workloads of the corpus, drawn with a fixed seed, each with what it is about, so
 * that somebody can read them and say whether they are true (docs/accuracy.md).
 */
import { dump } from 'js-yaml';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { trustIn } from '../admission/submission.ts';
import { catalogue } from '../config/catalogue.ts';
import { presetDocument } from '../config/presets.ts';
import { parseBoundedJson } from '../core/bounded-json.ts';
import { validate } from '../core/evaluate.ts';
import { Evaluation } from '../core/evaluation.ts';
import type { Finding } from '../core/finding.ts';
import { isObject } from '../core/json.ts';
import { containerAt } from '../core/container-place.ts';
import { DEFAULT_EXCLUDED_NAMESPACES, Policy } from '../core/policy.ts';
import { PRESETS, type PresetName } from '../core/rule.ts';
import { readSubject, type Subject } from '../core/subject.ts';
import { codeOf } from '../files/system-error.ts';
import { SurroundingsOfFiles } from '../offline/surroundings.ts';
import { ROOT } from './generated.ts';

interface Entry {
  readonly file: string;
  readonly repo: string;
  readonly path: string;
  readonly notes: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    class: { type: 'string', default: 'shipped' },
    covered: { type: 'boolean', default: false },
    count: { type: 'string', default: '30' },
    preset: { type: 'string', default: 'strict' },
    seed: { type: 'string', default: '1' },
    around: { type: 'boolean', default: false },
    unknown: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
  },
});

const USAGE = [
  'usage: npm run accuracy -- RULE [--class shipped|sample|fixture] [--preset strict] [--count 30] [--seed 1] [--around] [--covered] [--unknown] [--whole]',
  '  --around   with what stands around each workload in the files of its folder',
  '  --covered  without the namespaces that policies leave alone unless they say otherwise',
  '  --unknown  findings that say that something is not known, in the place of the others',
  '  --whole    with the whole Pod spec and not the container alone',
].join('\n');

const [id] = positionals;
const rule = catalogue.rules.find(({ meta }) => meta.id === id);
const count = Number(values.count);
const seed = Number(values.seed);
if (rule === undefined || positionals.length !== 1) fail(`${id === undefined ? 'RULE is missing' : `no rule is called ${id}`}\n${USAGE}`);
if (!isPreset(values.preset)) fail(`--preset ${values.preset}: expected ${PRESETS.join(', ')}\n${USAGE}`);
if (!Number.isSafeInteger(count) || count < 1) fail(`--count ${values.count}: expected a number from 1 on\n${USAGE}`);
if (!Number.isSafeInteger(seed)) fail(`--seed ${values.seed}: expected a whole number\n${USAGE}`);

const folder = resolve(fileURLToPath(ROOT), process.env['PODGRACE_CORPUS'] ?? '../shared/corpus');
if (!existsSync(join(folder, 'index.jsonl'))) fail(`no corpus at ${folder}: set PODGRACE_CORPUS to its folder`);

const entries = new Map(linesOf<Entry>('index.jsonl').map((entry) => [entry.file, entry]));
const policy = policyOf(values.preset, rule.meta.id);
const documents = linesOf<{ file: string; doc: unknown }>('manifests.ndjson').flatMap(({ file, doc }) => {
  const entry = entries.get(file);
  return entry === undefined ? [] : [{ doc, entry, place: `${entry.repo}/${entry.path}` }];
});
const files = new SurroundingsOfFiles();
if (values.around) for (const { doc, place } of documents) files.add(place, doc, 'default');

const EXCLUDED: readonly unknown[] = DEFAULT_EXCLUDED_NAMESPACES;
const found: { readonly entry: Entry; readonly subject: Subject; readonly finding: Finding }[] = [];
const judged = new Set<Entry>();
const withFindings = new Set<Entry>();
for (const { doc, entry, place } of documents) {
  if (!entry.notes.includes(`class:${values.class}`)) continue;
  if (values.covered && EXCLUDED.includes(namespaceOf(doc))) continue;
  const trust = trustIn({ origin: { from: 'file' }, kind: { group: '', version: 'v1', kind: 'Pod' } }, policy.kinds);
  const reading = readSubject(doc, { kinds: policy.kinds, kubernetesMinor: policy.kubernetesMinor, trust, namespace: 'default' });
  if (reading.outcome !== 'subject') continue;
  judged.add(entry);
  for (const subject of [reading.subject, ...reading.others]) {
    const circumstances = { nowMs: 0, ...(values.around && { surroundings: files.around(place, doc, 'default') }) };
    for (const finding of validate(new Evaluation(policy, subject, circumstances))) {
      if (finding.rule !== rule.meta.id || (finding.excuse === 'unknown') !== values.unknown) continue;
      found.push({ entry, subject, finding });
      withFindings.add(entry);
    }
  }
}

// `npm run accuracy -- RULE | head`: who has read enough closes the pipe, and nothing is wrong.
process.stdout.on('error', (cause) => {
  if (codeOf(cause) !== 'EPIPE') throw cause;
  process.exit();
});
process.stdout.write(
  `${rule.meta.id} with ${values.preset}: ${found.length} findings in ${withFindings.size} of ${judged.size} workloads of class ${values.class}\n`,
);
for (const [index, { entry, subject, finding }] of drawn(found, count, seed).entries()) {
  const { pod, kind, name, workloadClass } = subject;
  const about = values.whole ? pod.spec : (containerAt(finding.path, subject.pod) ?? pod.spec);
  process.stdout.write(
    `\n--- ${index + 1}. ${kind} ${name} (${workloadClass}), ${entry.file} of ${entry.repo}/${entry.path}\n${finding.path.text}: ${finding.message}\n${dump(about, { lineWidth: 160, flowLevel: 4 })}`,
  );
}

function namespaceOf(doc: unknown): unknown {
  const metadata = isObject(doc) ? doc['metadata'] : undefined;
  return isObject(metadata) ? metadata['namespace'] : undefined;
}

/** The rule alone, so that nothing else is computed; with the modes and options of the preset. */
function policyOf(preset: PresetName, only: string): Policy {
  const { spec, ...document } = presetDocument(preset);
  const others = catalogue.rules.filter(({ meta }) => meta.id !== only);
  const rules = { ...spec.rules, ...Object.fromEntries(others.map(({ meta }) => [meta.id, { mode: 'off', mutation: 'off' } as const])) };
  return new Policy({ ...document, spec: { ...spec, rules, kubernetesVersion: '1.36', excludedNamespaces: [] } }, catalogue);
}

/** So many of a list, the same with the same seed, in the order of the list. */
function drawn<T>(list: readonly T[], wanted: number, from: number): T[] {
  let state = from >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const marked = list.map((value, index) => ({ value, index, draw: next() }));
  const chosen = marked.toSorted((a, b) => a.draw - b.draw).slice(0, wanted);
  return chosen.toSorted((a, b) => a.index - b.index).map(({ value }) => value);
}

function linesOf<T>(name: string): T[] {
  return readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseBoundedJson(line) as T);
}

function isPreset(name: string): name is PresetName {
  return (PRESETS as readonly string[]).includes(name);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
