import t from 'tap';
import { fateText } from '../../../../src/cli/reporters/explanation/fate-text.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { pod } from './lines.ts';

async function fateOf(...command: readonly string[]): Promise<string> {
  const { timelines } = await explanationOf(pod({ containers: [{ name: 'web', image: 'web:1', ...(command.length > 0 && { command }) }] }));
  const [stop] = timelines.stop.containers;
  return stop === undefined ? 'no container' : fateText(stop.verdict);
}

for (const [command, text] of [
  [[], 'it goes to the entrypoint of the image, which the manifest does not show'],
  [['/web'], '`web` is PID 1 and ends if it handles the signal'],
  [['tini', '--', '/web'], '`tini` is PID 1 and passes it on to the application'],
  [['tail', '-f', '/dev/null'], '`tail` is PID 1 and does not end at the signal'],
  [['sleep', '3'], '`sleep` is PID 1 and has ended by itself before'],
  [['sh', '-c', 'server; true'], '`sh` is PID 1 and does not end at the signal'],
  [['sh', '-c', 'server'], '`sh` is PID 1 and may or may not end, depending on the shell'],
  [['sh', '-c', 'trap "kill 0; exit" TERM; server & wait'], '`sh` is PID 1 and runs its trap'],
  [['sh', '-c', 'trap "exit 0" TERM; server & wait'], '`sh` is PID 1 and ends, and the application is killed without a signal'],
  [
    ['sh', '-c', 'trap "sleep 5" TERM; server; true'],
    '`sh` is PID 1 and has a handler that runs after the command in the foreground has ended',
  ],
  [
    ['tini', '--', 'sh', '-c', 'trap "kill 1" TERM; server; true'],
    '`tini` is PID 1 and passes it on to `sh`, which handles it after the command in the foreground has ended',
  ],
  [
    ['sh', '-c', 'until nc -z db 5432; do sleep 1; done; exec server'],
    '`server` is PID 1 and ends if it handles the signal; while the script still waits, `sh` is PID 1 and does not end',
  ],
  [['sh', '/run.sh'], 'it goes to a script, which the manifest does not show'],
  [['$(PROGRAM)'], 'it goes to a program whose name is in a variable'],
] as const) {
  void t.test(`${command.join(' ') || 'no command'}: ${text}`, async (t) => {
    t.equal(await fateOf(...command), text);
  });
}
