import t from 'tap';
import { printed } from './printed-script.ts';

void t.test('groups hold lists, whatever stands in them', (t) => {
  t.equal(printed('if a; then b; elif c; then d; else e; fi'), 'if(a ? b : c ? d : e)');
  t.equal(printed('while a\ndo\nb\nc\ndone > f &'), 'while(a ? b / c) >f &');
  t.equal(printed('until a; do b & done; c'), 'until(a ? b &); c');
  t.equal(printed('for i in 1 "2 3" $x; do a $i; done'), 'for(i in 1 2 3 ${x}: a ${i})');
  t.equal(printed('for i\ndo a; done'), 'for(i in $@: a)');
  t.equal(printed('for i do a; done'), 'for(i in $@: a)');
  t.equal(printed('for ((i=0;i<3;i++)); do a; done'), 'other loop(a)');
  t.equal(printed('case $1 in a|b) x;; (c) y;& *) z; esac; d'), 'case(${1}: a|b) x; c) y; *) z); d');
  t.equal(printed('case x in esac'), 'case(x: )');
  t.equal(printed('(a; b) 2>&1 | { c; }'), 'subshell(a; b) 2>&1 | group(c)');
  t.equal(printed('f() { a; }; function g { b; }; h () (c); f'), 'function f(group(a)); function g(group(b)); function h(subshell(c)); f');
  t.equal(printed('[[ -f x && $y =~ a(b|c) ]] && a; ((i++)); coproc a'), 'test(-f x && $y =~ a(b|c)) && a; test(i++); coprocess(a)');
  t.equal(printed('echo if then fi done'), 'echo if then fi done');
  t.equal(printed('((a); b)'), 'subshell(subshell(a); b)');
  t.end();
});
