/** Reports for CI systems, by what their consumers take, refuse and lose. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { sarif } from '../../../src/cli/reporters/ci/sarif.ts';
import type { CheckOutcome } from '../../../src/offline/check.ts';
import { podgrace } from '../command-line.ts';
import { Recorded } from '../recorded-output.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1
      ports: [{containerPort: 80}]
`;
/** What breaks out of XML, of workflow commands, and of lines. */
const HOSTILE = 'a\\"<b>]]>&\\u0000\\u001b\\ufffe,::error::%0A\\n--';
const HOSTILE_POD = POD.replace('{name: web}', `{name: "${HOSTILE}"}`).replace('name: web\n', `name: "${HOSTILE}"\n`);
const STRANGE_FILE = 'deploy/a:b #1 100% ü.yaml';

/** A repository with one Pod twice, a hostile one, and a file that cannot be read; the working folder is its root. */
async function report(format: string, ...args: string[]): Promise<{ text: string; stderr: string; code: number }> {
  const folder = t.testdir({ '.git': {}, deploy: { 'twice.yaml': `${POD}---\n${POD}`, 'z.yaml': 'kind: [\n' } });
  writeFileSync(join(folder, STRANGE_FILE), HOSTILE_POD);
  const cwd = process.cwd();
  process.chdir(join(folder, 'deploy'));
  try {
    const { stdout, stderr, code } = await podgrace(['check', '--preset', 'strict', '-o', format, ...args, '.']);
    return { text: stdout, stderr, code };
  } finally {
    process.chdir(cwd);
  }
}

interface SarifRegion {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface SarifLog {
  readonly version: string;
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly partialFingerprints?: Record<string, unknown>;
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: SarifRegion };
      }[];
    }[];
    readonly tool: { readonly driver: { readonly rules: readonly Record<string, { text: string; markdown?: string }>[] } };
    readonly invocations: readonly { readonly toolExecutionNotifications?: readonly unknown[] }[];
  }[];
}

void t.test('sarif: every result has one location, relative to the repository, with all four numbers', async (t) => {
  const { text, code } = await report('sarif');
  t.equal(code, 2);
  const log = JSON.parse(text) as SarifLog;
  t.equal(log.version, '2.1.0');
  const { results = [] } = log.runs[0] ?? {};
  t.ok(results.length > 6, `${results.length} results`);
  const files = new Set<string>();
  for (const { locations, level, message } of results) {
    t.equal(locations.length, 1);
    const { artifactLocation, region } = locations[0]?.physicalLocation ?? {};
    t.match(artifactLocation?.uri, /^[\w%.~-]+(?:\/[\w%.~-]+)*$/, 'nothing in it means anything to a URI but / and %');
    files.add(decodeURIComponent(artifactLocation?.uri ?? ''));
    const { startLine = 0, startColumn = 0, endLine = 0, endColumn = 0 } = region ?? {};
    t.ok(
      startLine >= 1 && startColumn >= 1 && endLine >= startLine && (endLine > startLine || endColumn > startColumn),
      JSON.stringify(region),
    );
    t.ok(['error', 'warning'].includes(level), 'what nobody has to mend is left out');
    t.ok(message.text.length > 0 && message.text.isWellFormed());
  }
  t.same([...files].sort(), [STRANGE_FILE, 'deploy/twice.yaml', 'deploy/z.yaml']);
});

void t.test('sarif: rules have what GitHub shows, and results name them', async (t) => {
  const { results = [], tool } = (JSON.parse((await report('sarif', '-v')).text) as SarifLog).runs[0] ?? {};
  const rules = tool?.driver.rules ?? [];
  for (const { ruleId, ruleIndex } of results) t.equal(rules[ruleIndex]?.['id'], ruleId);
  for (const rule of rules) {
    for (const part of ['shortDescription', 'fullDescription'] as const) {
      const length = rule[part]?.text.length ?? 0;
      t.ok(length > 0 && length <= 1024, `${part} ${length}`);
    }
    t.ok((rule['help']?.text.length ?? 0) > 0);
    t.match(rule['defaultConfiguration'], { level: /^(?:note|warning|error)$/ });
  }
  t.match(rules[results.find(({ ruleId }) => ruleId === 'readiness-probe')?.ruleIndex ?? -1]?.['help']?.markdown, /## What to do/);
  t.ok(
    results.some(({ level }) => level === 'note'),
    'with -v also what is only recorded',
  );
});

void t.test('sarif: fingerprints are strings, of which there are no two', async (t) => {
  const { results = [] } = (JSON.parse((await report('sarif')).text) as SarifLog).runs[0] ?? {};
  const fingerprints = results.flatMap(({ partialFingerprints = {} }) => Object.values(partialFingerprints));
  t.ok(fingerprints.every((fingerprint) => typeof fingerprint === 'string'));
  t.equal(new Set(fingerprints).size, fingerprints.length);
});

void t.test('sarif: more results than GitHub takes are left out, and that is said', (t) => {
  const stdout = new Recorded();
  const stderr = new Recorded();
  const reporter = sarif.check?.({ stdout: stdout.output, stderr: stderr.output, isVerbose: false });
  const error: CheckOutcome = { outcome: 'error', errors: [{ file: 'a.yaml', document: 1, line: 1, message: 'must be set' }] };
  reporter?.begin({ version: '1', policy: 'p', isDefaultPolicy: false });
  for (let count = 0; count < 25_003; count++) reporter?.object(error);
  reporter?.end({ objects: 0, skipped: 0, allowed: 0, denied: 0, errors: 0, findings: { enforce: 0, warn: 0, audit: 0, repair: 0 } });
  const run = (JSON.parse(stdout.text) as SarifLog).runs[0];
  t.equal(run?.results.length, 25_000);
  t.match(run?.invocations[0]?.toolExecutionNotifications, [{ message: { text: /^3 results are left out/ } }]);
  t.match(stderr.text, /^3 results are left out/);
  t.end();
});

/** The elements of an XML text that holds nothing but elements, attributes and text. Throws for what a strict parser refuses. */
function readXml(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(xml) || !xml.isWellFormed()) throw new Error('a character that XML cannot hold');
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const open: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const all: typeof open = [];
  const unescape = (text: string): string => {
    if (/<|&(?!amp;|lt;|gt;|quot;|#10;|#13;|#9;)/.test(text)) throw new Error(`not escaped: ${text}`);
    return text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#10;', '\n')
      .replaceAll('&amp;', '&');
  };
  for (const [, tag = '', text = ''] of body.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (tag.startsWith('/')) {
      if (open.pop()?.name !== tag.slice(1)) throw new Error(`</${tag.slice(1)}> does not close what is open`);
    } else {
      const [, name = '', rest = '', end] = /^(\w[\w-]*)((?: [\w-]+="[^"]*")*)(\/?)$/.exec(tag) ?? [];
      if (name === '') throw new Error(`no tag: ${tag}`);
      const attributes = Object.fromEntries(
        [...rest.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescape(value)]),
      );
      const element = { name, attributes, text: unescape(text) };
      all.push(element);
      if (end === '') open.push(element);
    }
  }
  if (open.length > 0) throw new Error('something is not closed');
  return all;
}

void t.test('junit: a suite for each file with its counts, names that differ, and text in each failure', async (t) => {
  const elements = readXml((await report('junit')).text);
  t.equal(elements[0]?.name, 'testsuites');
  const suites = elements.filter(({ name }) => name === 'testsuite');
  t.same(suites.map(({ attributes }) => attributes['name']).sort(), [STRANGE_FILE, 'deploy/twice.yaml', 'deploy/z.yaml']);
  const cases = elements.filter(({ name }) => name === 'testcase');
  t.equal(
    suites.reduce((sum, { attributes }) => sum + Number(attributes['tests']), 0),
    cases.length,
  );
  const names = cases.map(({ attributes }) => `${attributes['classname'] ?? ''} ${attributes['name'] ?? ''}`);
  t.equal(new Set(names).size, names.length, 'GitLab keeps one of each name');
  const failures = elements.filter(({ name }) => name === 'failure');
  t.equal(
    suites.reduce((sum, { attributes }) => sum + Number(attributes['failures']), 0),
    failures.length,
  );
  for (const { text, attributes } of failures) {
    t.match(text, /:\d+:\d+ .*\nfix: /);
    t.ok(attributes['message']);
  }
  t.match(elements.find(({ name }) => name === 'error')?.text, 'deploy/z.yaml:2: a value must stand here');
  t.ok(failures.some(({ text }) => text.includes('the repair would set in spec')));
});

void t.test('junit: a clean object is a case that passes', async (t) => {
  const { stdout } = await podgrace(['check', '-o', 'junit', '--rule', 'exec-form', '-'], { stdin: POD });
  t.same(
    readXml(stdout).map(({ name, attributes }) => [name, attributes['name']]),
    [
      ['testsuites', 'podgrace check'],
      ['testsuite', 'stdin'],
      ['testcase', 'Pod default/web'],
    ],
  );
});

void t.test('github: one command a line, in which only its own separators separate', async (t) => {
  const lines = (await report('github')).text.trimEnd().split('\n');
  const summary = lines.pop();
  t.match(summary, /^3 objects, 3 denied, 1 error$/);
  const files = new Set<string>();
  for (const line of lines) {
    const [, level = '', properties = '', data = ''] = /^::(\w+) ([^:]*)::(.*)$/.exec(line) ?? [];
    t.ok(['error', 'warning'].includes(level), line);
    t.same(
      properties.split(',').map((property) => property.split('=')[0]),
      ['title', 'file', 'line', 'endLine', 'col', 'endColumn'].slice(0, properties.split(',').length),
    );
    files.add(decodeURIComponent(/file=([^,]*)/.exec(properties)?.[1] ?? ''));
    t.notMatch(data, /%(?!25|0A|0D)/);
  }
  t.same([...files].sort(), [STRANGE_FILE, 'deploy/twice.yaml', 'deploy/z.yaml']);
});

void t.test('github: where some are hidden, that is said', async (t) => {
  const stdin = Array.from({ length: 12 }, (_, index) => POD.replace('name: web', `name: web-${index}`)).join('---\n');
  const { stdout } = await podgrace(['check', '-o', 'github', '--preset', 'strict', '-'], { stdin });
  t.match(stdout, /GitHub shows 10 annotations of each level; all of them are in this log\.\n$/);
});

void t.test('gitlab: every entry has what GitLab requires, and a fingerprint of its own', async (t) => {
  const entries = JSON.parse((await report('gitlab')).text) as { fingerprint: string; location: { path: string } }[];
  for (const entry of entries)
    t.match(entry, {
      description: /\S/,
      check_name: /^[a-z-]+$/,
      severity: /^(?:info|minor|major|critical)$/,
      location: { path: String, lines: { begin: Number } },
    });
  t.equal(new Set(entries.map(({ fingerprint }) => fingerprint)).size, entries.length);
  t.same([...new Set(entries.map(({ location }) => location.path))].sort(), [STRANGE_FILE, 'deploy/twice.yaml', 'deploy/z.yaml']);
});

void t.test('gitlab: fingerprints stay when lines move and documents change their order', async (t) => {
  const fingerprints = async (stdin: string): Promise<string[]> => {
    const { stdout } = await podgrace(['check', '-o', 'gitlab', '--preset', 'strict', '-'], { stdin });
    return (JSON.parse(stdout) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint).sort();
  };
  const other = POD.replace('name: web', 'name: other');
  const before = await fingerprints(`${POD}---\n${other}`);
  t.same(await fingerprints(`# a comment\n\n${other}---\n${POD}`), before);
  t.notSame(await fingerprints(POD.replace('name: web', 'name: new')), await fingerprints(POD));
});

for (const [format, apiVersion, kind] of [
  ['policyreport', 'wgpolicyk8s.io/v1alpha2', 'PolicyReport'],
  ['openreports', 'openreports.io/v1alpha1', 'Report'],
] as const) {
  void t.test(`${format}: a List of reports as their CRD takes them`, async (t) => {
    const { text, stderr } = await report(format);
    const list = JSON.parse(text) as {
      kind: string;
      items: { metadata: { name: string; namespace: string }; summary: Record<string, number>; results: Record<string, unknown>[] }[];
    };
    t.equal(list.kind, 'List');
    t.equal(list.items.length, 3);
    t.equal(new Set(list.items.map(({ metadata }) => metadata.name)).size, 3, 'names differ');
    for (const item of list.items) {
      t.match(item, { apiVersion, kind, scope: { kind: 'Pod', apiVersion: 'v1' } });
      t.match(item.metadata.name, /^[a-z0-9](?:[-a-z0-9]{0,251}[a-z0-9])?$/);
      t.equal(
        Object.values(item.summary).reduce((a, b) => a + b),
        item.results.length,
      );
      for (const result of item.results) {
        t.match(result, { policy: 'strict', rule: String, result: /^(?:pass|fail|warn|error|skip)$/, severity: /^(?:high|medium|info)$/ });
        t.match(result['timestamp'], { seconds: Number, nanos: 0 });
        t.ok(Object.values(result['properties'] as object).every((value) => typeof value === 'string'));
      }
      t.ok((item.summary['fail'] ?? 0) > 0);
    }
    t.equal(stderr, 'z.yaml:2: a value must stand here\n', 'what cannot be read is no object to report on');
  });
}

void t.test('every format says what the API server refuses, in its line', async (t) => {
  const said: Readonly<Record<string, RegExp>> = {
    json: /"rule":"valid-object","mode":"enforce".*"line":5,/,
    sarif: /"ruleId":"valid-object".*"level":"error".*"startLine":5.*"text":"The API server accepts the object"/s,
    github: /^::error title=podgrace%3A valid-object,file=web\.yaml,line=5,/m,
    gitlab: /"check_name":"valid-object".*"severity":"major".*"path":"web\.yaml","lines":\{"begin":5\}/,
    junit: /<failure message="is refused by the API server: [^>]*" type="valid-object">web\.yaml:5:/,
    policyreport: /"rule":"valid-object".*"result":"fail".*"line":"5"/,
    openreports: /"rule":"valid-object".*"result":"fail".*"line":"5"/,
    html: /is refused by the API server: .*[^]*web\.yaml:5:.*rule valid-object/,
  };
  const web =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  restartPolicy: Sometimes\n  containers: [{name: web, image: "web:1"}]\n';
  const folder = t.testdir({ '.git': {}, 'web.yaml': web });
  const cwd = process.cwd();
  process.chdir(folder);
  try {
    for (const [format, place] of Object.entries(said)) {
      const { stdout, code } = await podgrace(['check', '--preset', 'baseline', '-o', format, '.']);
      t.match(stdout, place, format);
      t.equal(code, 1, format);
    }
  } finally {
    process.chdir(cwd);
  }
});

/** A Deployment in a version that no cluster takes, and a chart that nobody has rendered. */
async function noticed(format: string, ...args: string[]): Promise<{ text: string; stderr: string }> {
  const old = `apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: old}\nspec: {template: {spec: {containers: [{name: a, image: "a:1"}]}}}\n`;
  const chart = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', templates: { 'a.yaml': 'kind: {{ .Values.kind }}\n' } };
  const folder = t.testdir({ '.git': {}, 'old.yaml': `# old\n${old}`, chart });
  const cwd = process.cwd();
  process.chdir(folder);
  try {
    const { stdout, stderr } = await podgrace(['check', '--preset', 'baseline', '-o', format, ...args, '.']);
    return { text: stdout, stderr };
  } finally {
    process.chdir(cwd);
  }
}

const REFUSED = 'a cluster refuses it, because Kubernetes no longer has extensions/v1beta1: write apps/v1';

void t.test('every format says that a cluster refuses a version, in its place', async (t) => {
  const said: Readonly<Record<string, RegExp>> = {
    json: /"notices":\[.*\{"file":"old\.yaml","line":2,"kind":"Deployment","message":"is judged, but a cluster refuses it/,
    sarif: /"ruleId":"served-version".*"level":"warning".*"uri":"old\.yaml".*"startLine":2/,
    github: /^::warning title=podgrace%3A served-version,file=old\.yaml,line=2,endLine=2::Deployment default\/old is judged, but /m,
    gitlab: /"check_name":"served-version".*"severity":"minor".*"path":"old\.yaml","lines":\{"begin":2\}/,
    junit: /<system-out>warn old\.yaml:2 Deployment: is judged, but /,
    policyreport: /"rule":"served-version".*"result":"warn".*"line":"2"/,
    openreports: /"rule":"served-version".*"result":"warn".*"line":"2"/,
    html: /<section id="notices">[^]*<li>old\.yaml:2 Deployment: is judged, but /,
  };
  for (const [format, place] of Object.entries(said)) {
    const { text, stderr } = await noticed(format);
    t.match(text, place, format);
    t.match(text.replaceAll('&#10;', ' '), REFUSED, format);
    t.match(stderr, `old.yaml:2 Deployment: is judged, but ${REFUSED}\n`, format);
    t.match(stderr, /^chart: is a Helm chart, /m, format);
    const quiet = await noticed(format, '-q');
    t.notMatch(quiet.text, REFUSED, `${format}, quiet`);
    t.equal(quiet.stderr, '', `${format}, quiet`);
  }
});

void t.test('json, sarif and html name a chart that was not rendered', async (t) => {
  const { notices } = JSON.parse((await noticed('json')).text) as { notices: unknown[] };
  t.match(notices, [{ file: 'chart', line: 1, kind: '', message: /^is a Helm chart, / }, { file: 'old.yaml' }]);
  const [run] = (JSON.parse((await noticed('sarif')).text) as SarifLog).runs;
  t.match(run?.invocations[0]?.toolExecutionNotifications, [
    {
      level: 'note',
      message: { text: /^chart is a Helm chart, / },
      locations: [{ physicalLocation: { artifactLocation: { uri: 'chart' } } }],
    },
  ]);
  t.match((await noticed('html')).text, /<li>chart: is a Helm chart, /);
});
