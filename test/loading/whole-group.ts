/**
 * Sees that all files of a group ran (`processes.ts`). They share one root of tap: what ends that in one file, such as `t.plan(1)` outside of
 * any test, or the process, would leave out the tests of all files after it, without a word and with the exit code 0.
 */
import t from 'tap';

let isWhole = false;

process.on('exit', (code) => {
  if (isWhole || code !== 0) return;
  process.stderr.write('A file of the group ended the process, or called t.plan or t.end outside of any test: not all tests ran.\n');
  process.exitCode = 1;
});

/** For the file of a group, once all its files are loaded. */
export function endGroup(): void {
  void t.test('the tests of all files of the group ran', (t) => {
    isWhole = true;
    t.end();
  });
}
