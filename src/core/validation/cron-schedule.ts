/** What the API server does not accept of the schedule of a CronJob. Mirrors github.com/robfig/cron v3.0.1 `parser.go` (ParseStandard). */

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** What else stands for a number; the first one for `least`. */
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Bounds[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];
const DESCRIPTORS: ReadonlySet<string> = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);
const EVERY = '@every ';
/** What `time.ParseDuration` takes: `1h30m`. Go writes the micro sign in two ways. */
const DURATION = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/;

/** @returns what is wrong, in the words of the API server; undefined where nothing is */
export function problemOfSchedule(schedule: string): string | undefined {
  if (schedule.startsWith('@')) return problemOfDescriptor(schedule);
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== FIELDS.length) return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [index, bounds] of FIELDS.entries()) {
    for (const range of (fields[index] ?? '').split(',')) {
      const problem = range === '' ? undefined : problemOfRange(range, bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function problemOfDescriptor(schedule: string): string | undefined {
  if (DESCRIPTORS.has(schedule)) return undefined;
  if (!schedule.startsWith(EVERY)) return `unrecognized descriptor: ${schedule}`;
  const duration = schedule.slice(EVERY.length);
  return DURATION.test(duration) ? undefined : `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(duration)}`;
}

/** `1-5/2`. */
function problemOfRange(range: string, bounds: Bounds): string | undefined {
  const [span = '', step, ...moreSteps] = range.split('/');
  const [low = '', high, ...more] = span.split('-');
  const isAny = low === '*' || low === '?';
  const start = isAny ? bounds.least : numberOf(low, bounds);
  if (typeof start === 'string') return start;
  if (!isAny && more.length > 0) return `too many hyphens: ${range}`;
  const last = isAny ? bounds.most : high === undefined ? start : numberOf(high, bounds);
  if (typeof last === 'string') return last;
  if (moreSteps.length > 0) return `too many slashes: ${range}`;
  const by = step === undefined ? 1 : numberOf(step, undefined);
  if (typeof by === 'string') return by;
  const end = step !== undefined && high === undefined ? bounds.most : last;
  if (start < bounds.least) return `beginning of range (${start}) below minimum (${bounds.least}): ${range}`;
  if (end > bounds.most) return `end of range (${end}) above maximum (${bounds.most}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return by === 0 ? `step of range should be a positive number: ${range}` : undefined;
}

/** @returns what is wrong, as a text */
function numberOf(text: string, bounds: Bounds | undefined): number | string {
  const named = bounds?.names?.indexOf(text.toLowerCase()) ?? -1;
  if (bounds !== undefined && named >= 0) return bounds.least + named;
  const failure = (why: string): string => `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: ${why}`;
  if (!/^[-+]?\d+$/.test(text)) return failure('invalid syntax');
  const number = Number(text);
  if (!isInt64(text)) return failure('value out of range');
  return number < 0 ? `negative number (${number}) not allowed: ${text}` : number;
}

function isInt64(text: string): boolean {
  const number = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, number) === number;
}
