import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { companionChartTemplate } from '../../src/dev/companion-webhook.ts';
import { cliReference } from '../../src/dev/cli-reference.ts';
import { generateFromRules } from '../../src/dev/from-rules.ts';
import { forceDeleteWebhook } from '../../src/dev/force-delete-webhook.ts';
import { outdated, ROOT, type Generated } from '../../src/dev/generated.ts';
import { rulesIndex } from '../../src/dev/rules-index.ts';
import { surroundingRights } from '../../src/dev/surrounding-rights.ts';
import { webhookManifests } from '../../src/dev/webhook-conditions.ts';
import { picture } from '../../src/dev/picture.ts';
import { ONLY_LONG } from '../long-tests.ts';
import { copyProject, type ProjectCopy } from './project-copy.ts';

const GENERATE = 'src/dev/generate.ts';

function pathsOf(files: readonly Generated[]): string[] {
  return files.map(({ path }) => path);
}

void t.test('every generated file is up to date; `npm run generate` makes it so', async (t) => {
  t.same(pathsOf(outdated([rulesIndex(ROOT)])), []);
  t.same(pathsOf(outdated(generateFromRules())), []);
  t.same(pathsOf(outdated(webhookManifests())), []);
  t.same(pathsOf(outdated(forceDeleteWebhook())), []);
  t.same(pathsOf(outdated([companionChartTemplate()])), []);
  t.same(pathsOf(outdated(surroundingRights())), []);
  t.same(pathsOf(outdated([cliReference()])), []);
  t.same(pathsOf(outdated([await picture()])), []);
});

/** Adds a rule under a new name, with its fixtures or without. */
function addRule({ folder }: ProjectCopy, id: string, withFixtures: boolean): void {
  const text = readFileSync(join(folder, 'src/rules/pre-stop-delay.ts'), 'utf8');
  writeFileSync(join(folder, `src/rules/${id}.ts`), text.replace("id: 'pre-stop-delay'", `id: '${id}'`));
  const test = readFileSync(join(folder, 'test/rules/pre-stop-delay.test.ts'), 'utf8');
  writeFileSync(join(folder, `test/rules/${id}.test.ts`), test.replaceAll('pre-stop-delay', id));
  const ladders = join(folder, 'test/rules/ladders.ts');
  writeFileSync(ladders, readFileSync(ladders, 'utf8').replace("\n  'pre-stop-delay': [\n", `\n  '${id}': [\n  ],\n$&`));
  if (withFixtures) cpSync(join(folder, 'test/rules/pre-stop-delay'), join(folder, `test/rules/${id}`), { recursive: true });
}

void t.test('a rule that is not in the index is noticed, and nothing is written by a check', { skip: ONLY_LONG }, (t) => {
  const copy = copyProject(t);
  addRule(copy, 'another-rule', true);
  const index = readFileSync(join(copy.folder, 'src/rules/index.ts'), 'utf8');
  const { output, status } = copy.run(GENERATE, '--check');
  t.same([output, status], ['out of date: src/rules/index.ts\nrun `npm run generate` and commit what it writes\n', 1]);
  t.equal(readFileSync(join(copy.folder, 'src/rules/index.ts'), 'utf8'), index);
  t.end();
});

void t.test('a rule without a page is noticed, and gets one', { skip: ONLY_LONG }, (t) => {
  const copy = copyProject(t);
  addRule(copy, 'another-rule', true);
  const written = copy.run(GENERATE);
  t.equal(written.status, 0);
  for (const path of [
    'src/rules/index.ts',
    'docs/rules/another-rule.md',
    'docs/rules/README.md',
    'schemas/policy.schema.json',
    'deploy/policies/strict.yaml',
  ]) {
    t.ok(written.output.includes(`wrote ${path}\n`), path);
  }
  t.same(copy.run(GENERATE, '--check'), { output: '', status: 0 }, 'what was written is up to date');
  rmSync(join(copy.folder, 'docs/rules/another-rule.md'));
  t.same(copy.run(GENERATE, '--check').output.split('\n')[0], 'out of date: docs/rules/another-rule.md');
  t.notOk(existsSync(join(copy.folder, 'docs/rules/another-rule.md')));
  t.end();
});

void t.test(
  'a rule that breaks what every rule must keep is refused by file and field, and nothing is written',
  { skip: ONLY_LONG },
  (t) => {
    const copy = copyProject(t);
    addRule(copy, 'another-rule', false);
    const { output, status } = copy.run(GENERATE);
    t.match(output, /^test\/rules\/another-rule\/: must hold an accepted\.<case>\.yaml$/m);
    t.match(output, /^test\/rules\/another-rule\/: must hold a repaired\.<case>\.yaml, as the rule has mutate\(\)$/m);
    t.match(output, /\nnothing was written\n$/);
    t.equal(status, 1);
    t.notMatch(readFileSync(join(copy.folder, 'src/rules/index.ts'), 'utf8'), 'another-rule');
    t.end();
  },
);

void t.test('a generated file that somebody edited is written anew', { skip: ONLY_LONG }, (t) => {
  const copy = copyProject(t);
  const page = join(copy.folder, 'docs/rules/pre-stop-delay.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace('SIGTERM', 'SIGKILL'));
  t.equal(copy.run(GENERATE, '--check').status, 1);
  t.same(copy.run(GENERATE), { output: 'wrote docs/rules/pre-stop-delay.md\n', status: 0 });
  t.equal(readFileSync(page, 'utf8'), text);
  t.end();
});
