import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { fixText, type FixedText } from '../../src/offline/fixed-text.ts';
import type { FixContext, FixResult } from '../../src/offline/planned-repair.ts';
import { NOW_MS } from '../admission/ask.ts';

const CONTEXT: FixContext = { policy: presetPolicy('production'), namespace: 'shop', nowMs: NOW_MS };

const PROBED = (name: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  containers:
    - name: web # the only one
      image: web:1
      livenessProbe:
        tcpSocket: { port: 80 }
  tolerations: []
`;

const fixed = (text: string, context: Partial<FixContext> = {}, options?: Parameters<typeof fixText>[3]): FixedText =>
  fixText('web.yaml', text, { ...CONTEXT, ...context }, options);

/** Of the objects with something to repair. */
function resultsOf({ outcomes }: FixedText): FixResult[] {
  return outcomes.flatMap((outcome) => (outcome.outcome === 'judged' ? [outcome.result] : []));
}

void t.test('the repairs stand in the text, and nothing else is changed', (t) => {
  const { before, after, outcomes, objects } = fixed(PROBED('web'));
  t.equal(before, PROBED('web'));
  t.match(after, /livenessProbe:\n {8}tcpSocket: { port: 80 }\n {8}timeoutSeconds: \d+\n/);
  t.match(after, '    - name: web # the only one\n');
  t.equal(objects, 1);
  t.match(outcomes, [
    { outcome: 'judged', result: { file: 'web.yaml', document: 1, line: 1, kind: 'Pod', namespace: 'shop', name: 'web', refused: null } },
  ]);
  t.ok(resultsOf(fixed(before))[0]?.findings.every(({ mode }) => mode === 'repair'));
  t.same(fixed(after).edits, [], 'a second time there is nothing to do');
  t.end();
});

void t.test('edits turn the text into the repaired one, whatever stands before the object', (t) => {
  const text = `# a comment\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\n${PROBED('web')}`;
  const { after, edits, objects } = fixed(text);
  t.ok(after.startsWith(text.slice(0, text.indexOf('livenessProbe'))));
  t.ok(edits.every(({ start }) => start > text.lastIndexOf('---')));
  t.equal(objects, 2);
  t.match(resultsOf(fixed(text)), [{ document: 2, line: 7 }]);
  t.end();
});

void t.test('items of a List are objects of their own', (t) => {
  const item = PROBED('web').replace(/^/gm, '    ').trim();
  const text = `apiVersion: v1\nkind: List\nitems:\n  - ${item}\n  - ${item.replace('name: web }', 'name: api }')}\n`;
  t.match(resultsOf(fixed(text)), [
    { document: 1, line: 4, name: 'web' },
    { document: 1, name: 'api' },
  ]);
  t.end();
});

void t.test('only the objects that somebody wants are changed, and the others say so', (t) => {
  const text = `${PROBED('web')}---\n${PROBED('api')}`;
  const { after, outcomes } = fixed(text, {}, { isWanted: (index) => index === 1 });
  t.ok(after.startsWith(`${PROBED('web')}---\n`));
  t.not(after, text);
  t.match(outcomes, [
    { outcome: 'judged', result: { name: 'web', refused: { reason: 'the answer was no', line: 1 } } },
    { outcome: 'judged', result: { name: 'api', refused: null } },
  ]);
  t.end();
});

void t.test('what cannot be changed without a guess is refused with its line, and the rest is changed', (t) => {
  const shared = PROBED('web')
    .replace('livenessProbe:\n', 'livenessProbe: &probe\n')
    .replace('  tolerations: []\n', '      readinessProbe: *probe\n  tolerations: []\n');
  const { after, outcomes } = fixed(`${shared}---\n${PROBED('api')}`);
  t.ok(after.startsWith(shared));
  t.match(outcomes, [
    { outcome: 'judged', result: { name: 'web', refused: { reason: /the anchor &probe, and aliases .*; change it by hand$/, line: 8 } } },
    { outcome: 'judged', result: { name: 'api', refused: null } },
  ]);
  t.end();
});

void t.test('a document that is no YAML is an error, and the rest is repaired', (t) => {
  const { after, outcomes } = fixed(`a: [\n---\n${PROBED('web')}`);
  t.ok(after.startsWith('a: [\n---\n'));
  t.match(outcomes, [
    { outcome: 'error', errors: [{ document: 1 }] },
    { outcome: 'judged', result: { document: 2 } },
  ]);
  t.end();
});

void t.test('a template is left as it is: an error where it was named, and passed over where it was found', (t) => {
  const text = `metadata: {{ .Values.metadata }}\n---\n${PROBED('web')}`;
  t.match(fixed(text), { after: text, outcomes: [{ outcome: 'error', errors: [{ message: /must be rendered first/ }] }] });
  t.match(fixed(text, {}, { isFound: true }), {
    after: text,
    outcomes: [{ outcome: 'skipped', skip: { unjudged: { what: 'template' } } }],
  });
  t.end();
});

void t.test('what is left says whether the cluster would deny the object, and which repairs somebody may ask for', (t) => {
  const { policy } = CONTEXT;
  t.same(fixed(PROBED('web')).left, [], 'nobody asked');
  const [left] = fixed(PROBED('web'), { judging: policy }).left;
  t.equal(left?.isDenied, true, 'it has no requests');
  const cache =
    'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n    - name: a\n      image: a:1\n      resources: { requests: { cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi }, limits: { memory: 1Gi, ephemeral-storage: 1Gi } }\n      volumeMounts: [{ name: cache, mountPath: /cache }]\n  volumes: [{ name: cache, emptyDir: {} }]\n';
  const safe = policy.withOverrides([{ rules: { 'empty-dir-size-limit': { mutation: 'off' } } }]);
  t.match(fixed(cache, { policy: safe, judging: policy }).left, [{ onRequest: ['empty-dir-size-limit'] }]);
  t.end();
});
