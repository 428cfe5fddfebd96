import t from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { printedStatusOf, readPodStatus } from '../../src/core/pod-status.ts';
import { POD_STATUSES } from './made-up-pod-status.ts';

function printed(pod: JsonObject, minor = 36): string {
  const status = readPodStatus(pod);
  if (status === undefined) return 'no status';
  const { status: text, readyContainers, containers, restarts } = printedStatusOf(status, minor);
  return `${text} ${readyContainers}/${containers} ${restarts}`;
}

for (const { name, pod, prints, printsIn134 = prints } of POD_STATUSES) {
  void t.test(name, (t) => {
    t.equal(printed(pod), prints);
    t.equal(printed(pod, 37), prints, '1.37');
    t.equal(printed(pod, 35), prints, '1.35');
    t.equal(printed(pod, 34), printsIn134, '1.34');
    t.end();
  });
}

void t.test('a Pod without a status has no STATUS', (t) => {
  t.equal(readPodStatus({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [] } }), undefined);
  t.end();
});

void t.test('what has another type than the API gives it counts as absent', (t) => {
  for (const wrong of [
    null,
    1,
    'x',
    [],
    [1, null],
    {},
    { state: 1 },
    [{ state: [] }],
    [{ name: 3, state: { waiting: 'x', terminated: [] } }],
  ]) {
    const pod = {
      metadata: wrong,
      spec: { containers: wrong, initContainers: wrong },
      status: { phase: wrong, reason: wrong, conditions: wrong, initContainerStatuses: wrong, containerStatuses: wrong },
    };
    t.doesNotThrow(() => printed(pod), JSON.stringify(wrong));
  }
  t.end();
});

void t.test('the container that decides is named', (t) => {
  const decided = (name: string): string | undefined => {
    const pod = POD_STATUSES.find((each) => each.name === name)?.pod;
    const status = pod === undefined ? undefined : readPodStatus(pod);
    return status === undefined ? undefined : printedStatusOf(status, 36).decidedBy?.name;
  };
  t.equal(decided('two containers wait: the reason of the first is printed'), 'a');
  t.equal(decided('an init container that failed waits'), 'i1');
  t.equal(decided('one container has completed, another one has failed'), 'b');
  t.equal(decided('a deleted Pod is Terminating'), undefined);
  t.end();
});
