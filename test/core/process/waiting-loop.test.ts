import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';
import { waitsForEver } from '../../../src/core/process/waiting-loop.ts';

const sh = (script: string): boolean => waitsForEver(['sh', '-c', script]);

void t.test('a loop that sleeps until something answers waits for ever', (t) => {
  t.equal(sh('until nc -z db 5432; do sleep 1; done'), true);
  t.equal(sh('while ! nc -z db 5432; do sleep 1; done; exec app'), true);
  t.equal(sh('set -e; until psql -c "select 1"; do echo waiting; sleep "$WAIT"; done'), true);
  t.equal(sh('while :; do if check; then echo ok; fi; sleep 5; done'), true);
  t.equal(sh('until check; do usleep 1000; done'), true);
  t.equal(sh('wait_for() { until nc -z "$1" 80; do sleep 1; done; }; for host in a b; do wait_for "$host"; done'), true);
  t.equal(waitsForEver(['busybox', 'sh', '-c', 'until nslookup db; do sleep 2; done']), true);
  t.equal(waitsForEver(['/bin/bash', '-euc', 'until nslookup db; do sleep 2; done']), true);
  t.end();
});

void t.test('the options of the shell, and what starts it, change nothing', (t) => {
  const loop = 'until nc -z db 5432; do sleep 1; done';
  for (const options of [
    '-c',
    '-ec',
    '-lc',
    '-xec',
    '-euc',
    '-c -e',
    '-o pipefail -c',
    '-euo pipefail -c',
    '+e -c',
    '--login -c',
    '--norc -c',
  ])
    for (const shell of ['sh', 'bash', 'ash', 'dash', 'zsh', '/bin/ksh', 'busybox sh', 'busybox ash'])
      t.equal(waitsForEver([...shell.split(' '), ...options.split(' '), loop]), true, `${shell} ${options}`);
  for (const starter of [
    'env A=b',
    'env -u HOME',
    'env -i A=b --',
    'busybox env',
    'tini --',
    'tini -g -s --',
    'dumb-init',
    'dumb-init -c --',
    'catatonit --',
    'nice -n 5',
    'gosu app',
    'su-exec app',
    'chroot /host',
    'flock /run/lock',
    'tini -- env A=b nice',
    'capsh --drop=all --',
  ])
    t.equal(waitsForEver([...starter.split(' '), ...(starter.startsWith('capsh') ? [] : ['sh']), '-lc', loop]), true, starter);
  t.equal(waitsForEver(['env', '-S', `sh -c '${loop}'`]), true);
  for (const starter of ['timeout 60', 'tini -- timeout 60', 'busybox timeout 60', 'setsid'])
    t.equal(waitsForEver([...starter.split(' '), 'sh', '-c', loop]), false, `${starter}: it ends`);
  t.equal(waitsForEver([...Array.from({ length: 10_000 }, () => 'nice'), 'sh', '-c', loop]), false, 'to a depth');
  t.end();
});

void t.test('a number that a program prints is no count', (t) => {
  t.equal(sh('until [ "$(ls /run/ready.d | wc -l)" -gt 0 ]; do sleep 1; done'), true);
  t.equal(sh('until [ $(curl -s -o /dev/null -w "%{http_code}" http://db/) -eq 200 ]; do sleep 1; done'), true);
  t.equal(sh('until [ "$(date +%s)" -gt "$END" ]; do sleep 1; done'), false);
  t.equal(sh('until [ $n -gt 30 ]; do n=$((n+1)); sleep 1; done'), false);
  t.end();
});

void t.test('a test of bash that does not count is a condition like any other', (t) => {
  t.equal(sh('while [[ ! -f /run/ready ]]; do sleep 1; done'), true);
  t.equal(sh('while [[ "$(curl -s -o /dev/null -w "%{http_code}" http://db/)" != 200 ]]; do sleep 5; done'), true);
  t.equal(sh('until [[ -S /run/app.sock ]]; do echo waiting; sleep 1; done'), true);
  t.equal(sh('while [[ ! -f /run/ready && $i -lt 30 ]]; do i=$((i+1)); sleep 1; done'), false);
  t.equal(sh('while [[ $SECONDS -lt 30 ]]; do sleep 1; done'), false);
  t.equal(sh('until [[ $(date +%s) -gt $END ]]; do sleep 1; done'), false);
  t.equal(sh('until [[ $n == 30 ]]; do n=$((n+1)); sleep 1; done'), false);
  t.end();
});

void t.test('what counts, looks at the time, or leaves, has a deadline', (t) => {
  t.equal(sh('for i in 1 2 3; do nc -z db 5432 && break; sleep 1; done'), false);
  t.equal(sh('i=0; while [ $i -lt 30 ]; do nc -z db 5432 && exit 0; i=$((i+1)); sleep 1; done'), false);
  t.equal(sh('until nc -z db 5432; do i=$((i+1)); test $i = 30 && exit 1; sleep 1; done'), false);
  t.equal(sh('while (( SECONDS < 60 )); do sleep 1; done'), false);
  t.equal(sh('until nc -z db 5432; do [[ $i == 30 ]] && return; sleep 1; done'), false);
  t.equal(sh('until timeout 5 check; do sleep 1; done'), false, 'nothing is said of it');
  for (const unknown of ['eval "$X"', '$CMD', '. /run/check'])
    t.equal(sh(`while true; do ${unknown}; sleep 1; done`), false, `${unknown} may leave it`);
  t.equal(waitsForEver(['timeout', '60', 'sh', '-c', 'until check; do sleep 1; done']), false);
  t.end();
});

void t.test('what does not wait in this process does not count', (t) => {
  t.equal(sh('while true; do sync; sleep 60; done & exec app'), false);
  t.equal(sh('echo "until check; do sleep 1; done"'), false);
  t.equal(sh('until check; do work; done; sleep 5'), false);
  t.equal(sh('wait() { until check; do sleep 1; done; }; app'), false, 'nobody calls it');
  t.equal(sh('wait() { until check; do sleep 1; done; }; wait() { check; }; wait'), false, 'another one of that name');
  t.equal(waitsForEver(['app', 'while sleep 1; do done']), false);
  t.equal(waitsForEver(['sh', '/wait.sh']), false);
  t.equal(waitsForEver([]), false);
  t.end();
});

void t.test('a loop that counts with let, or takes words away, waits no longer than that', (t) => {
  for (const loop of [
    'while ! nc -z db 1; do let i+=1; sleep 1; test $i = 9 && break; done',
    'while ! nc -z db 1 && [ $# != 0 ]; do shift; sleep 1; done',
  ]) {
    t.equal(sh(loop), false, loop);
    t.equal(stopVerdictOf(['sh', '-c', `${loop}; exec app`], null).waitsAs, undefined, loop);
  }
  t.end();
});
