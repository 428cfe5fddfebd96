import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { PresetName } from '../../src/core/rule.ts';
import { corpusPath, skipWithoutCorpus } from '../core/corpus.ts';
import { atLeast, isSampled } from '../long-tests.ts';
import { contextFor, fixLaws } from './fix-laws.ts';

/** How many of the 1,496 manifests each policy changes. */
const CHANGED: Readonly<Record<PresetName, number>> = { baseline: 600, production: 850, strict: 1_150 };

void t.test('whatever real manifest is repaired, every law holds', { skip: skipWithoutCorpus() }, (t) => {
  const folder = corpusPath('yaml');
  const files = readdirSync(folder).filter(isSampled);
  for (const preset of ['baseline', 'production', 'strict'] as const) {
    const context = contextFor(preset);
    let changed = 0;
    const problems: string[] = [];
    for (const file of files) {
      const laws = fixLaws(readFileSync(join(folder, file), 'utf8'), context);
      changed += laws.changed;
      for (const problem of [...laws.broken, ...laws.refused]) problems.push(`${file}: ${problem}`);
    }
    t.same(problems, [], preset);
    t.ok(changed >= atLeast(CHANGED[preset]), `${preset}: ${changed} objects are changed`);
  }
  t.end();
});
