import t from 'tap';
import { entrypointOf, type EntrypointKind } from '../../src/core/entrypoint.ts';

function of(...command: string[]): EntrypointKind {
  return entrypointOf(command, undefined);
}

function script(text: string, shell = 'sh'): EntrypointKind {
  return of(shell, '-c', text);
}

void t.test('without a command the image’s entrypoint runs, which the spec does not tell', (t) => {
  t.equal(entrypointOf(undefined, undefined), 'unknown');
  t.equal(entrypointOf(null, null), 'unknown');
  t.equal(entrypointOf([], ['sleep', '5']), 'unknown', 'args alone go to that entrypoint');
  t.end();
});

void t.test('a program in exec form is PID 1 itself', (t) => {
  t.equal(of('/usr/bin/app', '--flag'), 'application');
  t.equal(of('node', 'server.js'), 'application');
  t.equal(of(''), 'application');
  t.end();
});

void t.test('programs made for it are an init, wherever they lie', (t) => {
  for (const init of [
    'tini',
    '/sbin/tini',
    'tini-static',
    'dumb-init',
    '/usr/bin/catatonit',
    '/sbin/init',
    '/lib/systemd/systemd',
    's6-svscan',
    'supervisord',
  ]) {
    t.equal(of(init, '--', 'sh', '-c', 'a; b'), 'init', init);
  }
  t.end();
});

void t.test('programs without a handler of their own ignore SIGTERM', (t) => {
  t.equal(of('sleep', 'infinity'), 'ignores');
  t.equal(of('/usr/bin/tail', '-f', '/dev/null'), 'ignores');
  t.end();
});

void t.test('args continue the command', (t) => {
  t.equal(entrypointOf(['sh', '-c'], ['a; b']), 'shell');
  t.equal(entrypointOf(['sh'], ['-c', 'exec app']), 'application');
  t.equal(entrypointOf(['env'], ['A=b', 'sleep', '5']), 'ignores');
  t.end();
});

void t.test('a shell that has more to do than one command stays, and swallows SIGTERM', (t) => {
  t.equal(script('prepare; app'), 'shell');
  t.equal(script('prepare && app'), 'shell');
  t.equal(script('prepare\napp'), 'shell');
  t.equal(script('app | tee log'), 'shell');
  t.equal(script('app &'), 'shell');
  t.equal(script('app & wait'), 'shell');
  t.equal(script('while true; do app; done'), 'shell');
  t.equal(script('a; b', 'bash'), 'shell');
  t.equal(of('busybox', 'sh', '-c', 'a; b'), 'shell');
  t.equal(of('/bin/bash', '-euxo', 'pipefail', '-c', 'a; b'), 'shell');
  t.end();
});

void t.test('a shell that execs its last command becomes it', (t) => {
  t.equal(script('prepare; exec app'), 'application');
  t.equal(script('exec sleep 5'), 'ignores');
  t.equal(script('exec tini -- app'), 'init');
  t.equal(script('exec env A=b tail -f log'), 'ignores');
  t.equal(script('exec sh -c "a; b"'), 'shell');
  t.equal(script('exec >log; app'), 'shell', 'exec with a redirection only replaces nothing');
  t.end();
});

void t.test('a shell with a trap handles signals', (t) => {
  t.equal(script('trap "kill $pid" TERM; app & pid=$!; wait'), 'trap');
  t.end();
});

void t.test('a single command replaces the shell in bash, busybox, zsh and ksh; not in dash; in sh nobody knows', (t) => {
  for (const shell of ['bash', '/bin/ash', 'zsh', 'ksh']) {
    t.equal(script('app', shell), 'application', shell);
    t.equal(script('sleep 5', shell), 'ignores', shell);
  }
  t.equal(of('busybox', 'sh', '-c', 'app'), 'application');
  t.equal(script('app', 'dash'), 'shell');
  t.equal(script('app', 'sh'), 'unknown');
  t.end();
});

void t.test('what the script reader cannot follow, a script file and a shell that reads its input are unknown', (t) => {
  t.equal(script('for i in 1 2; do app; done'), 'unknown');
  t.equal(script('app $(cat args)'), 'unknown');
  t.equal(of('sh', '/entrypoint.sh'), 'unknown');
  t.equal(of('bash'), 'unknown');
  t.equal(script('for i in 1 2; do prepare; done; exec app'), 'application', 'but the last word may settle it');
  t.end();
});

void t.test('an empty script ends at once', (t) => {
  t.equal(script(''), 'application');
  t.equal(script('# nothing'), 'application');
  t.end();
});

void t.test('programs that become what follows them are looked through', (t) => {
  t.equal(of('env', '-i', 'A=b', 'PATH=/bin', 'sleep', '5'), 'ignores');
  t.equal(of('nice', '-n', '5', 'sh', '-c', 'a; b'), 'shell');
  t.equal(of('stdbuf', '-oL', 'tail', '-f', 'log'), 'ignores');
  t.equal(of('gosu', 'postgres', 'sleep', '5'), 'ignores');
  t.equal(of('su-exec', '1000:1000', 'tini', '--', 'app'), 'init');
  t.equal(of('chroot', '/host', 'sleep', '5'), 'ignores');
  t.equal(of('env', 'gosu', 'app', 'nice', 'tail', '-f', 'log'), 'ignores');
  t.equal(of('env'), 'application', 'with nothing after it, it prints and ends');
  t.equal(of('env', 'A=b'), 'application');
  t.end();
});

void t.test('a command that is nested without end is unknown, and costs no more than its length', (t) => {
  const nested = (...wrapper: string[]): EntrypointKind => entrypointOf([...Array<string[]>(100_000).fill(wrapper).flat(), 'sleep'], null);
  for (const wrapper of ['env', 'nice', 'exec']) t.equal(nested(wrapper), 'unknown', wrapper);
  t.equal(nested('gosu', 'root'), 'unknown');
  t.equal(script('exec '.repeat(100_000) + 'app', 'bash'), 'unknown');
  t.end();
});
