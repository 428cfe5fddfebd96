import { spawnSync } from 'node:child_process';
import t from 'tap';
import { onlyCommandOf } from '../../../src/core/process/shell-syntax.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { slicedFrom, sliceIn, trimmed, trimmingIn } from '../../../src/core/process/shell-slices.ts';

/** What bash itself prints. */
function printed(script: string): string {
  // Behind a socket, which Node.js gives it as standard input, bash takes itself for a remote shell and reads ~/.bashrc.
  return spawnSync('bash', ['--norc', '-c', script, 'sh', 'a', 'b', 'c'], { encoding: 'utf8' }).stdout;
}

void t.test('a slice of the arguments is that of bash', (t) => {
  const words = ['sh', 'a', 'b', 'c'];
  for (const text of ['0', '1', '2', '3', '4', '1:1', '2:5', '1:0', ' -1', ' -2:1', ' -4', ' -5']) {
    const slice = sliceIn(text);
    t.equal(slice && slicedFrom(words, slice).join(','), printed(`IFS=,; printf %s "\${*:${text}}"`), text);
  }
  for (const text of [undefined, '', 'x', '1+1', '1:-1', '12345']) t.equal(sliceIn(text), undefined, String(text));
  t.end();
});

void t.test('a value is cut as bash cuts it', (t) => {
  for (const value of ['./app', 'registry:5000/app:1.2', 'app', '']) {
    for (const cut of ['#./', '##*/', '#*/', '%:*', '%%:*', '%.*', '#x', '##*', '%*', '%/*', '#*:*/', '%app']) {
      const [part] = onlyCommandOf(parseShell(`echo "\${A${cut}}"`))?.words[1]?.parts ?? [];
      const trimming = part?.kind === 'parameter' ? trimmingIn(part) : undefined;
      t.equal(trimming && trimmed(value, trimming), printed(`A='${value}'; printf %s "\${A${cut}}"`), `${value} ${cut}`);
    }
  }
  t.end();
});

void t.test('what a pattern with other signs takes is not known', (t) => {
  for (const word of ['"${A#?}"', '"${A%[a-z]}"', '"${A#$B}"', '${A#"*"}', '"${A:-x}"', '"$A"', 'A']) {
    const [part] = onlyCommandOf(parseShell(`echo ${word}`))?.words[1]?.parts ?? [];
    t.equal(part?.kind === 'parameter' ? trimmingIn(part) : undefined, undefined, word);
  }
  t.end();
});
