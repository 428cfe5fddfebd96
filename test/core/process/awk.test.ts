import t from 'tap';
import { runsOfAwk } from '../../../src/core/process/awk.ts';

void t.test('the commands that a program of awk runs', (t) => {
  t.same(runsOfAwk(['BEGIN { system("app --flag") }']), { commands: [['app', '--flag']], isFirstCertain: true });
  t.same(runsOfAwk(['/x/ { system("app") }', 'log']), { commands: [['app']], isFirstCertain: false }, 'only where a line has it');
  t.same(runsOfAwk(['{ "date" | getline now; print now | "sort -u" }']).commands, [['date'], ['sort', '-u']]);
  t.same(runsOfAwk(['{ system("rm " $1) }']).commands, [undefined], 'put together');
  t.same(runsOfAwk(['BEGIN { system("a; b") }']).commands, [undefined], 'a script of a shell');
  t.same(runsOfAwk(['-F|', '$1 == "a|b" || /c|d/ { print $2 }', undefined]).commands, []);
  t.end();
});
