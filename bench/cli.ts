/**
 * What a start of the command line costs, against a Node.js that does nothing, and a check of many files, against another build and other
 * linters; what memory ten times as many files take, and when the first line of a long check comes.
 *
 * `npm run bench:cli [-- --rounds 9 --old DIR --corpus DIR --kube-score FILE --kube-linter FILE --executable FILE]`; `DIR` of `--old` is the
 * `dist` folder of another build. Everything is interleaved, and what is reported is the median of the ratios of each round. CPU is
 * told beside the time: where others use the machine, it is what can be compared.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, range } from './statistics.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    old: { type: 'string' },
    corpus: { type: 'string', default: here('../../shared/corpus/yaml') },
    'kube-score': { type: 'string' },
    'kube-linter': { type: 'string' },
    executable: { type: 'string' },
  },
});
const rounds = Number(values.rounds);

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
}

interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Linux's and GNU's `time`: Node.js does not say what a child has used. */
function measure({ command }: Contender): Measurement {
  const started = performance.now();
  const { stderr, error } = spawnSync('time', ['-f', '\n%U %S %M', ...command], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  const seconds = (performance.now() - started) / 1000;
  if (error !== undefined) throw new Error('the program `time` (GNU time) is missing', { cause: error });
  const [user = Number.NaN, system = Number.NaN, rssKb = Number.NaN] = stderr.trimEnd().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { seconds, cpuSeconds: user + system, rssMb: rssKb / 1000 };
}

/** The first contender is what the others are compared with. */
function compare(title: string, contenders: readonly Contender[], times: number): void {
  // The first start of each compiles, and fills the caches of the system.
  for (const contender of contenders) measure(contender);
  const all = contenders.map((): Measurement[] => []);
  for (let round = 0; round < times; round++) for (const [index, contender] of contenders.entries()) all[index]?.push(measure(contender));
  const reference = all[0] ?? [];
  print(`\n| ${title} | s | CPU s | RSS MB | × time | × CPU |\n| --- | --- | --- | --- | --- | --- |`);
  for (const [index, { name }] of contenders.entries()) {
    const own = all[index] ?? [];
    const ratios = (of: 'seconds' | 'cpuSeconds'): number[] => own.map((each, round) => each[of] / (reference[round]?.[of] ?? Number.NaN));
    const middle = (of: keyof Measurement): number => median(own.map((each) => each[of]));
    const figures = [middle('seconds').toFixed(3), middle('cpuSeconds').toFixed(2), middle('rssMb').toFixed(0)];
    print(`| ${[name, ...figures, range(ratios('seconds')), range(ratios('cpuSeconds'))].join(' | ')} |`);
  }
}

/** Beside an empty Node.js that writes a line. */
async function compareFirstLines(title: string, path: string): Promise<void> {
  const contenders = [{ name: 'node', command: node('-e', 'console.log(0)') }, ...withWords('check', path)];
  const seconds = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, { command }] of contenders.entries()) seconds[index]?.push(await secondsToFirstLine(command));
  print(`\n| ${title} | s | × time |\n| --- | --- | --- |`);
  for (const [index, { name }] of contenders.entries()) {
    const own = seconds[index] ?? [];
    print(`| ${name} | ${median(own).toFixed(3)} | ${range(own.map((each, round) => each / (seconds[0]?.[round] ?? Number.NaN)))} |`);
  }
}

async function secondsToFirstLine([program = '', ...words]: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const seconds = (performance.now() - started) / 1000;
  child.kill();
  await once(child, 'close');
  return seconds;
}

/** Of the size of an application in a repository of manifests. */
const FILES_OF_APPLICATION = 40;
const MANY_FILES = 20_000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'podgrace-bench-'));
const node = (...words: string[]): string[] => [process.execPath, ...words];
const builds = [
  { name: 'podgrace', command: node(here('../dist/bin/podgrace.js')) },
  ...(values.executable === undefined ? [] : [{ name: 'executable', command: [values.executable] }]),
  ...(values.old === undefined ? [] : [{ name: 'old', command: node(join(values.old, 'bin/podgrace.js')) }]),
];
const withWords = (...words: string[]): Contender[] =>
  builds.map(({ name, command }) => ({ name: `${name} ${words[0] ?? ''}`, command: [...command, ...words] }));

try {
  const pod = join(folder, 'pod.yaml');
  writeFileSync(pod, 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: nginx }] }\n');
  compare('a start', [{ name: '`node -e 0`', command: node('-e', '0') }, ...withWords('--version'), ...withWords('check', pod)], rounds);

  const corpus = values.corpus;
  if (existsSync(corpus)) {
    const files = readdirSync(corpus).map((name) => join(corpus, name));
    const peers: Contender[] = [];
    const kubeScore = values['kube-score'];
    if (kubeScore !== undefined) {
      const readable = readableFor(kubeScore, files);
      peers.push({ name: `kube-score (${readable.length} files)`, command: [kubeScore, 'score', ...readable] });
    }
    if (values['kube-linter'] !== undefined) peers.push({ name: 'kube-linter', command: [values['kube-linter'], 'lint', corpus] });
    compare(`a check of ${files.length} files`, [...peers, ...withWords('check', corpus)], Math.ceil(rounds / 3));
    const tenTimes = join(folder, 'ten-times');
    for (let copy = 0; copy < 10; copy++) cpSync(corpus, join(tenTimes, String(copy)), { recursive: true });
    for (const { name, command } of withWords('check')) {
      const [one, ten] = [corpus, tenTimes].map((path) => measure({ name, command: [...command, path] }).rssMb) as [number, number];
      print(`\nRSS of ${name}: ${one.toFixed(0)} MB, of ten times as much ${ten.toFixed(0)} MB, ${(ten / one).toFixed(2)} times`);
    }
    const many = join(folder, 'many');
    for (let index = 0; index < MANY_FILES; index++) {
      const application = join(many, `application-${Math.floor(index / FILES_OF_APPLICATION)}`);
      mkdirSync(application, { recursive: true });
      copyFileSync(files[index % files.length] ?? pod, join(application, `${index}.yaml`));
    }
    await compareFirstLines(`the first line of a check of ${MANY_FILES} files`, many);
  } else {
    print(`\n${corpus} is not there: nothing is checked but one file`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** kube-score ends at the first file that it cannot read, and does not name it. */
function readableFor(kubeScore: string, files: readonly string[]): readonly string[] {
  const { stderr } = spawnSync(kubeScore, ['score', ...files], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (!stderr.includes('Failed to score files')) return files;
  if (files.length === 1) return [];
  const half = files.length >> 1;
  return [...readableFor(kubeScore, files.slice(0, half)), ...readableFor(kubeScore, files.slice(half))];
}
