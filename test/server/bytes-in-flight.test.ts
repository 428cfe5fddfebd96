import fc from '../fast-check.ts';
import t from 'tap';
import { BytesInFlight } from '../../src/server/bytes-in-flight.ts';

void t.test('the peer that holds the most loses its longest body', (t) => {
  const evicted: string[] = [];
  const inFlight = new BytesInFlight(100);
  const hold = (peer: string, bytes: number, name = peer): void => {
    inFlight.hold(peer, () => evicted.push(name)).add(bytes);
  };
  hold('apiserver', 45);
  hold('stranger', 10, 'short');
  hold('stranger', 40, 'long');
  t.same(evicted, []);
  hold('other', 6);
  t.same(evicted, ['long'], 'the stranger has 50 bytes in two bodies, the API server 45 in one');
  t.equal(inFlight.totalBytes, 61);
  t.end();
});

void t.test('what grows too long goes itself', (t) => {
  const evicted: string[] = [];
  const inFlight = new BytesInFlight(100);
  const held = inFlight.hold('a', () => evicted.push('a'));
  held.add(60);
  held.add(60);
  t.same(evicted, ['a']);
  t.equal(inFlight.totalBytes, 0);
  t.end();
});

void t.test('what must not go stays, and is counted until it is done', (t) => {
  const evicted: string[] = [];
  const inFlight = new BytesInFlight(100);
  const judged = inFlight.hold('a', () => evicted.push('judged'));
  judged.add(90);
  judged.evict = undefined;
  inFlight.hold('b', () => evicted.push('b')).add(20);
  t.same(evicted, ['b']);
  judged.free();
  judged.free();
  t.equal(inFlight.totalBytes, 0);
  t.end();
});

void t.test('the bytes that are here never stay above the limit, and add up', (t) => {
  const step = fc.record({ peer: fc.constantFrom('a', 'b', 'c'), bytes: fc.integer({ min: 1, max: 60 }), isDone: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const inFlight = new BytesInFlight(100);
      const here = new Map<object, number>();
      for (const { peer, bytes, isDone } of steps) {
        const key = {};
        const held = inFlight.hold(peer, () => here.delete(key));
        here.set(key, bytes);
        held.add(bytes);
        if (isDone && here.delete(key)) held.free();
        const sum = [...here.values()].reduce((total, each) => total + each, 0);
        if (inFlight.totalBytes !== sum || sum > 100) return false;
      }
      return true;
    }),
  );
  t.end();
});
