/** What the model of PID 1 says of scripts that wait for a port before they start a server, against what such scripts do. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { stopVerdictOf } from '../../../../src/core/process/pid-one.ts';
import { BOUNDED_WAIT_MS, isInstalled, measure, reasonNotToMeasure, writeServer } from './pid-one.ts';

/** Asks in the foreground for as long as nobody answers, as those scripts do without a timeout. */
const WAITING = ['while [ "$1" != -- ]; do shift; done', 'shift', 'until ANSWER; do sleep 1; done', 'exec "$@"'];

const reason = reasonNotToMeasure() ?? (isInstalled('tini') ? undefined : 'tini is not installed');

void t.test('a script that waits without end loses the signal as PID 1, and ends behind an init', { skip: reason ?? false }, async (t) => {
  const folder = t.testdir({});
  const server = writeServer(folder);
  const write = (name: string, shell: string, answer: string): string => {
    const path = join(folder, name);
    writeFileSync(path, [`#!${shell}`, ...WAITING].join('\n').replace('ANSWER', answer));
    chmodSync(path, 0o755);
    return path;
  };
  const log = join(folder, 'heard.log');
  for (const [name, shell] of [
    ['wait-for-it.sh', '/bin/bash'],
    ['wait-for', '/bin/sh'],
  ] as const) {
    const waiting = [write(name, shell, 'false'), 'db:5432', '-t', '0', '--', server];
    const seen = await measure(waiting, log, undefined, BOUNDED_WAIT_MS);
    t.match(seen, { started: false, ended: false, pidOne: name });
    t.match(stopVerdictOf(waiting, null), { fate: 'ends', pidOne: 'server', waitsAs: name });

    const behindInit = ['tini', '--', ...waiting];
    t.match(await measure(behindInit, log, undefined, BOUNDED_WAIT_MS), { started: false, ended: true });
    t.equal(stopVerdictOf(behindInit, null).waitsAs, undefined);

    write(name, shell, 'true');
    t.match(await measure(waiting, log, undefined, BOUNDED_WAIT_MS), { started: true, heard: true, ended: true }, 'after the wait');
  }
});
