import t from 'tap';
import { TemplateOutline } from '../../../src/offline/rendering/template-outline.ts';
import { parseDocument, splitDocuments } from '../../../src/yaml/kubernetes-yaml.ts';
import { SourceLines } from '../../../src/offline/input/documents.ts';
import { RenderedPlaces } from '../../../src/offline/rendering/rendered-places.ts';

const HEAD = 'kind: Pod\nmetadata:\n  name: web\n';

/** `12:3`, `12:3?` for a place around the field, or `?` where nothing is sure. */
function placesIn(template: string, rendered: string): (...path: (string | number)[]) => string {
  const [source] = splitDocuments(rendered);
  if (source === undefined) throw new Error('nothing is rendered');
  const places = new RenderedPlaces(new SourceLines(source), source.text, parseDocument(source), new TemplateOutline(template));
  return (...path) => {
    const { line, column, rendered: only } = places.placeOf(path);
    return only?.isAroundKnown === false ? '?' : `${line}:${column}${only === undefined ? '' : '?'}`;
  };
}

void t.test('fields stand where the template writes them, whatever its values are', (t) => {
  const template = `{{/* a comment
with: lines */}}
${HEAD}  labels: {{- include "labels" . | nindent 4 }}
spec:
  "restartPolicy" : {{ .Values.policy | default "}}" }}
  containers:
  - image: "{{ .Values.image }}:{{ .Values.tag }}"
    command: [sh,
      {{ .Values.script }}]
`;
  const place = placesIn(
    template,
    `${HEAD}  labels:\n    app: web\nspec:\n  "restartPolicy" : Always\n  containers:\n  - image: "a:1"\n    command: [sh,\n      run]\n`,
  );
  t.equal(place(), '3:1');
  t.equal(place('spec', 'restartPolicy'), '8:3');
  t.equal(place('spec', 'containers', 0), '10:5');
  t.equal(place('spec', 'containers', 0, 'image'), '10:5');
  t.equal(place('spec', 'containers', 0, 'resources', 'limits'), '10:5', 'what is not set points to what would hold it');
  t.equal(place('spec', 'containers', 0, 'command', 1), '11:5?', 'an element in the middle of a line');
  t.equal(place('metadata', 'labels', 'app'), '6:3?', 'what an include wrote is in the field around it');
  t.end();
});

void t.test('what another branch, a value or a loop may have written has no place of its own', (t) => {
  const branches = placesIn(
    `${HEAD}spec:\n  {{- if .a }}\n  one: 1\n  {{- else }}\n  one: 1\n  {{- end }}\n  {{- if .b }}\n  two: 1\n  {{- end }}\n`,
    `${HEAD}spec:\n  one: 1\n  two: 1\n`,
  );
  t.equal(branches('spec', 'one'), '4:1?', 'either branch');
  t.equal(branches('spec', 'two'), '11:3', 'only one line writes it');
  const values = placesIn(
    `${HEAD}spec:\n  one: 1\n  {{- if .b }}\n  two: 1\n  {{- end }}\n  {{- toYaml .more | nindent 2 }}\n`,
    `${HEAD}spec:\n  one: 1\n  two: 1\n  three: 1\n`,
  );
  t.equal(values('spec', 'one'), '5:3', 'it is always there');
  t.equal(values('spec', 'two'), '4:1?', 'the values may have written it');
  t.equal(values('spec', 'three'), '4:1?');
  const loop = placesIn(`${HEAD}spec:\n  {{- range $k, $v := .all }}\n  {{ $k }}: {{ $v }}\n  {{- end }}\n`, `${HEAD}spec:\n  one: 1\n`);
  t.equal(loop('spec', 'one'), '4:1?');
  t.end();
});

void t.test('an element is known by its number as long as all before it are always there', (t) => {
  const template = `${HEAD}spec:
  containers:
    - name: {{ .a }}
    {{- if .b }}
    - name: {{ .b }}
    {{- end }}
    {{- toYaml .sidecars | nindent 4 }}
  volumes:
  {{- toYaml .volumes | nindent 2 }}
  - name: v
`;
  const place = placesIn(
    template,
    `${HEAD}spec:\n  containers:\n    - name: a\n    - name: b\n    - name: c\n  volumes:\n  - name: u\n  - name: v\n`,
  );
  t.equal(place('spec', 'containers', 0, 'name'), '6:7');
  t.equal(place('spec', 'containers', 1), '5:3?');
  t.equal(place('spec', 'containers', 2, 'name'), '5:3?');
  t.equal(place('spec', 'volumes', 0), '11:3?');
  t.end();
});

void t.test('a document is known by its kind and its name', (t) => {
  const template = `{{ define "x" }}\nkind: Pod\n{{ end }}\n---\nkind: Service\nmetadata: {name: web}\n---\n${HEAD}a: 1\n---\n${HEAD.replace('web', '{{ .name }}-x')}a: 1\n`;
  t.equal(placesIn(template, `${HEAD}a: 1\n`)('a'), '11:1');
  t.equal(placesIn(template, `${HEAD.replace('web', 'web-x')}a: 1\n`)('a'), '16:1');
  t.equal(placesIn(`${HEAD}---\n${HEAD}`, HEAD)('kind'), '?', 'two of them may be it');
  t.equal(placesIn('{{ include "pod" . }}\n', HEAD)('kind'), '?', 'it is written elsewhere');
  t.equal(placesIn(`{{ include "pod" . }}\n${HEAD}`, HEAD)('kind'), '2:1', 'what is always there is it, or the YAML is wrong');
  t.equal(placesIn(`${HEAD}spec: {{ no end\n`, HEAD)('kind'), '?', 'what helm would refuse is not read');
  t.end();
});
