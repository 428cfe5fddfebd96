import fc from '../fast-check.ts';
import t from 'tap';
import { lineOfPath, Positions, type DocumentPath } from '../../src/yaml/positions.ts';
import { runs } from '../long-tests.ts';

const POD = `# a Pod
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web,
    tier: front}
spec:
  containers:
  - name: app
    image: app:1
    env: [{name: A, value: "1"},
      {name: B}]
    "resources":
      'limits':
        memory: 1Gi
  -
    name: sidecar
    args:
      - |
        two
        lines
      - second
`;

void t.test('a field stands on the line of its key, an element where it begins', (t) => {
  const lineOf = linesIn(POD);
  const expected: readonly (readonly [DocumentPath, number])[] = [
    [[], 2],
    [['kind'], 3],
    [['metadata', 'name'], 5],
    [['spec', 'containers'], 9],
    [['spec', 'containers', 0], 10],
    [['spec', 'containers', 0, 'image'], 11],
    [['spec', 'containers', 1], 18],
    [['spec', 'containers', 1, 'args', 0], 20],
    [['spec', 'containers', 1, 'args', 1], 23],
  ];
  for (const [path, line] of expected) t.equal(lineOf(path), line, path.join('.'));
  t.end();
});

void t.test('keys in quotes and collections in brackets are found', (t) => {
  t.equal(lineOfPath(POD, ['metadata', 'labels', 'tier']), 7);
  t.equal(lineOfPath(POD, ['spec', 'containers', 0, 'env', 1, 'name']), 13);
  t.equal(lineOfPath(POD, ['spec', 'containers', 0, 'resources', 'limits', 'memory']), 16);
  t.end();
});

void t.test('what does not exist is where the deepest part that does is', (t) => {
  t.equal(lineOfPath(POD, ['spec', 'containers', 0, 'readinessProbe', 'httpGet']), 10);
  t.equal(lineOfPath(POD, ['spec', 'containers', 7, 'name']), 9);
  t.equal(lineOfPath(POD, ['metadata', 'name', 'deeper']), 5);
  t.equal(lineOfPath(POD, ['status']), 2);
  t.equal(lineOfPath('# empty\n', ['a']), 1);
  t.end();
});

void t.test('what comes through an alias or << stands where its anchor is', (t) => {
  const text = 'base: &base\n  a: 1\n  b: {c: 2}\nother: *base\nmerged:\n  a: 0\n  <<: [*base, {d: 4}]\n  b: 5\n';
  const lineOf = linesIn(text);
  t.equal(lineOf(['other']), 4);
  t.equal(lineOf(['other', 'b', 'c']), 3);
  t.equal(lineOf(['merged', 'a']), 2, 'which replaces the one before <<');
  t.equal(lineOf(['merged', 'b']), 8);
  t.equal(lineOf(['merged', 'd']), 7);
  t.end();
});

void t.test('of equal keys the last is found, as it is the one that counts', (t) => {
  t.equal(lineOfPath('a: 1\nb: 2\na: 3\n', ['a']), 3);
  t.equal(lineOfPath('1: a\n"1": b\n', [1]), 2);
  t.equal(lineOfPath('{"a": 1,\n "a": 2}', ['a']), 2);
  t.end();
});

void t.test('keys are the ones of the value: 0x10 is 16, an alias may be one', (t) => {
  t.equal(lineOfPath('a: 1\n0x10: 2\nyes: 3\n', ['16']), 2);
  t.equal(lineOfPath('a: 1\n0x10: 2\nyes: 3\n', ['true']), 3);
  t.equal(lineOfPath('a: &k key\n*k : 1\n', ['key']), 2);
  t.end();
});

void t.test('JSON that is not quite YAML is read too', (t) => {
  const text = `\t{"a\\/b": "\\ud83d\\ude00",\r\n\t"${'k'.repeat(2000)}":\r\n\t[1,\r\n\t{"x": "}\\"]", "y": null}]}`;
  t.equal(lineOfPath(text, ['a/b']), 1);
  t.equal(lineOfPath(text, ['k'.repeat(2000)]), 2);
  t.equal(lineOfPath(text, ['k'.repeat(2000), 1, 'y']), 4);
  t.end();
});

void t.test('a field reaches from its key to the end of its value', (t) => {
  const region = regionsIn(POD);
  t.equal(region(['kind']), 'kind: Pod');
  t.equal(region(['metadata', 'labels']), 'labels: {app: web,\n    tier: front}');
  t.equal(region(['metadata', 'labels', 'app']), 'app: web');
  t.equal(region(['spec', 'containers', 0, 'resources']), `"resources":\n      'limits':\n        memory: 1Gi`);
  t.equal(region(['spec', 'containers', 0, 'env', 1]), '{name: B}');
  t.equal(region(['spec', 'containers', 1, 'args', 0]), '|\n        two\n        lines');
  t.equal(region(['spec', 'containers', 1]), POD.slice(POD.indexOf('name: sidecar')).trimEnd());
  t.end();
});

void t.test('blanks, comments and empty lines behind a value do not belong to it', (t) => {
  const region = regionsIn(
    'a: text   # why\nb:\n  c: x y  \n\n# of d\nd: |  # keep\n  line\n\n\ne:   # none\nf: "q"  # g\ng: [1, 2 ]  # h\nh:\n- # i\n- z\n',
  );
  t.equal(region(['a']), 'a: text');
  t.equal(region(['b']), 'b:\n  c: x y');
  t.equal(region(['d']), 'd: |  # keep\n  line');
  t.equal(region(['e']), 'e:');
  t.equal(region(['f']), 'f: "q"');
  t.equal(region(['g']), 'g: [1, 2 ]');
  t.equal(region(['h']), 'h:\n- # i\n- z');
  t.end();
});

void t.test('of what does not exist the head of its parent stands', (t) => {
  const region = regionsIn(POD);
  t.equal(region(['spec', 'containers', 0, 'readinessProbe', 'httpGet']), 'name');
  t.equal(region(['spec', 'containers', 7]), 'containers');
  t.equal(region(['spec', 'containers', 0, 'resources', 'requests', 'cpu']), '"resources"');
  t.equal(region(['status']), 'apiVersion');
  t.equal(regionsIn('- first\n- second\n')([0, 'a']), 'first');
  t.end();
});

void t.test('what an alias stands for is elsewhere: its key is here', (t) => {
  const region = regionsIn('base: &base {b: {c: 2}}\nother: *base\nmerged:\n  <<: *base\n');
  t.equal(region(['base']), 'base: &base {b: {c: 2}}');
  t.equal(region(['other']), 'other');
  t.equal(region(['other', 'b', 'c']), 'c: 2');
  t.equal(region(['merged', 'b']), 'b: {c: 2}');
  t.end();
});

void t.test('lines that end in CRLF have the same lines and columns', (t) => {
  const path = ['spec', 'containers', 0, 'resources'];
  t.same(new Positions(POD.replaceAll('\n', '\r\n')).regionOf(path), new Positions(POD).regionOf(path));
  t.same(new Positions(POD).regionOf(path), { line: 14, column: 5, endLine: 16, endColumn: 20 });
  t.end();
});

void t.test('the region of every field of any JSON is its text, read as JSON or as YAML', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.boolean(), (value, isYaml) => {
      const { lines, places } = printPretty({ value }, isYaml ? '- ' : '');
      const region = regionsIn(lines.join('\n'));
      return places.every(([path]) => {
        const text = region(isYaml ? [0, ...path] : path);
        const name = typeof path.at(-1) === 'string' ? `${JSON.stringify(path.at(-1))}: ` : '';
        return text.startsWith(name) && JSON.stringify(JSON.parse(text.slice(name.length))) === JSON.stringify(valueAt({ value }, path));
      });
    }),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('every field of any JSON is where it was printed, read as JSON or as YAML', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.boolean(), (value, isYaml) => {
      const { lines, places } = printPretty({ value }, isYaml ? '- ' : '');
      const lineOf = linesIn(lines.join('\n'));
      return places.every(([path, line]) => lineOf(isYaml ? [0, ...path] : path) === line);
    }),
    { numRuns: runs(500) },
  );
  t.end();
});

function linesIn(text: string): (path: DocumentPath) => number {
  const positions = new Positions(text);
  return (path) => positions.lineOf(path);
}

/** What stands in the region of a path. */
function regionsIn(text: string): (path: DocumentPath) => string {
  const positions = new Positions(text);
  const lines = text.split('\n');
  return (path) => {
    const { line, column, endLine, endColumn } = positions.regionOf(path);
    const part = lines.slice(line - 1, endLine);
    part.push((part.pop() ?? '').slice(0, endColumn - 1));
    part.push((part.shift() ?? '').slice(column - 1));
    return [part.pop() ?? '', ...part].join('\n');
  };
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce((at, step) => (at as Record<string | number, unknown>)[step], value);
}

interface Printed {
  readonly lines: string[];
  /** Where each key and element went. */
  readonly places: [path: DocumentPath, line: number][];
}

/** JSON with each key and element on a line of its own. */
function printPretty(value: unknown, prefix: string, path: DocumentPath = [], printed: Printed = { lines: [], places: [] }): Printed {
  const { lines, places } = printed;
  const append = (text: string): void => {
    lines.push(`${lines.pop() ?? ''}${text}`);
  };
  lines.push(prefix);
  places.push([path, lines.length]);
  if (typeof value !== 'object' || value === null) {
    append(JSON.stringify(value));
    return printed;
  }
  const children: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  append(Array.isArray(value) ? '[' : '{');
  children.forEach(([key, child], index) => {
    printPretty(child, typeof key === 'number' ? '  ' : `  ${JSON.stringify(key)}: `, [...path, key], printed);
    if (index < children.length - 1) append(',');
  });
  lines.push(Array.isArray(value) ? '  ]' : '  }');
  return printed;
}
