/** `--client-ca` with the commands and files of docs/certificates.md, through an API server that is started with them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presetPolicy } from '../../src/config/presets.ts';
import { eventually, run, send } from './cluster.ts';
import { apiServerTest, startApiServer } from './own-api-server.ts';
import { clientConfigOf, createConfiguration, serveOnLoopback } from './registered-webhook.ts';

const [, SECTION = ''] = readFileSync('docs/certificates.md', 'utf8').split('## Only the API server may call');
const [COMMANDS = '', ADMISSION = '', USERS = ''] = Array.from(SECTION.matchAll(/```\w+\n(.*?)```/gs), ([, text = '']) => text);

const VIOLATING_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1', command: ['/app/web'], ports: [{ containerPort: 8080 }] }] },
};

apiServerTest('the API server with a certificate is answered, and without one it is not', async (t) => {
  const folder = t.testdir();
  const made = await run('bash', ['-ec', `cd '${folder}'\n${COMMANDS}`]);
  t.equal(made.code, 0, made.stderr);
  const clientAuthorityPem = readFileSync(join(folder, 'client-ca.crt'), 'utf8');
  const policy = presetPolicy('production');
  const known = await serveOnLoopback(t, policy, { clientAuthorityPem });
  const unknown = await serveOnLoopback(t, policy, { clientAuthorityPem });

  const inFolder = (text: string): string => text.replaceAll('/etc/kubernetes/', `${folder}/`);
  writeFileSync(join(folder, 'admission.yaml'), inFolder(ADMISSION));
  // Its webhook has a `url`: host and port take the place of the Service's name.
  writeFileSync(
    join(folder, 'webhooks.kubeconfig'),
    inFolder(USERS).replace('name: podgrace.podgrace-system.svc', `name: 127.0.0.1:${known.port}`),
  );
  const { api } = await startApiServer(t, folder, ['--admission-control-config-file', join(folder, 'admission.yaml')]);

  const create = (): ReturnType<typeof send> =>
    send(api, { method: 'POST', path: '/api/v1/namespaces/default/pods', query: { dryRun: 'All' }, body: VIOLATING_POD });
  t.equal((await create()).code, 201, 'nobody is asked');
  const webhook = (name: string, port: number): Parameters<typeof createConfiguration>[3] => ({
    name: `${name}.podgrace.dev`,
    timeoutSeconds: 10,
    clientConfig: clientConfigOf(`https://127.0.0.1:${port}/validate`, name === 'known' ? known.pair : unknown.pair),
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    namespaceSelector: {},
  });
  await createConfiguration(t, api, { phase: 'validate', name: 'known', namespace: 'default' }, webhook('known', known.port));
  await eventually('the API server calls the webhook', async () => (await create()).code !== 201);
  const denied = await create();
  t.equal(denied.code, 403, String(denied.body['message']));
  t.match(denied.body['message'], /admission webhook "known\.podgrace\.dev" denied the request: Pod default\/web breaks/);

  await createConfiguration(t, api, { phase: 'validate', name: 'another', namespace: 'default' }, webhook('unknown', unknown.port));
  let message = '';
  await eventually('the API server calls both, and tells of this one', async () => {
    message = String((await create()).body['message']);
    // With TLS 1.3 a client writes its request before it hears that it is refused. Where that fails, Go tells of it, and not of the reason.
    return message.includes('unknown.podgrace.dev') && !/: write: |connection reset by peer|use of closed network connection/.test(message);
  });
  t.match(message, /failed calling webhook "unknown\.podgrace\.dev": .*certificate required/);
  t.same(unknown.takeRecords(), [], 'and nothing was judged');
});
