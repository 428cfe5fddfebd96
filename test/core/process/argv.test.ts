import t from 'tap';
import { programName, withoutBusybox } from '../../../src/core/process/argv.ts';

void t.test('a program is known by the last part of its path', (t) => {
  t.equal(programName('/usr/local/bin/app'), 'app');
  t.equal(programName('app'), 'app');
  t.equal(programName('./bin/'), '');
  t.end();
});

void t.test('busybox stands for the program that it is told to be', (t) => {
  t.same(withoutBusybox(['busybox', 'sleep', '5']), ['sleep', '5']);
  t.same(withoutBusybox(['/bin/busybox', undefined]), [undefined]);
  t.same(withoutBusybox(['busybox']), ['busybox'], 'alone it lists what it can be');
  t.same(withoutBusybox(['sleep', 'busybox']), ['sleep', 'busybox']);
  t.end();
});
