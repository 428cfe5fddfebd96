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
