/** failopen and failclosed on a real API server, while nobody answers behind the webhooks. */
import type { Test } from 'tap';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { podgrace } from '../cli/command-line.ts';
import { clusterTest, connect, eventually, kubectl, send } from './cluster.ts';
import { installableConfigurations, type Installable } from './installable.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'a-' },
  spec: { containers: [{ name: 'a', image: 'r.example/a:1' }] },
};

async function create(api: KubeApi, { judged }: Installable): Promise<{ code: number; message: string }> {
  const { code, body } = await send(api, {
    method: 'POST',
    path: `/api/v1/namespaces/${judged}/pods`,
    query: { dryRun: 'All' },
    body: POD,
  });
  return { code, message: String(body['message']) };
}

async function refuses(t: Test, api: KubeApi, installable: Installable): Promise<void> {
  await eventually('a Pod is refused', async () => (await create(api, installable)).code === 500);
  t.match((await create(api, installable)).message, /failed calling webhook "validate\.runbook\.podgrace\.dev"/);
}

clusterTest('failopen lets requests through while the server is down, failclosed takes it back', async (t) => {
  const api = connect();
  const installable = await installableConfigurations(t, api, t.testdir({}));
  const named = ['--webhook-configuration', installable.name];
  await refuses(t, api, installable);

  const unanswered = await podgrace(['failopen', ...named]);
  t.equal(unanswered.code, 2);
  t.match(
    unanswered.stderr,
    /podgrace asks before it makes changes, but there is no terminal; to continue without the question, use --yes/,
  );
  t.equal((await create(api, installable)).code, 500, 'without an answer nothing is done');

  const opened = await podgrace(['failopen', ...named, '--yes']);
  t.equal(opened.code, 0, opened.stderr);
  t.match(opened.stdout, /validate\.runbook\.podgrace\.dev will let requests through when podgrace does not answer/);
  t.match(opened.stdout, /to undo it, run `podgrace failclosed` or `podgrace install`/);
  await eventually('a Pod is let through', async () => (await create(api, installable)).code === 201);

  const again = await podgrace(['failopen', ...named, '--yes']);
  t.equal(again.code, 0);
  t.match(again.stdout, /already open since \d{4}-/);

  const status = await podgrace(['status', '-n', installable.name, ...named]);
  t.equal(status.code, 1);
  t.match(status.stdout, /open since \d{4}-.* by `podgrace failopen`: `podgrace failclosed` closes again/);

  const closed = await podgrace(['failclosed', ...named, '--yes']);
  t.equal(closed.code, 0, closed.stderr);
  t.match(closed.stdout, /validate\.runbook\.podgrace\.dev will refuse requests/);
  await refuses(t, api, installable);
  t.match((await podgrace(['failclosed', ...named, '--yes'])).stdout, /already closed/);
  t.notMatch((await podgrace(['status', '-n', installable.name, ...named])).stdout, /open since/);
});

clusterTest('manifests that are applied again close what failopen opened, and nobody owns a rest of it', async (t) => {
  const api = connect();
  const installable = await installableConfigurations(t, api, t.testdir({}));
  const named = ['--webhook-configuration', installable.name];
  t.equal((await podgrace(['failopen', ...named, '--yes'])).code, 0);
  const applied = await kubectl(['apply', '--server-side', '--force-conflicts', '-f', installable.manifests]);
  t.equal(applied.code, 0, applied.stderr);
  await refuses(t, api, installable);
  t.notMatch((await podgrace(['status', '-n', installable.name, ...named])).stdout, /open since/, 'the note that is left is not believed');
  t.match((await podgrace(['failclosed', ...named, '--yes'])).stdout, /already closed/);
});

clusterTest('failopen of what is not installed says so', async (t) => {
  const ran = await podgrace(['failopen', '--webhook-configuration', 'nobody-has-this', '--yes']);
  t.equal(ran.code, 2);
  t.match(ran.stderr, /there is no webhook configuration 'nobody-has-this'/);
});
