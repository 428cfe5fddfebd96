import t from 'tap';
import { withoutCreated } from '../../../src/kube/commands/created-beside.ts';
import type { Denial } from '../../../src/kube/commands/denial.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { priorityClassName: 'high', runtimeClassName: 'kata', serviceAccountName: 'web', serviceAccount: 'web', containers: [] },
};

/** As API servers 1.36.3 and 1.37.2 say it. */
const REFUSALS = {
  priorityClasses: 'pods "web-" is forbidden: no PriorityClass with name high was found',
  runtimeClasses: 'pods "web-" is forbidden: pod rejected: RuntimeClass "kata" not found',
  serviceAccounts: 'pods "web-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found',
};

function refused(message: string, by: Denial['by'] = 'admission'): Denial {
  return { by, name: null, message };
}

void t.test('what a Pod is refused for and the files create is left out of it', (t) => {
  const left = (message: string): unknown => {
    const next = withoutCreated(POD, refused(message), () => true);
    return next && [next.without, ...Object.keys(next.pod['spec'] as object)];
  };
  t.same(left(REFUSALS.priorityClasses), ['PriorityClass high', 'runtimeClassName', 'serviceAccountName', 'serviceAccount', 'containers']);
  t.same(left(REFUSALS.runtimeClasses), ['RuntimeClass kata', 'priorityClassName', 'serviceAccountName', 'serviceAccount', 'containers']);
  t.same(left(REFUSALS.serviceAccounts), ['ServiceAccount web', 'priorityClassName', 'runtimeClassName', 'containers']);
  t.end();
});

void t.test('every other denial stands', (t) => {
  t.equal(
    withoutCreated(POD, refused(REFUSALS.runtimeClasses), () => false),
    undefined,
    'the files do not create it',
  );
  t.equal(
    withoutCreated(POD, refused('pods "web" is forbidden: exceeded'), () => true),
    undefined,
  );
  t.equal(
    withoutCreated(POD, refused(REFUSALS.runtimeClasses, 'webhook'), () => true),
    undefined,
    'a webhook may say anything',
  );
  t.equal(
    withoutCreated({ ...POD, spec: {} }, refused(REFUSALS.runtimeClasses), () => true),
    undefined,
    'it does not name it',
  );
  t.end();
});
