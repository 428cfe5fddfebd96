/**
 * Writes every generated file: `npm run generate`. With `--check` it writes nothing and fails where a file is out of date
 * (the same comparison runs as a test, test/dev/generate.test.ts). Rules that break what every rule must keep are refused
 * before anything is written.
 */
import type { Rule } from '../core/rule.ts';
import { outdated, ROOT, writeGenerated, type Generated } from './generated.ts';
import { problemsOfRule, renderProblem } from './rule-problems.ts';
import { ruleIds, rulesIndex } from './rules-index.ts';

const isCheck = process.argv.includes('--check');

function write(files: readonly Generated[]): void {
  for (const file of outdated(files)) {
    process.stdout.write(`${isCheck ? 'out of date: ' : 'wrote '}${file.path}\n`);
    if (isCheck) process.exitCode = 1;
    else writeGenerated(file);
  }
}

/** Whether the rules are fit to generate from; says which are not. */
async function refuseProblems(): Promise<boolean> {
  const problems: string[] = [];
  for (const id of ruleIds(ROOT)) {
    const { default: rule } = (await import(new URL(`src/rules/${id}.ts`, ROOT).href)) as { default: Rule };
    for (const problem of problemsOfRule(rule, id, ROOT)) problems.push(renderProblem(problem));
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length > 0;
}

if (await refuseProblems()) {
  process.stderr.write('nothing was written\n');
  process.exitCode = 1;
} else {
  // The index of the rules first: everything else reads the rules through it.
  write([rulesIndex(ROOT)]);
  const { generateFromRules } = await import('./from-rules.ts');
  write(generateFromRules());
  const { webhookManifests } = await import('./webhook-conditions.ts');
  write(webhookManifests());
  const { forceDeleteWebhook } = await import('./force-delete-webhook.ts');
  write(forceDeleteWebhook());
  const { companionChartTemplate } = await import('./companion-webhook.ts');
  write([companionChartTemplate()]);
  const { surroundingRights } = await import('./surrounding-rights.ts');
  write(surroundingRights());
  const { cliReference } = await import('./cli-reference.ts');
  write([cliReference()]);
  const { picture } = await import('./picture.ts');
  write([await picture()]);
  if (process.exitCode === 1) process.stderr.write('run `npm run generate` and commit what it writes\n');
}
