import t from 'tap';
import { containersOf, type Maybe, type PodSpec } from '../../src/core/pod.ts';
import { referencesOf } from '../../src/core/pod-references.ts';

function referencesIn(spec: object): readonly string[] {
  const whole = { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec } as PodSpec;
  const each = <T>(list: Maybe<readonly T[]>): Iterable<T> => list ?? [];
  return [...referencesOf(whole, containersOf(whole), each)].map(({ to, name, path }) => `${to} ${name} ${path.text}`);
}

void t.test('accounts and classes are named by the Pod itself', (t) => {
  t.same(referencesIn({ serviceAccountName: 'web', priorityClassName: 'urgent', runtimeClassName: 'gvisor' }), [
    'serviceAccounts web spec.serviceAccountName',
    'priorityClasses urgent spec.priorityClassName',
    'runtimeClasses gvisor spec.runtimeClassName',
  ]);
  t.same(referencesIn({ serviceAccount: 'old' }), ['serviceAccounts old spec.serviceAccount']);
  t.same(referencesIn({ serviceAccountName: '', serviceAccount: 'old' }), ['serviceAccounts old spec.serviceAccount']);
  t.same(referencesIn({ serviceAccountName: '', priorityClassName: null, imagePullSecrets: [{ name: 'registry' }] }), []);
  t.end();
});
