import fc from '../../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import type { LifecycleHandler } from '../../../src/core/pod.ts';
import { readHook, type Duration } from '../../../src/core/process/hook.ts';
import { variablesOfEnv } from '../../../src/core/process/shell-values.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';
import { OutOfTimeError, Work } from '../../../src/core/work.ts';
import { runs } from '../../long-tests.ts';

/** `5`, `≤5`, `5+` (open), `5…` (endless) */
function printed({ certainty, seconds }: Duration): string {
  return { exact: `${seconds}`, 'at most': `≤${seconds}`, open: `${seconds}+`, endless: `${seconds}…` }[certainty];
}

/** The duration, and the delay where it is another: `15, delays 0`. */
function of(hook: LifecycleHandler): string {
  const { duration, delay, stopsServer } = readHook(hook);
  const differs = printed(duration) !== printed(delay) || stopsServer;
  return printed(duration) + (differs ? `, delays ${printed(delay)}` : '');
}

function command(...argv: string[]): string {
  return of({ exec: { command: argv } });
}

function script(text: string): string {
  return command('sh', '-c', text);
}

void t.test('its steps are work of the evaluation, and it ends in the middle where the time is over', (t) => {
  const hook = { exec: { command: ['sh', '-c', 'i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done'] } };
  const work = new Work();
  t.equal(readHook(hook, { work }).duration.certainty, 'open');
  t.ok(work.steps > 10_000 && work.steps <= 20_000, `${work.steps} steps`);
  const short = new Work((steps) => steps > 3_000);
  t.throws(() => readHook(hook, { work: short }), OutOfTimeError);
  t.ok(short.steps < 5_000, `${short.steps} steps`);
  t.end();
});

void t.test('what a function makes its own is compared behind each call, which is work', (t) => {
  const names = Array.from({ length: 4_000 }, (_, at) => `n${at}`).join(' ');
  const work = new Work();
  readHook({ exec: { command: ['sh', '-c', `f() { x=$1; return; local ${names}; }; f 1; f 2; f 3; f 4; f 5`] } }, { work, sh: ['dash'] });
  t.ok(work.steps > 4_000, `${work.steps} steps`);
  t.end();
});

void t.test('thousands of `command` before each other are not followed', (t) => {
  const hook = { exec: { command: ['sh', '-c', `${'command '.repeat(8_000)}sleep 5`] } };
  t.equal(readHook(hook).duration.certainty, 'open');
  t.end();
});

void t.test('bash waits for another host that it connects to by a redirection', (t) => {
  const bash = (text: string): string => command('bash', '-c', text);
  t.equal(bash('echo > /dev/tcp/db/5432; sleep 5'), '5+');
  t.equal(bash('exec 3<>"/dev/tcp/10.0.0.1/80"; sleep 5'), '5+');
  t.equal(bash('(: < /dev/tcp/$DB/5432) || true; sleep 5'), '5+', 'a host that is not known');
  t.equal(bash('H=db; echo > /dev/tcp/$H/5432'), '0+');
  t.equal(bash('H=localhost; (echo > /dev/tcp/$H/80) || true; sleep 5'), '5', 'the own host answers at once');
  t.equal(bash('(echo > /dev/tcp/127.0.0.1/$PORT) || true; sleep 5'), '5');
  t.equal(bash('(echo > /dev/udp/10.0.0.1/53) || true; sleep 5'), '5', 'a datagram waits for nobody');
  t.equal(bash('(echo > /dev/udp/dns/53) || true; sleep 5'), '5+', 'a name is looked up');
  t.equal(bash('[ -e /dev/tcp/db/5432 ]; sleep 5'), '5', 'only a redirection connects');
  t.equal(command('dash', '-c', '(echo > /dev/tcp/db/5432) || true; sleep 5'), '5', 'to others it is a file');
  t.end();
});

void t.test('a server that is told to stop by its host may be another one', (t) => {
  t.equal(command('redis-cli', 'shutdown'), '0+, delays 0');
  t.equal(command('redis-cli', '-h', '127.0.0.1', 'shutdown'), '0+, delays 0');
  t.equal(command('valkey-cli', '-h', 'localhost', 'shutdown'), '0+, delays 0');
  t.equal(command('mysqladmin', '-u', 'root', 'shutdown'), '0+, delays 0');
  t.equal(command('supervisorctl', '-s', 'unix:///run/supervisor.sock', 'stop', 'all'), '0+, delays 0');
  t.equal(command('supervisorctl', '--serverurl=http://user:pw@127.0.0.1:9001', 'stop', 'all'), '0+, delays 0');
  t.equal(command('supervisorctl', '-s', 'http://other:9001', 'stop', 'all'), '0+');
  t.equal(command('rabbitmqctl', '-n', 'rabbit@localhost', 'stop'), '0+, delays 0');
  t.equal(command('rabbitmqctl', '--node', 'rabbit', 'stop'), '0+, delays 0');
  t.equal(command('rabbitmqctl', '-n', 'rabbit@other', 'stop_app'), '0+');
  t.equal(script('rabbitmqctl -n "rabbit@$HOST" stop_app; sleep 5'), '5+, delays 0+');
  t.equal(script('redis-cli -h cache shutdown; sleep 5'), '5+, delays 0+');
  t.equal(script('redis-cli -u redis://cache:6379 shutdown; sleep 5'), '5+, delays 0+');
  t.equal(script('mysqladmin --host=db -u root shutdown; sleep 5'), '5+, delays 0+');
  t.equal(script('redis-cli -h "$HOST" shutdown; sleep 5'), '5+, delays 0+');
  t.end();
});

void t.test('a failure ends a script that was started with -e', (t) => {
  t.equal(command('sh', '-ec', '[ -e /x ]; sleep 15'), '≤15');
  t.equal(command('bash', '-euo', 'pipefail', '-c', 'false; sleep 15'), '0');
  t.equal(command('sh', '-o', 'errexit', '-c', 'sleep 2; false; sleep 15'), '2');
  t.equal(command('sh', '-c', 'false; sleep 15'), '15');
  t.equal(command('bash', '-ec', 'false | true; sleep 15'), '15');
  t.equal(command('bash', '-euo', 'pipefail', '-c', 'grep x /x | wc -l; sleep 15'), '≤15');
  t.equal(command('bash', '-ec', 'set -o pipefail; false | true; sleep 15'), '≤15');
  t.equal(command('sh', '-ec', 'cat /x | grep x; sleep 15'), '≤15');
  t.end();
});

void t.test('what stands behind a launcher or an init takes the time', (t) => {
  t.equal(command('tini', '-s', '--', 'sleep', '15'), '15');
  t.equal(command('dumb-init', '-r', '15:3', 'sh', '-c', 'nginx -s quit; sleep 15'), '15, delays 0');
  t.equal(command('env', '-', 'sleep', '15'), '15');
  t.equal(command('setarch', '-R', 'sleep', '15'), '15');
  t.equal(command('tini', '--'), '0');
  t.equal(command('capsh', '--', '-c', 'sleep 15'), '0+');
  t.end();
});

void t.test('a signal with SIG before its name is one to all but dash', (t) => {
  t.equal(command('bash', '-c', 'kill -SIGQUIT 1; sleep 15'), '15, delays 0');
  t.equal(command('busybox', 'sh', '-c', 'kill -s SIGTERM 1; sleep 15'), '15, delays 0');
  t.equal(command('kill', '-SIGTERM', '1'), '0, delays 0');
  t.equal(script('kill -SIGQUIT 1; sleep 15'), '15, delays 0+');
  for (const code of ['python -c "import os; os.kill(1, 15)"', "node -e 'process.kill(1)'", 'perl -e \'kill "TERM", 1\''])
    t.equal(script(`${code}; sleep 15`), '15+, delays 0+', code);
  t.equal(command('bash', '-c', 'exec -a name sleep 15'), '15');
  t.equal(command('bash', '-c', 'D=5; declare D=(1 2); sleep $D'), '0+');
  t.equal(command('dash', '-c', 'while ((1)); do sleep 5; done; sleep 15'), '15');
  t.end();
});

void t.test('a program whose words speak of a stop may stop the server: it is not known how long that holds back', (t) => {
  for (const text of [
    'service nginx stop',
    'caddy stop',
    'consul leave',
    '/opt/app/bin/shutdown.sh',
    'curl -X POST localhost:15020/quitquitquit',
  ])
    t.equal(script(`${text}; sleep 15`), '15+, delays 0+', text);
  t.equal(script('curl localhost/drain; sleep 15'), '15+');
  t.equal(script('touch /tmp/stop; sleep 15'), '15', 'a file of that name');
  t.end();
});

void t.test('a native sleep takes its seconds, an empty one none', (t) => {
  t.equal(of({ sleep: { seconds: 15 } }), '15');
  t.equal(of({ sleep: {} }), '0');
  t.equal(of({ sleep: { seconds: null } }), '0');
  t.end();
});

void t.test('the kubelet fails a tcpSocket hook at once; how long an HTTP call takes is not known', (t) => {
  t.equal(of({ tcpSocket: { port: 80 } }), '0');
  t.equal(of({ httpGet: { port: 80 } }), '0+');
  t.equal(of({}), '0+');
  t.end();
});

void t.test('a sleep command adds its durations up, in whole seconds', (t) => {
  const SLEEPS: readonly (readonly [words: string, seconds: string])[] = [
    ['sleep 5', '5'],
    ['/bin/sleep 1m', '60'],
    ['sleep 1m 30s', '90'],
    ['sleep 1.5h', '5400'],
    ['sleep 1d', '86400'],
    ['sleep 0.5', '1'],
    ['sleep .5 .5', '1'],
    ['sleep 5.', '5'],
    ['busybox sleep 5', '5'],
    ['sleep -- 5', '≤5'],
    ['sleep 1 -- 4', '≤5'],
    ['sleep 5 --', '≤5'],
    ['sleep -- 5 --', '0'],
    ['sleep infinity', '0…'],
    ['sleep inf', '0…'],
    [`sleep ${'9'.repeat(400)}`, '2147483647'],
  ];
  for (const [words, seconds] of SLEEPS) t.equal(command(...words.split(' ')), seconds, words);
  t.end();
});

void t.test('what sleep cannot read makes it end at once', (t) => {
  for (const text of ['5x', '-5', '', '5 ', '5M', '5S', '0x5H', '5ms', '.', '1.2.3', '&&']) t.equal(command('sleep', text), '0', text);
  for (const text of ['1e3', '+1.5e1', '0x5']) t.equal(command('sleep', text), '0+', `${text} is a number to coreutils alone`);
  t.equal(command('sleep', '$DELAY'), '0', 'no shell puts a value in');
  t.equal(command('sleep', '5', '${DELAY}'), '0');
  t.equal(command('sleep', `${'1'.repeat(100_000)}x`), '0');
  t.end();
});

void t.test('commands that cannot start are over at once', (t) => {
  t.equal(command(), '0');
  t.equal(command('sleep 10'), '0');
  t.equal(command('/bin/sh', 'sleep 10'), '0');
  t.equal(command('/bin/sh -c sleep 10'), '0');
  t.equal(command('sh', '-c', 'sleep', '10'), '0');
  t.equal(command('sh', '-c'), '0');
  t.equal(command('exit', '0'), '0');
  t.equal(command('sh'), '0', 'nothing to read');
  t.end();
});

void t.test('a program of the image takes as long as it does, some are over in a moment', (t) => {
  t.equal(command('/drain'), '0+');
  t.equal(command('sh', '/run.sh'), '0+');
  t.equal(command('curl', '-X', 'POST', 'localhost/drain'), '0+');
  t.equal(command('/bin/true'), '0');
  t.equal(command('rm', '-f', '/ready'), '0');
  t.equal(script('touch /tmp/drain; sleep 10'), '10');
  t.equal(script('sleep 5; /drain'), '5+');
  t.equal(script('exit 0'), '0');
  t.end();
});

void t.test('a request of curl takes no longer than it is given', (t) => {
  t.equal(command('curl', '-sf', '--max-time', '10', 'localhost:8080/drain'), '≤10');
  t.equal(script('curl -m 10 localhost/drain; sleep 5'), '≤15');
  t.equal(script('curl -m 10 --retry 3 localhost/drain; sleep 5'), '5+');
  t.equal(script('curl -m 10 -X POST localhost/quitquitquit; sleep 5'), '≤15, delays 0+', 'it may stop the server');
  t.end();
});

void t.test('a script takes what its commands sleep one after the other', (t) => {
  t.equal(script('sleep 5; sleep 10'), '15');
  t.equal(script('sleep 5 && sleep 1m'), '65');
  t.equal(script('sleep 5\n# sleep 9\nsleep 5'), '10');
  t.equal(script('(sleep 5; sleep 5)'), '10');
  t.equal(script('A=1 sleep 5 >/dev/null 2>&1'), '5');
  t.equal(script("sh -c 'sleep 5'; sleep 5"), '10');
  t.equal(script('sleep 0.5; sleep 0.5'), '1', 'fractions add up before they are rounded');
  t.equal(script('sleep 5 || sleep 10'), '5', 'a sleep succeeds');
  t.equal(script('false || sleep 10'), '10');
  t.equal(script('D=7; sleep $D'), '7');
  t.equal(script('sleep "$D"; sleep 5'), '5+');
  t.equal(command('ash', '-c', 'usleep 2500000; sleep 1'), '≤4', 'many an image has no usleep');
  t.equal(readHook({ exec: { command: ['usleep', '2500000'] } }, { sh: ['ash'] }).duration.certainty, 'exact');
  t.equal(command('busybox', 'usleep', '2500000'), '3');
  t.equal(script("trap 'rm -f /x' EXIT; sleep 5"), '5');
  t.equal(script("trap 'sleep 5' EXIT; sleep 5"), '5+, delays 0+');
  t.equal(script("sleep 2; trap 'nginx -s quit' EXIT; sleep 5"), '7+, delays 2+', 'the end of the script stops it');
  t.equal(script("trap 'sleep 5' TERM; sleep 5"), '5');
  t.equal(command('bash', '-c', "trap 'kill 1' ERR; sleep 5"), '5+, delays 0+');
  t.equal(script('echo sleep 10 | sh'), '0+', 'what the other shell reads is not followed');
  t.equal(script('sh <<END\nsleep 10\nEND\nsleep 1'), '1+');
  t.equal(script('bash -s < /stop.sh'), '0+');
  t.equal(command('sh', '-c', 'sleep "$1"', 'sh', '8'), '8');
  t.equal(script(''), '0');
  t.end();
});

void t.test('the spec says the values of variables, except of those that come from elsewhere', (t) => {
  const variables = new Map([
    ['DRAIN', '7'],
    ['NONE', ''],
    ['FROM', undefined],
  ]);
  const of = (text: string): string => printed(readHook({ exec: { command: ['sh', '-c', text] } }, { variables }).duration);
  t.equal(of('sleep $DRAIN'), '7');
  t.equal(of('sleep "${DRAIN}s"; sleep 1'), '8');
  t.equal(of('sleep ${DRAIN:-5}'), '7');
  t.equal(of('sleep ${NONE:-5}'), '5');
  t.equal(of('sleep $((DRAIN * 2 - 4))'), '10');
  t.equal(of('sleep $(expr $DRAIN + 1)'), '8');
  t.equal(of('sleep $FROM'), '0+');
  t.equal(of('sleep $OTHER'), '0+', 'the image may set it');
  t.equal(of('DRAIN=2; sleep $DRAIN'), '2');
  t.equal(of('for i in $(seq $DRAIN); do sleep 1; done'), '7');
  for (const before of ['DRAIN=2 ', 'DRAIN=2; ', 'export DRAIN=2; ', 'env DRAIN=2 ', ''])
    t.equal(of(`${before}sh -c 'sleep $DRAIN'`), '0+', 'the script may have changed it');
  const direct = (command: string[], isProbe: boolean): string => printed(readHook({ exec: { command } }, { variables, isProbe }).duration);
  t.equal(direct(['sleep', '$(DRAIN)'], false), '0', 'the kubelet puts no values into hooks');
  t.equal(direct(['sleep', '$(DRAIN)'], true), '0+');
  t.equal(direct(['env', 'DRAIN=2', 'sh', '-c', 'sleep $DRAIN'], false), '0+');
  t.equal(direct(['sleep', '$DRAIN'], true), '0');
  t.end();
});

void t.test('of many variables, those that the command names leave room for its own', (t) => {
  const env = [
    ...Array.from({ length: 200 }, (_, at) => ({ name: `OTHER_${at}`, value: '1' })),
    ...[
      { name: 'ROUNDS', value: '1' },
      { name: 'ROUNDS', value: '8' },
      { name: 'SUM', value: '$(ROUNDS)0' },
      { name: 'FROM', valueFrom: {} },
    ],
  ];
  const of = (text: string): string => {
    const command = ['sh', '-c', text];
    return printed(readHook({ exec: { command } }, { variables: variablesOfEnv(env, command) }).duration);
  };
  t.equal(of('i=0; while [ $i -lt $ROUNDS ]; do i=$((i+1)); sleep 1; done'), '8', 'the last of two with one name counts');
  t.equal(of('sleep $SUM'), '0+');
  t.equal(of('sleep $FROM'), '0+');
  const all = env.map(({ name }) => `$${name}`).join(' ');
  t.equal(of(`: ${all}; D=3; sleep $D`), '3');
  t.end();
});

void t.test('exec ends the script with what it becomes, and exit ends it', (t) => {
  t.equal(script('exec sleep 2; sleep 3'), '2');
  t.equal(script('exec true; sleep 20'), '0');
  t.equal(script('sleep 2; exit; sleep 3'), '2');
  t.equal(script('exec 2>&1; sleep 3'), '3');
  t.end();
});

void t.test('branches: what it takes at most', (t) => {
  t.equal(script('if [ -f /x ]; then sleep 5; else sleep 10; fi'), '≤10');
  t.equal(script('[ -f /x ] && sleep 5'), '≤5');
  t.equal(script('if true; then sleep 5; else sleep 10; fi'), '5');
  t.equal(script('case $1 in a) sleep 5;; b) sleep 7;; esac'), '≤7');
  t.equal(script('f() { sleep 5; }; f; f'), '10');
  t.equal(script('f() { sleep 5; }'), '0');
  t.end();
});

void t.test('a way that ends early makes it less', (t) => {
  t.equal(script('test -f /x || exit 0; sleep 15'), '≤15');
  t.equal(script('f() { return 1; }; f || sleep 10'), '10');
  t.equal(script('for i in 1 2 3; do if [ -f /x ]; then break; fi; sleep 10; done'), '≤30');
  t.equal(script('[ -f /x ] && sleep 5; kill 1; sleep 5'), '≤10, delays ≤5');
  t.equal(script('[ -f /x ] && exit; sleep 5; kill 1'), '≤5, delays 0+', 'it may not get there');
  t.equal(script('while true; do sleep 1; [ -f /x ] && exit; done'), '1+');
  t.equal(script('if [ -f /x ]; then sleep infinity; fi; sleep 5'), '5+');
  t.end();
});

void t.test('what a substitution runs takes its time, and no file that is read for ever', (t) => {
  t.equal(script('A=$(sleep 5); sleep 5'), '10');
  t.equal(script('A=$(curl localhost); sleep 5'), '5+');
  t.equal(script('cat "$FILE"; sleep 5'), '5');
  t.equal(script('tail "$FILE"; sleep 5'), '5+');
  t.end();
});

void t.test('loops are added up where their bounds are there', (t) => {
  t.equal(script('for i in 1 2 3; do sleep 5; done'), '15');
  t.equal(script('for i in $(seq 1 10); do sleep 2; done'), '20');
  t.equal(script('for i in $(seq 3); do sleep 2; done'), '6');
  t.equal(command('bash', '-c', 'for i in {1..5}; do sleep 2; done'), '10');
  t.equal(command('bash', '-c', 'for i in worker{0..4..2}; do sleep 2; done'), '6');
  t.equal(script('for i in {1..5}; do sleep 2; done'), '≤10', 'dash and ash go round once');
  t.equal(command('dash', '-c', 'for i in {1..5}; do sleep 2; done'), '2');
  t.equal(script('for i in /run/*.pid; do sleep 2; done'), '2+', 'as often as there are files');
  t.equal(script('for i in 1 2 3; do sleep 2; break; done'), '2');
  t.equal(script('i=0; while [ $i -lt 10 ]; do sleep 1; i=$((i+1)); done'), '10');
  t.equal(script('i=0; while [ "$i" -lt 3 ]; do sleep 2; i=`expr $i + 1`; done'), '6');
  t.equal(script('n=0; until [ "$n" -ge 5 ]; do n=$(($n + 1)); sleep 3; done'), '15');
  t.equal(command('bash', '-c', 'i=3; while ((i>0)); do sleep 2; ((i--)); done'), '6');
  t.equal(script('i=0; while true; do sleep 1; i=$((i+1)); if [ $i -gt 7 ]; then break; fi; done'), '8');
  t.equal(command('bash', '-c', 'i=0; while [ $i -lt 2 ]; do sleep 1; let i++; done'), '2');
  t.end();
});

void t.test('a loop that waits for something cannot be added up; one that waits for nothing never ends', (t) => {
  t.equal(script('while pgrep worker; do sleep 1; done'), '1+');
  t.equal(script('sleep 5; until [ -f /done ]; do sleep 1; done'), '6+');
  t.equal(script('for i in $(cat /list); do sleep 1; done'), '1+');
  t.equal(script('for ((i=0;i<N;i++)); do sleep 1; done'), '1+');
  t.equal(script('while [ $i -lt 1000000000 ]; do i=$((i+1)); done'), '0+');
  t.equal(script('i=0; while [ $i -lt 1000000000 ]; do i=$((i+1)); done'), '0+', 'too many rounds to follow');
  t.equal(script('while true; do sleep 1; done'), '1…');
  t.equal(script('while :; do sleep 2; exit; done'), '2');
  t.equal(script('sleep 5; sleep infinity'), '5…');
  t.equal(command('tail', '-f', '/dev/null'), '0…');
  t.equal(script('tail --pid=1 -f /dev/null'), '0+');
  t.end();
});

void t.test('a counter bounds a loop that waits for something', (t) => {
  t.equal(script('i=0; while pgrep app && [ $i -lt 40 ]; do sleep 1; i=$((i+1)); done'), '≤40');
  t.equal(script('sleep 5; i=0; until [ -f /done ]; do sleep 2; i=$((i+1)); [ $i -ge 10 ] && exit 0; done'), '≤25');
  t.equal(script('i=0; while pgrep app; do sleep 1; i=$((i+1)); done; sleep 5'), '6+', 'a counter that nobody asks');
  t.equal(script('i=0; while pgrep app; do sleep 1; i=$((i+1)); [ $i -gt 100000 ] && break; done'), '1+', 'too many rounds to follow');
  t.equal(script('sleep 5; kill 1; i=0; while kill -0 1; do sleep 1; i=$((i+1)); done'), '6+, delays 5');
  t.end();
});

void t.test('the commands of a pipe run at once', (t) => {
  t.equal(script('sleep 5 | sleep 3'), '5');
  t.equal(script('sleep 5 | sleep 3 | sleep 4; sleep 1'), '6');
  t.equal(script('(sleep 5; sleep 5) | sleep 3'), '10');
  t.equal(script('tail -f /log | grep -q done; sleep 5'), '5+', 'what writes ends when nobody reads it any more');
  t.equal(script('sleep 5 | tail -f /dev/null'), '5…');
  t.end();
});

void t.test('a job in the background counts if the script waits for it, or if it keeps standard output open', (t) => {
  t.equal(script('sleep 6 &'), '6');
  t.equal(script('sleep 6 >/dev/null 2>&1 &'), '0');
  t.equal(script('sleep 6 >/dev/null &'), '6', 'standard error is open too');
  t.equal(script('sleep 30 >/dev/null 2>&1 & sleep 5'), '5');
  t.equal(script('sleep 30 >/dev/null 2>&1 & sleep 5; wait'), '30');
  t.equal(script('sleep 10 & sleep 20 & wait; sleep 1'), '21');
  t.equal(script('sleep 5 & wait $!'), '5');
  t.equal(script('sleep 5 & A=$!; sleep 30 & wait $A; nginx -s quit'), '30, delays ≤30', 'it may wait for the first');
  t.equal(script('([ -f /x ] && sleep 5) & wait'), '≤5');
  t.equal(script('[ -f /x ] && sleep 5 &'), '≤5');
  t.equal(script('sleep 5 & (wait; sleep 1; nginx -s quit)'), '5, delays 1', 'a subshell has none of the jobs');
  t.equal(script('/drain & wait'), '0+');
  t.equal(script('sleep infinity >/dev/null 2>&1 & sleep 5'), '5');
  t.end();
});

void t.test('a job in the background may end by a signal before its time', (t) => {
  t.equal(script('sleep 30 & PID=$!; sleep 5; kill $PID; wait $PID'), '≤30, delays 5+');
  t.equal(script('sleep 30 & sleep 5; kill $!'), '≤30, delays 5+');
  t.equal(script('sleep 30 & sleep 5; kill -0 $!; sleep 1'), '30', 'that ends nothing');
  t.equal(script('sleep 30 & (pkill sleep)'), '≤30, delays 0+');
  t.equal(script('sleep 30 & (sleep 5; kill $!) & wait'), '≤30, delays 5+');
  t.equal(readHook({ exec: { command: ['sh', '-c', 'sleep 30 & jobs -p | xargs kill'] } }).leastSeconds, 0);
  t.equal(script('kill $PID; sleep 30 & wait'), '30, delays 0+', 'what begins later does not');
  t.end();
});

void t.test('timeout bounds what it runs, and fails where it had to', (t) => {
  t.equal(command('timeout', '20', 'drain'), '≤20');
  t.equal(command('timeout', '20', 'sh', '-c', 'while true; do sleep 1; done'), '≤21', 'that of busybox tells the shell alone');
  t.equal(command('timeout', '1m', 'sleep', 'infinity'), '60');
  t.equal(command('timeout', '20', 'sleep', '5'), '5');
  t.equal(command('timeout', '-s', 'KILL', '20', 'drain'), '≤20');
  t.equal(command('timeout', '-k', '5', '20', 'drain'), '≤25');
  t.equal(command('timeout', '--kill-after=5s', '20', 'drain'), '≤25');
  t.equal(command('timeout', '-t', '20', 'sleep', '30'), '≤20', 'only old ones of busybox know it');
  for (const option of ['--preserve-status', '--signal=TERM', '--foreground', '-v'])
    t.equal(command('timeout', option, '20', 'sleep', '30'), '≤20', `busybox refuses ${option}`);
  t.equal(command('busybox', 'timeout', '--foreground', '20', 'sleep', '30'), '0');
  t.equal(command('busybox', 'timeout', '-k', '5', '20', 'sleep', '30'), '20');
  const inDebian = { sh: ['dash'] } as const;
  t.equal(printed(readHook({ exec: { command: ['timeout', '--foreground', '20', 'sleep', '30'] } }, inDebian).duration), '20');
  t.equal(script('timeout 1 sleep 5 && sleep 2'), '1');
  t.equal(script('timeout 1 sleep 5 || sleep 2'), '3');
  t.equal(command('timeout', '0', 'sleep', '5'), '5');
  t.equal(command('timeout', '$LIMIT', 'sleep', '5'), '0+');
  t.end();
});

void t.test('a hook delays up to the command that stops the server', (t) => {
  t.equal(script('nginx -s quit; sleep 15'), '15, delays 0');
  t.equal(script('sleep 15; nginx -s quit'), '15, delays 15');
  t.equal(script('kill -TERM 1 && sleep 15'), '≤15, delays 0');
  t.equal(script('sleep 1; kill -QUIT 1'), '1, delays 1');
  t.equal(script('sleep 5; nginx -s quit; while killall -0 nginx; do sleep 1; done'), '6+, delays 5');
  t.equal(script('sleep 10; kill -s INT 1; sleep 5'), '15, delays 10');
  t.equal(script('nginx -s reload; sleep 15'), '15+', 'that stops nobody');
  t.equal(script('kill -HUP 1; sleep 15'), '15');
  t.equal(script('kill -0 1; sleep 15'), '15');
  t.equal(script('[ -f /x ] && kill 1; sleep 15'), '15, delays 0+', 'it may, or may not');
  t.equal(script('kill -TERM "$(cat /run/app.pid)"; sleep 15'), '15, delays 0+', 'whoever that is');
  t.end();
});

void t.test('names of signals are read in capitals and without, with SIG where every shell knows that', (t) => {
  for (const harmless of ['-s hup', '-hup', '-s HUP', '-1', '-0', '-s 0', '-SIGHUP', '-sighup'])
    t.equal(script(`kill ${harmless} 1; sleep 15`), '15', harmless);
  for (const stop of ['', '--', '-TERM', '-term', '-s quit', '-s QUIT --', '-15', '-s 15'])
    t.equal(script(`kill ${stop} 1; sleep 15`), '15, delays 0', stop);
  for (const unclear of ['-SIGTERM', '-s SIGTERM', '-n 15', '--signal TERM', '--signal=TERM', '-s "$SIGNAL"'])
    t.equal(script(`kill ${unclear} 1; sleep 15`), '15, delays 0+', unclear);
  t.end();
});

void t.test('nobody kills PID 1 from within its container', (t) => {
  for (const words of ['-9 1', '-KILL 1', '-s KILL 1', '-STOP 1', '-s 19 1', '-9 1 1'])
    t.equal(script(`kill ${words}; sleep 15`), '15', words);
  for (const words of ['-9 7', '-9 1 7', '-KILL "$(cat /run/app.pid)"']) t.equal(script(`kill ${words}; sleep 15`), '15, delays 0+', words);
  t.end();
});

void t.test('-1 after a signal stands for all processes but the server itself, 0 for those of the hook', (t) => {
  for (const words of ['-TERM -1', '-9 -1', '-s TERM -1', '-s TERM -- -1', '-- -1', '-TERM 7', '-TERM -7'])
    t.equal(script(`kill ${words}; sleep 15`), '15, delays 0+', words);
  for (const words of ['-TERM 0', '0', '$PPID', '$$', '-- -$$', '-HUP $$']) t.equal(script(`kill ${words}; sleep 15`), '0', words);
  t.equal(script('kill -HUP -1; sleep 15'), '15');
  t.equal(script('kill -1; sleep 15'), '15', 'a signal and nobody to send it to');
  t.equal(script('kill -l; sleep 15'), '15');
  t.end();
});

void t.test('pkill takes the number of a session by -s, and killall a signal', (t) => {
  for (const words of ['pkill -s 1', 'pkill -s 0 app', 'pkill -s 18 app', 'pkill --session 1'])
    t.equal(script(`sleep 5; ${words}; sleep 5`).includes('delays 5+'), true, words);
  t.equal(script('killall -s 18 app; sleep 5'), '5');
  for (const words of ['pkill -s 0', 'pkill -g 0', 'pkill --session=0', 'pkill -s "$S"'])
    t.match(script(`${words}; sleep 15`), /^≤15/, `${words} may end the hook itself`);
  t.match(script('pkill -s 7 app; sleep 15'), /^15/);
  t.end();
});

void t.test('a shell that another starts may lack what each has from the start', (t) => {
  t.equal(script("env -u HOME sh -c 'set -u; echo $HOME; sleep 5'"), '≤5');
  t.equal(script("sh -c 'set -u; echo ${HOME:-}; sleep 5'"), '5');
  t.end();
});

void t.test('pkill and killall may mean the server', (t) => {
  for (const words of ['pkill app', 'pkill -x app', 'pkill -P 1', 'pkill --signal TERM app', 'killall -q -s QUIT app', 'killall -INT app'])
    t.equal(script(`${words}; sleep 15`), '15, delays 0+', words);
  for (const words of ['pkill -HUP app', 'pkill -hup -x app', 'pkill --signal=SIGUSR2 app', 'killall -0 app', 'killall -s 0 app'])
    t.equal(script(`${words}; sleep 15`), '15', words);
  t.end();
});

void t.test('dash knows no `==` between brackets', (t) => {
  const text = 'i=0; while [ $i -lt 9 ]; do i=$((i+1)); [ $i == 3 ] && break; sleep 1; done';
  t.equal(command('dash', '-c', text), '9');
  t.equal(command('bash', '-c', text), '2');
  t.equal(script(text), '≤9');
  t.end();
});

void t.test('some servers end what they serve by SIGUSR1 or SIGWINCH', (t) => {
  for (const words of ['kill -USR1 1', 'kill -s WINCH 1', 'kill -10 1', 'kill -28 1', 'pkill -USR1 haproxy', 'killall -s WINCH httpd'])
    t.equal(script(`${words}; sleep 15`), '15, delays 0+', words);
  t.end();
});

void t.test('a bash that is `sh` refuses SIG before the name of a signal, as dash does', (t) => {
  const delayUnder = (sh: ShellFlavour, shell: string): string =>
    printed(readHook({ exec: { command: [shell, '-c', 'kill -SIGTERM 1; sleep 15'] } }, { sh: [sh] }).delay);
  t.equal(delayUnder('bash', 'sh'), '0+');
  t.equal(delayUnder('dash', 'sh'), '0+');
  t.equal(delayUnder('ash', 'sh'), '0');
  t.equal(delayUnder('bash', 'bash'), '0');
  t.end();
});

void t.test('what a shell refuses ends the hook there; where the shell is not known, it may be any', (t) => {
  const under = (text: string, ...sh: ShellFlavour[]): string => {
    const { duration, delay } = readHook({ exec: { command: ['sh', '-c', text] } }, sh.length === 0 ? {} : { sh });
    return `${printed(duration)} ${printed(delay)}`;
  };
  for (const text of ['function f { sleep 10; }; f', 'function f() {\n sleep 10\n}\nf', 'sleep 10 <<< x', 'X=${A^^}; sleep 10']) {
    t.equal(under(text, 'bash'), '10 10', text);
    t.match(under(text, 'dash'), /^0 0$/, text);
    t.equal(under(text), '≤10 ≤10', text);
  }
  t.equal(under('function f { sleep 10; }; f', 'ash'), '10 10');
  t.equal(under('sleep 2; echo ${A:0:1}; sleep 8', 'dash'), '2 2');
  t.equal(under('sleep 2; echo ${A:0:1}; sleep 8', 'ash'), '10 10');
  t.equal(under('sleep 2; echo ${A:0:1}; nginx -s quit; sleep 8'), '≤10 2+', 'dash never comes to stop the server');
  t.equal(under('echo ${A:0:1} | cat; sleep 8', 'dash'), '8 8');
  t.equal(under('for ((i=0;i<3;i++)); do sleep 1; done'), '≤3 ≤3', 'only bash has such loops');
  t.equal(under('source /env; sleep 5', 'dash'), '5 5');
  t.equal(under('set -e; source /env; sleep 5', 'dash'), '0 0');
  t.equal(under('set -euo pipefail; sleep 5'), '≤5 ≤5');
  const pipefail = { exec: { command: ['sh', '-o', 'pipefail', '-c', 'sleep 5'] } };
  t.equal(printed(readHook(pipefail, { sh: ['dash'] }).duration), '0', 'dash refuses the option');
  t.equal(printed(readHook(pipefail, { sh: ['ash'] }).duration), '5');
  t.equal(printed(readHook(pipefail).duration), '≤5');
  t.equal(under('f() { local A=1; sleep 5; }; f'), '5 5');
  t.equal(under('i=0; while [ $i -lt 20 ]; do i=$((i+1)); sleep 1; done'), '20 20');
  t.equal(under('i=0; while [ $i -lt 20 ]; do sleep 1; echo $((i++)); done', 'dash'), '1 1');
  t.equal(printed(readHook({ exec: { command: ['bash', '-c', 'function f { sleep 10; }; f'] } }).duration), '10');
  t.equal(printed(readHook({ exec: { command: ['dash', '-c', 'function f { sleep 10; }; f'] } }).duration), '0');
  t.end();
});

void t.test('commands inside commands are read to a depth, and what is deeper is open', (t) => {
  t.equal(command('timeout', '60', 'env', 'A=b', 'busybox', 'sh', '-c', 'exec timeout 20 sleep 30'), '20');
  t.equal(command(...Array.from({ length: 10_000 }, () => 'env'), 'sleep', '5'), '0+');
  t.equal(command(...Array.from({ length: 10_000 }, () => ['timeout', '0']).flat(), 'sleep', '5'), '0+');
  t.equal(script('sleep 1; '.repeat(20_000)), '0+');
  const variables = Array.from({ length: 60 }, (_, index) => `v${index}=1`).join('; ');
  t.equal(script(`${variables}; ${'v1=$v2; '.repeat(500)} sleep 5`), '5');
  t.equal(script(`${variables}; ${'v1=$v2; '.repeat(2000)} sleep 5`), '0+', 'each of them copies all variables');
  const constants = Array.from({ length: 60 }, (_, index) => `readonly v${index}`).join('; ');
  t.equal(script(`${constants}; ${'(readonly B); '.repeat(200)} sleep 5`), '5');
  t.equal(script(`${constants}; ${'(readonly B); '.repeat(1200)} sleep 5`), '0+', 'each of them copies all constants');
  t.end();
});

void t.test('no hook makes it throw; its seconds are whole, finite and not negative', (t) => {
  const word = fc.oneof(
    fc.constantFrom('sleep', 'timeout', 'sh', '-c', 'bash', '-o', 'exec', 'busybox', '5', '1m', 'infinity', '0', '-k', '-t', 'wait', '&'),
    fc.constantFrom(
      'sleep 5',
      'sleep 5 & wait',
      'while a; do sleep 1; done',
      'sleep 1 | sleep 2',
      '(sleep 1',
      "'",
      'for i in 1 2; do kill 1; done',
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (argv) => {
      const { duration, delay } = readHook({ exec: { command: argv } });
      for (const { seconds } of [duration, delay]) assert.ok(Number.isInteger(seconds) && seconds >= 0);
      assert.ok(delay.seconds <= duration.seconds);
    }),
    { numRuns: runs(3000) },
  );
  t.end();
});

void t.test('a file that a loop sources may end it', (t) => {
  t.equal(script('while true; do . /check.sh; sleep 1; done'), '0+');
  t.equal(script('while true; do sh /check.sh; sleep 1; done'), '1…', 'another shell ends itself alone');
  t.end();
});

void t.test('a signal to its own shell ends a hook', (t) => {
  t.equal(script('sleep 2; kill $$; sleep 15'), '2');
  t.equal(script('kill -9 $$ || sleep 15'), '0');
  t.equal(script('f() { kill $$; }; f; sleep 15'), '0');
  t.equal(script('(sleep 2; kill $$); sleep 15'), '≤17', 'the shell ends while its child goes on');
  t.equal(script("trap 'exit 0' TERM; kill $$; sleep 15"), '15+', 'what the trap does is not added up');
  t.equal(script('pkill -f app; sleep 15'), '≤15, delays 0+', 'the line of the shell holds the pattern');
  t.equal(script('pkill -f "[a]pp"; sleep 15'), '15, delays 0+');
  for (const words of [
    'pkill -STOP -f app',
    'pkill -19 -f app',
    'pkill --signal STOP -f app',
    'kill -STOP $(pgrep -f app)',
    'kill -s STOP $(pgrep -f app)',
    'pgrep -f app | xargs kill -STOP',
    "sh -c 'kill -STOP $PPID'",
    'pkill -STOP sh',
  ])
    t.match(script(`sleep 1; ${words}; sleep 15`), /^\d+\+/, `${words}: it may stay there`);
  t.match(script('pkill -u 19 -f app; sleep 15'), /^≤15/, 'no signal');
  t.equal(script("sh -c 'kill $PPID'; sleep 15"), '≤15, delays 0+');
  t.equal(script('kill -CONT $$; sleep 15'), '15');
  t.end();
});

void t.test('a command whose redirection fails does not run, and a special builtin ends the shell', (t) => {
  t.equal(script('sleep 5 > /app/none/x; sleep 15'), '≤20');
  t.equal(readHook({ exec: { command: ['sh', '-c', 'sleep 5 > /app/none/x; sleep 15'] } }).leastSeconds, 15);
  t.equal(readHook({ exec: { command: ['sh', '-c', 'exec > /app/none/x; sleep 15'] } }).leastSeconds, 0);
  t.equal(script('nginx -s quit > /app/none/x; sleep 15'), '15, delays 0+');
  for (const file of ['/tmp/x', '/var/log/hook.log', '/dev/null', '/proc/1/fd/1', 'drained'])
    t.equal(script(`echo a > ${file}; sleep 15 > ${file}`), '15', file);
  t.end();
});

void t.test('whoever waits for a hook waits for what holds its outputs', (t) => {
  t.equal(script('sleep 15 > /dev/null 2>&1 &'), '0');
  t.equal(script('sleep 15 2>&1 > /dev/null &'), '15', 'errors still go where the output went');
  t.equal(script('{ sleep 15 & } > /dev/null 2>&1; sleep 1'), '1');
  t.equal(script('exec > /dev/null 2>&1; sleep 15 &'), '0');
  t.equal(script("sh -c 'sleep 15 &'; sleep 5"), '15', 'beside what comes after');
  t.equal(script("sh -c 'sleep 15 &' > /dev/null 2>&1; sleep 5"), '5');
  t.equal(command('timeout', '5', 'sh', '-c', 'sleep 15 &'), '15');
  t.end();
});

void t.test('a carriage return is a character of its word', (t) => {
  t.equal(script('sleep 15\r'), '0');
  t.equal(script('echo a\r\nsleep 15\r\n'), '0');
  t.end();
});
