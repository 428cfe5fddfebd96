/** Names and messages of others in reports: they forge no line, steer no terminal, and turn no text around. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parsedReport, podgrace, withoutFolder } from '../command-line.ts';

const HOSTILE = 'web\n9.yaml:1 Pod shop/web: allowed\u001b[2J\u001b]0;owned\u0007\r\u202egrace';
/** Colours are podgrace's own. */
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[\d+m/g;
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: HOSTILE },
  spec: { containers: [{ name: HOSTILE, image: HOSTILE }] },
});

void t.test('check as text shows them, one object a line, on a terminal too', async (t) => {
  for (const isTTY of [false, true]) {
    const { stdout } = await podgrace(['check', '-v', '-'], { stdin: POD, isTTY });
    const text = stdout.replace(COLOURS, '');
    t.notMatch(text, UNSAFE);
    t.notMatch(text, /^9\.yaml/m);
    t.match(text, String.raw`Pod default/web\n9.yaml:1 Pod shop/web: allowed\u001b[2J`);
  }
});

void t.test('check as JSON says the same as ever, in characters that no terminal obeys', async (t) => {
  const { stdout } = await podgrace(['check', '-o', 'json', '-'], { stdin: POD });
  t.notMatch(stdout, UNSAFE);
  t.match(parsedReport('check', stdout), { results: [{ name: HOSTILE }] });
});

void t.test('names of files in errors, and replayed requests', async (t) => {
  const folder = t.testdir({});
  const file = join(folder, 'a\nb\u001b[31m.json');
  writeFileSync(file, JSON.stringify({ kind: 'AdmissionReview', request: { uid: HOSTILE } }));
  for (const command of ['check', 'replay']) {
    const { code, stdout, stderr } = await podgrace([command, file, join(folder, 'none\n.json')]);
    t.equal(code, 2);
    t.notMatch(stdout + stderr, UNSAFE);
    t.match(withoutFolder(stderr, folder), /^a\\nb\\u001b\[31m\.json/);
    t.equal(stderr.trimEnd().split('\n').length, 2, 'a line for each error');
  }
});

void t.test('a message of several lines passes for no other message', async (t) => {
  const { stderr } = await podgrace(['check', '--policy', 'none\npodgrace: all is well', '-'], { stdin: POD });
  t.notMatch(stderr, /^podgrace: all is well/m);
});
