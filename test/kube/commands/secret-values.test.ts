import t from 'tap';
import { changesBetween } from '../../../src/kube/commands/object-changes.ts';
import { maskSecretValues } from '../../../src/kube/commands/secret-values.ts';

const SECRET = { apiVersion: 'v1', kind: 'Secret' };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

void t.test('of the values of a Secret only the keys are shown, changed, added or taken away', (t) => {
  const before = {
    ...SECRET,
    metadata: { annotations: { [LAST_APPLIED]: '{"data":{"password":"b2xk"}}', team: 'a' } },
    data: { password: 'b2xk', user: 'bWU=' },
  };
  const after = {
    ...SECRET,
    metadata: { annotations: { [LAST_APPLIED]: '{"data":{"password":"bmV3"}}', team: 'b' } },
    data: { password: 'bmV3' },
    stringData: { token: 'bmV3' },
  };
  const shown = maskSecretValues(SECRET, changesBetween(before, after)).map(({ path, from, to }) => ({ path, from, to }));
  t.same(shown, [
    { path: `metadata.annotations["${LAST_APPLIED}"]`, from: '*** (before)', to: '*** (after)' },
    { path: 'metadata.annotations.team', from: 'a', to: 'b' },
    { path: 'data.password', from: '*** (before)', to: '*** (after)' },
    { path: 'data.user', from: '*** (before)', to: undefined },
    { path: 'stringData.token', from: undefined, to: '*** (after)' },
  ]);
  t.notMatch(JSON.stringify(shown), /b2xk|bmV3/);
  t.end();
});

void t.test('what is added as a whole is masked value by value', (t) => {
  const [change] = maskSecretValues(SECRET, changesBetween(SECRET, { ...SECRET, data: { password: 'bmV3' } }));
  t.same([change?.path, change?.to], ['data.password', '*** (after)']);
  t.same([change?.added?.path, change?.added?.value], ['data', { password: '*** (after)' }]);
  const annotations = { [LAST_APPLIED]: 'bmV3', team: 'a' };
  const applied = maskSecretValues(SECRET, changesBetween({ ...SECRET, metadata: {} }, { ...SECRET, metadata: { annotations } }));
  t.same(
    applied.map(({ to }) => to),
    ['*** (after)', 'a'],
  );
  for (const { added } of applied) t.notMatch(JSON.stringify(added?.value), /bmV3/);
  t.end();
});

void t.test('what is no Secret is shown as it is', (t) => {
  const changes = changesBetween({ data: { password: 'a' } }, { data: { password: 'b' } });
  t.equal(maskSecretValues({ apiVersion: 'v1', kind: 'ConfigMap' }, changes), changes);
  t.equal(maskSecretValues({ apiVersion: 'example.org/v1', kind: 'Secret' }, changes), changes);
  t.end();
});
