import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { checkManifest, type CheckFinding } from '../../src/offline/check.ts';
import { documentsIn } from '../../src/offline/input/documents.ts';
import { corpusPath, skipWithoutCorpus } from '../core/corpus.ts';
import { atLeast, isSampled } from '../long-tests.ts';

/** What is wrong with the place of a finding: it has to begin with a key of its field, or with an element. */
function problemOf({ field, place }: CheckFinding, lines: readonly string[]): string | undefined {
  const { line, column, endLine, endColumn, quote } = place;
  const text = lines[line - 1];
  if (text === undefined || endLine > lines.length) return 'stands outside of the file';
  if (quote !== text) return `quotes ${quote}`;
  if (endLine < line || (endLine === line && endColumn < column)) return 'ends before it begins';
  const rest = text.slice(column - 1);
  const keys = field.split(/[.[\]]+/).filter((key) => key !== '');
  const isAtKey = keys.some((key) => [`${key}:`, `"${key}"`, `'${key}'`].some((written) => rest.startsWith(written)));
  const isAtElement = /(?:^\s*|-\s+|[[,{]\s*)$/.test(text.slice(0, column - 1));
  return isAtKey || isAtElement ? undefined : `points at ${rest.slice(0, 40)}`;
}

void t.test('every finding in real manifests points at its field or at what is around it', { skip: skipWithoutCorpus() }, (t) => {
  const policy = presetPolicy('strict');
  const folder = corpusPath('yaml');
  const problems: string[] = [];
  let findings = 0;
  for (const file of readdirSync(folder).filter(isSampled)) {
    const text = readFileSync(join(folder, file), 'utf8').replace(/^\ufeff/, '');
    const lines = text.split(/\r?\n/);
    for (const document of documentsIn(file, text)) {
      const outcome = 'message' in document ? undefined : checkManifest(document, { policy, namespace: 'default', nowMs: 0 });
      if (outcome?.outcome !== 'judged') continue;
      for (const finding of outcome.result.findings) {
        findings += 1;
        const problem = problemOf(finding, lines);
        if (problem !== undefined) problems.push(`${file}:${finding.place.line}:${finding.place.column} ${finding.field} ${problem}`);
      }
    }
  }
  t.same(problems, []);
  t.ok(findings >= atLeast(9_000), `${findings} findings`);
  t.end();
});
