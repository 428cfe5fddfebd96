/** Logs more than a pipe holds, as fast as it can, and ends in the middle of it: `flooding-log.ts <lines>`. */
import { setTimeout } from 'node:timers/promises';
import { createLogger, logOutput } from '../../src/telemetry/logger.ts';

const LINES = Number(process.argv[2]);

const output = logOutput();
const log = createLogger('info', output);
for (let number = 0; number < LINES; number++) {
  log.info({ number, padding: 'x'.repeat(900) }, 'line');
  // A turn of the event loop, so that writing is under way when the last line comes.
  if (number % 100 === 0) await setTimeout(1);
}
log.info('last');
process.stderr.write('ending\n');
await output.end();
process.exit(1);
