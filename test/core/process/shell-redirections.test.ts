import t from 'tap';
import { printed } from './printed-script.ts';

void t.test('redirections are no words; here-documents are skipped', (t) => {
  t.equal(printed('a >b 2>&1 <c >>"d e" 2>|f {g}>h <<<i'), 'a >b 2>&1 <c >>d e 2>|f {g}>h <<<i');
  t.equal(printed('a 5>b c5>d'), 'a c5 5>b >d');
  t.equal(printed('a &>b c'), 'a c &>b');
  t.equal(printed('cat <<X | b\nif (\nX\nc'), 'cat <<X | b / c');
  t.equal(printed("cat <<-'X' <<Y; b\n\tx\n\tX\ny\nY\nc"), 'cat <<-X <<Y; b / c');
  t.equal(printed('a=$(cat <<X\n)\nX\n)\nb'), 'a=$(cat <<X) / b');
  t.end();
});

void t.test('in POSIX sh, &> is the end of a command and a redirection', (t) => {
  t.equal(printed('a &>b', 'posix'), 'a &;  >b');
  t.end();
});
