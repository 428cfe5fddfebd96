import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

const FOLDER = new URL('../../docs/adr/', import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => /^\d{4}-.*\.md$/.test(name));
const INDEX = readFileSync(new URL('README.md', FOLDER), 'utf8');

/** `[0001](0001-own-json-patch.md)` and its title, by the name of the file. */
const TITLES = new Map(
  [...INDEX.matchAll(/^\| \[(\d{4})\]\((\d{4}-[^)]*)\) +\| (.*?) +\|$/gm)].map(([, number, name = '', title]) => [
    name,
    `${number}: ${title}`,
  ]),
);

void t.test('the index has every decision by its title', (t) => {
  t.same([...TITLES.keys()], NAMES);
  for (const name of NAMES) t.equal(readFileSync(new URL(name, FOLDER), 'utf8').split('\n')[0], `# ${TITLES.get(name)}`);
  t.end();
});

void t.test('every decision says why, against what, and what follows', (t) => {
  for (const name of NAMES) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    t.match(text, /^\d{4}-\d{2}-\d{2}\b/m, `${name}: a date`);
    for (const part of ['Context', 'Decision', 'Alternatives', 'Consequences']) t.match(text, `\n## ${part}\n`, `${name}: ${part}`);
  }
  t.end();
});

void t.test('a decision that amends another one is named at the top of both', (t) => {
  const amending: string[] = [];
  const amended: string[] = [];
  for (const name of NAMES) {
    const top = topOf(name);
    t.match(top, /^\d{4}-\d{2}-\d{2}(?:\. |$)/, `${name}: the date stands below the title`);
    const [own, ofOthers] = partsOf(top);
    for (const other of linksIn(own)) amending.push(`${name} amends ${other}`);
    for (const other of linksIn(ofOthers)) amended.push(`${other} amends ${name}`);
  }
  t.ok(amending.length > 0);
  t.same(amending.sort(), amended.sort());
  t.end();
});

/** The paragraph below the title, on one line. */
function topOf(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8').split('\n\n')[1]?.replaceAll('\n', ' ') ?? '';
}

/** @returns what the record amends, and what others amend in it */
function partsOf(top: string): readonly [string, string] {
  const [own = ''] = /Amends [^.]*(?:\.md\)[^.]*)*\./.exec(top) ?? [];
  return [own, top.replace(own, '')];
}

function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\((\d{4}-[^)]*)\)/g)].map(([, name = '']) => name);
}
