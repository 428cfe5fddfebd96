import t from 'tap';
import { containersOf, emptyDirOf, pathOf, type PodSpec } from '../../src/core/pod.ts';

function spec(lists: object): PodSpec {
  return { containers: [], restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...lists };
}

void t.test('containers come in the order in which the kubelet starts them', (t) => {
  const references = containersOf(
    spec({
      ephemeralContainers: [{ name: 'debug' }],
      containers: [{ name: 'web' }, { name: 'log' }],
      initContainers: [{ name: 'migrate' }, { name: 'proxy', restartPolicy: 'Always' }],
    }),
  );
  t.same(
    references.map((reference) => `${reference.container.name} ${reference.kind} ${pathOf(reference).text}`),
    [
      'migrate init spec.initContainers[0]',
      'proxy sidecar spec.initContainers[1]',
      'web main spec.containers[0]',
      'log main spec.containers[1]',
      'debug ephemeral spec.ephemeralContainers[0]',
    ],
  );
  t.end();
});

void t.test('only an init container that is always restarted is a sidecar', (t) => {
  for (const restartPolicy of ['Never', 'OnFailure', '', null]) {
    const [reference] = containersOf(spec({ initContainers: [{ name: 'a', restartPolicy }] }));
    t.equal(reference?.kind, 'init', String(restartPolicy));
  }
  const [main] = containersOf(spec({ containers: [{ name: 'a', restartPolicy: 'Always' }] }));
  t.equal(main?.kind, 'main', 'a restart policy of its own makes no sidecar of a main container');
  t.end();
});

void t.test('lists that are missing or null have no containers', (t) => {
  t.same(containersOf(spec({})), []);
  t.same(containersOf(spec({ initContainers: null, ephemeralContainers: null })), []);
  t.end();
});

void t.test('a reference is the container itself, for rules that repair it', (t) => {
  const container = { name: 'web' };
  t.equal(containersOf(spec({ containers: [container] }))[0]?.container, container);
  t.end();
});

void t.test('a volume is an emptyDir where it says so', (t) => {
  const emptyDir = { medium: 'Memory' };
  t.equal(emptyDirOf({ name: 'a', emptyDir }), emptyDir);
  t.equal(emptyDirOf({ name: 'a', emptyDir: null }), undefined);
  t.equal(emptyDirOf({ name: 'a', persistentVolumeClaim: {} }), undefined);
  t.end();
});
