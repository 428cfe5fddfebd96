import t from 'tap';
import { printed } from './printed-script.ts';

void t.test('words lose their quotes and keep what is expanded', (t) => {
  t.equal(printed(`echo 'a; b' "c && d" e\\ f '' x""`), 'echo a; b c && d e f  x');
  t.equal(printed(`echo 'it'"'"'s' "a \\"b\\" \\$c \\d"`), `echo it's a "b" $c \\d`);
  t.equal(printed('echo a#b "a\\\nb" a\\\nb'), 'echo a#b ab ab');
  t.equal(printed(`echo $'a\\'b\\n'`), "echo a'b\n");
  t.equal(printed('echo $a ${b} ${c:-$(d)} "${e##*/}" $1 $@ $ $$ ${#f}'), 'echo ${a} ${b} ${c:-$(d)} ${e##*/} ${1} ${@} $ ${$} ${#f}');
  t.equal(printed('a $(b "$(c ")")") `d \\`e\\`` $((1+(2))) <(f)'), 'a $(b $(c ))) $(d $(e)) $((1+(2))) $(f)');
  t.equal(printed('A=1 B="x y" C=(1 2) D[0]=z E+=f a G=h'), 'A=1 B=x y C=… D=… E=… a G=h');
  t.end();
});
