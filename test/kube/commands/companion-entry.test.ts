import t from 'tap';
import { presetPolicy } from '../../../src/config/presets.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { COMPANION_CONDITIONS, COMPANION_WEBHOOK, companionRules, withCompanionsOf } from '../../../src/kube/commands/companion-entry.ts';
import { only, readBase } from '../../deploy/rendered.ts';

const BASE = only(readBase(), 'ValidatingWebhookConfiguration');

function webhooksOf(configuration: JsonObject): readonly JsonObject[] {
  return configuration['webhooks'] as readonly JsonObject[];
}

function resourcesIn(configuration: JsonObject): unknown[] | undefined {
  const webhook = webhooksOf(configuration).find(({ name }) => name === COMPANION_WEBHOOK);
  return (webhook?.['rules'] as readonly { resources: unknown }[] | undefined)?.map(({ resources }) => resources);
}

void t.test('the shipped webhook asks about what the shipped policy judges, and holds nothing up', (t) => {
  const shipped = webhooksOf(BASE).find(({ name }) => name === COMPANION_WEBHOOK);
  t.same(shipped?.['rules'], companionRules(presetPolicy('baseline').companionKinds));
  t.match(shipped, { failurePolicy: 'Ignore', sideEffects: 'None', timeoutSeconds: 2 });
  t.same(shipped?.['clientConfig'], webhooksOf(BASE)[0]?.['clientConfig']);
  t.same(shipped?.['namespaceSelector'], webhooksOf(BASE)[0]?.['namespaceSelector']);
  t.same(
    shipped?.['matchConditions'],
    COMPANION_CONDITIONS.map(({ name, lines }) => ({ name, expression: lines.join(' ') })),
  );
  t.end();
});

void t.test('another policy asks about other kinds, or about none', (t) => {
  t.strictSame(withCompanionsOf(BASE, presetPolicy('baseline').companionKinds), BASE);
  const scaled = withCompanionsOf(BASE, new Set(['autoscaling/HorizontalPodAutoscaler', 'keda.sh/ScaledObject']));
  t.same(resourcesIn(scaled), [['horizontalpodautoscalers']], 'no custom resource is asked about');
  const none = withCompanionsOf(BASE, new Set());
  t.same(
    webhooksOf(none).map(({ name }) => name),
    webhooksOf(BASE).flatMap(({ name }) => (name === COMPANION_WEBHOOK ? [] : [name])),
  );
  t.equal(withCompanionsOf(none, presetPolicy('strict').companionKinds), none, 'whoever has taken it away wants nothing asked');
  t.end();
});

void t.test('other objects stay as they are', (t) => {
  for (const object of readBase().filter(({ kind }) => kind !== 'ValidatingWebhookConfiguration'))
    t.equal(withCompanionsOf(object, new Set()), object);
  t.end();
});
