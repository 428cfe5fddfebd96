/**
 * How long a hook takes on a node with Windows, as far as its words tell: `powershell -Command "Start-Sleep 15"`, `cmd /c ping -n 16 localhost`.
 *
 * The images of Windows have no `sleep` and no `sh`. What is not known here is open: a program of the image, a script with more than a
 * list of commands, and `timeout /t 15`, which asks for a console (https://learn.microsoft.com/windows-server/administration/windows-commands/timeout).
 */
import { secondsOf } from './seconds.ts';
import { timingOfOther } from './server-stop.ts';
import { during, OPEN, type Timing } from './timing.ts';

/** How long a command takes on a node with Windows: the sum of its `Start-Sleep` and `ping -n`; open where something else is in it. */
export function windowsTiming(argv: readonly string[]): Timing {
  const [first = '', ...args] = argv;
  switch (windowsName(first)) {
    case 'powershell':
    case 'pwsh':
      return listTiming(scriptOfPowershell(args), /;|\n/, statementOfPowershell);
    case 'cmd':
      return listTiming(scriptOfCmd(args), /&&?|\n/, statementOfCmd);
    case 'ping':
      return statementOfCmd(argv.join(' '));
    default:
      return timingOfOther(argv);
  }
}

/** The name of a program without its folder and its ending. */
function windowsName(path: string): string {
  return path
    .toLowerCase()
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/, '');
}

/** What stands after `-Command`, or after the options that take no script; undefined where it runs a file, or another text. */
function scriptOfPowershell(args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at++) {
    const word = args[at]?.toLowerCase() ?? '';
    if (/^[-/]c(?:o|om|omm|omma|omman|ommand)?$/.test(word)) return args.slice(at + 1).join(' ');
    if (/^[-/](?:noprofile|nop|nologo|noninteractive|noni)$/.test(word)) continue;
    if (/^[-/](?:executionpolicy|ep|ex)$/.test(word)) at += 1;
    else return /^[-/]/.test(word) ? undefined : args.slice(at).join(' ');
  }
  return undefined;
}

function scriptOfCmd([option = '', ...words]: readonly string[]): string | undefined {
  return /^\/[cC]$/.test(option) ? words.join(' ') : undefined;
}

/** The statements of a list one after the other; quotes, blocks and pipes are not followed. */
function listTiming(script: string | undefined, separator: RegExp, timingOf: (statement: string) => Timing): Timing {
  if (script === undefined || script.length > LONGEST_SCRIPT) return OPEN;
  const text = unquoted(script.trim());
  if (/["'(){}|`$%^]/.test(text)) return timingOfOther([text]);
  let sum = during(0);
  for (const statement of text.split(separator)) {
    const { min, max, isOpen, stop } = timingOf(statement.trim());
    sum = {
      ...sum,
      min: sum.min + min,
      max: sum.max + max,
      isOpen: sum.isOpen || isOpen,
      stop: sum.stop ?? (stop && { ...stop, min: sum.min + stop.min, max: sum.max + stop.max }),
    };
  }
  return sum;
}

/** What is longer is a program of its own. */
const LONGEST_SCRIPT = 2048;

function unquoted(text: string): string {
  return /^"[^"]*"$|^'[^']*'$/.test(text) ? text.slice(1, -1) : text;
}

/** `Start-Sleep 15`, `Start-Sleep -Seconds 15`, `sleep -s 15`, `Start-Sleep -Milliseconds 500` */
function statementOfPowershell(statement: string): Timing {
  if (statement === '') return during(0);
  const [, option = '', number = ''] = /^(?:start-sleep|sleep)(?:\s+-(\w+))?\s+(\d+(?:\.\d+)?)$/i.exec(statement) ?? [];
  const seconds = secondsOf(number);
  if (seconds !== undefined && /^(?:s\w*)?$/i.test(option)) return during(seconds);
  if (seconds !== undefined && /^m\w*$/i.test(option)) return during(seconds / 1000);
  return timingOfOther(statement.split(/\s+/));
}

/** `ping -n 16 127.0.0.1 > nul`: a second between two of them; how long others take to answer is not known. */
function statementOfCmd(statement: string): Timing {
  const [, count] = /^ping(?:\.exe)?\s+-n\s+([1-9]\d{0,5})\s+(?:127\.0\.0\.1|localhost|::1)(?:\s*>\s*nul)?$/i.exec(statement) ?? [];
  if (count !== undefined) return during(Number(count) - 1);
  const words = statement.split(/\s+/);
  return /^(?:powershell|pwsh)(?:\.exe)?$/i.test(words[0] ?? '') ? windowsTiming(words) : timingOfOther(words);
}
