import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import { readInstallation, webhooksOf, type Installation } from '../../../src/kube/commands/installation.ts';
import { refuseOwnJudgement, relocate } from '../../../src/kube/commands/relocation.ts';
import { documentsIn } from '../../../src/offline/input/documents.ts';

const BASE = new URL('../../../deploy/base/', import.meta.url);
const CERT_MANAGER = new URL('../../../deploy/overlays/cert-manager/certificates.yaml', import.meta.url);

function objectsIn(text: string): JsonObject[] {
  return [...documentsIn('file', text)].flatMap((document) => ('message' in document || !isObject(document.value) ? [] : [document.value]));
}

const shipped: readonly JsonObject[] = readdirSync(BASE)
  .filter((file) => /^\d.*\.yaml$/.test(file))
  .sort()
  .flatMap((file) => objectsIn(readFileSync(new URL(file, BASE), 'utf8')));

/** The shipped manifests with each webhook changed. */
function withWebhooks(change: (webhook: JsonObject) => JsonObject): Installation {
  return readInstallation(
    shipped.map((object) => (object['webhooks'] === undefined ? object : { ...object, webhooks: webhooksOf(object).map(change) })),
  );
}

void t.test('the shipped manifests in another namespace are those with the other name everywhere', (t) => {
  const objects = [...shipped, ...objectsIn(readFileSync(CERT_MANAGER, 'utf8'))];
  const injected = objects.map((object) =>
    object['webhooks'] === undefined
      ? object
      : {
          ...object,
          metadata: { ...(object['metadata'] as object), annotations: { 'cert-manager.io/inject-ca-from': 'podgrace-system/podgrace' } },
        },
  );
  const installation = readInstallation(injected);
  const { server, configurations, deployment, namespace } = relocate(installation, 'platform');
  const text = JSON.stringify([...installation.server, ...installation.configurations]);
  t.strictSame([...server, ...configurations], JSON.parse(text.replaceAll('podgrace-system', 'platform')));
  t.equal(namespace, 'platform');
  t.match(deployment, { metadata: { namespace: 'platform' } });
  t.equal(JSON.stringify(objects).includes('platform'), false, 'what was given is left as it was');
  t.end();
});

void t.test('what only looks like the namespace stays', (t) => {
  const named = (namespace: string): string[] =>
    relocate(
      readInstallation(JSON.parse(JSON.stringify(shipped).replaceAll('podgrace-system', namespace)) as JsonObject[]),
      'platform',
    ).server.map(({ kind, metadata }) => `${String(kind)} ${String((metadata as JsonObject)['name'])}`);
  t.same(named('podgrace'), named('podgrace-system'), 'objects whose name is that of the namespace');
  t.end();
});

void t.test('the same namespace changes nothing, and what no namespace can be called is refused', (t) => {
  const installation = readInstallation(shipped);
  t.equal(relocate(installation, 'podgrace-system'), installation);
  for (const name of ['', 'Upper', 'a.b', '-a', 'x'.repeat(64)])
    t.throws(() => relocate(installation, name), { name: 'ManifestsError', message: /must be a DNS label .*, but is '/ }, name);
  t.end();
});

void t.test('manifests by which podgrace would judge its own namespace are refused', (t) => {
  t.doesNotThrow(() => {
    refuseOwnJudgement(readInstallation(shipped));
  });
  t.doesNotThrow(() => {
    refuseOwnJudgement(withWebhooks((webhook) => ({ ...webhook, namespaceSelector: { matchLabels: { judged: 'yes' } } })));
  }, 'a label that it does not have leaves it out as well');
  for (const namespaceSelector of [undefined, {}, { matchLabels: { 'app.kubernetes.io/name': 'podgrace' } }]) {
    t.throws(
      () => {
        refuseOwnJudgement(withWebhooks((webhook) => ({ ...webhook, namespaceSelector })));
      },
      {
        name: 'ManifestsError',
        message: /^webhook mutate\.runbook\.podgrace\.dev must leave the namespace of the server alone: .* podgrace-system/,
      },
    );
  }
  t.end();
});

void t.test('webhooks that call another namespace are refused', (t) => {
  const elsewhere = withWebhooks((webhook) => ({ ...webhook, clientConfig: { service: { name: 'podgrace', namespace: 'elsewhere' } } }));
  t.throws(
    () => {
      refuseOwnJudgement(elsewhere);
    },
    {
      message:
        'webhook mutate.runbook.podgrace.dev must call the server in its namespace podgrace-system, but clientConfig.service.namespace is elsewhere',
    },
  );
  t.end();
});
