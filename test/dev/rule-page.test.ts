/** What the page of a rule shows; that the pages in docs/rules are these is in generate.test.ts. */
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { optionRows } from '../../src/dev/rule-options.ts';
import { rulePage } from '../../src/dev/rule-page.ts';
import type { Rule } from '../../src/core/rule.ts';

function ruleOf(id: string): Rule {
  const rule = catalogue.get(id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  return rule;
}

void t.test('options within an option have rows of their own, with their own defaults', (t) => {
  const rows = optionRows(ruleOf('toleration-seconds')).map(({ name, values, defaultValue }) => [name, values, defaultValue]);
  t.same(rows.slice(0, 4), [
    ['stateless', 'an object', ''],
    ['stateless.seconds', '0 to 604800', '`30`'],
    ['stateless.min', '0 to 604800', '`0`'],
    ['stateless.max', '0 to 604800', '`120`'],
  ]);
  t.end();
});

void t.test('every option of every rule says what it may be and what it means', (t) => {
  for (const rule of catalogue.rules) {
    for (const { name, values, description } of optionRows(rule)) {
      t.notMatch(values, /undefined|\[object/, `${rule.meta.id} ${name}`);
      t.match(description, /^\S.*\.$/, `${rule.meta.id} ${name}`);
    }
  }
  t.end();
});

void t.test('the example shows what is found in it, as it is printed', (t) => {
  for (const rule of catalogue.rules) {
    const example = /^## Example$[^]*?^## /m.exec(rulePage(rule))?.[0] ?? '';
    t.match(
      example,
      /^(?:`podgrace check`|As somebody deletes it with grace period \d+, podgrace) finds:\n\n```text\n\S+: must .+\n {2}fix: \S/m,
      rule.meta.id,
    );
    const printed = /^```text$[^]*?^```$/m.exec(example)?.[0] ?? '';
    t.notMatch(printed, '{{', `${rule.meta.id}: no placeholder is left`);
  }
  t.end();
});

void t.test('a rule about no container in particular says that it is about the Pod', (t) => {
  t.match(rulePage(ruleOf('toleration-seconds')), ' · about the Pod · workloads: ');
  t.match(rulePage(ruleOf('readiness-probe')), ' · containers: main · workloads: ');
  t.end();
});

void t.test('a preset that sets options of its own is listed with them', (t) => {
  t.match(
    rulePage(ruleOf('disruption-budget')),
    '\n| baseline | warn | off | `requiredFrom: 0`, `alwaysAllowUnhealthy: false` |\n| production | warn | off |  |\n',
  );
  t.match(rulePage(ruleOf('no-host-path')), '`allowedPaths: [/etc/localtime, ');
  t.match(rulePage(ruleOf('replicas')), '\n| preset | mode | mutation |\n', 'no column where no preset sets any');
  t.end();
});
