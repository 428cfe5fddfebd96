import t from 'tap';
import { mergeSetting } from '../../src/core/rule-setting.ts';
import { makeRule } from './made-up-rule.ts';

const { meta } = makeRule('made-up', {
  defaultOptions: { a: 1, b: { c: 1, d: 1 } },
  presets: { baseline: { mode: 'warn', mutation: 'would', options: { a: 2 } } },
});

void t.test('a preset changes the default options of a rule', (t) => {
  t.same(mergeSetting(meta, 'strict'), { mode: 'enforce', mutation: 'apply', options: { a: 1, b: { c: 1, d: 1 } } });
  t.same(mergeSetting(meta, 'baseline'), { mode: 'warn', mutation: 'would', options: { a: 2, b: { c: 1, d: 1 } } });
  t.end();
});

void t.test('of two layers the later counts, part by part; an option that is an object is replaced as a whole', (t) => {
  const layers = [{ mode: 'audit', options: { a: 3 } }, undefined, { mutation: 'off', options: { b: { c: 2 } } }] as const;
  t.same(mergeSetting(meta, 'baseline', layers), { mode: 'audit', mutation: 'off', options: { a: 3, b: { c: 2 } } });
  t.same(meta.defaultOptions, { a: 1, b: { c: 1, d: 1 } }, 'what is merged is a copy');
  t.end();
});
