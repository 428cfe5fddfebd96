import t from 'tap';
import { WordsMemo } from '../../src/core/words-memo.ts';

void t.test('what was set is there again', (t) => {
  const memo = new WordsMemo<number>(8, 32);
  memo.set('', ['sleep', '10'], 1);
  t.equal(memo.get('', ['sleep', '10']), 1);
  memo.set('', ['sleep', '10'], 2);
  t.equal(memo.get('', ['sleep', '10']), 2);
  t.end();
});

void t.test('lists that begin alike, that are joined alike or that are asked about in another way are others', (t) => {
  const memo = new WordsMemo<number>(16, 32);
  memo.set('', ['sleep', '10'], 1);
  const others = [['sleep'], ['sleep', '10', ''], ['sleep 10'], ['', 'sleep', '10'], ['sleep', '1'], []];
  for (const words of others) t.equal(memo.get('', words), undefined, words.join());
  t.equal(memo.get('hook', ['sleep', '10']), undefined);
  for (const [index, words] of others.entries()) memo.set('', words, index + 10);
  memo.set('hook', ['sleep', '10'], 2);
  t.same(
    others.map((words) => memo.get('', words)),
    others.map((_, index) => index + 10),
  );
  t.equal(memo.get('', ['sleep', '10']), 1);
  t.equal(memo.get('hook', ['sleep', '10']), 2);
  t.end();
});

void t.test('a long list is not kept, and neither is one of many empty words', (t) => {
  const memo = new WordsMemo<number>(64, 8);
  memo.set('', ['sleep', '1'], 1);
  memo.set('', ['sleep', '10'], 2);
  memo.set('', Array<string>(9).fill(''), 3);
  t.equal(memo.get('', ['sleep', '1']), 1);
  t.equal(memo.get('', ['sleep', '10']), undefined);
  t.equal(memo.get('', Array<string>(9).fill('')), undefined);
  t.end();
});

void t.test('a full memo is emptied before it takes another list', (t) => {
  const memo = new WordsMemo<number>(5, 32);
  memo.set('', ['a'], 1);
  memo.set('', ['a', 'b'], 2);
  t.equal(memo.get('', ['a']), 1);
  memo.set('', ['c'], 3);
  memo.set('', ['d'], 4);
  t.same(
    [['a'], ['a', 'b'], ['d']].map((words) => memo.get('', words)),
    [undefined, undefined, 4],
  );
  t.end();
});
