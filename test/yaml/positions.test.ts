import fc from '../fast-check.ts';
import t from 'tap';
import { lineOfPath, positionsIn, type DocumentPath } from '../../src/yaml/positions.ts';
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
  const lineOf = positionsIn(POD);
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
  const lineOf = positionsIn(text);
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

void t.test('every field of any JSON is where it was printed, read as JSON or as YAML', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.boolean(), (value, isYaml) => {
      const { lines, places } = printPretty({ value }, isYaml ? '- ' : '');
      const lineOf = positionsIn(lines.join('\n'));
      return places.every(([path, line]) => lineOf(isYaml ? [0, ...path] : path) === line);
    }),
    { numRuns: runs(500) },
  );
  t.end();
});

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
