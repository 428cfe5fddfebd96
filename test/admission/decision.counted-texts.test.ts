/** A text that a rule reads is work by its length, so that a long one ends with the time that there is. */
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { NOW_MS, askValidate } from './ask.ts';
import { containerOf, podOf, reviewOf } from './reviews.ts';

const LENGTH = 200_000;

const READ: readonly (readonly [rule: string, what: string, container: object])[] = [
  ['no-secret-in-env', 'the value of a variable', { env: [{ name: 'A', value: 'password='.repeat(LENGTH / 9) }] }],
  ['exec-form', 'a word of a command', { command: ['a;'.repeat(LENGTH / 2)] }],
  ['exec-form', 'a word of a hook', { lifecycle: { preStop: { exec: { command: ['app', '$a '.repeat(LENGTH / 3)] } } } }],
];

for (const [rule, what, container] of READ) {
  void t.test(`${rule}: ${what}`, (t) => {
    const document = presetDocument('strict');
    const off = catalogue.rules.map(({ meta }) => [meta.id, { mode: 'off', mutation: 'off' }] as const);
    const rules = { ...Object.fromEntries(off), [rule]: { mode: 'enforce', mutation: 'off' } as const };
    const policy = new Policy({ ...document, spec: { ...document.spec, rules } }, catalogue);
    let most = 0;
    const outOfTime = (steps: number): boolean => {
      most = Math.max(most, steps);
      return false;
    };
    askValidate(reviewOf(podOf({ spec: { containers: [containerOf(container)] } })), policy, { nowMs: NOW_MS, outOfTime });
    t.ok(most > LENGTH / 64, `${most} steps`);
    t.end();
  });
}
