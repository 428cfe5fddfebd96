import fc from '../fast-check.ts';
import t from 'tap';
import { visibleLine, visibleText } from '../../src/core/visible-text.ts';
import { runs } from '../long-tests.ts';

void t.test('what steers a terminal or the direction of reading is shown, and obeyed by nothing', (t) => {
  for (const [text, shown] of [
    ['web\nb.yaml:1 Pod shop/web: allowed', String.raw`web\nb.yaml:1 Pod shop/web: allowed`],
    ['\rok', String.raw`\rok`],
    ['\u001b[2J\u001b]0;title\u0007', String.raw`\u001b[2J\u001b]0;title\u0007`],
    ['\u009b31m', String.raw`\u009b31m`],
    ['a\u202egpj.exe', String.raw`a\u202egpj.exe`],
    ['\u2066a\u2069\u200e\u200f\u061c', String.raw`\u2066a\u2069\u200e\u200f\u061c`],
    ['a\u2028b\ufeff', String.raw`a\u2028b\ufeff`],
    ['\u{e0041}', String.raw`\udb40\udc41`],
    ['a\ud800b', String.raw`a\ud800b`],
    ['größe 東京 🦭 👩‍🚀 \\n', 'größe 東京 🦭 👩‍🚀 \\n'],
  ] as const)
    t.equal(visibleLine(text), shown);
  t.equal(visibleText('a\n\tb\r'), 'a\n\tb\\r', 'lines and tabs of a text are its own');
  t.end();
});

void t.test('JSON means the same afterwards', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(value);
      t.same(JSON.parse(visibleText(text)), JSON.parse(text));
      // eslint-disable-next-line no-control-regex -- nothing else than these
      return !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(visibleText(text));
    }),
    { numRuns: runs(300) },
  );
  t.end();
});
