/** Another mutating webhook, as service meshes have them: a real server that adds a container to every Pod. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { clientConfigOf, createConfiguration, makeLoopbackPair, RULES } from '../registered-webhook.ts';

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly object: { readonly spec: { readonly containers: readonly { readonly name: string }[] } };
  };
}

/** Registers it under a name after `mutate-…`: the API server calls it when podgrace has answered already. */
export async function registerSidecarInjector(t: Test, api: KubeApi, namespace: string, sidecar: JsonObject): Promise<void> {
  const pair = await makeLoopbackPair();
  const server = createServer({ cert: pair.certPem, key: pair.keyPem }, (question, answer) => {
    const chunks: Buffer[] = [];
    question.on('data', (chunk: Buffer) => chunks.push(chunk));
    question.on('end', () => {
      const { request, ...envelope } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Review;
      const isThere = request.object.spec.containers.some(({ name }) => name === sidecar['name']);
      const patch = isThere ? [] : [{ op: 'add', path: '/spec/containers/-', value: sidecar }];
      const response = {
        uid: request.uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      };
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...envelope, response }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  await createConfiguration(
    t,
    api,
    { phase: 'mutate', name: `sidecar-${namespace}`, namespace },
    {
      name: 'sidecar.example.com',
      clientConfig: clientConfigOf(`https://127.0.0.1:${port}/`, pair),
      rules: RULES.map((rule) => ({ ...rule, operations: ['CREATE'], resources: ['pods'] })),
    },
  );
}
