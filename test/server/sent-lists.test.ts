import t from 'tap';
import { NOTHING_KNOWN, type Surroundings } from '../../src/core/surroundings.ts';
import { ReceivedLists, SentLists } from '../../src/server/sent-lists.ts';

function around(services: number, budgets: readonly string[] = []): Surroundings {
  const value = Array.from({ length: services }, (_, at) => ({ name: `s${at}`, selector: {} }));
  const podDisruptionBudgets = budgets.map((name) => ({ name, selector: null, minAvailable: 1, maxUnavailable: null }));
  return {
    ...NOTHING_KNOWN,
    services: { isKnown: true, value },
    podDisruptionBudgets: { isKnown: true, value: podDisruptionBudgets },
    namespace: { isKnown: true, value: { labels: { team: 'shop' }, annotations: {} } },
  };
}

void t.test('what arrives is what was known', (t) => {
  const [sent, received] = [new SentLists(), new ReceivedLists()];
  for (const known of [around(1_234, ['a']), around(0), around(500), around(501, ['b', 'c'])]) {
    const { parts, rest } = sent.next('shop', known);
    for (const part of parts) received.add(part);
    t.same(received.with(rest), known);
  }
  t.end();
});

void t.test('a list goes in parts, and not again while it is the same', (t) => {
  const sent = new SentLists();
  const known = around(1_234);
  t.same(
    sent.next('shop', known).parts.map(({ surrounding, objects }) => [surrounding, objects.length]),
    [
      ['services', 500],
      ['services', 500],
      ['services', 234],
      ['podDisruptionBudgets', 0],
    ],
  );
  t.same(sent.next('shop', { ...known }).parts, []);
  t.same(sent.next('other', around(1)).parts.length, 2, 'those of another namespace take their place');
  t.end();
});
