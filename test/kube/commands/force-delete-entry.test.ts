import t from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { asksAboutDeletions, withForceDelete } from '../../../src/kube/commands/force-delete-entry.ts';
import { forceDeleteWebhook, only, readBase } from '../../deploy/rendered.ts';

const FOUND = only(readBase(), 'ValidatingWebhookConfiguration');
const BASE = { ...FOUND, webhooks: FOUND['webhooks'] as readonly JsonObject[] };

void t.test('it is the webhook that the component of kustomize adds, after the others', (t) => {
  t.equal(asksAboutDeletions(BASE), false);
  const changed = withForceDelete(BASE, true);
  t.strictSame(changed['webhooks'], [...BASE.webhooks, forceDeleteWebhook()]);
  t.equal(asksAboutDeletions(changed), true);
  t.equal(withForceDelete(changed, true), changed, 'once is enough');
  t.strictSame(withForceDelete(changed, false), BASE);
  t.equal(withForceDelete(BASE, false), BASE);
  t.end();
});

void t.test('it calls the server that the first one calls, about the same namespaces', (t) => {
  const [first, second] = BASE.webhooks;
  const service = { name: 'guard', namespace: 'elsewhere', path: '/validate' };
  const own = { ...first, clientConfig: { service, caBundle: 'Y2E=' }, namespaceSelector: { matchLabels: { guarded: 'yes' } } };
  const { webhooks } = withForceDelete({ ...BASE, webhooks: [own, second] }, true) as { webhooks: readonly JsonObject[] };
  t.match(webhooks.at(-1), { clientConfig: { service, caBundle: 'Y2E=' }, namespaceSelector: { matchLabels: { guarded: 'yes' } } });
  const { namespaceSelector: _, ...anywhere } = own;
  const added = (withForceDelete({ ...BASE, webhooks: [anywhere] }, true)['webhooks'] as readonly object[]).at(-1);
  t.notOk(added === undefined || 'namespaceSelector' in added);
  t.end();
});

void t.test('other objects stay as they are', (t) => {
  for (const object of readBase().filter(({ kind }) => kind !== 'ValidatingWebhookConfiguration'))
    t.equal(withForceDelete(object, true), object);
  t.end();
});
