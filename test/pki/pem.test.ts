import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { certificateBlocks, readPem } from '../../src/pki/pem.ts';

const block = fc
  .record({
    label: fc.constantFrom('CERTIFICATE', 'PRIVATE KEY', 'EC PRIVATE KEY'),
    lines: fc.array(fc.base64String({ minLength: 4, maxLength: 64 }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ label, lines }) => ({ label, pem: `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n` }));
const prose = fc.stringMatching(/^[A-Za-z0-9 :=/.]{0,40}$/).map((text) => `${text}\n`);

void t.test('finds every block in order, whatever text stands around them', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(prose, block), { maxLength: 5 }), prose, (parts, end) => {
      const text = parts.map(([before, { pem }]) => before + pem).join('') + end;
      assert.deepEqual(readPem(text), { blocks: parts.map(([, part]) => part) });
    }),
  );
  t.end();
});

void t.test('tells a text that was cut off within a block, wherever it was cut', (t) => {
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 3 }), fc.nat(), (blocks, at) => {
      const text = blocks.map(({ pem }) => pem).join('');
      const cut = text.slice(0, at % text.length);
      const { blocks: whole, cutOff } = readPem(cut);
      assert.deepEqual(whole, blocks.slice(0, whole.length));
      const rest = cut.slice(whole.reduce((length, { pem }) => length + pem.length, 0));
      const begun = blocks[whole.length]?.label ?? '';
      if (rest === '') assert.equal(cutOff, undefined);
      else assert.equal(cutOff, rest.startsWith(`-----BEGIN ${begun}-----`) ? begun : 'block');
    }),
  );
  t.end();
});

void t.test('reads files with the line ends of Windows', (t) => {
  const { blocks } = readPem('-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n');
  t.same(blocks, [{ label: 'CERTIFICATE', pem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }]);
  t.end();
});

void t.test('goes on after a block that was cut off', (t) => {
  const text = readPem('-----BEGIN CERTIFICATE-----\nAA\n-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n');
  t.equal(text.cutOff, 'CERTIFICATE');
  t.same(certificateBlocks(text), ['-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n']);
  t.end();
});

void t.test('takes a block for what its label says and nothing else', (t) => {
  const text = readPem('-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n');
  t.same(certificateBlocks(text), []);
  t.end();
});
