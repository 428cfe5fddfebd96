/** What is said of the packages whose code is in a bundle. */
import type { Metafile } from 'esbuild';
import t from 'tap';
import { licencesOf } from '../../packaging/licences.ts';

const bundleOf = (...files: string[]): Metafile => ({
  inputs: Object.fromEntries(files.map((file) => [file, { bytes: 1, imports: [] }])),
  outputs: {},
});

function manifest(license: string): string {
  return JSON.stringify({ name: 'a', version: '1.2.3', license });
}

void t.test('each package is named once, with every file on its licence', (t) => {
  const root = t.testdir({
    node_modules: {
      '@scope': { a: { 'package.json': manifest('Apache-2.0'), LICENSE: 'Terms of a.', 'NOTICE.md': 'Made by b.' } },
      c: { 'package.json': manifest('ISC'), 'license-ISC': 'Terms of c.' },
    },
  });
  const one = bundleOf('src/x.ts', 'node_modules/c/1.js', 'node_modules/c/2.js');
  const text = licencesOf([one, bundleOf('node_modules/c/1.js', 'node_modules/@scope/a/1.js')], root);
  t.match(text, /^a 1\.2\.3 \(Apache-2\.0\)\n\nTerms of a\.\n\nMade by b\.\n-+\na 1\.2\.3 \(ISC\)\n\nTerms of c\.\n$/m);
  t.end();
});

void t.test('where only the README tells, its section and the text of the licence are given', (t) => {
  const root = t.testdir({
    licenses: { MIT: { LICENSE: 'Permission is granted.' } },
    node_modules: { c: { 'package.json': manifest('MIT'), 'README.md': '# c\n\n## License\n\nCopyright d.\n\n## More\n\nNot this.\n' } },
  });
  t.match(licencesOf([bundleOf('node_modules/c/1.js')], root), /\(MIT\)\n\nCopyright d\.\n\nPermission is granted\.\n$/);
  t.end();
});

void t.test('a package without a licence is refused', (t) => {
  const root = t.testdir({ node_modules: { c: { 'package.json': manifest('MIT'), 'README.md': '# c\n' } } });
  t.throws(() => licencesOf([bundleOf('node_modules/c/1.js')], root), /a 1\.2\.3 \(MIT\) has no licence file in node_modules\/c/);
  t.end();
});
