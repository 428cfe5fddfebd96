import t from 'tap';
import { rememberedByText, TextMemo } from '../../src/core/text-memo.ts';

void t.test('what was set is there again', (t) => {
  const memo = new TextMemo<number>(2, 8);
  memo.set('100m', 1);
  t.equal(memo.get('100m'), 1);
  t.equal(memo.get('200m'), undefined);
  t.end();
});

void t.test('a long text is not kept', (t) => {
  const memo = new TextMemo<number>(2, 3);
  memo.set('100', 1);
  memo.set('100m', 2);
  t.equal(memo.get('100'), 1);
  t.equal(memo.get('100m'), undefined);
  t.end();
});

void t.test('a full memo is emptied before it takes another text', (t) => {
  const memo = new TextMemo<number>(2, 8);
  for (const [index, text] of ['a', 'b', 'c'].entries()) memo.set(text, index);
  t.same(
    ['a', 'b', 'c'].map((text) => memo.get(text)),
    [undefined, undefined, 2],
  );
  t.end();
});

void t.test('the answer to a text is found once, where the text is short enough to be kept', (t) => {
  const asked: string[] = [];
  const isOfHub = rememberedByText(2, 8, (text) => {
    asked.push(text);
    return text.startsWith('docker');
  });
  t.same(['docker', 'quay', 'docker', 'quay', 'docker.io/a', 'docker.io/a'].map(isOfHub), [true, false, true, false, true, true]);
  t.same(asked, ['docker', 'quay', 'docker.io/a', 'docker.io/a']);
  t.end();
});
