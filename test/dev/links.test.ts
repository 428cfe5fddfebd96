/** What the documentation leads to: files, headings, scripts of package.json, decisions. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Page {
  /** From the root of the project: `docs/policy.md`. */
  readonly path: string;
  readonly text: string;
}

const pages: readonly Page[] = globSync(
  ['*.md', '{.github,bench,certs,deploy,docs,examples,findings,packaging,samples,src,test}/**/*.md'],
  {
    cwd: ROOT,
    exclude: (path) => /(?:^|\/)(?:node_modules|fixtures)(?:\/|$)/.test(path),
  },
).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

/** The text without blocks of code, in which brackets and `#` mean something else. */
function withoutCode(text: string): string {
  return text.replace(/^ *```[^]*?^ *```$/gm, '');
}

/** Anchors as GitHub makes them from headings. */
function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCode(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

void t.test('anchors are made as GitHub makes them', (t) => {
  t.same(
    [...anchorsOf('# `podgrace check`\n## What nodes need, and why\n## [A](b.md) link\n## Twice\n## Twice\n```sh\n# no heading\n```\n')],
    ['podgrace-check', 'what-nodes-need-and-why', 'a-link', 'twice', 'twice-1'],
  );
  t.end();
});

void t.test('every relative link leads to a file, and its anchor to a heading', (t) => {
  const broken: string[] = [];
  let count = 0;
  for (const { path, text } of pages) {
    for (const [, target = ''] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      count += 1;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? join(ROOT, path) : resolve(ROOT, dirname(path), file);
      if (!existsSync(found)) broken.push(`${path}: there is no file ${target}`);
      else if (anchor !== undefined && !anchorsOf(readFileSync(found, 'utf8')).has(anchor))
        broken.push(`${path}: there is no heading ${target}`);
    }
  }
  t.same(broken, []);
  t.ok(count > 200, `${count} links were looked at`);
  t.end();
});

void t.test('every document that code and manifests name exists', (t) => {
  const sources = globSync(['*.{yml,yaml,js}', 'Dockerfile', '{src,deploy,packaging,bench}/**/*.{ts,yaml,rb}'], { cwd: ROOT });
  const broken: string[] = [];
  for (const path of sources) {
    for (const [name] of readFileSync(join(ROOT, path), 'utf8').matchAll(/(?<![\w/.-])docs\/[\w/-]+\.md/g)) {
      if (!existsSync(join(ROOT, name))) broken.push(`${path}: there is no file ${name}`);
    }
  }
  t.same(broken, []);
  t.end();
});

void t.test('every npm script that the documentation names exists', (t) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const broken: string[] = [];
  for (const { path, text } of pages) {
    for (const [, name = ''] of text.matchAll(/\bnpm run (?:-s |--silent )?([a-z][\w:-]*)/g)) {
      if (scripts[name] === undefined) broken.push(`${path}: there is no script ${name}`);
    }
  }
  t.same(broken, []);
  t.end();
});

void t.test('the list of decisions names each of them once, in order, and each has its number as title', (t) => {
  const files = globSync('[0-9]*.md', { cwd: join(ROOT, 'docs/adr') }).sort();
  const list = readFileSync(join(ROOT, 'docs/adr/README.md'), 'utf8');
  t.same(
    [...list.matchAll(/^\|? ?(?:- )?\[\d{4}[^\]]*\]\(([^)]+)\)/gm)].map(([, file]) => file),
    files,
  );
  for (const [index, file] of files.entries()) {
    const number = String(index + 1).padStart(4, '0');
    t.ok(file.startsWith(`${number}-`), `${file}: the numbers have no gap`);
    t.match(readFileSync(join(ROOT, 'docs/adr', file), 'utf8'), new RegExp(`^# ${number}: \\S`), file);
  }
  t.end();
});
