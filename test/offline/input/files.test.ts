import { mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { inputFiles } from '../../../src/offline/input/files.ts';
import { InputError } from '../../../src/offline/input/input-error.ts';

const EXTENSIONS = ['.yaml', '.json'];

void t.test('a folder gives its files in the order of their names, sub-folders in their place', (t) => {
  const folder = t.testdir({ 'b.yaml': '', 'a.json': '', c: { 'd.yaml': '', 'a.txt': '' }, 'd.YAML': '', 'notes.md': '', yaml: '' });
  t.same(list([folder], folder), ['a.json', 'b.yaml', 'c/d.yaml', 'd.YAML']);
  t.end();
});

void t.test('hidden folders and node_modules are left out, hidden files are not', (t) => {
  const folder = t.testdir({ '.git': { 'a.yaml': '' }, node_modules: { 'a.yaml': '' }, '.hidden.yaml': '', 'a.yaml': '' });
  t.same(list([folder], folder), ['.hidden.yaml', 'a.yaml']);
  t.end();
});

void t.test('what is named is taken whatever its name and wherever it leads', (t) => {
  const folder = t.testdir({ '.git': { 'a.yaml': '' }, 'notes.md': '', real: { 'a.yaml': '' }, link: t.fixture('symlink', 'real') });
  t.same(list([join(folder, 'notes.md'), join(folder, '.git'), join(folder, 'link'), '-'], folder), [
    'notes.md',
    '.git/a.yaml',
    'link/a.yaml',
    '-',
  ]);
  t.end();
});

void t.test('the same file twice among the arguments is read twice, as kubectl does', (t) => {
  const folder = t.testdir({ 'a.yaml': '' });
  t.same(list([folder, join(folder, 'a.yaml')], folder), ['a.yaml', 'a.yaml']);
  t.end();
});

void t.test('links within the tree are followed, and no file is taken twice', (t) => {
  const folder = t.testdir({
    '..data': { 'mounted.yaml': '' },
    'mounted.yaml': t.fixture('symlink', '..data/mounted.yaml'),
    real: { 'a.yaml': '' },
    'again.yaml': t.fixture('symlink', 'real/a.yaml'),
    'same-folder': t.fixture('symlink', 'real'),
  });
  t.same(list([folder], folder), ['again.yaml', 'mounted.yaml']);
  t.end();
});

void t.test('a cycle of links ends', (t) => {
  const folder = t.testdir({
    a: { 'x.yaml': '', up: t.fixture('symlink', '../'), self: t.fixture('symlink', '.') },
    b: t.fixture('symlink', 'a'),
  });
  t.same(list([folder], folder), ['a/x.yaml']);
  t.end();
});

void t.test('a linked folder outside is left out, a linked file outside is an error', (t) => {
  const root = t.testdir({ outside: { 'a.yaml': '' }, tree: { 'b.yaml': '' } });
  const tree = join(root, 'tree');
  symlinkSync('../outside', join(tree, 'folder'));
  symlinkSync('../outside/a.yaml', join(tree, 'file.yaml'));
  symlinkSync('nowhere.yaml', join(tree, 'gone.yaml'));
  symlinkSync('nowhere', join(tree, 'gone'));
  t.same(list([tree], tree), [
    'b.yaml',
    `file.yaml: is a symbolic link that leads out of ${tree}, so podgrace does not follow it; name ${join(root, 'outside/a.yaml')} itself`,
    'gone.yaml: it is a symbolic link, and what it leads to does not exist',
  ]);
  t.end();
});

void t.test('a folder whose name begins like that of the tree is outside of it', (t) => {
  const root = t.testdir({ 'tree-2': { 'a.yaml': '' }, tree: { 'b.yaml': '' } });
  symlinkSync('../tree-2', join(root, 'tree', 'link'));
  t.same(list([join(root, 'tree')], root), ['tree/b.yaml']);
  t.end();
});

void t.test('what does not exist is one error; the rest is listed', (t) => {
  const folder = t.testdir({ 'a.yaml': '' });
  t.same(list([join(folder, 'missing'), folder], folder), ['missing: no such file or directory', 'a.yaml']);
  t.end();
});

void t.test('standard input can be read once', (t) => {
  t.same(list(['-', '-'], ''), ['-', 'stdin: must not be named twice, as it can be read only once']);
  t.end();
});

void t.test('a folder may be deep, and a link in it lead upwards', (t) => {
  const folder = t.testdir({});
  const deep = join(folder, ...Array<string>(60).fill('d'));
  mkdirSync(deep, { recursive: true });
  symlinkSync('../../..', join(deep, 'up'));
  t.same(list([folder], folder), [': must hold a file that ends in .yaml, .json, but holds none']);
  t.end();
});

void t.test('a folder without a file that is wanted is an error, as it is for kubectl', (t) => {
  const folder = t.testdir({ empty: {}, other: { 'a.txt': '' }, full: { 'a.yaml': '' } });
  t.same(list([join(folder, 'empty'), join(folder, 'other'), join(folder, 'full')], folder), [
    'empty: must hold a file that ends in .yaml, .json, but holds none',
    'other: must hold a file that ends in .yaml, .json, but holds none',
    'full/a.yaml',
  ]);
  t.end();
});

/** Names relative to a folder; errors as `name: message`. */
function list(paths: readonly string[], folder: string): string[] {
  const shown = (name: string): string => (name === '-' || name === 'stdin' ? name : relative(folder, name));
  return [...inputFiles(paths, EXTENSIONS)].map((file) =>
    file instanceof InputError ? `${shown(file.file)}: ${file.message}` : shown(file),
  );
}
