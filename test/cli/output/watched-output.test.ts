import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PassThrough, Readable, Writable } from 'node:stream';
import t from 'tap';
import { runCli } from '../../../src/cli/run.ts';
import { OutputError, WatchedOutput } from '../../../src/cli/output/watched-output.ts';
import { PROGRAM } from '../../loading/program.ts';
import { ROOT } from '../command-line.ts';

const POD = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"web","image":"web:1"}]}}\n';

/** The program in a pipeline of bash; `podgrace` is its name there. */
function pipeline(script: string, input = ''): { readonly stdout: string; readonly stderr: string } {
  const source = `podgrace() { '${process.execPath}' '${PROGRAM}' "$@"; }\n${script}`;
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return spawnSync('bash', ['--norc', '-c', source], { cwd: ROOT, input, encoding: 'utf8', env: { PATH, NODE_COMPILE_CACHE } });
}

// Far more than a pipe holds: it is never written to the end before the reader goes.
const MANY = POD.repeat(1000);

void t.test('a reader that goes away ends the program quietly, without a verdict', (t) => {
  for (const command of ['check -', 'check -o json -', 'check - 2>&1']) {
    const { stdout, stderr } = pipeline(`podgrace ${command} | head -c 5; codes="\${PIPESTATUS[*]}"; echo; echo "$codes"`, MANY);
    t.match(stdout, /^.{5}\n141 0\n$/, command);
    t.equal(stderr, '', command);
  }
  t.end();
});

void t.test('a reader that goes away after the last write ends the program without a verdict too', async (t) => {
  // A pipe that holds the text: the error comes after the command has ended.
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      setImmediate(() => {
        done(Object.assign(new Error('gone'), { code: 'EPIPE' }));
      });
    },
  });
  const environment = { env: {}, stdin: Readable.from([]), stdout, stderr: new PassThrough(), serve: () => Promise.resolve() };
  t.equal(await runCli(['node', 'podgrace', 'rules'], environment), 141);
});

void t.test('work is not gone on with for a reader that went away', (t) => {
  // `yes` never ends: only the program's own end ends the pipeline.
  const { stdout } = pipeline(`yes '{"kind":"AdmissionReview"}' | podgrace replay - 2>&1 | head -1; echo "\${PIPESTATUS[@]}"`);
  t.equal(stdout, 'stdin:1: request must be an object\n141 141 0\n');
  t.end();
});

void t.test('a disk that is full is told', { skip: !existsSync('/dev/full') && 'needs /dev/full' }, (t) => {
  for (const command of ['check samples/manifests', 'rules', '--help', 'complete bash']) {
    const { stdout, stderr } = pipeline(`podgrace ${command} > /dev/full; echo $?`);
    t.same([stdout, stderr], ['2\n', 'podgrace: standard output cannot be written: no space left on device\n'], command);
  }
  t.end();
});

void t.test('the verdict of a program whose output is read to its end is its own', (t) => {
  t.equal(pipeline('podgrace check - | cat > /dev/null; echo "${PIPESTATUS[@]}"', MANY).stdout, '1 0\n');
  t.end();
});

void t.test('a write after one that failed throws, and says why', (t) => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    },
  });
  const output = new WatchedOutput(stream, 'standard output');
  const expected = { name: 'OutputError', message: 'standard output cannot be written: gone', isReaderGone: true };
  t.throws(() => output.write('a'), expected);
  t.throws(() => output.write('b'), expected);
  t.notOk(new OutputError('standard error', new Error('other')).isReaderGone);
  t.end();
});
