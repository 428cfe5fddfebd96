import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { parseQuantity } from '../../src/core/quantity.ts';
import { atMost, bytesOption, cpuOption } from '../../src/core/quantity-option.ts';
import type { JsonSchema } from '../../src/core/rule.ts';

const matches = ({ pattern }: JsonSchema, text: string): boolean => new RegExp(String(pattern)).test(text);

void t.test('an option for cpu takes positive cores and thousandths', (t) => {
  const schema = cpuOption('Anything.');
  for (const text of ['1', '250m', '0.25', '1.5', '64', '0.001']) {
    t.ok(matches(schema, text), text);
    t.ok((parseQuantity(text)?.nano ?? 0n) > 0n, `${text} is a positive quantity`);
  }
  for (const text of ['', '0', '0m', '0.0', '0.0001', '-1', '1.5m', '1k', '1Gi', ' 1', '1 ', 'one', '1e3', '1\n']) {
    t.notOk(matches(schema, text), JSON.stringify(text));
  }
  t.end();
});

void t.test('an option for bytes takes positive whole bytes with a suffix or without', (t) => {
  const schema = bytesOption('Anything.');
  for (const text of ['1', '512Mi', '1G', '1073741824', '10Ti', '64k']) {
    t.ok(matches(schema, text), text);
    t.ok((parseQuantity(text)?.nano ?? 0n) > 0n, `${text} is a positive quantity`);
  }
  for (const text of ['', '0', '0Mi', '1.5Gi', '512m', '1g', '1GB', '512MiB', '1K', '-1Gi', '1e9', ' 1Gi']) {
    t.notOk(matches(schema, text), JSON.stringify(text));
  }
  t.end();
});

void t.test('property: whatever the options take is above 0, cpu in whole thousandths, bytes in whole ones', (t) => {
  const isMultiple = (schema: JsonSchema, unitNano: bigint): void => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(String(schema['pattern']))), (text) => {
        const nano = parseQuantity(text)?.nano ?? 0n;
        assert.ok(nano > 0n && nano % unitNano === 0n, text);
      }),
    );
  };
  isMultiple(cpuOption('Anything.'), 1_000_000n);
  isMultiple(bytesOption('Anything.'), 1_000_000_000n);
  t.end();
});

void t.test('an amount above its bound is a problem of the option, whatever units the two have', (t) => {
  t.same(atMost('default', '2Gi', 'max', '1024Mi'), [{ option: 'default', message: 'must be at most `max`, 1024Mi' }]);
  t.same(atMost('default', '1Gi', 'max', '1024Mi'), []);
  t.same(atMost('default', '100m', 'max', '0.5'), []);
  t.end();
});

void t.test('where one of the two is not given, nothing is wrong', (t) => {
  t.same(atMost('default', undefined, 'max', '1Gi'), []);
  t.same(atMost('default', '1Gi', 'max', undefined), []);
  t.end();
});
