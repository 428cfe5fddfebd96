/**
 * install, status and uninstall on a real API server, and what goes wrong there. The replicas are those of a fake node; the
 * server that answers runs on this machine, behind the installation's Service.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { clusterTest, connect, eventually, kubectl, run, send } from './cluster.ts';
import { parsedReport, podgrace } from '../cli/command-line.ts';
import { hostAddress, makeInstallable, readManifests, startServer, stopServer, writeManifests, type Installable } from './installable.ts';
import { kubeconfigWith } from './kubeconfigs.ts';

const CONFIGURATIONS = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'] as const;

function configurationPath(kind: (typeof CONFIGURATIONS)[number], { name }: Installable): string {
  return `/apis/admissionregistration.k8s.io/v1/${kind}/${name}`;
}

function policyText(preset: string, rules = ''): string {
  return `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: cluster}\nspec:\n  preset: ${preset}\n${rules}`;
}

interface Installed extends Installable {
  readonly api: KubeApi;
  /** What the server reads; the ConfigMap does not reach it here. */
  readonly policyFile: string;
  readonly server: Awaited<ReturnType<typeof startServer>>;
}

/** Installs with the command, and stands a server behind it as soon as its Secret is there. */
async function installed(t: Test, preset: string): Promise<Installed> {
  const api = connect();
  const folder = t.testdir({ 'policy.yaml': policyText(preset) });
  const installable = await makeInstallable(t, api, folder, preset);
  const policyFile = join(folder, 'policy.yaml');
  const installing = podgrace(['install', '--manifests', installable.manifests, '--yes', '--timeout', '60']);
  await eventually('the Secret', async () => (await api.find(secretPath(installable))) !== undefined);
  const server = await startServer(t, installable, policyFile);
  const { code, stdout, stderr } = await installing;
  t.equal(code, 0, `${stdout}${stderr}`);
  return { ...installable, api, policyFile, server };
}

function secretPath({ name }: Installable): string {
  return `/api/v1/namespaces/${name}/secrets/podgrace-certificates`;
}

function status({ name }: Installable, ...args: string[]): ReturnType<typeof podgrace> {
  return podgrace(['status', '-n', name, '--webhook-configuration', name, ...args]);
}

clusterTest('install shows what it does, installs, proves that the webhook answers, and a second one changes nothing', async (t) => {
  const api = connect();
  const folder = t.testdir({ 'policy.yaml': policyText('production') });
  const installable = await makeInstallable(t, api, folder, 'production');
  const install = (...args: string[]): ReturnType<typeof podgrace> => podgrace(['install', '--manifests', installable.manifests, ...args]);

  const shown = await install('--dry-run');
  t.equal(shown.code, 0, shown.stderr);
  t.match(shown.stdout, `+ create    Deployment ${installable.name}/podgrace`);
  const asked = await install();
  t.equal(asked.code, 2);
  t.match(
    asked.stderr,
    /nothing was done: podgrace asks before it makes changes, but there is no terminal; to continue without the question, use --yes/,
  );
  t.equal(await api.find(`/api/v1/namespaces/${installable.name}`), undefined, 'nothing is there yet');

  const installing = install('--yes', '--timeout', '60');
  await eventually('the Secret', async () => (await api.find(secretPath(installable))) !== undefined);
  await startServer(t, installable, join(folder, 'policy.yaml'));
  const done = await installing;
  t.equal(done.code, 0, done.stderr);
  t.match(
    done.stdout,
    /server: 3 of 3 replicas ready\nwebhook configurations: applied, with the CA in each of 4 webhooks\nproof: a Pod that policy cluster denies/,
  );

  const seen = await status(installable);
  t.equal(seen.code, 0, seen.stdout);
  t.match(seen.stdout, /healthy\n/);
  t.match(seen.stdout, /certificate: 89 days left/);
  t.match(seen.stdout, /cluster \(preset production\), from ConfigMap/);
  const json = await status(installable, '-o', 'json');
  t.match(parsedReport('status', json.stdout), { healthy: true });

  const again = await install('--yes');
  t.equal(again.code, 0, again.stderr);
  t.notMatch(again.stdout, /\+ create|~ change/);
  t.match(again.stdout, /proof: a Pod that policy cluster denies/);
});

clusterTest('install goes into the namespace that is asked for, and not beside an installation in another one', async (t) => {
  const installable = await makeInstallable(t, connect(), t.testdir(), 'production');
  const { name, manifests } = installable;
  const install = (namespace: string): ReturnType<typeof podgrace> =>
    podgrace(['install', '--manifests', manifests, '--namespace', namespace, '--dry-run']);
  const other = await install(`${name}-2`);
  t.equal(other.code, 0, other.stderr);
  t.match(other.stdout, `+ create    Deployment ${name}-2/podgrace`);
  for (const object of readManifests(installable).filter(({ webhooks }) => webhooks !== undefined))
    await kubectl(['apply', '-f', '-'], object);
  const refused = await install(`${name}-2`);
  t.equal(refused.code, 2);
  t.match(
    refused.stderr,
    `calls the server in namespace ${name}, but this command would install a server in ${name}-2: use --namespace ${name}, or`,
  );
  t.equal((await install(name)).code, 0);
});

clusterTest('a second install mends what was deleted, changed, or opened; status tells it before', async (t) => {
  const installation = await installed(t, 'production');
  const { api, name, judged, manifests, server, policyFile } = installation;
  await stopServer(server);
  const validating = configurationPath('validatingwebhookconfigurations', installation);
  await api.request({ method: 'DELETE', path: configurationPath('mutatingwebhookconfigurations', installation) });
  await api.request({ method: 'DELETE', path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${name}/rolebindings/podgrace` });
  const overwritten = await send(api, {
    method: 'PATCH',
    path: validating,
    patchType: 'application/json-patch+json',
    body: [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: await foreignBundle() }],
  });
  t.equal(overwritten.code, 200);
  t.equal((await podgrace(['failopen', '--webhook-configuration', name, '--yes'])).code, 0);

  const ill = await status(installation);
  t.equal(ill.code, 1);
  t.match(ill.stdout, /not healthy/);
  t.match(ill.stdout, /the API server does not trust the certificate: validate\.runbook\.podgrace\.dev/);
  t.match(ill.stdout, new RegExp(`there is no MutatingWebhookConfiguration ${name}`));
  t.match(ill.stdout, /open since/);

  await startServer(t, installation, policyFile);
  const mended = await podgrace(['install', '--manifests', manifests, '--yes', '--timeout', '60']);
  t.equal(mended.code, 0, mended.stderr);
  t.match(mended.stdout, `+ create    RoleBinding ${name}/podgrace`);
  t.match(mended.stdout, `+ create    MutatingWebhookConfiguration ${name}`);
  t.match(mended.stdout, /webhooks\[validate\.runbook\.podgrace\.dev\]\.failurePolicy: "Ignore" → "Fail"/);
  t.match(mended.stdout, /open since .* by `podgrace failopen`: validate\.runbook\.podgrace\.dev will refuse requests again/);
  await eventually('healthy', async () => (await status(installation)).code === 0);
  const denied = await send(api, {
    method: 'POST',
    path: `/api/v1/namespaces/${judged}/pods`,
    query: { dryRun: 'All' },
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 1 }] }] },
    },
  });
  t.equal(denied.code, 403, String(denied.body['message']));
});

/** A sound authority that has nothing to do with podgrace's. */
async function foreignBundle(): Promise<string> {
  const { createAuthority } = await import('../../src/pki/authority.ts');
  const { certPem } = await createAuthority({ commonName: 'somebody', validDays: 1, now: new Date() });
  return Buffer.from(certPem).toString('base64');
}

clusterTest('the policy in force stays unless another one is named, and each is proved by what it does', async (t) => {
  const installation = await installed(t, 'production');
  const { manifests, policyFile, name } = installation;
  const edited = policyText('strict');
  const patched = await kubectl([
    'patch',
    'configmap',
    'podgrace-policy',
    '-n',
    name,
    '--type=merge',
    '-p',
    JSON.stringify({ data: { 'policy.yaml': edited } }),
  ]);
  t.equal(patched.code, 0, patched.stderr);
  writeFileSync(policyFile, edited);
  const kept = await podgrace(['install', '--manifests', manifests, '--yes', '--timeout', '60']);
  t.equal(kept.code, 0, kept.stderr);
  t.match(
    kept.stdout,
    new RegExp(`! keep +ConfigMap ${name}/podgrace-policy: this policy is in force; to replace it, use --policy or --preset`),
  );

  const conflict = await podgrace(['install', '--manifests', manifests, '--yes', '--preset', 'baseline']);
  t.equal(conflict.code, 2);
  t.match(
    conflict.stderr,
    /other field managers own data\.policy\.yaml \(kubectl-patch\): remove these fields from what kubectl-patch applies/,
  );

  for (const [policy, proof] of [
    [policyText('baseline'), /policy cluster denies nothing, so a Pod that it warns about was sent .*, and podgrace warned/],
    [policyText('baseline', modes('audit')), /neither denies nor warns, so a Pod that it repairs was sent .*, and podgrace repaired it/],
    [policyText('baseline', modes('off')), /lets everything through; a Pod sent .* passed a webhook that refuses what it cannot judge/],
  ] as const) {
    writeFileSync(policyFile, policy);
    const replaced = await podgrace([
      'install',
      '--manifests',
      manifests,
      '--yes',
      '--force-conflicts',
      '--policy',
      policyFile,
      '--timeout',
      '60',
    ]);
    t.equal(replaced.code, 0, replaced.stderr);
    t.match(replaced.stdout, proof);
  }

  const damage = JSON.stringify({ data: { 'policy.yaml': policyText('baselin') } });
  await kubectl(['patch', 'configmap', 'podgrace-policy', '-n', name, '--type=merge', '-p', damage]);
  const damaged = await podgrace(['install', '--manifests', manifests, '--yes']);
  t.equal(damaged.code, 2);
  t.match(damaged.stderr, /the servers refuse the policy; to replace it, use --policy or --preset: .*spec\.preset must be one of/);
  t.match(damaged.stderr, /what is applied so far stays; to continue, run install again/);

  writeFileSync(policyFile, policyText('baselin'));
  const wrong = await podgrace(['install', '--manifests', manifests, '--yes', '--policy', policyFile]);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /spec\.preset must be one of/);
});

function modes(mode: 'audit' | 'off'): string {
  const setting = mode === 'off' ? '{mode: "off", mutation: "off"}' : '{mode: audit}';
  return `  rules:\n${catalogue.rules.map(({ meta }) => `    ${meta.id}: ${setting}\n`).join('')}`;
}

clusterTest('the webhook about deletions by force comes with the option, stays without it, and goes with its opposite', async (t) => {
  const installation = await installed(t, 'production');
  const install = (...args: string[]): ReturnType<typeof podgrace> =>
    podgrace(['install', '--manifests', installation.manifests, '--yes', '--timeout', '60', ...args]);
  const names = async (): Promise<unknown[]> => {
    const configuration = await installation.api.find(configurationPath('validatingwebhookconfigurations', installation));
    return (configuration?.['webhooks'] as readonly JsonObject[]).map(({ name }) => name);
  };
  const before = await names();
  const all = [...before, 'validate-deletion.runbook.podgrace.dev'];
  const added = await install('--force-delete');
  t.match(added, { code: 0, stdout: /with the CA in each of 5 webhooks/ }, added.stderr);
  t.same(await names(), all);
  const kept = await install();
  t.equal(kept.code, 0, kept.stderr);
  t.same(await names(), all, 'an update that says nothing about it keeps it');
  const removed = await install('--no-force-delete');
  t.match(removed, { code: 0, stdout: /with the CA in each of 4 webhooks/ }, removed.stderr);
  t.same(await names(), before);
});

clusterTest('fields that another field manager owns are not taken without --force-conflicts', async (t) => {
  const { manifests, name } = await installed(t, 'production');
  const scaled = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'podgrace', namespace: name }, spec: { replicas: 2 } };
  const applied = await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=platform', '-f', '-'], scaled);
  t.equal(applied.code, 0, applied.stderr);
  const refused = await podgrace(['install', '--manifests', manifests, '--yes']);
  t.equal(refused.code, 2);
  t.match(refused.stderr, new RegExp(`cannot apply Deployment ${name}/podgrace: .*conflict`));
  t.match(
    refused.stderr,
    /other field managers own spec\.replicas \(platform\): remove these fields from what platform applies, or set the same values there, or take over the fields with --force-conflicts/,
  );
  const forced = await podgrace(['install', '--manifests', manifests, '--yes', '--force-conflicts', '--timeout', '60']);
  t.equal(forced.code, 0, forced.stderr);
  t.match(forced.stdout, /spec\.replicas: 2 → 3/);
});

clusterTest('a server that does not get ready keeps the webhook configurations out', async (t) => {
  const api = connect();
  const installable = await makeInstallable(t, api, t.testdir({}), 'production');
  writeManifests(
    installable,
    readManifests(installable).map((object) => (object['kind'] === 'Deployment' ? unschedulable(object) : object)),
  );
  const { code, stdout, stderr } = await podgrace(['install', '--manifests', installable.manifests, '--yes', '--timeout', '3']);
  t.equal(code, 1, stdout);
  t.match(stderr, /timed out waiting for the replicas: 0 of 3 replicas ready/);
  t.match(stderr, /not scheduled: 0\/\d+ nodes are available/);
  t.match(stderr, /what is applied so far stays; to continue, run install again/);
  for (const kind of CONFIGURATIONS) t.equal(await api.find(configurationPath(kind, installable)), undefined);
  const seen = await status(installable);
  t.equal(seen.code, 1);
  t.match(seen.stdout, /0 of 3 replicas are ready/);
});

clusterTest('until the CA is published what people submit is let through; then the webhook closes', async (t) => {
  const api = connect();
  const folder = t.testdir({ 'policy.yaml': policyText('production') });
  const installable = await makeInstallable(t, api, folder, 'production');
  const install = (timeout: string): ReturnType<typeof podgrace> =>
    podgrace(['install', '--manifests', installable.manifests, '--yes', '--timeout', timeout]);
  const policies = async (): Promise<unknown> => {
    const configuration = await api.find(configurationPath('validatingwebhookconfigurations', installable));
    return (configuration?.['webhooks'] as { failurePolicy: string }[]).map(({ failurePolicy }) => failurePolicy);
  };
  const submitted = (name: string): ReturnType<typeof kubectl> =>
    kubectl(['run', name, '--image=registry.example/web:1', '-n', installable.judged]);

  const unanswered = await install('15');
  t.equal(unanswered.code, 1, unanswered.stdout);
  t.match(unanswered.stderr, /timed out waiting for the CA in the webhook configurations/);
  t.same(await policies(), ['Ignore', 'Ignore', 'Ignore']);
  t.equal((await submitted('before')).code, 0, 'nobody is held up by an installation that is not finished');

  const installing = install('60');
  await startServer(t, installable, join(folder, 'policy.yaml'));
  const installed = await installing;
  t.equal(installed.code, 0, installed.stderr);
  t.same(await policies(), ['Fail', 'Ignore', 'Ignore']);
  t.match((await submitted('after')).stderr, /denied the request/);
});

function unschedulable(deployment: JsonObject): JsonObject {
  const copy = structuredClone(deployment) as { spec: { template: { spec: { nodeSelector: object } } } };
  copy.spec.template.spec.nodeSelector = { 'podgrace.dev/no-such-node': 'true' };
  return copy;
}

clusterTest("somebody else's webhook configuration of the same name is neither overwritten nor deleted", async (t) => {
  const api = connect();
  const installable = await makeInstallable(t, api, t.testdir({}), 'production');
  const path = configurationPath('validatingwebhookconfigurations', installable);
  const foreign = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: installable.name },
    webhooks: [],
  };
  await api.request({ method: 'POST', path: path.slice(0, path.lastIndexOf('/')), body: foreign });
  const { code, stderr } = await podgrace(['install', '--manifests', installable.manifests, '--yes']);
  t.equal(code, 2);
  t.match(stderr, new RegExp(`ValidatingWebhookConfiguration ${installable.name} exists, but does not belong to podgrace`));
  t.equal(await api.find(`/api/v1/namespaces/${installable.name}`), undefined, 'nothing was made');
  const { code: uninstalled, stdout } = await podgrace(['uninstall', '--manifests', installable.manifests, '--yes', '--all']);
  t.equal(uninstalled, 0);
  t.match(stdout, new RegExp(`! keep +ValidatingWebhookConfiguration ${installable.name}: it does not belong to podgrace`));
  t.not(await api.find(path), undefined);
});

clusterTest('uninstall deletes the configurations first, keeps namespace and policy, and --all takes these too', async (t) => {
  const installation = await installed(t, 'production');
  const { api, name, manifests } = installation;
  const uninstall = (...args: string[]): ReturnType<typeof podgrace> => podgrace(['uninstall', '--manifests', manifests, ...args]);
  const shown = await uninstall('--dry-run');
  t.equal(shown.code, 0);
  const kinds = [...shown.stdout.matchAll(/- delete +(\w+)/g)].map(([, kind]) => kind);
  t.same(kinds.slice(0, 2), ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);
  t.equal((await uninstall()).code, 2, 'without --yes and without a terminal nothing is done');
  t.not(await api.find(configurationPath('validatingwebhookconfigurations', installation)), undefined);

  const done = await uninstall('--yes');
  t.equal(done.code, 0, done.stderr);
  for (const kind of CONFIGURATIONS) t.equal(await api.find(configurationPath(kind, installation)), undefined);
  t.equal(await api.find(secretPath(installation)), undefined, 'the private keys are gone');
  t.not(await api.find(`/api/v1/namespaces/${name}/configmaps/podgrace-policy`), undefined);
  t.match((await uninstall('--yes')).stdout, /there is nothing to delete/);
  const all = await uninstall('--yes', '--all');
  t.equal(all.code, 0, all.stderr);
  t.equal(await api.find(`/api/v1/namespaces/${name}`), undefined);
  t.equal((await status(installation)).code, 1);
});

clusterTest('whoever has no rights is told which one is missing', async (t) => {
  const installation = await installed(t, 'production');
  const { name, manifests, judged } = installation;
  const token = (await kubectl(['create', 'token', 'default', '-n', judged])).stdout.trim();
  const kubeconfig = await kubeconfigWith(t, { token });
  const install = await podgrace(['install', '--manifests', manifests, '--yes', '--kubeconfig', kubeconfig]);
  t.equal(install.code, 2);
  t.match(install.stderr, /cannot read what is installed: namespaces "[^"]+" is forbidden/);
  t.match(install.stderr, /needed is the rule \{apiGroups: \[""\], resources: \["namespaces"\], verbs: \["get"\]\} in a Role in namespace/);
  const seen = await podgrace(['status', '-n', name, '--webhook-configuration', name, '--kubeconfig', kubeconfig, '-o', 'json']);
  t.equal(seen.code, 2, 'nobody can tell');
  const { healthy, unknown } = parsedReport('status', seen.stdout) as { healthy: unknown; unknown: { part: string }[] };
  t.equal(healthy, null);
  t.same(
    unknown.map(({ part }) => part),
    ['server', 'policy', 'certificates', 'configurations'],
  );
  for (const command of ['failopen', 'failclosed']) {
    const ran = await podgrace([command, '--webhook-configuration', name, '--yes', '--kubeconfig', kubeconfig]);
    t.equal(ran.code, 2);
    t.match(ran.stderr, /resources: \["\w+webhookconfigurations"\], verbs: \["get"\]/);
  }
});

clusterTest('a replica is asked through the API server what it says of itself', async (t) => {
  const installation = await installed(t, 'production');
  const { api, name, policyFile, server, port } = installation;
  await stopServer(server);
  const opsPort = 8081;
  const pods = await api.list(`/api/v1/namespaces/${name}/pods`);
  const pod = String((pods[0]?.['metadata'] as JsonObject)['name']);
  await startServer(t, { ...installation, port }, policyFile, opsPort);
  const addressed = await send(api, {
    method: 'PATCH',
    path: `/api/v1/namespaces/${name}/pods/${pod}/status`,
    patchType: 'application/merge-patch+json',
    body: { status: { podIP: hostAddress, podIPs: [{ ip: hostAddress }] } },
  });
  t.equal(addressed.code, 200, String(addressed.body['message']));
  await eventually('the replica answers', async () => {
    const { stdout } = await status(installation, '-o', 'json');
    const replicas = (JSON.parse(stdout) as { server: { replicas: { name: string; readiness: unknown; certificateExpiresAt: unknown }[] } })
      .server.replicas;
    const asked = replicas.find((replica) => replica.name === pod);
    return asked?.certificateExpiresAt !== null && Array.isArray(asked?.readiness);
  });
  t.match((await status(installation)).stdout, /serves a certificate until \S+ \(89 days left\)/);
  writeFileSync(policyFile, policyText('nonsense'));
  await eventually('the refused policy shows', async () => (await status(installation)).stdout.includes('the old one is in force'));
});

clusterTest('kubeconfigs that are missing, wrong, or lead nowhere', async (t) => {
  const folder = t.testdir({ 'no-yaml': '{{', empty: '', 'no-context.yaml': 'apiVersion: v1\nkind: Config\n' });
  const expectRefusal = async (args: readonly string[], message: RegExp, env?: NodeJS.ProcessEnv): Promise<void> => {
    const ran =
      env === undefined
        ? await podgrace(['status', ...args])
        : await run(process.execPath, ['src/bin/podgrace.ts', 'status', ...args], '', env);
    t.equal(ran.code, 2, ran.stdout);
    t.match(ran.stderr, message);
  };
  await expectRefusal(['--kubeconfig', join(folder, 'missing')], /--kubeconfig: there is no file .*missing/);
  await expectRefusal(['--kubeconfig', join(folder, 'no-yaml')], /--kubeconfig: .*no-yaml is not a usable kubeconfig/);
  await expectRefusal(['--kubeconfig', join(folder, 'no-context.yaml')], /there is no cluster to connect to: set KUBECONFIG/);
  await expectRefusal(
    ['--context', 'nowhere'],
    /--context: there is no context 'nowhere' in the kubeconfig; known are kube-test|known are/,
  );
  await expectRefusal(
    ['--kubeconfig', await kubeconfigWith(t, { server: 'https://127.0.0.1:9' })],
    /does not answer: the connection is refused; is the cluster up/,
  );
  await expectRefusal(['--kubeconfig', await kubeconfigWith(t, { authority: await foreignBundle() })], /its certificate does not verify/);
  await expectRefusal(['--kubeconfig', await kubeconfigWith(t, { token: 'wrong' })], /the credentials of this context are not accepted/);
  const { KUBECONFIG: _, ...env } = process.env;
  await expectRefusal([], /there is no cluster to connect to: set KUBECONFIG/, { ...env, HOME: folder });
  await expectRefusal([], /KUBECONFIG: there is no file \/nowhere/, { ...env, KUBECONFIG: '/nowhere' });
});
