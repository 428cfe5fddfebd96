import t from 'tap';
import { similarWord } from '../../src/core/similar-word.ts';

const RULES = ['readiness-probe', 'startup-probe', 'memory-limit', 'replicas'];

void t.test('a letter too many, too few, another one, and two that are swapped', (t) => {
  t.equal(similarWord('readinness-probe', RULES), 'readiness-probe');
  t.equal(similarWord('redinessprobe', RULES), 'readiness-probe');
  t.equal(similarWord('memory_limit', RULES), 'memory-limit');
  t.equal(similarWord('repilcas', RULES), 'replicas');
  t.end();
});

void t.test('the most similar word counts, and the first of two that are equally similar', (t) => {
  t.equal(similarWord('startup-prode', ['startup-probes', 'startup-probe']), 'startup-probe');
  t.equal(similarWord('abcd', ['abce', 'abcf']), 'abce');
  t.end();
});

void t.test('what is not similar is no guess, and a short word even less', (t) => {
  t.equal(similarWord('nonsense', RULES), undefined);
  t.equal(similarWord('memory', RULES), undefined);
  t.equal(similarWord('cpu', ['gpu']), undefined);
  t.equal(similarWord('', RULES), undefined);
  t.equal(similarWord('x'.repeat(10_000), RULES), undefined);
  t.end();
});
