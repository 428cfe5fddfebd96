import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { checkFiles, type CheckInput } from '../../src/offline/check.ts';
import { FolderSurroundings } from '../../src/offline/folder-surroundings.ts';
import { listedFiles } from '../../src/offline/input/repository-files.ts';
import { contextFor } from './fix-laws.ts';

const CONTEXT = contextFor('production');

const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\nspec: { containers: [{ name: web, image: nginx }] }\n';
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n';

/** Files in the order in which they are judged, and how many had been looked at before each. */
async function judged(paths: readonly string[], options: Partial<CheckInput> = {}): Promise<[file: string, lookedAt: number][]> {
  let lookedAt = 0;
  const onLook = (): void => {
    lookedAt += 1;
  };
  const found: [string, number][] = [];
  for await (const outcome of checkFiles(paths, [], () => CONTEXT, { stdin: Readable.from([]), onLook, ...options })) {
    const file = outcome.outcome === 'judged' ? outcome.result.file : outcome.outcome === 'skipped' ? outcome.skip.file : 'error';
    found.push([file, lookedAt]);
  }
  return found;
}

void t.test('the files of a folder are judged before the next folder is looked at', async (t) => {
  const folder = t.testdir({ a: { '1.yaml': POD, '2.yaml': POD }, b: { '3.yaml': POD }, c: { '4.yaml': POD } });
  t.same(await judged([folder]), [
    [join(folder, 'a/1.yaml'), 2],
    [join(folder, 'a/2.yaml'), 2],
    [join(folder, 'b/3.yaml'), 3],
    [join(folder, 'c/4.yaml'), 4],
  ]);
});

void t.test('a folder is looked at as a whole, also what stands in it behind the folders that it holds', async (t) => {
  const folder = t.testdir({ 'a.yaml': POD, m: { 'b.yaml': POD }, 'z.yaml': POD });
  t.same(await judged([folder]), [
    [join(folder, 'a.yaml'), 2],
    [join(folder, 'm/b.yaml'), 3],
    [join(folder, 'z.yaml'), 3],
  ]);
});

void t.test('the list is read no further than to the end of the folder whose turn it is', async (t) => {
  const folder = t.testdir({
    a: { '1.yaml': POD, '2.yaml': POD },
    b: { '3.yaml': POD },
    c: { '4.yaml': POD, d: { '5.yaml': POD }, '6.yaml': POD },
  });
  let listed = 0;
  function* list(paths: readonly string[]): ReturnType<typeof listedFiles> {
    for (const entry of listedFiles(paths, ['.yaml'], [])) {
      if ('isFound' in entry) listed += 1;
      yield entry;
    }
  }
  const listedBefore = async (paths: readonly string[]): Promise<number[]> => {
    listed = 0;
    const counts: number[] = [];
    for await (const [, known] of new FolderSurroundings(() => CONTEXT, { stdin: Readable.from([]) }).inTurn(list(paths))) {
      t.ok(known);
      counts.push(listed);
    }
    return counts;
  };
  t.same(await listedBefore([folder]), [2, 2, 3, 6, 6, 6]);
  t.same(await listedBefore([`${folder}/`]), [2, 2, 3, 6, 6, 6]);
  // The second path may lead to the folder of the first.
  t.same(await listedBefore([join(folder, 'a'), join(folder, 'b')]), [3, 3, 3]);
});

void t.test('a file that is named twice is judged once', async (t) => {
  const file = join(t.testdir({ 'a.yaml': POD }), 'a.yaml');
  t.same(await judged([file, file]), [[file, 1]]);
});

void t.test('a Service is known to the Pods of its folder alone, wherever it stands in the run', async (t) => {
  const folder = t.testdir({ a: { 'a.yaml': POD, m: { 'b.yaml': POD }, 'z.yaml': SERVICE }, b: { 'c.yaml': POD } });
  const [a, b, c, z] = ['a/a.yaml', 'a/m/b.yaml', 'b/c.yaml', 'a/z.yaml'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
    string,
  ];
  /** The Pods that get traffic, as far as is known: the rule asks for a probe. */
  const withTraffic = async (paths: readonly string[]): Promise<string[]> => {
    const files: string[] = [];
    for await (const outcome of checkFiles(paths, [], () => CONTEXT, { stdin: Readable.from([]) })) {
      if (outcome.outcome === 'judged' && outcome.result.findings.some(({ rule }) => rule === 'readiness-probe'))
        files.push(outcome.result.file);
    }
    return files;
  };
  for (const paths of [[folder], [a, b, c, z], [z, c, b, a], [b, a, join(folder, 'b'), z]]) t.same(await withTraffic(paths), [a]);
  t.same(await withTraffic([a, b, c]), []);
});

void t.test('what has to be known of all files is read before the first is judged', async (t) => {
  const folder = t.testdir({ a: { '1.yaml': POD }, b: { '2.yaml': POD } });
  const [first] = await judged([folder], { isStrict: true });
  t.same(first, [join(folder, 'a/1.yaml'), 3]);
});
