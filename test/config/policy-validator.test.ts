import { Ajv, type ValidateFunction } from 'ajv';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { PolicyError } from '../../src/config/policy-problem.ts';
import { AJV_OPTIONS, policySchema } from '../../src/config/policy-schema.ts';
import { policyValidator } from '../../src/config/policy-validator.ts';
import { compiledProgram } from '../loading/program.ts';

const metadata = { name: 'platform' };
const head = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata };
const WRONG: readonly object[] = [
  {},
  { ...head, spec: { preset: 'lax', rules: [] } },
  { ...head, metadata: { name: 'ä' }, spec: { preset: 'strict', rules: { 'no-rule': {} } } },
  { ...head, spec: { preset: 'strict', rules: { 'memory-limit': { mode: 'deny', options: { factor: 'two', more: 1 } } } } },
  { ...head, spec: { preset: 'strict', overrides: [{ rules: { 'memory-limit': { mutation: 1 }, 'no-rule': {} } }] } },
  { ...head, spec: { preset: 'strict', exemptions: [{ rule: 'memory-limit', namespace: '', expires: 'soon' }] } },
];

function errorsOf(validate: ValidateFunction, value: object): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, keyword, params }) => `${instancePath} ${keyword} ${JSON.stringify(params)}`).sort();
}

void t.test('it finds what the published schema finds', (t) => {
  const published = new Ajv(AJV_OPTIONS).compile(policySchema(catalogue));
  for (const policy of WRONG) {
    t.not(errorsOf(published, policy).length, 0);
    t.same(errorsOf(policyValidator(catalogue), policy), errorsOf(published, policy), JSON.stringify(policy));
  }
  t.end();
});

function problemsOf(text: string): PolicyError['problems'] {
  try {
    readPolicy(text, 'policy.yaml', { catalogue, nowMs: Date.now() });
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
  throw new Error('the policy is not wrong');
}

void t.test('the program says of a wrong policy what its source says', (t) => {
  const file = join(t.testdir(), 'policy.yaml');
  for (const policy of WRONG) {
    const text = JSON.stringify(policy, undefined, 2);
    writeFileSync(file, text);
    const { stderr } = spawnSync(process.execPath, [compiledProgram(), 'check', '--policy', file, file], { encoding: 'utf8' });
    for (const { path, message } of problemsOf(text)) t.ok(stderr.includes(`${path} ${message}`.trim()), `${path} ${message}`);
  }
  t.end();
});
