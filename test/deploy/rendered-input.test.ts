/** `podgrace check -k` and `--helm` with the kubectl and the helm that users have. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t from 'tap';
import { isObject } from '../../src/core/json.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { renderChart } from '../../src/offline/rendering/render.ts';
import { parsedReport, podgrace, ROOT, withoutFolder, type Ended } from '../cli/command-line.ts';
import fc from '../fast-check.ts';
import { skipWithoutKubectl } from '../yaml/kubectl.ts';
import { helm, pathWithHelm, skipWithoutHelm } from './helm.ts';

const skip = skipWithoutHelm();

interface Report {
  readonly results: readonly {
    readonly file: string;
    readonly line: number;
    readonly renderedLine?: number;
    readonly kind: string;
    readonly findings: readonly { readonly rule: string; readonly line: number; readonly column: number; readonly renderedLine?: number }[];
  }[];
  readonly errors: readonly { readonly file: string; readonly line: number | null; readonly message: string }[];
}

const ENV = { PATH: [process.env['KUBEBUILDER_ASSETS'] ?? '', pathWithHelm()].join(delimiter) };

async function run(...args: string[]): Promise<Ended> {
  return podgrace(['check', '--no-config', ...args], { env: ENV });
}

async function report(folder: string, ...args: string[]): Promise<Report> {
  const { stdout } = await run('-o', 'json', ...args);
  return parsedReport('check', withoutFolder(stdout, folder)) as Report;
}

const CHART = 'apiVersion: v2\nname: shop\nversion: 1.0.0\n';
const WEB = `{{- $name := "web" }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      {{- with .Values.grace }}
      terminationGracePeriodSeconds: {{ . }}
      {{- end }}
      containers:
        - name: web
          image: {{ .Values.image }}
          ports: [{containerPort: 80}]
          {{- with .Values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
`;

void t.test('explain takes what helm renders, with its values', { skip }, async (t) => {
  const folder = t.testdir({
    shop: { 'Chart.yaml': CHART, 'values.yaml': 'replicas: 1\nimage: web:1\n', templates: { 'web.yaml': WEB } },
    'slow.yaml': 'grace: 75\n',
  });
  const chart = join(folder, 'shop');
  const explain = async (...args: string[]): Promise<unknown> => {
    const { stdout } = await podgrace(['explain', '-o', 'json', '--helm', chart, ...args], { env: ENV });
    return parsedReport('explain', withoutFolder(stdout, folder));
  };
  t.match(await explain('--values', join(folder, 'slow.yaml')), {
    results: [{ file: 'shop/templates/web.yaml', line: 2, kind: 'Deployment', name: 'web' }],
    errors: [],
  });
  const { stdout } = await podgrace(['explain', '--helm', chart, '--values', join(folder, 'slow.yaml')], { env: ENV });
  t.match(stdout, /75 s/);
});

void t.test('explain --parsed and --defaulted show what helm renders, for the namespace and the version', { skip }, async (t) => {
  const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: {{ .Release.Namespace }}}
spec:
  containers: [{name: web, image: web:{{ .Capabilities.KubeVersion.Minor }}}]
`;
  const folder = t.testdir({ shop: { 'Chart.yaml': CHART, templates: { 'web.yaml': POD } } });
  const chart = ['--helm', join(folder, 'shop'), '-n', 'shop', '--target-version', '1.37'];
  const shown = { file: 'shop/templates/web.yaml', document: 1, line: 1 };
  const object = { metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [{ name: 'web', image: 'web:37' }] } };
  for (const [flag, more] of [
    ['--parsed', {}],
    ['--defaulted', { spec: { ...object.spec, dnsPolicy: 'ClusterFirst' } }],
  ] as const) {
    const { stdout } = await podgrace(['explain', flag, '-o', 'json', ...chart], { env: ENV });
    t.match(JSON.parse(withoutFolder(stdout, folder)), { results: [{ ...shown, object: { ...object, ...more } }], errors: [] }, flag);
  }
});

void t.test('findings in what helm renders point to the template, or to the field around it', { skip }, async (t) => {
  const folder = t.testdir({
    shop: {
      'Chart.yaml': CHART,
      'values.yaml': 'replicas: 1\nimage: web:1\nresources: {requests: {memory: 1Gi}, limits: {memory: 512}}\n',
      templates: {
        'web.yaml': WEB,
        'service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n',
      },
    },
    'prod.yaml': 'replicas: 2\ngrace: 0\n',
    'long.yaml': 'grace: 100000\n',
  });
  const chart = join(folder, 'shop');
  const { results, errors } = await report(folder, '--helm', chart);
  t.same(errors, []);
  t.match(results, [{ file: 'shop/templates/web.yaml', line: 2, kind: 'Deployment' }]);
  const at = (rule: string): object | undefined => results[0]?.findings.find((finding) => finding.rule === rule);
  t.match(at('replicas'), { line: 7, column: 3, renderedLine: undefined }, 'the Service of another template is known');
  t.match(at('readiness-probe'), { line: 16, column: 11, renderedLine: undefined }, 'what is not set points to its container');
  const renderedLine =
    1 +
    helm(['template', chart], '', folder)
      .stdout.split('\n')
      .findIndex((line) => line.includes('memory: 512'));
  t.match(at('sane-quantities'), { line: 20, column: 11, renderedLine }, 'what a value brings is in the field around it');
  const { stdout } = await run('--helm', chart);
  t.match(
    withoutFolder(stdout, folder),
    /shop\/templates\/web\.yaml:20:11 \(rendered line 26\) spec\.template.*\n {6}26 \| {15}memory: 512\n/,
  );
  const more = await report(folder, '--helm', chart, '--values', `${join(folder, 'prod.yaml')},${join(folder, 'long.yaml')}`);
  const rules = new Map(more.results[0]?.findings.map(({ rule, line }) => [rule, line]));
  t.equal(rules.has('replicas'), false, 'values count');
  t.equal(rules.get('termination-grace-period'), 13, 'the last of them, too');
});

void t.test('what helm itself made for helm create is judged', { skip }, async (t) => {
  const folder = t.testdir();
  helm(['create', 'shop'], '', folder);
  const { results, errors } = await report(folder, '--helm', join(folder, 'shop'));
  t.same(errors, []);
  t.same(
    results.map(({ file, kind }) => [file, kind]),
    [
      ['shop/templates/deployment.yaml', 'Deployment'],
      ['shop/templates/tests/test-connection.yaml', 'Pod'],
    ],
  );
  t.ok(results.every(({ findings }) => findings.length > 0 && findings.every(({ renderedLine }) => renderedLine === undefined)));
  const packed = helm(['package', 'shop'], '', folder);
  t.equal(packed.code, 0, packed.stderr);
  const archive = await report(folder, '--helm', join(folder, 'shop-0.1.0.tgz'));
  t.match(archive.results, [
    { file: 'shop-0.1.0.tgz', line: 1, renderedLine: Number },
    { file: 'shop-0.1.0.tgz', line: 1, renderedLine: Number },
  ]);
});

void t.test('a helm that fails is told with its own words', { skip }, async (t) => {
  const folder = t.testdir({
    shop: { 'Chart.yaml': CHART, templates: { 'a.yaml': 'a: {{ fail "no \\u001b[31m\\nPod" }}\n' } },
    none: { 'Chart.yaml': CHART.replace('shop', 'none'), templates: { 'a.yaml': '{{- if false }}\na: 1\n{{- end }}\n' } },
    'web.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web:1}]}\n',
  });
  const failed = await run('--helm', join(folder, 'shop'), join(folder, 'web.yaml'));
  t.equal(failed.code, 2);
  t.match(withoutFolder(failed.stderr, folder), /^shop: cannot be rendered: helm template: Error: .*no \\u001b\[31m; ?Pod/);
  t.match(failed.stdout, 'Pod default/web', 'the rest is judged');
  const empty = await run('--helm', join(folder, 'none'));
  t.equal(empty.code, 2);
  t.equal(withoutFolder(empty.stderr, folder), 'none: must render to a Kubernetes object, but renders to none\n');
  symlinkSync('/etc/hostname', join(folder, 'shop/templates/b.yaml'));
  const values = await run('--helm', join(folder, 'none'), '--values', 'https://example.com/values.yaml');
  t.equal(values.code, 2);
  t.match(values.stderr, '--values: https://example.com/values.yaml must be a file');
});

void t.test('what kustomize renders is judged, and its own words told', { skip: skipWithoutKubectl() }, async (t) => {
  const folder = t.testdir({
    base: {
      'kustomization.yaml': 'resources: [web.yaml]\n',
      'web.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web:1}]}\n',
    },
    prod: { 'kustomization.yml': 'resources: [../base]\nnamePrefix: prod-\nnamespace: shop\n' },
    wrong: { Kustomization: 'resources: [none.yaml]\n' },
  });
  const { results } = await report(folder, '-k', join(folder, 'prod'), '-k', join(folder, 'base'));
  t.match(results, [
    {
      file: 'prod/kustomization.yml',
      line: 1,
      renderedLine: 1,
      namespace: 'shop',
      name: 'prod-web',
      findings: [{ line: 1, renderedLine: 7 }],
    },
    { file: 'base/kustomization.yaml', namespace: 'default', name: 'web' },
  ]);
  const { stdout } = await run('-k', join(folder, 'prod'));
  t.match(withoutFolder(stdout, folder), /^prod\/kustomization\.yml \(rendered line 1\) Pod shop\/prod-web /);
  const explained = await podgrace(['explain', '-k', join(folder, 'prod')], { env: ENV });
  t.match(withoutFolder(explained.stdout, folder), /^prod\/kustomization\.yml \(rendered line 1\) Pod shop\/prod-web /);
  for (const flag of ['--parsed', '--defaulted']) {
    const shown = await podgrace(['explain', flag, '-k', join(folder, 'prod'), '-f', join(folder, 'base/web.yaml')], { env: ENV });
    const texts = withoutFolder(shown.stdout, folder).split('---\n');
    t.match(texts, ['', /^# base\/web\.yaml:1\n/, /^# prod\/kustomization\.yml \(rendered line 1\)\n[^]*^ {2}name: prod-web$/m], flag);
    const asJson = await podgrace(['explain', flag, '-o', 'json', '-k', join(folder, 'prod')], { env: ENV });
    t.match(JSON.parse(asJson.stdout), { results: [{ document: 1, line: 1, renderedLine: 1 }], errors: [] });
  }
  const failed = await run('-k', join(folder, 'wrong'));
  t.equal(failed.code, 2);
  t.match(withoutFolder(failed.stderr, folder), /^wrong: cannot be rendered: kubectl kustomize: .*none\.yaml/);
});

void t.test('what is shipped is rendered as well', { skip }, async (t) => {
  const { results, errors } = await report(ROOT, '--helm', join(ROOT, 'deploy/chart'));
  t.same(errors, []);
  t.match(
    results.map(({ file, kind }) => `${file} ${kind}`),
    [
      /deploy\/chart\/templates\/pod-disruption-budget\.yaml PodDisruptionBudget$/,
      /deploy\/chart\/templates\/deployment\.yaml Deployment$/,
    ],
  );
});

/** What stands around lines. */
const WRAPS = ['', '', 'if true', 'if false', 'range (list 1 2)', 'range (list 1)', 'with $.Values.none', 'if false else'] as const;

/** A template in which each value is the number of its line, and what helm writes from it. */
const TEMPLATE = fc.letrec<{ fields: string[][] }>((tie) => ({
  fields: fc.array(
    fc.oneof(
      { maxDepth: 3 },
      {
        weight: 4,
        arbitrary: fc.constantFrom('a: {{ "L" }}', 'b: {{ "L" }}', '"c": L', "d: '{{ 1 }}-L'", 'e: L # {{ 2 }}').map((line) => [line]),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('p:', 'q:', 'r: # {{ 1 }}'), tie('fields'))
          .map(([key, below]) => [key, ...indented(below.flat())]),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom('s:', 't:'), fc.array(fc.tuple(fc.constantFrom(...WRAPS), tie('fields')), { minLength: 1, maxLength: 3 }))
          .map(([key, items]) => [key, ...items.flatMap(([wrap, below]) => wrapped(wrap, element(['z: {{ "L" }}', ...below.flat()])))]),
      },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...WRAPS), tie('fields')).map(([wrap, below]) => wrapped(wrap, below.flat())) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(
            '{{- toYaml $.Values.fields | nindent INDENT }}',
            '{{- include "fields" $ | nindent INDENT }}',
            '{{- /* a: nothing */}}',
            '{{ $x := "a: L" }}',
          )
          .map((line) => [line]),
      },
    ),
    { maxLength: 4 },
  ),
})).fields;

function wrapped(wrap: string, lines: readonly string[]): string[] {
  if (wrap === '') return [...lines];
  if (wrap !== 'if false else') return [`{{- ${wrap} }}`, ...lines, '{{- end }}'];
  return ['{{- if false }}', ...lines, '{{- else }}', ...lines, '{{- end }}'];
}

function element([first = '', ...rest]: readonly string[]): string[] {
  return [`- ${first}`, ...indented(rest)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** With the numbers of its lines, and the indentation of what its actions write. */
function templateText(lines: readonly string[], name: string): string {
  const all = ['apiVersion: example.com/v1', 'kind: Case', 'metadata:', `  name: ${name}`, 'spec:', ...indented(['z: L', ...lines])];
  return all
    .map((line, index) => line.replaceAll('INDENT', String(line.search(/[^ ]/))).replace(/\bL\b/, `L${index + 1}`))
    .map((line) => `${line}\n`)
    .join('');
}

void t.test('no place in a template is wrong, whatever stands in it', { skip }, async (t) => {
  const folder = t.testdir({
    'Chart.yaml': CHART,
    'values.yaml': 'fields: {a: V, p: {a: V}, f: V}\n',
    templates: { '_fields.tpl': '{{- define "fields" }}\na: V\nb: V\nq: {a: V}\n{{- end }}\n' },
  });
  for (const [index, fields] of fc.sample(TEMPLATE, 400).entries())
    writeFileSync(join(folder, 'templates', `t${index}.yaml`), templateText(fields.flat(), `case-${index}`));
  const manifests = await renderChart({ chart: folder, values: [], namespace: 'default', kubernetesMinor: 36 }, { env: ENV });
  const [first] = manifests;
  if (manifests.length === 1 && first !== undefined && 'message' in first) throw new Error(first.message);
  let sure = 0;
  let unsure = 0;
  for (const manifest of manifests) {
    // A key twice in one map is refused, as the API server's strict decoding does.
    if (!(manifest instanceof ManifestDocument)) continue;
    for (const [path, value] of leaves(manifest.value)) {
      if (path[0] !== 'spec') continue;
      const { line, rendered } = manifest.placeOf(path);
      if (rendered === undefined) {
        sure += 1;
        if (!new RegExp(`L${line}$`).test(value)) t.fail(`${manifest.file}:${line} is told for ${path.join('.')}: ${value}`);
      } else {
        unsure += 1;
      }
    }
  }
  t.ok(sure > 500, `${sure} places are sure, ${unsure} are not`);
  t.ok(unsure > 500);
});

function* leaves(value: unknown, path: readonly (string | number)[] = []): Generator<[readonly (string | number)[], string]> {
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* leaves(item, [...path, index]);
  else if (isObject(value)) for (const [key, member] of Object.entries(value)) yield* leaves(member, [...path, key]);
  else if (typeof value === 'string') yield [path, value];
}
