import t from 'tap';
import { jobNumber, isJobNumber, leadingIn, secondsIn } from '../../../src/core/process/job-number.ts';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';

function fateOf(script: string, flavour: ShellFlavour): string {
  return stopVerdictOf(['sh', '-c', script], null, { sh: [flavour] }).fate;
}

const FLAVOURS = ['dash', 'bash', 'ash'] as const;

void t.test('a number says how long its job runs, and whether it leads a group', (t) => {
  for (const seconds of [0, 2.5, Infinity])
    for (const leading of [undefined, 'maybe', 'certainly'] as const) {
      const number = jobNumber(seconds, leading);
      t.ok(isJobNumber(number));
      t.equal(secondsIn(number), seconds);
      t.equal(leadingIn(number), leading);
    }
  t.notOk(isJobNumber('12'));
  t.end();
});

const TOLD = "trap 'kill -TERM -$P; wait' TERM; wait";

void t.test('a job has no group of its own, unless set -m of bash has made one when it was started', (t) => {
  for (const flavour of FLAVOURS) {
    t.equal(fateOf(`app & P=$!; ${TOLD}`, flavour), 'swallows', flavour);
    t.equal(fateOf(`app & P=$!; set -m; ${TOLD}`, flavour), 'swallows', flavour);
  }
  t.equal(fateOf(`set -m; app & P=$!; set +m; ${TOLD}`, 'bash'), 'ends', 'it stays, whatever is said later');
  t.equal(fateOf(`set -m; app & P=$!; set +m; ${TOLD}`, 'dash'), 'swallows');
  t.end();
});

void t.test('what may make itself the leader of a group may be told by its number', (t) => {
  for (const job of ['setsid app', 'env setsid app', '(exec setsid app)', "perl -e 'setpgrp; exec @ARGV' app"])
    for (const flavour of FLAVOURS) t.equal(fateOf(`${job} & P=$!; ${TOLD}`, flavour), 'unknown', job);
  t.end();
});

void t.test('a group may be that of the shell, which all are in, or one that nobody knows', (t) => {
  for (const flavour of FLAVOURS) {
    t.equal(fateOf(`app & P=$$; ${TOLD}`, flavour), 'ends');
    t.equal(fateOf(`app & P=0; ${TOLD}`, flavour), 'ends');
    t.equal(fateOf(`app & P=$(ps -o pgid= $$); ${TOLD}`, flavour), 'unknown');
    t.equal(fateOf(`app & ${TOLD.replace('$P', '${P:-1}')}`, flavour), 'unknown');
  }
  t.end();
});

void t.test('kill fails where there is no such group, and ends the shell after set -e', (t) => {
  for (const flavour of FLAVOURS) t.equal(fateOf(`set -e; app & P=$!; ${TOLD}`, flavour), 'unknown');
  t.end();
});
