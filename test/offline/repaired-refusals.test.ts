import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { checkManifest } from '../../src/offline/check.ts';
import { documentsIn, ManifestDocument } from '../../src/offline/input/documents.ts';
import { NOW_MS } from '../admission/ask.ts';

const NOTHING_ELSE = 'write what the API server accepts: no policy and no exemption lets this through';

/** What is advised about each place that the API server refuses. */
function advised(spec: object, kind = 'Deployment'): Record<string, string> {
  const template = { metadata: { labels: { app: 'web' } }, spec };
  const object =
    kind === 'Pod'
      ? { apiVersion: 'v1', kind, metadata: { name: 'web' }, spec }
      : { apiVersion: 'apps/v1', kind, metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } }, template } };
  const [document] = documentsIn('web.yaml', JSON.stringify(object));
  if (!(document instanceof ManifestDocument)) throw new Error('must be read');
  const checked = checkManifest(document, { policy: presetPolicy('production'), namespace: 'shop', nowMs: NOW_MS });
  if (checked.outcome !== 'judged') throw new Error('must be judged');
  const refused = checked.result.findings.filter(({ rule }) => rule === 'valid-object');
  return Object.fromEntries(refused.map(({ field, fix }) => [field.replace('spec.template.', ''), fix]));
}

const web = {
  name: 'web',
  image: 'web:1',
  resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
  lifecycle: { preStop: { sleep: { seconds: 60 } } },
};

void t.test('of a template, a refusal names the rule whose repair sets it right', (t) => {
  const sleep = 'spec.containers[0].lifecycle.preStop.sleep.seconds';
  const raised =
    'set what the repair of shutdown-budget sets (podgrace fix --rules shutdown-budget): no policy and no exemption lets this through';
  t.same(advised({ containers: [web] }), { [sleep]: raised });
  t.same(advised({ containers: [{ ...web, ports: [{ containerPort: 0 }] }] }), {
    [sleep]: raised,
    'spec.containers[0].ports[0].containerPort': NOTHING_ELSE,
  });
  t.end();
});

void t.test('a Pod is repaired before the API server looks at it', (t) => {
  t.same(advised({ containers: [web] }, 'Pod'), {});
  t.end();
});

void t.test('where no repair helps, none is named', (t) => {
  t.same(advised({ containers: [{ ...web, lifecycle: {}, ports: [{ containerPort: 0 }] }] }), {
    'spec.containers[0].ports[0].containerPort': NOTHING_ELSE,
  });
  t.end();
});
