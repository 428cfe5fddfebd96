import fc from '../../fast-check.ts';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';
import { OutOfTimeError, Work } from '../../../src/core/work.ts';
import type { StopVerdict } from '../../../src/core/process/possibility.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';
import { runs } from '../../long-tests.ts';

/** `ends: application server`, `swallows: shell sh (pipe)`, `depends: shell sh on shell` */
function printed({ fate, cause, pidOne, on, obstacle, seconds, isIdle }: StopVerdict): string {
  const details = [on && `on ${on}`, obstacle && `(${obstacle})`, seconds !== undefined && `${seconds} s`, isIdle && 'idle'];
  return [`${fate}: ${cause}`, pidOne, ...details].filter((part) => typeof part === 'string' && part !== '').join(' ');
}

function of(...command: string[]): string {
  return printed(stopVerdictOf(command, undefined));
}

function script(text: string, ...sh: ShellFlavour[]): string {
  return printed(stopVerdictOf(['sh', '-c', text], undefined, sh.length === 0 ? {} : { sh }));
}

void t.test('its steps are work of the evaluation, and it ends in the middle where the time is over', (t) => {
  const calls = ['a(){ x; }', ...Array.from({ length: 5 }, (_, at) => `${'bcdef'[at]}(){ ${`${'abcde'[at]} || `.repeat(9)}x; }`), 'f'].join(
    '; ',
  );
  const work = new Work();
  stopVerdictOf(['sh', '-c', calls], null, { work });
  t.ok(work.steps > 10_000 && work.steps <= 20_000, `${work.steps} steps`);
  const short = new Work((steps) => steps > 3_000);
  t.throws(() => stopVerdictOf(['sh', '-c', calls], null, { work: short }), OutOfTimeError);
  t.ok(short.steps < 5_000, `${short.steps} steps`);
  t.end();
});

void t.test('the words of a long command are work for each program that is looked at before the next', (t) => {
  const stepsOf = (launchers: number, words: number): number => {
    const work = new Work();
    stopVerdictOf([...Array<string>(launchers).fill('env'), 'app', ...Array<string>(words).fill('x')], null, { work });
    return work.steps;
  };
  t.ok(stepsOf(1, 4_000) >= 2 * 4_000, `${stepsOf(1, 4_000)} steps`);
  t.ok(stepsOf(5, 4_000) >= 6 * 4_000, `${stepsOf(5, 4_000)} steps`);
  t.ok(stepsOf(5, 10) < 100, 'a short one costs as little as before');
  const short = new Work((steps) => steps > 1_000);
  t.throws(() => stopVerdictOf(Array(4_000).fill('env'), null, { work: short }), OutOfTimeError);
  t.end();
});

void t.test('what is gone through again and again is work each time', (t) => {
  const many = (text: string): string => text.repeat(4_000);
  const kills = Array.from({ length: 4_000 }, (_, at) => `$p${at}`).join(' ');
  const called = (body: string): string => `f() { ${body}; }; f; f; f; f`;
  const trapped = (body: string): string => `f() { ${body}; }; trap 'f; f; f; f' TERM; app & wait`;
  for (const text of [
    called(`cat /dev/zero ${many('a ')}| app`),
    called(`app | app ${many('a ')}`),
    called(`{ :; } ${many('<a ')}`),
    called(`$(exit; ${many('a;')})`),
    called(`eval "app ${many('a ')}$A"`),
    trapped(`app ${many('a ')}`),
    trapped(`kill ${many('$p ')}`),
    trapped(`kill ${kills}`),
    trapped(`kill $(${many('a;')} jobs)`),
    trapped(`kill $$ ${many('a ')}`),
    trapped(`exec app ${many('a ')}`),
    trapped(`app ${many('&& app ')}`),
    trapped(`while :; do ${many(':;')} done`),
    trapped(`while app; do ${many(':;')} done`),
    trapped(`for p in ${many('%1 ')}; do :; done`),
  ]) {
    const work = new Work();
    stopVerdictOf(['sh', '-c', text], null, { work, sh: ['dash'] });
    t.ok(work.steps > 4_000, `${work.steps} steps: ${text.slice(0, 40)}`);
  }
  t.end();
});

void t.test('what a function makes its own is compared behind each call, which is work, and read once', (t) => {
  const names = Array.from({ length: 4_000 }, (_, at) => `n${at}`).join(' ');
  const work = new Work();
  stopVerdictOf(['sh', '-c', `f() { x=$1; return; local ${names}; }; f 1; f 2; f 3; f 4; f 5`], null, { work, sh: ['dash'] });
  t.ok(work.steps > 4_000, `${work.steps} steps`);
  t.end();
});

void t.test('a list of whom a trap has told is copied for each command, which is work', (t) => {
  const work = new Work();
  const names = Array.from({ length: 60 }, (_, at) => `p${at}`);
  const kills = Array.from({ length: 500 }, (_, at) => `kill $p${at % names.length}`).join('; ');
  stopVerdictOf(['sh', '-c', `${names.join('=1; ')}=1; trap '${kills}' TERM; app & wait`], null, { work, sh: ['dash'] });
  t.ok(work.steps > 20_000 - 1_000, `${work.steps} steps`);
  t.end();
});

void t.test('thousands of `command` before each other are not followed', (t) => {
  t.match(script(`${'command '.repeat(8_000)}app`), /^unknown/);
  t.match(script('command command app', 'dash'), /^swallows/);
  t.end();
});

void t.test('a verdict that is known counts as much work as one that is not', (t) => {
  const command = ['sh', '-c', 'counted() { exec app; }; counted'];
  const [first, second] = [new Work(), new Work()];
  const verdict = stopVerdictOf(command, null, { work: first });
  t.same(stopVerdictOf(command, null, { work: second }), verdict);
  t.ok(first.steps > 0);
  t.equal(second.steps, first.steps);
  t.end();
});

void t.test('what is known of a command says nothing of another one, or of the same one elsewhere', (t) => {
  const verdicts = (): string[] => [
    of('sh', '-c', 'exec app'),
    of('sh', '-c exec app'),
    of('sh 2 -c 8 exec app'),
    of('cat'),
    printed(stopVerdictOf(['cat'], null, { hasInput: true })),
    script('app', 'dash'),
    script('app', 'bash'),
    printed(stopVerdictOf(['sh', '-c', 'trap exit INT; app & wait'], null, { signal: 'INT' })),
    printed(stopVerdictOf(['sh', '-c', 'trap exit INT; app & wait'], null, { signal: 'TERM' })),
  ];
  const expected = [
    'ends: application app',
    'ends: ends by itself sh',
    'ends: application sh 2 -c 8 exec app',
    'ends: ends by itself cat',
    'swallows: no handler cat (no handler) idle',
    'swallows: shell sh',
    'ends: application app',
    'ends: untold sh (background)',
    'swallows: shell sh (background)',
  ];
  t.same(verdicts(), expected);
  t.same(verdicts(), expected);
  t.end();
});

void t.test('without a command the image’s entrypoint runs, which the spec does not tell', (t) => {
  t.equal(printed(stopVerdictOf(undefined, undefined)), 'unknown: image');
  t.equal(printed(stopVerdictOf(null, null)), 'unknown: image');
  t.equal(printed(stopVerdictOf([], ['sleep', '60'])), 'unknown: image', 'args alone go to that entrypoint');
  t.end();
});

void t.test('args continue the command', (t) => {
  t.equal(printed(stopVerdictOf(['sh', '-c'], ['exec app'])), 'ends: application app');
  t.equal(printed(stopVerdictOf(['env'], ['A=b', 'sleep', '60'])), 'swallows: no handler sleep (no handler) idle');
  t.end();
});

void t.test('a shell ends at the expansions, sums and builtins that it does not know', (t) => {
  const rest = 'app & wait';
  const byShell = (text: string): string =>
    (['dash', 'bash', 'ash'] as const).filter((shell) => script(`${text}; ${rest}`, shell) === 'ends: ends by itself sh').join(' ');
  for (const [text, refuses] of [
    ['echo ${A:0:1} ${A/x/y}', 'dash'],
    ['echo "${A^^}"', 'dash ash'],
    ['B=${A[0]}', 'dash ash'],
    ['echo ${!A}', 'dash ash'],
    ['echo ${A@Q}', 'dash ash'],
    ['echo ${A:-b} ${A%:*} ${A##*/} ${#A} ${##} ${!} $!', ''],
    ['echo ${A:-${B^}}', ''],
    ['(echo ${A^}); true | echo ${A^}; X=$(echo ${A^})', ''],
    ['if false; then echo ${A^}; fi', ''],
    ['for i in ${A^}; do true; done', 'dash ash'],
    ['case ${A^} in a) true;; esac', 'dash ash'],
    ['echo x > ${A^}', 'dash ash'],
    ['echo $((i++))', 'dash'],
    ['echo $((5--3)) $((i+ +1)) $((i - 1))', ''],
    ['echo $((A[1]))', 'dash ash'],
    ['if false; then cat <(x); fi', 'dash'],
    ['if false; then cat <<< x; fi', 'dash ash'],
    ['a=(1 2)', 'dash ash'],
    ['[[ a =~ (b) ]]', 'dash ash'],
    ['for ((i=0;i<1;i++)); do true; done', 'dash ash'],
    ['case a in a) true;& b) true;; esac', 'dash ash'],
    ['export -f f', 'dash ash'],
    ['export -n A', 'dash'],
    ['export A=b; readonly C=d; unset -v A; set -eu -o nounset', ''],
    ['set -o pipefail', 'dash'],
    ['set -h', 'dash ash'],
    ['shift 3', 'dash'],
    ['local A=b', 'dash ash'],
    ['command export -f f', ''],
    ["eval 'a=(1)'", 'dash ash'],
    ['echo >&file', 'dash'],
    ['echo >&2 2>&-', ''],
    ['set -e; shopt -s nullglob', 'dash ash'],
    ['set -e; source /x', 'dash'],
  ] as const)
    t.equal(byShell(text), refuses, text);
  t.match(script('function f { app; }; f', 'dash'), /^ends: ends by itself/);
  t.match(script('X=${A:0:1}; app; true'), /^depends: .* on shell/, 'sh may be dash');
  t.match(script('X=${A:-1}; app; true'), /^swallows/);
  t.end();
});

void t.test('behind an init, only what ignores the signal or hears of it too late stays', (t) => {
  const behind = (init: string, text: string): string => {
    const verdict = stopVerdictOf([...init.split(' '), '--', 'bash', '-c', text], undefined);
    return `${verdict.fate} ${verdict.cause} ${verdict.pidOne} ${verdict.child ?? ''}`.trim();
  };
  for (const init of ['tini', 'tini -s', 'tini-static', 'dumb-init -c', 'dumb-init --single-child', 'catatonit']) {
    const [name = ''] = init.split(' ');
    t.equal(behind(init, 'app; true'), `ends init ${name}`);
    t.equal(behind(init, "trap '' TERM; app & wait"), `swallows trap goes on ${name} bash`);
    t.equal(behind(init, 'trap : TERM; while true; do app; done'), `swallows trap goes on ${name} bash`);
    t.equal(behind(init, "trap 'exit 0' TERM; app"), `waits late trap ${name} bash`);
    t.equal(behind(init, "trap 'exit 0' TERM; app & wait"), `ends init ${name}`);
    t.equal(behind(init, "trap '' TERM; exec sleep 60"), `swallows trap goes on ${name} bash`, 'who has no handler ignores it as well');
    t.equal(behind(init, "trap '' TERM; exec app"), `ends init ${name}`);
    t.equal(behind(init, 'trap "exit 0" INT; app; true'), `ends init ${name}`);
  }
  for (const init of ['tini -g', 'dumb-init', 'catatonit -g']) {
    const [name = ''] = init.split(' ');
    t.equal(behind(init, "trap 'exit 0' TERM; app"), `ends init ${name}`, 'what is in the foreground ends first');
    t.equal(behind(init, "trap '' TERM; app; true"), `ends init ${name}`);
    t.equal(behind(init, "trap '' TERM; sleep 60; true"), `swallows trap goes on ${name} bash`);
    t.equal(behind(init, 'trap : TERM; while true; do app; done'), `swallows trap goes on ${name} bash`);
    t.equal(behind(init, "trap '' TERM; app & wait"), `unknown trap ${name} bash`);
  }
  t.equal(behind('dumb-init --rewrite 15:2', "trap '' TERM; app & wait"), 'unknown init dumb-init', 'it gets another signal');
  t.equal(behind('tini -- tini -s', "trap '' TERM; app & wait"), 'swallows trap goes on tini bash');
  t.equal(printed(stopVerdictOf(['tini', '--', 'sh', '-c', "trap '' TERM; app"], undefined)), 'depends: trap goes on tini on shell');
  t.end();
});

void t.test('an interactive shell ignores SIGTERM itself, which counts behind an init, and not what it starts', (t) => {
  const behind = (init: string, shell: string, text: string, hasInput = false): string => {
    const command = [...init.split(' '), '--', ...shell.split(' '), text];
    const { fate, cause, child } = stopVerdictOf(command, undefined, { hasInput });
    return [fate, cause, ...(child === undefined ? [] : [child])].join(' ');
  };
  for (const shell of ['bash -i -c', 'bash --norc -lic', 'dash -i -c', 'busybox sh -ic']) {
    const name = shell.startsWith('busybox') ? 'sh' : shell.slice(0, 4);
    for (const init of ['tini', 'dumb-init -c', 'catatonit']) {
      t.equal(behind(init, shell, 'app; true'), `swallows ignores ${name}`);
      t.equal(behind(init, shell, 'app & wait'), `swallows ignores ${name}`);
      t.equal(behind(init, shell, 'trap - TERM; sleep 60; true'), `swallows ignores ${name}`);
      t.equal(behind(init, shell, 'exec sleep 60'), 'ends init');
      t.equal(behind(init, shell, "trap 'exit 0' TERM; app & wait"), 'ends init');
    }
    for (const init of ['tini -g', 'dumb-init']) {
      t.equal(behind(init, shell, 'sleep 60; true'), 'ends init', 'what it waits for ends');
      t.equal(behind(init, shell, 'app & wait'), 'ends init');
      t.equal(behind(init, shell, 'while true; do app; done'), `swallows ignores ${name}`);
      t.equal(behind(init, shell, 'app; true', true), `unknown trap ${name}`, 'with a terminal its jobs are groups of their own');
    }
  }
  t.equal(behind('tini', 'busybox sh -ic', 'sleep 60'), 'swallows ignores sh', 'ash forgets to take it back for its last command');
  t.equal(behind('tini', 'bash -ic', 'sleep 60'), 'ends init');
  t.equal(of('bash', '-ic', 'app & wait'), 'swallows: shell bash (background)');
  t.equal(of('bash', '-ic', 'trap cleanup EXIT; app; true'), 'swallows: shell bash', 'a trap for EXIT changes nothing then');
  t.end();
});

void t.test('code that ignores SIGTERM stays, as PID 1 and behind an init', (t) => {
  const code = ['python3', '-c', 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)'];
  t.equal(of(...code), 'swallows: ignores python3');
  t.equal(printed(stopVerdictOf(code, undefined, { signal: 'QUIT' })), 'ends: application python3', 'of other signals it says nothing');
  for (const init of [['tini', '--'], ['tini', '-g', '--'], ['dumb-init'], ['catatonit', '--']])
    t.match(stopVerdictOf([...init, ...code], undefined), { fate: 'swallows', cause: 'ignores', child: 'python3' });
  const text = `${code[0]} -c '${code[2]}'; true`;
  t.equal(of('tini', '-g', '--', 'bash', '-c', `trap 'exit 0' TERM; ${text}`), 'waits: late trap tini');
  t.equal(of('tini', '-g', '--', 'bash', '-c', text), 'ends: init tini', 'the shell ends, and the init with it');
  t.equal(
    of('tini', '--', 'bash', '-c', `trap '' TERM; exec node -e 'setInterval(() => {}, 1000)'`),
    'ends: init tini',
    'Node hears again',
  );
  t.end();
});

void t.test('unshare of util-linux ignores SIGTERM while it waits, and that of busybox does not', (t) => {
  t.equal(of('tini', '--', 'unshare', '--fork', 'app'), 'depends: ignores tini on program');
  t.equal(of('tini', '--', 'busybox', 'unshare', '-f', 'app'), 'ends: init tini');
  t.equal(of('tini', '--', 'unshare', '-r', 'app'), 'ends: init tini', 'without a fork it becomes the program');
  t.equal(of('tini', '-g', '--', 'unshare', '--fork', 'sleep', '60'), 'ends: init tini', 'what it started hears of the signal');
  t.equal(
    of('tini', '-g', '--', 'unshare', '--fork', 'bash', '-c', "trap '' TERM; sleep 60; true"),
    'depends: trap goes on tini on program',
  );
  t.equal(of('dumb-init', 'unshare', '--pid', '--fork', 'sleep', '60'), 'depends: ignores dumb-init on program', 'it is PID 1 itself');
  t.equal(of('dumb-init', 'unshare', '-pf', 'app'), 'ends: init dumb-init');
  t.equal(of('unshare', '--fork', 'app'), 'swallows: launcher unshare (no handler)');
  t.equal(of('tini', '--', 'nsenter', '-t', '1', '-p', 'app'), 'ends: init tini');
  t.end();
});

void t.test('`wait` with the number of a job waits for that job alone', (t) => {
  for (const text of [
    'app & sleep 2 & wait $!',
    'app & sleep 2 & wait "$!"; echo x',
    'app & sleep 2 & P=$!; wait $P',
    'app & P=$!; sleep 2 & Q=$!; wait "$Q"',
    'app & sleep 2 & export P=$!; wait $P',
    'app & true & wait $!',
    'f() { :; }; app & f & wait $!',
    'sleep 1 & P=$!; app & sleep 2 & wait $P $!',
    'app & { echo x; sleep 2; } & wait $! || true',
  ])
    t.equal(script(text, 'bash').replace(/ \d s/, ''), 'ends: ends by itself sh', text);
  for (const text of [
    'app & P=$!; sleep 2 & wait $P',
    'app & P=$!; sleep 2 & wait $P $!',
    'sleep 2 & app & wait $!',
    'app & sleep 2 & wait',
    'app & sleep 2 & wait $!; wait',
    'app & sleep 30 & wait $!',
    'sleep 2 & P=$!; app & export P=$!; wait $P',
    'app & sleep 2 & read P; wait $P',
    'app & . ./run.sh & wait $!',
    'app & while true; do sleep 2 & wait $!; done',
    'sleep 1 & app & wait -n; wait -n',
  ])
    t.equal(stopVerdictOf(['bash', '-c', text], undefined).fate, 'swallows', text);
  t.equal(script('app & sleep 2 & wait -n', 'bash', 'ash'), 'ends: ends by itself sh 2 s', 'for the first that ends');
  t.equal(script('trap "exit 0" TERM; app & sleep 2 & wait $!', 'bash'), 'ends: untold sh (background)');
  t.end();
});

void t.test('what a shell ends at only fails behind `command`', (t) => {
  const fates = (text: string): string =>
    (['dash', 'bash', 'ash'] as const).filter((shell) => script(`${text}; app & wait`, shell) === 'ends: ends by itself sh').join(' ');
  t.equal(fates('shift 9'), 'dash');
  t.equal(fates('shift x'), 'dash ash');
  t.equal(fates('local x'), 'dash ash');
  for (const text of ['command shift 9', 'command -- shift 9', 'command command -p shift 9', 'command local x', 'command set -P'])
    t.equal(fates(text), '', text);
  t.equal(fates('command exit'), 'dash bash ash', 'it is there to end');
  t.equal(fates('command shift 9 || exit'), 'dash bash ash', 'it fails');
  t.equal(fates('set -e; command shift 9'), 'dash bash ash');
  t.equal(fates('set -- a b; command shift 2 && exit'), 'dash bash ash');
  t.equal(fates('command local x || exit'), 'bash', 'to the others it is nothing wrong');
  t.end();
});

void t.test('what only sleeps for a moment has ended before it could be stopped, and what is in the background with it', (t) => {
  for (const text of [
    'app & sleep 1',
    'app & sleep 3; true',
    '(app &); sleep 1',
    'app & exec sleep 5',
    'app & (sleep 1)',
    'app & sleep 1 | cat',
  ])
    t.match(script(text), /^ends: ends by itself \S+( or \S+)? [135] s$/, text);
  t.equal(of('sleep', '2'), 'ends: ends by itself sleep 2 s');
  t.equal(of('timeout', '3', 'app'), 'ends: ends by itself timeout 3 s');
  t.equal(script('app & timeout -k 1 2s other; true'), 'ends: ends by itself sh 2 s');
  t.equal(script('app & sleep x; true'), 'ends: ends by itself sh');
  t.match(script('app & sleep 6; true'), /^swallows/, 'that is long enough to be stopped');
  t.match(script('app & timeout 0 other; true', 'bash'), /^swallows/, '0 is no limit');
  t.match(script('app & while pgrep app; do sleep 1; done'), /^swallows: shell sh/, 'a loop may go on');
  t.match(script('sleep 1; app; true'), /^swallows/);
  t.equal(script('sleep 1 & wait'), 'ends: ends by itself sh 1 s');
  t.equal(script("trap 'exit 0' TERM; sleep 1 & wait"), 'ends: trap sh (background)');
  t.match(script('app & sleep 1 & wait'), /^swallows/);
  t.end();
});

void t.test('a program in exec form is PID 1 itself; those made for it are an init', (t) => {
  t.equal(of('/usr/bin/app', '--flag'), 'ends: application app');
  t.equal(of(''), 'ends: application');
  for (const init of ['tini', '/sbin/tini', 'tini-static', 'dumb-init', '/usr/bin/catatonit', 's6-svscan', 'supervisord'])
    t.match(of(init, '--', 'sh', '-c', 'a; b'), /^ends: init /, init);
  t.equal(of('/init'), 'ends: init init');
  t.equal(of('/sbin/init'), 'unknown: differs init');
  t.end();
});

void t.test('programs that set something up and become what follows are looked through', (t) => {
  const SLEEPS = 'swallows: no handler sleep (no handler) idle';
  for (const command of [
    ['env', '-i', 'A=b', 'PATH=/bin', 'sleep', '60'],
    ['env', '-u', 'A', '-C', '/tmp', 'sleep', '60'],
    ['env', '-S', 'A=b sleep 60'],
    ['env', '--split-string=sleep 60'],
    ['env', '-vS', 'sleep', '60'],
    ['nice', '-n', '5', 'sleep', '60'],
    ['nice', '-n5', 'sleep', '60'],
    ['nice', '--adjustment', '5', 'sleep', '60'],
    ['ionice', '-c', '2', '-n7', 'sleep', '60'],
    ['stdbuf', '-oL', '-e', '0', 'sleep', '60'],
    ['taskset', '-c', '0-3', 'sleep', '60'],
    ['setpriv', '--reuid', 'app', '--clear-groups', 'sleep', '60'],
    ['chroot', '--userspec=1:1', '/host', 'sleep', '60'],
    ['gosu', 'postgres', 'sleep', '60'],
    ['su-exec', '1000:1000', 'sleep', '60'],
    ['chpst', '-u', 'app', '-e', '/env', 'sleep', '60'],
    ['nohup', 'sleep', '60'],
    ['flock', '-F', '/lock', 'sleep', '60'],
    ['busybox', 'sleep', '60'],
    ['env', 'gosu', 'app', 'nice', 'sleep', '60'],
  ])
    t.equal(of(...command), SLEEPS, command.join(' '));
  t.equal(of('env', 'A=b'), 'ends: ends by itself env', 'with nothing after it, it prints and ends');
  t.end();
});

void t.test('programs that stay before what they start', (t) => {
  t.match(of('timeout', '-s', 'KILL', '20', 'app'), /^ends: /);
  t.equal(of('timeout', '20', 'sleep', '60'), 'depends: no handler sleep on program (no handler) idle', 'of coreutils, or of busybox');
  t.equal(of('busybox', 'timeout', '20', 'sleep', '60'), 'swallows: no handler sleep (no handler) idle');
  t.equal(of('flock', '/lock', 'app'), 'swallows: launcher flock (no handler)');
  t.equal(of('strace', '-f', '-o', '/tmp/trace', 'app'), 'swallows: ignores strace', 'it blocks the signal');
  t.match(of('strace', '-f', 'app'), /^unknown: /);
  t.match(of('strace', '-o', '/tmp/trace', '-I', '1', 'app'), /^unknown: /);
  t.equal(of('strace', '-ffo', '/tmp/trace', '-eaccess', 'app'), 'swallows: ignores strace');
  for (const option of ['-enetwork', '-eopen', '--output-separately']) t.match(of('strace', option, 'app'), /^unknown: /, option);
  t.match(of('strace', '-D', '-o', '/tmp/trace', 'app'), /^unknown: /, 'the program is PID 1');
  t.equal(of('setsid', '-w', 'app'), 'swallows: launcher setsid (no handler)');
  t.equal(of('setsid', 'app'), 'ends: ends by itself setsid', 'the first process of a container leads its group, so setsid forks');
  t.equal(of('runsvdir', '/etc/service'), 'ends: untold runsvdir');
  t.equal(of('npm', 'start'), 'unknown: runner npm');
  t.equal(of('sudo', 'app'), 'ends: forwards sudo');
  t.end();
});

void t.test('programs without a handler', (t) => {
  for (const command of [
    'tail -F /log',
    'cat /dev/fifo',
    'xargs app',
    'java -Xrs -jar app.jar',
    'node --run start',
    'python3.12 -m http.server',
    'runit',
  ])
    t.match(of(...command.split(' ')), /^swallows: no handler \S+ \(no handler\)$/, command);
  for (const command of ['java -jar app.jar', 'node server.js', 'python3 app.py'])
    t.match(of(...command.split(' ')), /^ends: application/, command);
  t.end();
});

void t.test('what a shell does with its last command differs, and what all do is certain', (t) => {
  for (const text of ['app', 'setup; app', 'setup && app', 'if a; then app; fi', '(app)', 'app >log', 'app # end'])
    t.match(script(text), /^depends: shell sh on shell/, text);
  for (const text of [
    'app; true',
    'app || exit 1',
    'app | tee log',
    'app & wait',
    'for i in 1; do app; done',
    'f() { app; }; f',
    "eval 'app'",
    'app <<X\nX',
    '! app',
  ])
    t.match(script(text), /^swallows: shell sh/, text);
  for (const text of [
    'exec app',
    'exec app; b',
    'cd x && exec app || exit 1',
    'if a; then exec app; else exec app; fi',
    'until exec app; do a; done',
  ])
    t.equal(script(text), 'ends: application app', text);
  t.end();
});

void t.test('programs of busybox that have no handler, where others of that name may have one', (t) => {
  for (const name of ['httpd', 'nc', 'watch']) t.match(of('busybox', name, 'x'), /^swallows: no handler/, name);
  t.match(of('httpd', '-DFOREGROUND'), /^ends: application/);
  t.match(of('nc', '-l', '80'), /^unknown: differs/);
  t.end();
});

void t.test('arguments that the script sets are those that it runs', (t) => {
  t.equal(script('set -- app "$@"; exec "$@"'), 'ends: application app');
  t.equal(script('set -- sleep 60; exec "$@"'), 'swallows: no handler sleep (no handler) idle');
  t.equal(script('set -e -- app; shift 0; exec "$1"'), 'ends: application app');
  t.equal(script('shift $N; exec "$@"'), 'unknown: variable');
  t.equal(script('shift; exec "$@"'), 'ends: ends by itself sh', 'there are none');
  t.equal(script('if a; then set -- app; else set -- sleep 5d; fi; exec "$@"'), 'depends: no handler sleep on branch (no handler) idle');
  t.equal(script('f() { set -- sleep 60; }; set -- app; f; exec "$@"'), 'ends: application app', 'those of a function are its own');
  t.end();
});

void t.test('break in a function leaves the loop that called it in ash alone', (t) => {
  const text = 'f() { break; }; while true; do f; sleep 60; done; exec app';
  t.equal(script(text, 'ash'), 'ends: application app');
  t.match(script(text, 'bash'), /^swallows: shell sh/);
  t.match(script(text, 'dash'), /^swallows: shell sh/);
  t.end();
});

void t.test('the shell waits for what stands in a substitution', (t) => {
  t.equal(script('echo "$(app)"'), 'swallows: shell sh (subshell)');
  t.equal(script('X=$(date); exec app'), 'ends: application app');
  t.end();
});

void t.test('dash ends at what only other shells know', (t) => {
  t.equal(script('set -euo pipefail; app', 'dash'), 'ends: ends by itself sh');
  t.equal(script('set -euo pipefail; app'), 'ends: application app', 'where it runs, it is another shell');
  t.equal(script('app <<< text', 'dash'), 'ends: ends by itself sh');
  t.equal(script('coproc app; wait', 'ash'), 'ends: ends by itself sh');
  t.equal(script('app & wait -n', 'dash'), 'ends: ends by itself sh');
  t.equal(script('set -m; app & fg', 'bash'), 'swallows: shell sh (background)');
  t.equal(script('app & fg'), 'ends: ends by itself sh', 'no shell has jobs to bring back');
  t.match(script('read x < /fifo'), /^unknown: trap/);
  t.match(script('true & wait %2'), /^unknown: trap/);
  t.equal(script('app & wait %2'), 'ends: ends by itself sh', 'it has no second');
  t.match(script('. /env; app & wait %1; wait'), /file/);
  t.end();
});

void t.test('with the shell known, it is certain', (t) => {
  t.equal(script('setup; app', 'dash'), 'swallows: shell sh');
  t.equal(script('setup; app', 'bash'), 'ends: application app');
  t.equal(script('setup; app', 'ash'), 'ends: application app');
  t.equal(script('setup\napp\n', 'ash'), 'swallows: shell sh', 'ash looks for the end of the text');
  t.equal(script('setup\napp\n', 'bash'), 'ends: application app', 'bash reads the last line break with the line');
  t.equal(script('setup; app', 'old bash'), 'swallows: shell sh', 'bash before 5.1 forked for lists');
  t.equal(of('bash', '-c', 'app'), 'ends: application app');
  t.equal(of('bash', '-c', 'setup; app'), 'depends: shell bash on shell version');
  t.equal(of('busybox', 'sh', '-c', 'setup; app'), 'ends: application app');
  t.equal(script('app &>log', 'dash'), 'ends: ends by itself sh', 'in dash that is the background');
  t.end();
});

void t.test('shells that nobody measured are followed only where they exec', (t) => {
  for (const shell of ['zsh', 'ksh', 'mksh']) {
    t.equal(of(shell, '-c', 'cd x; exec app'), 'ends: application app', shell);
    t.equal(of(shell, '-c', 'app; true'), `unknown: differs ${shell}`, shell);
    t.equal(
      of(shell, '-c', 'until nc -z db 1; do sleep 1; done; exec app'),
      `unknown: differs ${shell}`,
      `${shell} may end while it waits`,
    );
  }
  t.end();
});

void t.test('the way that a script takes may decide', (t) => {
  t.equal(script('if [ -n "$A" ]; then exec app; fi; app; true'), 'depends: shell sh on branch');
  t.equal(script('if true; then exec app; fi; app; true'), 'ends: application app');
  t.equal(script('case "$1" in a) exec app;; *) app; exit;; esac'), 'depends: shell sh on branch');
  t.equal(script('while true; do exec app; done'), 'ends: application app');
  t.end();
});

void t.test('what would not be helped by exec is said', (t) => {
  t.equal(script('cat /dev/urandom | head -c 20'), 'ends: ends by itself sh', 'what writes without an end gets SIGPIPE');
  t.equal(script('head /dev/urandom | md5sum'), 'ends: ends by itself sh', 'ten lines come to an end');
  t.equal(script('yes | app'), 'swallows: shell sh (pipe)');
  t.equal(script('app | tee log'), 'swallows: shell sh (pipe)');
  t.equal(script('while true; do app; done'), 'swallows: shell sh (loop)');
  t.equal(script('(app); true'), 'swallows: shell sh (subshell)');
  t.equal(script('app & wait'), 'swallows: shell sh (background)');
  t.equal(script('tail -F log; true'), 'swallows: shell sh (no handler)');
  t.equal(script('app; true'), 'swallows: shell sh');
  t.end();
});

void t.test('variables and arguments are followed as far as they are known', (t) => {
  t.equal(script('APP=app; exec $APP --flag'), 'ends: application app');
  t.equal(script('APP="sleep 60"; exec $APP'), 'swallows: no handler sleep (no handler) idle');
  t.equal(script('exec "$APP"'), 'unknown: variable');
  t.equal(script('exec $(which app)'), 'ends: application app', 'the name of a program is known without its folder');
  t.equal(script('exec $(find-app)'), 'unknown: variable');
  t.equal(of('sh', '-c', 'if [ $# -gt 0 ]; then exec "$@"; fi; exec sleep 60', 'sh', 'app'), 'ends: application app');
  t.equal(of('sh', '-c', 'exec "$@"', '--', 'tail', '-F', 'log'), 'swallows: no handler tail (no handler)');
  t.equal(of('sh', '-c', 'exec "$0" "$1"', 'sleep', '60'), 'swallows: no handler sleep (no handler) idle');
  t.end();
});

void t.test('a server that the script has told to end is not what it waits for', (t) => {
  t.equal(script('app & P=$!; kill -s TERM "$P"; wait "$P"; exec server'), 'ends: application server');
  t.equal(script('app & P=$!; if ! kill $P || ! wait $P; then exit 1; fi; exec server'), 'ends: application server');
  t.equal(script('app & kill $!; wait; exec server'), 'ends: application server');
  t.match(script('app & P=$!; kill -0 $P; wait $P; exec server'), /^depends: shell /);
  t.match(script('app & P=$!; kill -HUP $P; wait $P; exec server'), /^depends: shell /);
  t.match(script('app & P=$!; kill -SIGTERM $P; wait $P; exec server', 'dash'), /^depends: shell /, 'dash knows no such name');
  t.match(script('app & P=$!; other & kill $P; wait; exec server'), /^depends: shell /, 'the other one goes on');
  t.match(script('app | tee log & P=$!; kill $P; wait; exec server'), /^depends: shell /, 'the last of a pipe alone is told');
  t.end();
});

void t.test('traps count by signal, action and what runs meanwhile', (t) => {
  t.equal(script("trap 'exit 0' TERM; app & wait"), 'ends: untold sh (background)');
  t.equal(script("trap 'kill $P' TERM; app & P=$!; wait $P; wait $P"), 'ends: trap sh (background)');
  const jobs = "trap 'kill $(jobs -p); exit 0' TERM; app & wait";
  t.equal(script(jobs, 'dash'), 'ends: untold sh (background)', 'dash lists no jobs there');
  t.equal(script(jobs, 'ash'), 'ends: trap sh (background)');
  t.equal(script(jobs), 'unknown: differs sh', 'it is told by some shells');
  t.equal(script("trap 'exit 0' 15; app & wait"), 'ends: untold sh (background)');
  t.equal(script("trap 'echo bye; exit' TERM; (cd /srv; exec app | tee log) & wait"), 'ends: untold sh (background)');
  t.equal(script("trap 'kill 0; exit' TERM; app & wait"), 'ends: trap sh (background)');
  t.equal(script("trap 'app-ctl stop; exit' TERM; app & wait"), 'ends: trap sh (background)', 'it may be the one that tells');
  t.equal(script("trap 'exit' TERM; trap 'kill $P; wait' EXIT; app & P=$!; wait"), 'ends: trap sh (background)');
  t.equal(script("trap 'exit' TERM; sleep 600 & wait"), 'ends: trap sh (background)', 'a sleep has nothing to do');
  t.equal(script("trap 'exit' TERM; tail -F log & wait"), 'ends: trap sh (background)', 'tail has no handler');
  const behindSignal = "trap 'kill -TERM -- $P; wait $P; exit' TERM; app & P=$!; wait $P";
  t.equal(script(behindSignal, 'dash'), 'swallows: long trap sh (background)', 'to dash, -- behind a signal is no number');
  t.equal(script(behindSignal, 'ash'), 'ends: trap sh (background)');
  t.equal(script('stop() { kill $P; exit; }; trap stop TERM; while true; do app & wait $!; done'), 'ends: trap sh (loop)');
  t.equal(script("trap 'echo x' TERM; while true; do app & wait $!; done"), 'swallows: trap goes on sh (loop)');
  t.equal(script("trap '' TERM; app & wait"), 'swallows: trap goes on sh (background)');
  t.equal(script("trap 'exit 0' INT; app & wait"), 'swallows: shell sh (background)');
  t.equal(script("trap 'exit 0' TERM; app"), 'waits: late trap sh');
  t.equal(script("trap 'exit 0' TERM; while true; do sleep 60; done", 'dash'), 'waits: late trap sh (loop) 60 s idle');
  t.equal(script("trap 'exit 0' TERM; while true; do sleep 60; done"), 'depends: late trap sh on sleep (loop) 60 s idle');
  t.equal(script("trap 'exit 0' TERM; while true; do sleep 1; done"), 'waits: late trap sh (loop) 1 s idle', 'soon, whatever sh is');
  t.equal(
    script("trap 'exit 0' TERM; if [ -f /x ]; then sleep 60; else sleep 70; fi", 'dash'),
    'waits: late trap sh (no handler) 70 s idle',
  );
  t.equal(script("(trap 'exit 0' TERM; true); app & wait"), 'swallows: shell sh (background)', 'in a subshell it is the subshell’s');
  t.equal(script("trap 'exit 0' SIGTERM; app & wait"), 'depends: shell sh on shell (background)', 'dash does not know the name');
  t.equal(script("trap 'echo x' EXIT; app", 'bash'), 'ends: untold sh');
  t.equal(script("trap 'echo x' EXIT; app", 'ash'), 'swallows: shell sh');
  t.equal(
    printed(stopVerdictOf(['bash', '-c', "trap 'exit 0' QUIT; app & wait"], null, { signal: 'QUIT' })),
    'ends: untold bash (background)',
  );
  t.equal(printed(stopVerdictOf(['sleep', '60'], null, { signal: 'KILL' })), 'ends: untold sleep');
  t.end();
});

void t.test('bash looks again whether a trap is left, where one is taken back, and ash does not', (t) => {
  t.equal(script("trap 'echo' EXIT; trap - EXIT; app", 'bash'), 'ends: application app');
  t.equal(script("trap 'echo' 15; trap - TERM; app", 'bash'), 'ends: application app', 'a number is the same signal');
  t.equal(script("trap 'echo' EXIT; trap - EXIT; app", 'ash'), 'swallows: shell sh');
  t.equal(script("trap 'echo' EXIT INT; trap - EXIT; app", 'bash'), 'ends: untold sh', 'its handlers for what would end it stay');
  t.end();
});

void t.test('what a list runs before a program without a handler may be where the container lives', (t) => {
  for (const text of [
    'app; tail -f /dev/null',
    'app && tail -f /dev/null',
    'app || tail -f /dev/null',
    'cd /x && app && tail -f /dev/null',
  ])
    t.equal(script(text, 'ash'), 'swallows: no handler tail or sh (no handler) idle', text);
  t.equal(script('sleep 1 && tail -f /dev/null', 'ash'), 'swallows: no handler tail (no handler) idle', 'it is over soon');
  t.equal(script('if app && probe; then tail -f /dev/null; fi', 'ash'), 'swallows: no handler tail (no handler) idle', 'a condition');
  t.end();
});

void t.test('a subshell that ends itself reports a status', (t) => {
  t.equal(script('set -e; (false); app', 'bash'), 'ends: ends by itself sh');
  t.equal(script('set -e; (exit 3); app', 'dash'), 'ends: ends by itself sh');
  t.equal(script('set -e; (exit 0); app', 'bash'), 'ends: application app');
  t.equal(script('set -e; (false) || true; app', 'bash'), 'ends: application app', 'somebody asks');
  t.equal(script('(true; exit) || sleep 60; app', 'bash'), 'ends: application app', 'that of the command before');
  t.equal(script("set -e; trap 'sleep 60' ERR; (exit 1)", 'ash'), 'swallows: shell sh (no handler) idle');
  t.equal(script("set -e; (trap 'exit 0' EXIT; false); app", 'bash'), 'ends: application app', 'a trap may end with another one');
  t.equal(script('set -e; (if ready; then exec true; fi; false); app', 'bash'), 'ends: application app', 'so may a program');
  t.equal(script('set -e; (if ready; then exit 0; fi; false); app', 'bash'), 'ends: application app', 'and another way');
  t.end();
});

void t.test('a signal that the shell does not know makes trap fail', (t) => {
  t.equal(script("set -e; trap 'exit 0' SIGTERM; app & wait", 'dash'), 'ends: ends by itself sh');
  t.equal(script("set -e; trap 'exit 0' SIGTERM; app & wait", 'bash'), 'ends: untold sh (background)');
  t.equal(script("set -e; trap 'exit 0' ERR; exec app", 'bash'), 'ends: application app');
  t.equal(script("trap 'exit 0' SIGTERM || exec app; exec sleep 60", 'dash'), 'ends: application app');
  t.end();
});

void t.test('a shell sets no trap for a signal that it was started to ignore', (t) => {
  t.equal(of('env', '--ignore-signal=TERM', 'bash', '-c', "trap 'exit 0' TERM; app & wait"), 'swallows: ignores bash (background)');
  t.equal(script("trap '' TERM; exec sh -c \"trap 'exit 0' TERM; app & wait\""), 'swallows: ignores sh (background)');
  t.equal(script("trap '' TERM; exec sh -c 'trap - TERM; exec app'"), 'ends: application app', 'the program may have a handler');
  t.equal(script("trap '' INT; exec sh -c \"trap 'exit 0' TERM; app & wait\""), 'ends: untold sh (background)');
  t.match(of('env', '--ignore-signal', 'env', '--default-signal=TERM', 'bash', '-c', "trap 'exit 0' TERM; app & wait"), /^ends: untold/);
  t.end();
});

void t.test('what stands behind a wait starts after an init has told the group', (t) => {
  t.match(of('tini', '-g', '--', 'sh', '-c', "trap 'echo x' TERM; app & wait; sleep 60"), /^unknown: trap/);
  t.match(of('tini', '-g', '--', 'sh', '-c', "trap 'exit 0' TERM; app & wait; sleep 60"), /^ends: init/);
  t.end();
});

void t.test('a sum is a program that is not there, to shells that know none', (t) => {
  t.equal(script('while ((1)); do sleep 60; done', 'bash'), 'swallows: shell sh (loop) idle');
  t.equal(script('while ((1)); do sleep 60; done', 'dash'), 'ends: ends by itself sh');
  t.equal(script('until ((i++ > 3)); do sleep 60; done', 'ash'), 'swallows: shell sh (loop) idle');
  t.equal(script('((app) | cat)', 'dash'), 'swallows: shell sh (pipe)');
  t.end();
});

void t.test('a list may stand behind a declaration in bash', (t) => {
  t.equal(script('declare -a A=(1 "2 3" $(x)); exec app', 'bash'), 'ends: application app');
  t.equal(script('declare -a A=(1); exec app', 'dash'), 'ends: ends by itself sh');
  t.equal(script('A=sleep; declare A=(b); exec $A', 'bash'), 'unknown: variable');
  t.end();
});

void t.test('of a variable whose value is not known, the name is', (t) => {
  t.equal(script('exec env A="$B" C=$D app "$E"'), 'ends: application app');
  t.equal(script('exec env -u A B="${C:-d}" sleep 60'), 'swallows: no handler sleep (no handler) idle');
  t.equal(script('exec env sh -c "A=$B app"'), 'unknown: file sh', 'what is not env’s own is not known');
  t.equal(script('A=sleep; export A="$B"; exec $A 60'), 'unknown: variable');
  t.end();
});

void t.test('all arguments together are one text', (t) => {
  const given = (text: string): string => of('bash', '-c', text, 'bash', 'sleep', '60');
  for (const text of ['eval "exec $@"', 'eval "exec $*"', 'exec sh -c "exec $*"', 'C="$@"; exec $C', 'C=$*; exec $C'])
    t.equal(given(text), 'swallows: no handler sleep (no handler) idle', text);
  t.equal(given('IFS=:; C="$*"; exec $C'), 'unknown: variable', 'another character stands between them');
  t.equal(of('sh', '-c', 'exec "/bin/$@"', 'sh', 'sleep', '60'), 'swallows: no handler sleep (no handler) idle');
  t.end();
});

void t.test('a file of settings that fails is not the application', (t) => {
  for (const text of ['. /x && exec app', 'cd / && source /x && exec app', '. /x || exit 1; exec app'])
    t.equal(script(text, 'bash'), 'ends: application app', text);
  t.equal(script('. /x || exit 1'), 'unknown: file sh', 'it may be the application itself');
  t.equal(script('[ -f /x ] && . /x'), 'unknown: file sh');
  t.end();
});

void t.test('a word makes a server or a watcher of what is over soon else', (t) => {
  t.equal(of('git', 'daemon', '--base-path=/srv'), 'ends: application git');
  t.equal(of('git', 'clone', 'x'), 'ends: ends by itself git');
  t.match(of('openssl', 's_server', '-accept', '8443'), /^swallows: no handler openssl/);
  t.match(of('ip', 'monitor'), /^swallows: no handler ip/);
  t.end();
});

void t.test('what only sleeps is told from what works', (t) => {
  for (const text of [
    'sleep infinity',
    'while true; do sleep 30; done',
    'echo ready; tail -f /dev/null; true',
    'mkdir -p /x && sleep 1d; true',
  ])
    t.match(script(text), /idle$/, text);
  t.match(script('while true; do date; sleep 60; done'), /idle$/);
  for (const text of ['while true; do date >>/log; sleep 60; done', 'while true; do cp /a /b; sleep 60; done'])
    t.notMatch(script(text), /idle$/, text);
  for (const text of ['app & sleep infinity; true', 'tail -F log; true', 'app; sleep 30; true', 'nginx; tail -f /dev/null; true'])
    t.notMatch(script(text), /idle$/, text);
  t.end();
});

void t.test('files, standard input and what cannot be read are unknown', (t) => {
  t.equal(of('sh', '/entrypoint.sh'), 'unknown: file sh');
  t.equal(of('./entrypoint.sh'), 'unknown: file entrypoint.sh');
  t.equal(script('if a; then'), 'unknown: unreadable sh');
  t.equal(script('. /lib.sh; app & wait'), 'unknown: file sh (background)');
  t.equal(script('. /lib.sh; app; true'), 'swallows: shell sh', 'whatever it sets up, the command in the foreground is waited for');
  t.equal(script('eval "$X"; app & wait'), 'unknown: file sh (background)');
  t.equal(script(''), 'ends: ends by itself sh');
  t.equal(script('echo done'), 'ends: ends by itself sh');
  t.end();
});

void t.test('what reads standard input ends where that does, unless the container keeps it open', (t) => {
  const open = (...command: string[]): string => printed(stopVerdictOf(command, null, { hasInput: true }));
  t.equal(of('cat'), 'ends: ends by itself cat');
  t.equal(of('bash'), 'ends: ends by itself bash');
  t.equal(of('sh', '-c', 'exec cat'), 'ends: ends by itself sh');
  t.equal(of('sh', '-c', 'cat; exec server'), 'ends: application server');
  t.equal(of('python3'), 'ends: ends by itself python3');
  t.equal(open('cat'), 'swallows: no handler cat (no handler) idle');
  t.equal(open('bash'), 'unknown: file bash');
  t.equal(open('sh', '-c', 'exec cat -'), 'swallows: no handler cat (no handler) idle');
  t.equal(of('cat', '/dev/zero'), 'swallows: no handler cat (no handler)');
  t.end();
});

void t.test('words that only bash knows are programs to other shells, or errors', (t) => {
  t.equal(script('function f { server; }; f', 'bash'), 'swallows: shell sh');
  t.equal(script('function f { server; }; f', 'dash'), 'ends: ends by itself sh', 'an error of the syntax');
  t.equal(script('server; true\nfunction f { x; }', 'dash'), 'swallows: shell sh', 'what stands before the error has run');
  t.equal(script('[[ -e /x ]] || exec server', 'dash'), 'ends: application server');
  t.equal(script('[[ a && b ]] && exec server; sleep 60', 'dash'), 'swallows: shell sh (no handler) idle');
  t.equal(script('server |& cat', 'bash'), 'swallows: shell sh (pipe)');
  t.equal(script('server |& cat', 'ash'), 'ends: ends by itself sh');
  t.equal(script('local x=1; exec server', 'dash'), 'ends: ends by itself sh');
  t.end();
});

void t.test('set -e ends a script at what fails for certain and nobody asks about', (t) => {
  t.equal(script('set -e; false; server; true'), 'ends: ends by itself sh');
  t.equal(of('bash', '-ec', 'false; server; true'), 'ends: ends by itself bash');
  for (const text of ['false || true', 'if false; then x; fi', '! true', 'set +e; false', 'f() { false; true; }; f || true'])
    t.equal(script(`set -e; ${text}; exec server`), 'ends: application server', text);
  t.end();
});

void t.test('a trap that goes on leaves the script where it waits again, unless it tells what runs', (t) => {
  t.equal(script("trap 'kill $P' TERM; server & P=$!; wait $P; trap - TERM; wait $P"), 'ends: trap sh (background)');
  t.equal(script("trap 'echo x' TERM; server & wait; wait"), 'swallows: trap goes on sh (background)');
  t.equal(script('trap f TERM; f() { kill $P; }; server & P=$!; wait $P; wait $P'), 'ends: trap sh (background)');
  t.equal(script('trap f TERM; f() { :; }; server & P=$!; wait $P; wait $P'), 'swallows: trap goes on sh (background)');
  t.equal(script("trap 'echo x' TERM; server & while kill -0 $!; do wait $!; done"), 'unknown: trap sh (background)');
  t.equal(script('trap : TERM; sleep infinity & wait'), 'ends: trap sh (background)');
  t.end();
});

void t.test('dumb-init passes another signal on, or none, where it is told to', (t) => {
  t.equal(of('dumb-init', '-r', '15:0', 'server'), 'swallows: dropped dumb-init');
  t.equal(of('dumb-init', '--rewrite=15:0', '--', 'server'), 'swallows: dropped dumb-init');
  t.equal(of('dumb-init', '-cr15:3', 'server'), 'ends: init dumb-init');
  t.equal(of('dumb-init', '-r', '2:0', 'server'), 'ends: init dumb-init');
  t.equal(of('dumb-init', '-r', '15:28', 'apache2'), 'unknown: init dumb-init');
  t.equal(of('dumb-init', '--rewrite', '2:3', '--rewrite', '15:0', 'server'), 'swallows: dropped dumb-init');
  t.equal(of('dumb-init', '-r', '2:3', 'sh', '-c', 'trap : TERM; while :; do sleep 1; done'), 'swallows: trap goes on dumb-init');
  t.equal(of('dumb-init', 'server', '-r', '15:0'), 'ends: init dumb-init', 'those are words of the server');
  t.end();
});

void t.test('timeout sends SIGKILL after the signal only where it is told to, and before the kubelet does', (t) => {
  const ignoring = ['sh', '-c', 'trap : TERM; while :; do sleep 1; done'];
  const within = (...options: string[]): string => of('timeout', ...options, '600', ...ignoring);
  for (const options of [['-k', '5'], ['-k5'], ['--kill-after=5s'], ['-vk', '0.1m']])
    t.match(within(...options), /^depends: .* on program/, options.join(' ')); // that of busybox becomes the command
  for (const options of [[], ['-k', '500'], ['-k', '0'], ['--kill-after', '1h']])
    t.match(within(...options), /^swallows/, options.join(' '));
  t.end();
});

void t.test('a shell that may still wait for a command does not make the program behind it less certain', (t) => {
  const server = 'exec python3 -m http.server';
  t.equal(of('bash', '-c', `trap 'rm -f /tmp/x' EXIT; ./migrate; ${server}`), 'swallows: no handler python3 (no handler)');
  t.equal(script(`trap 'exit 0' TERM; sleep 10; ${server}`, 'ash'), 'swallows: no handler python3 (no handler)');
  t.end();
});

void t.test('what is in a list of bash is forgotten with unset, and where it is read from a file', (t) => {
  const run = (text: string): string => of('bash', '-c', `A=(python3 -m http.server); ${text}; exec "\${A[@]}"`);
  t.equal(run('true'), 'swallows: no handler python3 (no handler)');
  t.match(run('unset A; A+=(app)'), /^unknown: variable/);
  t.match(run('mapfile -t A < /cmd'), /^unknown: variable/);
  t.end();
});

void t.test('a parameter that is set, but empty, counts only where no colon asks', (t) => {
  const run = (text: string, ...parameters: string[]): string => of('bash', '-c', text, 'x', ...parameters);
  t.match(run('exec ${1+tini --} python3 -m http.server', ''), /^ends/);
  t.equal(run('exec ${1:+tini --} python3 -m http.server', ''), 'swallows: no handler python3 (no handler)');
  t.equal(run('exec ${1+tini --} python3 -m http.server'), 'swallows: no handler python3 (no handler)');
  t.match(run('exec ${@:+tini --} python3 -m http.server', '', ''), /^ends/);
  t.end();
});

void t.test('return ends its function, continue a round, and break so many loops as it says', (t) => {
  const TRAPPED = "trap 'exit' TERM; server & wait";
  t.equal(script(`f() { for i in 1; do return; done; exec app; }; f; ${TRAPPED}`), 'ends: untold sh (background)');
  t.equal(script(`f() { for i in 1; do break; done; exec app; }; f; ${TRAPPED}`), 'ends: application app');
  t.equal(script(`for i in 1; do continue; exec app; done; ${TRAPPED}`), 'ends: untold sh (background)');
  t.equal(script(`while true; do for i in 1; do break 2; done; done; ${TRAPPED}`), 'ends: untold sh (background)');
  t.equal(script(`for i in 1; do break 7; exec app; done; ${TRAPPED}`), 'ends: untold sh (background)');
  t.equal(script(`break; exec app; ${TRAPPED}`), 'ends: application app');
  t.equal(script('while true; do sleep 1; [ -f /x ] && continue; echo; done'), 'swallows: shell sh (loop) idle');
  t.end();
});

void t.test('a command that is nested without end, or a script without bounds, is unknown', (t) => {
  const nested = (...wrapper: string[]): string => printed(stopVerdictOf([...Array<string[]>(10_000).fill(wrapper).flat(), 'sleep'], null));
  for (const wrapper of ['env', 'nice', 'nohup', 'busybox']) t.equal(nested(wrapper), `unknown: unreadable ${wrapper}`);
  t.equal(nested('gosu', 'root'), 'unknown: unreadable gosu');
  t.equal(script('a; '.repeat(30_000)), 'unknown: unreadable sh');
  const cases = Array.from({ length: 20 }, (_, index) => `${index}) sleep 1${index};;`).join(' ');
  t.equal(script(`case $1 in ${cases} esac | cat`), 'unknown: unreadable sh', 'more ways than are followed');
  const doubling = Array.from({ length: 40 }, (_, index) => `f${index + 1}() { f${index}; f${index}; }; `).join('');
  t.match(script(`f0() { app; }; ${doubling}f40; true`), /^(unknown|swallows)/);
  t.match(script('A=x; ' + 'A=$A$A; '.repeat(60) + 'exec $A'), /^unknown: variable/);
  t.end();
});

void t.test('no command makes it throw', (t) => {
  const word = fc.oneof(
    fc.constantFrom('sh', '-c', 'bash', 'env', '-S', 'exec', 'busybox', 'timeout', 'flock', '-F', 'A=b', 'sleep', '60', '--', ''),
    fc.constantFrom(
      'a; b',
      'exec a',
      "trap 'exit' TERM; a & wait",
      'while a; do b & done',
      'f() { f; }; f',
      '"$@"',
      "'",
      'case a in b) c;; esac',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), (command) => {
      assert.match(stopVerdictOf(command, null).fate, /^(ends|swallows|waits|depends|unknown)$/);
    }),
    { numRuns: runs(3000) },
  );
  t.end();
});

const MEASURED = new URL('../../../../shared/cases/pid1-shells.jsonl', import.meta.url);
const SHELLS: readonly (readonly [name: ShellFlavour, command: string])[] = [
  ['dash', 'dash'],
  ['bash', 'bash'],
  ['ash', 'ash'],
];

void t.test(
  'scripts that others measured',
  { skip: existsSync(MEASURED) ? false : 'there is no ../shared/cases beside the checkout' },
  (t) => {
    for (const line of readFileSync(MEASURED, 'utf8').trim().split('\n')) {
      const row = JSON.parse(line) as Record<string, string> & { readonly script: string };
      for (const [name, command] of SHELLS) {
        // Inside, `sh` may be another shell than the one that runs the script.
        const { fate } = stopVerdictOf([command, '-c', row.script], null);
        const lasts = fate === 'swallows' || fate === 'waits';
        if (fate !== 'depends' && fate !== 'unknown') t.equal(lasts ? 'swallows' : 'ends', row[name], `${name}: ${row.script}`);
      }
      const { fate } = stopVerdictOf(['sh', '-c', row.script], null);
      if (fate === 'depends' || fate === 'unknown') continue;
      for (const [name] of SHELLS) t.equal(fate === 'ends' ? 'ends' : 'swallows', row[name], `whatever sh is: ${row.script}`);
    }
    t.end();
  },
);

void t.test('a test of a variable is open: not all that may have changed it is followed', (t) => {
  for (const before of ['. /etc/app.env', ': ${MODE:=app}', 'export $(cat /env)', 'getopts m: MODE', ': $((MODE += 1))', 'unset MODE'])
    t.match(script(`MODE=server; ${before}; if [ "$MODE" = app ]; then exec app; fi; server; true`, 'dash'), /^depends/, before);
  t.match(script('APP=$(which app); if [ "$APP" = "" ]; then exec server; fi; app; true', 'dash'), /^depends/, 'it may not be there');
  t.match(of('dash', '-c', '. /x; if [ $# -gt 1 ]; then exec app; fi; server; true', 'dash', 'a'), /^depends/, 'the file may set others');
  t.equal(script('if [ $# -gt 1 ]; then exec app; fi; server; true', 'dash'), 'swallows: shell sh');
  t.end();
});

void t.test('Python without a handler for SIGTERM ends at SIGINT, unless its code catches the interrupt', (t) => {
  const stop = (code: string, signal: string): string => printed(stopVerdictOf(['python3', '-c', code], null, { signal }));
  t.equal(stop('import time; time.sleep(60)', 'TERM'), 'swallows: no handler python3 (no handler)');
  t.equal(stop('import time; time.sleep(60)', 'INT'), 'ends: application python3');
  t.equal(stop('import time; time.sleep(60)', 'QUIT'), 'swallows: no handler python3 (no handler)');
  const caught = 'import time\nwhile True:\n  try:\n    time.sleep(60)\n  except KeyboardInterrupt:\n    pass';
  t.equal(stop(caught, 'INT'), 'unknown: handler python3');
  t.end();
});

void t.test('a sum that is an assignment to dash and ash may succeed', (t) => {
  t.equal(stopVerdictOf(['dash', '-c', '((MODE==0)) && exec app; exec java -Xrs -jar app.jar'], null).fate, 'depends');
  t.equal(stopVerdictOf(['dash', '-c', '((MODE!=0)) && exec app; exec java -Xrs -jar app.jar'], null).fate, 'swallows');
  t.end();
});

void t.test('dash and bash know real-time signals, and busybox ash does not', (t) => {
  const stop = (shell: string): string =>
    stopVerdictOf([shell, '-c', "set -e; trap 'exit 0' RTMIN+3; exec java -Xrs -jar app.jar"], null).fate;
  t.equal(stop('dash'), 'swallows');
  t.equal(stop('bash'), 'swallows');
  t.equal(stop('ash'), 'ends');
  t.end();
});

void t.test('what dumb-init starts ignores no signal, and what tini starts ignores what was ignored', (t) => {
  const behind = (init: string): string =>
    stopVerdictOf(['env', '--ignore-signal=TERM', init, '--', 'sh', '-c', "trap 'exit 0' TERM; while :; do sleep 5 & wait; done"], null)
      .fate;
  t.equal(behind('dumb-init'), 'ends');
  t.equal(behind('tini'), 'swallows');
  t.end();
});

void t.test('openssl s_client ends with its input, which a container does not have', (t) => {
  t.equal(printed(stopVerdictOf(['openssl', 's_client', '-connect', 'db:443'], null)), 'ends: ends by itself openssl');
  t.end();
});

void t.test('what a script waits for before its server is said, unless the signal ends that too', (t) => {
  const waits = (text: string, ...sh: ShellFlavour[]): string | undefined =>
    stopVerdictOf(['sh', '-c', text], null, sh.length === 0 ? {} : { sh }).waitsAs;
  const loop = 'until nc -z db 5432; do sleep 1; done';
  t.equal(waits(`${loop}; exec app`), 'sh');
  t.equal(waits(`${loop} && exec app`), 'sh');
  t.equal(waits('while :; do check && break; sleep 1; done; exec app'), 'sh');
  t.equal(waits('w() { while :; do nc -z "$1" 80 && return; sleep 1; done; }; w a; w b; exec app'), 'sh');
  t.equal(waits('if [ -n "$DB" ]; then while ! check; do sleep 1; done; fi; exec app'), 'sh', 'on one of its ways');
  t.equal(waits('w() { until nc -z "$1" 80; do sleep 1; done; }; w a; w b; exec app'), 'sh');
  t.equal(waits(`(${loop}); exec app`), 'sh');
  t.equal(waits(`${loop}; trap 'exit 0' TERM; app & wait`), 'sh');
  t.equal(waits(`trap '' TERM; ${loop}; exec app`), 'sh');
  t.equal(waits(`sh -c '${loop}' && exec app`), 'sh');
  t.equal(waits(`bash -ec '${loop}'; exec app`), 'sh');
  t.equal(waits(`${loop}; app`, 'bash'), 'sh');
  t.equal(waits('wait-on http://api && exec app'), 'sh');
  t.equal(waits('npx -y wait-on http://api; exec app'), 'sh');
  t.equal(waits('./wait-for-it.sh -t 0 db:5432 && exec app'), 'sh');
  t.equal(waits('wait-on -t 30000 http://api && exec app'), undefined, 'it has a deadline');
  t.equal(waits('wait-for-it.sh db:5432 && exec app'), undefined, 'it waits 15 s');
  t.equal(waits('wait-on $OPTIONS && exec app'), undefined, 'nobody knows');
  t.equal(waits("trap 'exit 143' TERM; wait-on http://api; exec app"), 'sh', 'the trap comes after what it waits for');
  t.equal(waits(`trap 'exit 143' TERM; sh -c '${loop}' && exec app`), 'sh');
  t.equal(waits('npx && exec app'), undefined);
  t.equal(waits(`trap 'exit 143' TERM; ${loop}; exec app`), undefined, 'its trap ends it');
  t.equal(waits('i=0; until check; do i=$((i+1)); [ $i -gt 9 ] && exit 1; sleep 1; done; exec app'), undefined, 'it counts');
  t.equal(waits('for i in 1 2 3; do check && break; sleep 1; done; exec app'), undefined);
  t.equal(waits('until true; do sleep 1; done; exec app'), undefined, 'there is nothing to wait for');
  t.equal(waits(`${loop} & exec app`), undefined, 'the server does not wait for it');
  t.equal(waits('exec app'), undefined);
  t.equal(waits(`trap 'STOP=1' TERM; until [ -n "$STOP" ]; do sleep 1; done; exec app`), undefined, 'the trap ends the loop');
  t.equal(stopVerdictOf(['tini', '--', 'sh', '-c', `${loop}; exec app`], null).waitsAs, undefined, 'behind an init it ends');
  t.equal(of('sh', '-c', `${loop}; exec app`), 'ends: application app', 'what comes after it decides');
  t.equal(script('while :; do [ -e /x ] && break; sleep 1; done; exec app'), 'ends: application app');
  for (const then of ['migrate && exec app', '[ -n "$A" ] || exit 1; exec app', 'if test -f x; then exec app; fi'])
    t.equal(script(`${loop}; ${then}`), 'ends: application app', `${then}: where it ends instead, nothing is left to be told`);
  t.equal(script('wait-on http://api && exec app'), 'ends: application app');
  t.equal(script(`sh -c '${loop}' && exec app`), 'ends: application app');
  t.match(script(`${loop}; check && echo up`), /^swallows: shell sh/, 'it is there for nothing else');
  t.match(script(`${loop}; check && exec true`), /^swallows: shell sh/, 'nor does it become anything that stays');
  const left = 'while :; do check && break; sleep 1; done';
  t.equal(script(`migrate; ${left}; exec app`), 'ends: application app', 'what came before it is over');
  t.equal(script(`${left}; ${left}; exec app`), 'ends: application app');
  t.equal(script(`${left}; ${left}; app & wait`), 'swallows: shell sh (background)');
  t.equal(script('w() { while :; do check && return; sleep 1; done; }; w; exec app'), 'ends: application app', 'return leaves it, too');
  t.equal(script('while :; do while :; do check && break 2; sleep 1; done; done; exec app'), 'ends: application app');
  t.equal(script('migrate; while :; do check && break; app; sleep 1; done; exec next'), 'depends: shell sh on branch (loop)');
  t.equal(script('migrate; while :; do sleep 1; done; exec app'), 'swallows: shell sh (loop)', 'nothing leaves it');
  t.equal(script('while :; do [ -e /x ] && break; sleep 1; done'), 'swallows: shell sh (loop) idle', 'there is nothing behind it');
  t.equal(script('while :; do app; [ -e /x ] && break; sleep 1; done'), 'swallows: shell sh (loop)');
  t.end();
});

void t.test('what reads a line that never ends is there for ever', (t) => {
  t.equal(script('read -r _ < /dev/zero; exec app'), 'swallows: shell sh (loop)');
  t.match(script('read -n 1 _ < /dev/zero; exec app', 'ash'), /^(?:unknown|ends)/, 'it reads one, or ends at the option');
  t.match(script('read -t 5 _ < /dev/zero; exec app', 'bash'), /^(?:unknown|ends)/);
  t.match(script('read x < /dev/urandom; exec app'), /^(?:unknown|ends)/);
  t.end();
});

void t.test('what waits for a port and execs the server is not what stops', (t) => {
  t.equal(of('./wait-for-it.sh', 'db:5432', '-t', '30', '--', 'app', '--flag'), 'ends: application app');
  t.equal(of('wait-for', 'db:5432', '--', 'sh', '-c', 'app; true'), 'swallows: shell sh');
  t.equal(of('/wait-for-it.sh', 'db:5432'), 'ends: ends by itself wait-for-it.sh');
  const waitsAs = (...argv: string[]): string | undefined => stopVerdictOf(argv, null).waitsAs;
  t.equal(waitsAs('/wait-for-it.sh', '-t', '0', 'db:5432', '--', 'app'), 'wait-for-it.sh', 'it waits without end');
  t.equal(waitsAs('wait-for', 'db:5432', '--timeout=0', '--', 'app'), 'wait-for');
  t.equal(waitsAs('wait-for', 'db:5432', '-t', '30', '--', 'app', '-t', '0'), undefined, 'an option of the server');
  t.equal(waitsAs('wait-for-it.sh', 'db:5432', '--', 'app'), undefined, 'not for long');
  t.equal(waitsAs('tini', '--', 'wait-for', '-t', '0', 'db:5432', '--', 'app'), undefined, 'behind an init it ends');
  t.equal(waitsAs('sh', '-c', 'exec wait-for -t 0 db:5432 -- app'), 'wait-for');
  t.end();
});

void t.test('pkill tells nobody where it is given no number', (t) => {
  const trap = (action: string): string => script(`trap '${action}' TERM; app & wait`);
  t.equal(trap('pkill -TERM -P $; wait'), 'swallows: long trap sh (background)', 'the kubelet makes it of $$');
  t.equal(trap('pkill -TERM -P $$; wait'), 'ends: trap sh (background)');
  t.equal(trap('pkill -TERM -P 1; wait'), 'ends: trap sh (background)');
  t.end();
});
