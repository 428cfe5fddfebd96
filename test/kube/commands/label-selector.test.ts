import t from 'tap';
import { selects } from '../../../src/kube/commands/label-selector.ts';

const labels = { team: 'a', tier: 'web' };
const by = (key: string, operator: string, values?: string[]): object => ({ matchExpressions: [{ key, operator, values }] });

void t.test('no selector and an empty one select everything', (t) => {
  t.equal(selects(undefined, labels), true);
  t.equal(selects({}, labels), true);
  t.end();
});

void t.test('labels must all match', (t) => {
  t.equal(selects({ matchLabels: { team: 'a', tier: 'web' } }, labels), true);
  t.equal(selects({ matchLabels: { team: 'a', tier: 'db' } }, labels), false);
  t.end();
});

void t.test('operators are those of metav1, and one that is unknown selects nothing', (t) => {
  for (const [selector, expected] of [
    [by('team', 'In', ['a', 'b']), true],
    [by('none', 'In', ['a']), false],
    [by('team', 'NotIn', ['a']), false],
    [by('none', 'NotIn', ['a']), true],
    [by('team', 'Exists'), true],
    [by('none', 'Exists'), false],
    [by('team', 'DoesNotExist'), false],
    [by('none', 'DoesNotExist'), true],
    [by('constructor', 'Exists'), false],
    [by('team', 'Like', ['a']), false],
    [{ matchExpressions: ['team'] }, false],
  ] as const)
    t.equal(selects(selector, labels), expected, JSON.stringify(selector));
  t.end();
});
