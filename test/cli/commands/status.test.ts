/** What `podgrace status` makes of an installation that an API server cannot be brought to have: one of another time. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { withCertificateState } from '../../../src/kube/client/certificate-secret.ts';
import { createAuthority, issueServingPair } from '../../../src/pki/authority.ts';
import type { PemPair } from '../../../src/pki/pem.ts';
import { podgrace, type Ended } from '../command-line.ts';

const DEPLOYMENT = {
  metadata: { name: 'podgrace', namespace: 'podgrace-system' },
  spec: { selector: { matchLabels: {} }, template: { spec: { containers: [{ args: ['serve', '--tls-secret=podgrace-certificates'] }] } } },
};

/** Runs it against an API server whose clock says `now`, and which has the Deployment, the Secret, and one configuration. */
async function status(t: Test, now: Date, authority: PemPair, leaf: PemPair): Promise<Ended> {
  const secret = withCertificateState({ metadata: {} }, { authority, leaf, retired: [] });
  const caBundle = Buffer.from(authority.certPem).toString('base64');
  const objects: Readonly<Record<string, JsonObject>> = {
    '/version': { major: '1', minor: '36', gitVersion: 'v1.36.3' },
    '/deployments/podgrace': DEPLOYMENT,
    '/secrets/podgrace-certificates': secret,
    '/validatingwebhookconfigurations/podgrace': { metadata: {}, webhooks: [{ name: 'validate', clientConfig: { caBundle } }] },
  };
  const server = createServer((request, response) => {
    const found = Object.entries(objects).find(([path]) => request.url?.split('?')[0]?.endsWith(path));
    response.writeHead(found === undefined ? 404 : 200, { date: now.toUTCString() });
    response.end(JSON.stringify(found?.[1] ?? { kind: 'Status', message: 'not found' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const kubeconfig = join(t.testdir({}), 'kubeconfig');
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'a',
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: 'secret' } }],
    }),
  );
  return podgrace(['status', '--kubeconfig', kubeconfig]);
}

void t.test('certificates are judged by the clock of the API server, whatever time it is here', async (t) => {
  const now = new Date(Date.now() + 200 * 86_400_000);
  const authority = await createAuthority({ commonName: 'ca', validDays: 365, now });
  const { stdout, stderr } = await status(t, now, authority, await issueServingPair(authority, { dnsNames: ['a'], validDays: 90, now }));
  t.match(stdout, 'the published CA verifies the certificate', stderr);
  t.match(stdout, /certificate: (89|90) days left/);
});

void t.test('what stands in the Secret in place of a CA is told, and ends nothing', async (t) => {
  const now = new Date();
  const authority = await createAuthority({ commonName: 'ca', validDays: 365, now });
  const leaf = await issueServingPair(authority, { dnsNames: ['a'], validDays: 90, now });
  const { code, stdout, stderr } = await status(t, now, { certPem: 'garbage', keyPem: 'garbage' }, leaf);
  t.equal(code, 1, stderr);
  t.match(stdout, 'Secret podgrace-system/podgrace-certificates, ca.crt: ');
});
