import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { KubeApi, KubeUnreachableError } from '../../../src/kube/client/api.ts';
import { askReplica, ReplicaSilentError, type ReplicaReport } from '../../../src/kube/commands/replica-report.ts';

/** Nobody listens on port 1. */
const api = new KubeApi({ server: new URL('http://127.0.0.1:1'), namespace: '', authenticate: () => Promise.resolve() });
const pod = (status: object): Record<string, unknown> => ({ metadata: { name: 'podgrace-1', namespace: 'podgrace-system' }, status });

void t.test('a replica is asked once it has an address', async (t) => {
  await t.rejects(askReplica(api, pod({ phase: 'Pending' })), new ReplicaSilentError('it has no IP address yet, so nobody can ask it'));
  await t.rejects(askReplica(api, pod({ podIP: '10.0.0.1' })), KubeUnreachableError);
});

/** What is read of a replica that answers so at `/status`. */
async function reportOf(t: Test, status: object): Promise<ReplicaReport> {
  const server = createServer((request, response) => {
    const isStatus = request.url?.endsWith('/status') === true;
    response.setHeader('content-type', isStatus ? 'application/json' : 'text/plain');
    response.end(isStatus ? JSON.stringify(status) : 'podgrace_policy_loaded_timestamp_seconds 1800000000\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const here = new KubeApi({ server: new URL(`http://127.0.0.1:${port}`), namespace: '', authenticate: () => Promise.resolve() });
  return askReplica(here, pod({ podIP: '10.0.0.1' }));
}

void t.test('what a replica says of itself is taken as it is', async (t) => {
  const checks = [
    { name: 'policy', problem: null, note: 'the old one is in force: p:1: spec.preset must be one of a (b)' },
    { name: 'certificate', problem: 'CA: unknown', note: null },
    { name: 'other', problem: null, note: null },
  ];
  t.same(await reportOf(t, { ready: false, checks }), {
    readiness: [
      { check: 'policy', ok: true, note: 'the old one is in force: p:1: spec.preset must be one of a (b)' },
      { check: 'certificate', ok: false, note: 'CA: unknown' },
      { check: 'other', ok: true, note: '' },
    ],
    policyLoadedAt: '2027-01-15T08:00:00.000Z',
    certificateExpiresAt: null,
  });
  await t.rejects(reportOf(t, { message: 'there is only GET /livez' }), { name: 'ReplicaSilentError' });
});
