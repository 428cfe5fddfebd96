import t from 'tap';
import { constructDocument } from '../../src/yaml/construct.ts';
import { MAX_DEPTH } from '../../src/yaml/parser.ts';

void t.test('a key __proto__ is an own property and touches no prototype', (t) => {
  const texts = [
    '__proto__: {polluted: true}\na: 1\n',
    'x: &x {__proto__: {polluted: true}, a: 1}\n<<: *x\n',
    '- &x {__proto__: {polluted: true}, a: 1}\n- *x\n',
    '&k __proto__: {polluted: true}\nb: {*k : {polluted: true}, a: 1}\n',
  ];
  for (const text of texts) {
    const value = JSON.stringify(constructDocument(text));
    t.match(value, /"__proto__":\{"polluted":true\}/, text);
    t.same(JSON.parse(value), constructDocument(text), text);
  }
  t.equal(({} as { polluted?: boolean }).polluted, undefined);
  t.end();
});

void t.test('objects have the ordinary prototype and no inherited keys', (t) => {
  const value = constructDocument('constructor: 1\ntoString: {hasOwnProperty: 2}\n') as Record<string, unknown>;
  t.same(Object.keys(value), ['constructor', 'toString']);
  t.equal(Object.getPrototypeOf(value), Object.prototype);
  t.end();
});

void t.test('an alias is a copy: changing one place changes no other', (t) => {
  const value = constructDocument('a: &x {b: [1]}\nc: *x\nd: {<<: *x}\n') as Record<'a' | 'c' | 'd', { b: number[] }>;
  value.a.b.push(2);
  value.d.b.push(3);
  t.same(value, { a: { b: [1, 2] }, c: { b: [1] }, d: { b: [1, 3] } });
  t.end();
});

void t.test('aliases that multiply are refused before they take memory', (t) => {
  const levels = Array.from(
    { length: 10 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array<string>(9).fill(`*a${index}`).join(', ')}]`,
  );
  t.throws(() => constructDocument(`a0: &a0 [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`), {
    message: 'aliases (*) must not make up so much of the document',
  });
  const merges = Array.from({ length: 40 }, (_, index) => `m${index + 1}: &m${index + 1} {<<: [*m${index}, *m${index}], k${index}: 1}`);
  t.throws(() => constructDocument(`m0: &m0 {k: 1}\n${merges.join('\n')}\n`), {
    message: 'aliases (*) must not make up so much of the document',
  });
  t.end();
});

void t.test('aliases in moderation are fine: the bound is some 400,000 copied nodes', (t) => {
  const text = `a: &a [${'x, '.repeat(1000)}]\nb: [${'*a, '.repeat(90)}]\n`;
  t.equal((constructDocument(text) as { b: unknown[] }).b.length, 90);
  t.end();
});

void t.test('levels are bounded, written out or through aliases', (t) => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  t.ok(constructDocument(nested(MAX_DEPTH)));
  for (const text of [nested(MAX_DEPTH + 1), `a: &a ${nested(MAX_DEPTH - 1)}\nb: [[*a]]\n`, '['.repeat(1_000_000), '- '.repeat(1_000_000)])
    t.throws(() => constructDocument(text), { message: 'must not be nested deeper than 1000 levels' }, text.slice(0, 20));
  t.end();
});

void t.test('an alias that cannot be resolved is refused at its place', (t) => {
  t.throws(() => constructDocument('a: *x\n'), { message: '*x must come after its anchor &x, but there is none before it', offset: 3 });
  t.throws(() => constructDocument('a: &x {b: *x}\n'), { message: '*x must not stand within &x, its own anchor', offset: 10 });
  t.end();
});
