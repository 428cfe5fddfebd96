/** What PID 1 of a container does at its stop signal. */
import { quotedDecider, quotedPidOne, type Cause, type StopVerdict } from '../../../core/process/possibility.ts';

/** The rest of a sentence that begins with the container: "`sh` is PID 1 and does not end at the signal". */
export function fateText(verdict: StopVerdict): string {
  const { waitsAs } = verdict;
  const text = endText(verdict);
  return waitsAs === undefined || verdict.fate === 'swallows'
    ? text
    : `${text}; while the script still waits, \`${waitsAs}\` is PID 1 and does not end`;
}

function endText(verdict: StopVerdict): string {
  const { fate, cause } = verdict;
  if (verdict.child !== undefined && fate !== 'depends' && fate !== 'unknown') {
    const what =
      cause === 'long trap'
        ? 'runs a trap that takes long'
        : fate === 'waits'
          ? 'handles it after the command in the foreground has ended'
          : 'does not end';
    return `${quotedPidOne(verdict)} is PID 1 and passes it on to ${quotedDecider(verdict)}, which ${what}`;
  }
  const pidOne = verdict.pidOne === '' ? 'PID 1' : `${quotedPidOne(verdict)} is PID 1 and`;
  switch (fate) {
    case 'ends':
      return `${pidOne} ${ENDS[cause] ?? 'ends'}`;
    case 'swallows':
      return `${pidOne} does not end at the signal`;
    case 'waits':
      if (cause === 'long trap') return `${pidOne} runs its trap, which takes ${verdict.seconds ?? 'some'} s`;
      return `${pidOne} has a handler that runs after the command in the foreground has ended`;
    case 'depends':
      return `${pidOne} may or may not end, depending on the ${verdict.on ?? 'image'}`;
    case 'unknown':
      return `${UNKNOWN[cause] ?? 'what it does is not known'}${verdict.reason === undefined ? '' : `, and ${verdict.reason}`}`;
  }
}

const ENDS: Partial<Readonly<Record<Cause, string>>> = {
  init: 'passes it on to the application',
  application: 'ends if it handles the signal',
  forwards: 'passes it on, and ends',
  trap: 'runs its trap',
  untold: 'ends, and the application is killed without a signal',
  'ends by itself': 'has ended by itself before',
};

const UNKNOWN: Partial<Readonly<Record<Cause, string>>> = {
  image: 'it goes to the entrypoint of the image, which the manifest does not show',
  file: 'it goes to a script, which the manifest does not show',
  variable: 'it goes to a program whose name is in a variable',
};
