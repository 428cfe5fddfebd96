/** A platform team's first day: install, see a denial, try manifests by dry run, look at the state, break the glass, uninstall. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { podgrace, type Ended } from '../cli/command-line.ts';
import { connect, kubectl, makeNamespace, send } from './cluster.ts';
import { shippedManifests, type Deployment } from './deployed.ts';
import { imageTest, testImage } from './image/image.ts';

/** Denied by the production policy. */
const BARE_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1', ports: [{ containerPort: 8080 }] }] },
};

imageTest('the shipped image and manifests are installed, answer, and are removed, with the commands alone', async (t) => {
  const api = connect();
  const judged = await makeNamespace(t, api);
  const deployment: Deployment = { namespace: judged.replace('podgrace-test-', 'podgrace-of-'), configuration: judged };
  t.teardown(() => send(api, { method: 'DELETE', path: `/api/v1/namespaces/${deployment.namespace}` }));
  const folder = t.testdir();
  const manifests = shippedManifests(deployment, testImage(), { judged, policy: { preset: 'production' } });
  writeFileSync(join(folder, 'all.yaml'), manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
  const of = ['--namespace', deployment.namespace, '--webhook-configuration', deployment.configuration];
  const install = (): Promise<Ended> => podgrace(['install', '--manifests', join(folder, 'all.yaml'), '--yes']);
  t.teardown(() => podgrace(['uninstall', '--manifests', join(folder, 'all.yaml'), '--yes', '--all']));

  const installed = await install();
  t.equal(installed.code, 0, installed.stderr);
  t.match(installed.stdout, /3 of 3 replicas ready/);
  t.match(installed.stdout, /proof: a Pod that policy test denies was sent in namespace .*, by dry run, and podgrace denied it/);
  const again = await install();
  t.equal(again.code, 0, again.stderr);
  t.notMatch(again.stdout, /\+ create/, 'a second time there is nothing to make');

  const denied = await kubectl(['create', '-n', judged, '-f', '-'], BARE_POD);
  t.match(
    denied.stderr,
    /admission webhook "validate\.runbook\.podgrace\.dev" denied the request: Pod .*\/web breaks 2 rules of policy test/,
  );

  const healthy = await podgrace(['status', ...of]);
  t.equal(healthy.code, 0, healthy.stdout);
  t.match(healthy.stdout, /healthy\n/);
  t.match(healthy.stdout, /policy loaded at .*\n.*serves a certificate until /, 'each replica says so itself');

  const opened = await podgrace(['failopen', '--webhook-configuration', deployment.configuration, '--yes']);
  t.equal(opened.code, 0, opened.stderr);
  t.equal((await podgrace(['status', ...of])).code, 1, 'open is not healthy');
  const closed = await podgrace(['failclosed', '--webhook-configuration', deployment.configuration, '--yes']);
  t.equal(closed.code, 0, closed.stderr);

  const checkout = readFileSync('samples/manifests/checkout.yaml', 'utf8').replace('  namespace: shop\n', '');
  const installation = `${deployment.namespace}/podgrace`;
  const tried = await podgrace(['dry-run', '-', '--namespace', judged, '--installation', installation], { stdin: checkout });
  t.equal(tried.code, 0, tried.stderr);
  t.match(tried.stdout, /terminationGracePeriodSeconds: 30 → 40 \[podgrace: pre-stop-delay\]/, 'the Pod that would come of it is shown');
  t.match(tried.stdout, /1 objects?: 1 allowed/);

  const removed = await podgrace(['uninstall', '--manifests', join(folder, 'all.yaml'), '--yes', '--all']);
  t.equal(removed.code, 0, removed.stderr);
  const left = await kubectl(['get', 'validatingwebhookconfiguration,mutatingwebhookconfiguration', '-o', 'name']);
  t.notMatch(left.stdout, deployment.configuration);
  t.equal((await kubectl(['create', '-n', judged, '-f', '-'], BARE_POD)).code, 0, 'nothing is judged any more');
});
