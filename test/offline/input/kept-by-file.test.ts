import t from 'tap';
import { KeptByFile } from '../../../src/offline/input/kept-by-file.ts';

void t.test('what is kept is there until it is taken', (t) => {
  const kept = new KeptByFile<string>(100);
  kept.keep('a.yaml', 'kind: Pod', 9);
  t.equal(kept.take('b.yaml'), undefined);
  t.equal(kept.get('a.yaml'), 'kind: Pod');
  t.equal(kept.take('a.yaml'), 'kind: Pod');
  t.equal(kept.take('a.yaml'), undefined, 'once');
  t.equal(kept.get('a.yaml'), undefined);
  t.end();
});

void t.test('what is beyond the bound is not kept, and what is taken makes room', (t) => {
  const kept = new KeptByFile<string>(10);
  kept.keep('a', 'first', 8);
  kept.keep('b', 'second', 3);
  t.equal(kept.get('b'), undefined);
  kept.keep('c', 'third', 2);
  t.equal(kept.take('c'), 'third');
  t.equal(kept.take('a'), 'first');
  kept.keep('b', 'second', 3);
  t.equal(kept.take('b'), 'second');
  t.end();
});

void t.test('a file that is named twice counts once', (t) => {
  const kept = new KeptByFile<string>(10);
  kept.keep('a', 'first', 8);
  kept.keep('a', 'first', 8);
  kept.take('a');
  kept.keep('b', 'second', 10);
  t.equal(kept.take('b'), 'second');
  t.end();
});
