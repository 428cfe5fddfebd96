import t from 'tap';
import { waitsWithoutEnd } from '../../../src/core/process/waiting-program.ts';

void t.test('what waits for something without a deadline', (t) => {
  const waits = (command: string): boolean => waitsWithoutEnd(command.split(' '));
  t.ok(waits('wait-on tcp:db:5432'));
  t.ok(waits('npx --yes wait-on http://api'));
  t.ok(waits('/wait-for.sh -t 0 db:5432'));
  t.notOk(waits('wait-on --timeout=5000 tcp:db:5432'));
  t.notOk(waits('wait-on tcp:db:5432 -t 5s'));
  t.notOk(waits('wait-for -t 0 db:5432 -- app'), 'it becomes what stands behind it');
  t.notOk(waits('wait-for db:5432'));
  t.notOk(waits('npx'));
  t.notOk(waits('npx -y'));
  t.notOk(waits('app wait-on x'));
  t.end();
});
