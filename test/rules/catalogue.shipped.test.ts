/** The figures of the rules' pages: in how many of the workloads that real projects ship a rule finds something. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { PRESETS, type PresetName } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { readSubject } from '../../src/core/subject.ts';
import { SHIPPED_WORKLOADS } from '../../src/dev/rule-page.ts';
import { corpusPath, fileOf, skipWithoutCorpus } from '../core/corpus.ts';
import { validate } from '../core/evaluating.ts';
import { FROM_FILE, READING } from '../core/subject-of.ts';

/** What is installed, and what charts render; alone in its files, so nothing is known of other objects. */
function shippedSubjects(): Subject[] {
  const index = readFileSync(corpusPath('index.jsonl'), 'utf8').trimEnd().split('\n');
  const entries = index.map((line) => JSON.parse(line) as { file: string; notes: string });
  const shipped = new Set(entries.filter(({ notes }) => notes.includes('class:shipped')).map(({ file }) => file));
  const lines = readFileSync(corpusPath('manifests.ndjson'), 'utf8').trimEnd().split('\n');
  return lines
    .filter((line) => shipped.has(fileOf(line)))
    .flatMap((line) => {
      const { doc } = JSON.parse(line) as { doc: unknown };
      const reading = readSubject(doc, { ...READING, kubernetesMinor: 36, trust: FROM_FILE, namespace: 'default' });
      return reading.outcome === 'subject' ? [reading.subject] : [];
    });
}

/** How many of them a rule finds something in, by rule. */
function countsOf(preset: PresetName, subjects: readonly Subject[]): ReadonlyMap<string, number> {
  const { spec, ...document } = presetDocument(preset);
  const policy = new Policy({ ...document, spec: { ...spec, kubernetesVersion: '1.36', excludedNamespaces: [] } }, catalogue);
  const counts = new Map<string, number>();
  for (const subject of subjects) {
    const findings = validate(policy, subject, { nowMs: 0 }).filter(({ excuse }) => excuse !== 'unknown');
    for (const rule of new Set(findings.map(({ rule }) => rule))) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}

void t.test('the pages say in how many workloads each rule finds something', { skip: skipWithoutCorpus() }, (t) => {
  const subjects = shippedSubjects();
  t.equal(subjects.length, SHIPPED_WORKLOADS);
  const counts = PRESETS.map((preset) => [preset, countsOf(preset, subjects)] as const);
  for (const { meta } of catalogue.rules) {
    if (meta.docs.shipped === undefined) continue;
    t.same(meta.docs.shipped, Object.fromEntries(counts.map(([preset, ofPreset]) => [preset, ofPreset.get(meta.id) ?? 0])), meta.id);
  }
  t.end();
});
