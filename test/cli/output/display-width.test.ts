import t from 'tap';
import { displayWidth } from '../../../src/cli/output/display-width.ts';

void t.test('the columns of a terminal that a text takes', (t) => {
  for (const [text, width] of [
    ['', 0],
    ['image: web:1', 12],
    ['größe → …', 9],
    ['日本語', 6],
    ['「한글」、', 10],
    ['ｶﾅ', 2],
    ['Ａ１', 4],
    ['🦭', 2],
    ['cafe\u0301', 4],
    ['a\u202eb', 8],
  ] as const)
    t.equal(displayWidth(text), width, text);
  t.end();
});
