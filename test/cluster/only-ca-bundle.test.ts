/** The component only-ca-bundle: what whoever has podgrace's token can do to its webhook configurations. */
import { readFileSync } from 'node:fs';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { documentsIn } from '../../src/offline/input/documents.ts';
import { clusterTest, connect, eventually, kubectl, send } from './cluster.ts';
import { installableConfigurations, type Installable } from './installable.ts';

const COMPONENT = new URL('../../deploy/components/only-ca-bundle/policy.yaml', import.meta.url);

/** The component's objects under the names of a test. */
function guardOf({ name }: Installable): JsonObject[] {
  const text = readFileSync(COMPONENT, 'utf8').replace('resourceNames: [podgrace]', `resourceNames: [${name}]`);
  return [...documentsIn('policy.yaml', text.replaceAll('podgrace-only-ca-bundle', `${name}-only-ca-bundle`))].map((document) => {
    if ('message' in document || !isObject(document.value)) throw new Error('the component cannot be read');
    return document.value;
  });
}

const CONFIGURATIONS = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'] as const;

/** What a thief would change, as JSON Patch. */
const THEFTS: readonly (readonly [string, JsonObject])[] = [
  ['another server', { op: 'replace', path: '/webhooks/0/clientConfig', value: { url: 'https://thief.example/' } }],
  ['another namespace', { op: 'replace', path: '/webhooks/0/clientConfig/service/namespace', value: 'default' }],
  [
    'another resource',
    {
      op: 'add',
      path: '/webhooks/0/rules/-',
      value: { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'], operations: ['CREATE'] },
    },
  ],
  ['every namespace', { op: 'replace', path: '/webhooks/0/namespaceSelector', value: {} }],
  ['no conditions', { op: 'remove', path: '/webhooks/0/matchConditions' }],
  ['another time limit', { op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 30 }],
  ['another order', { op: 'replace', path: '/webhooks/0/name', value: 'first.runbook.podgrace.dev' }],
  ['one webhook less', { op: 'remove', path: '/webhooks/0' }],
  ['an annotation', { op: 'add', path: '/metadata/annotations', value: { 'cert-manager.io/inject-ca-from': 'thief/pair' } }],
];

clusterTest('with only-ca-bundle, podgrace may write the caBundle of its configurations and nothing else', async (t) => {
  const api = connect();
  const installable = await installableConfigurations(t, api, t.testdir());
  const { name } = installable;
  const guard = guardOf(installable);
  for (const object of guard) await kubectl(['apply', '-f', '-'], object);
  t.teardown(async () => {
    for (const kind of ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'])
      await send(api, { method: 'DELETE', path: `/apis/admissionregistration.k8s.io/v1/${kind}/${name}-only-ca-bundle` });
  });
  // The right itself: it is the component that is tried, not RBAC.
  const subject = `system:serviceaccount:${name}:podgrace`;
  await kubectl(['create', 'clusterrole', name, '--verb=get,patch', `--resource=${CONFIGURATIONS.join(',')}`, `--resource-name=${name}`]);
  await kubectl(['create', 'clusterrolebinding', name, `--clusterrole=${name}`, `--user=${subject}`]);

  const patch = async (kind: string, change: JsonObject, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(['patch', kind, name, '--type=json', '-p', JSON.stringify([change]), ...args]);
    return code === 0 ? stdout : stderr;
  };
  const asPodgrace = (kind: string, change: JsonObject): Promise<string> => patch(kind, change, '--as', subject, '--dry-run=server');
  const [, theft] = THEFTS[0] ?? ['', {}];
  await eventually('the API server to know the policy', async () =>
    (await asPodgrace(CONFIGURATIONS[0], theft)).includes('must change nothing but'),
  );

  for (const kind of CONFIGURATIONS) {
    for (const [what, change] of THEFTS)
      t.match(await asPodgrace(kind, change), /podgrace must (?:change nothing but caBundle|not change the metadata)/, `${kind}: ${what}`);
    const bundle = { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: '' };
    t.match(await asPodgrace(kind, bundle), /patched$/m, `${kind}: the caBundle`);
    t.match(
      await patch(kind, { op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 7 }, '--dry-run=server'),
      /patched$/m,
      `${kind}: somebody else`,
    );
  }
  const { stdout: warnings } = await kubectl([
    'get',
    'validatingadmissionpolicy',
    `${name}-only-ca-bundle`,
    '-o',
    'jsonpath={.status.typeChecking.expressionWarnings}',
  ]);
  t.equal(warnings, '', 'the API server finds nothing wrong with the expressions');
});
