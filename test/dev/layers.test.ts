import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import t from 'tap';

interface ImportRule {
  readonly name: string;
  readonly from: { readonly path?: string | readonly string[] };
  readonly to: { readonly pathNot?: string | readonly string[] };
}

const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as { readonly forbidden: readonly ImportRule[] };
const PAGE = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
const LEAVES = ['yaml', 'pki', 'files'];

void t.test('the table of folders says what the check of imports allows', (t) => {
  const allowed = forbidden
    .filter(({ name }) => name.endsWith('-imports'))
    .map(({ from, to }) => [foldersIn(from.path), foldersIn(to.pathNot)]);
  t.same(
    Object.fromEntries(allowed.map(([[own = ''] = [], others = []]) => [own, others.filter((folder) => folder !== own).sort()])),
    Object.fromEntries(tableOfPage()),
  );
  t.end();
});

/** `^src/kube/client/` → `kube/client` */
function foldersIn(paths: string | readonly string[] = []): string[] {
  return [paths].flat().map((path) => path.slice('^src/'.length, -1));
}

/** Rows of folders with what each may import; of `bin` and `dev`, which may import all, there is no rule. */
function tableOfPage(): (readonly [string, string[]])[] {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('| `src/'));
  return rows.flatMap((row) => {
    const [, folders = '', , others = ''] = row.split('|').map((cell) => cell.trim());
    if (others === 'all') return [];
    const names = others === 'nothing of podgrace' ? [] : others.split(', ').flatMap((name) => (name === 'leaves' ? LEAVES : [name]));
    return [...folders.matchAll(/`src\/([a-z/]+)`/g)].map(([, folder = '']) => [folder, names.toSorted()] as const);
  });
}
