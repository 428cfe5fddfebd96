import t from 'tap';
import { KubeApi, KubeUnreachableError } from '../../../src/kube/client/api.ts';
import { askReplica, ReplicaSilentError } from '../../../src/kube/commands/replica-report.ts';

/** Nobody listens on port 1. */
const api = new KubeApi({ server: new URL('http://127.0.0.1:1'), namespace: '', authenticate: () => Promise.resolve() });
const pod = (status: object): Record<string, unknown> => ({ metadata: { name: 'podgrace-1', namespace: 'podgrace-system' }, status });

void t.test('a replica is asked once it has an address', async (t) => {
  await t.rejects(askReplica(api, pod({ phase: 'Pending' })), new ReplicaSilentError('it has no IP address yet, so nobody can ask it'));
  await t.rejects(askReplica(api, pod({ podIP: '10.0.0.1' })), KubeUnreachableError);
});
