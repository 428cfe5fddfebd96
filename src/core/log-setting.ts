/** What the words and variables of a container say about its logs: how much of them, and into which file. */

/** A flag or a variable with its value: `--log-level` and `debug`. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

/** `--v=10`, `-v 10`, `--log-level=debug`, `--log-level debug`; other words are none. */
export function flagAt(words: readonly (string | undefined)[], index: number): NamedValue | undefined {
  const word = words[index];
  if (word === undefined || word.length > LONGEST_FLAG || !word.startsWith('-')) return undefined;
  const equals = word.indexOf('=');
  if (equals > 0) return { name: word.slice(0, equals), value: word.slice(equals + 1) };
  const value = words[index + 1];
  return value === undefined || value.startsWith('-') ? undefined : { name: word, value };
}

/** Flags and variables have shorter names: what is longer is other text, which no pattern searches. */
const LONGEST_FLAG = 256;

/** How detailed a log is: the name of a level, or a number where more is more. */
export type LogDetail = { readonly level: string } | { readonly verbosity: number };

/**
 * The level that a flag sets for the whole program. A level of a part of it (`ads:debug`, `linkerd=info`) is none.
 *
 * `--v` is klog's, whose numbers zap takes as well: 4 is debug, 5 is trace, from 6 on each request to the API server is logged
 * (https://github.com/kubernetes/community/blob/master/contributors/devel/sig-instrumentation/logging.md).
 */
export function detailOfFlag({ name, value }: NamedValue): LogDetail | undefined {
  const isVerbosity = name === '--v' || name === '-v';
  if (!isVerbosity && !LEVEL_FLAG.test(name)) return undefined;
  if (/^\d{1,3}$/.test(value)) return isVerbosity || ZAP_FLAG.test(name) ? { verbosity: Number(value) } : undefined;
  return isVerbosity ? undefined : levelOf(value);
}

/** As `detailOfFlag`. Numbers are left out: 10 is trace here and nothing there. */
export function detailOfVariable({ name, value }: NamedValue): LogDetail | undefined {
  return name.length <= LONGEST_FLAG && LEVEL_VARIABLE.test(name) ? levelOf(value) : undefined;
}

/** The word as it is meant here, and not as the end of catalog, dialog, backlog, changelog, analog or blog. */
const LOG = '(?<!cata|dia|back|change|ana|(?:^|[^a-z])b)log';

const LEVEL_FLAG = new RegExp(`${LOG}(?:ging)?[-_.]?(?:output[-_.]?)?level(?:[._-]root)?$`, 'i');
const ZAP_FLAG = /^--?zap-log-level$/;
const LEVEL_VARIABLE = new RegExp(`(?:^rust_log|${LOG}(?:(?:ging)?[_.]?level(?:[_.]root)?|_?severity(?:screen)?))$`, 'i');

/** Longer values are no levels. */
const LONGEST_LEVEL = 256;

/** What stands for the whole program in a list of scopes: Istio's `default:debug`, `all:debug`. */
const WHOLE = /^(?:default|all|root|\*)[:=]/;

const LEVEL = /^[a-z]+$/;

function levelOf(value: string): LogDetail | undefined {
  if (value.length > LONGEST_LEVEL) return undefined;
  const text = value.toLowerCase();
  if (LEVEL.test(text)) return { level: text };
  let level: string | undefined;
  for (const item of text.split(',')) {
    const word = item.trim().replace(WHOLE, '');
    if (LEVEL.test(word)) level = word;
  }
  return level === undefined ? undefined : { level };
}

/** The file or folder that a flag or variable names for logs; undefined for others, and for what is no file on a disk. */
export function logFileOf({ name, value }: NamedValue): string | undefined {
  if (name.length > LONGEST_FLAG || value.length > LONGEST_PATH || !FILE_SETTING.test(name)) return undefined;
  return isFileOnDisk(value) ? value : undefined;
}

const FILE_SETTING = new RegExp(`(?:^|[-_.a-z])${LOG}[-_.]?(?:file|path|dir)(?:path)?$`, 'i');
/** Of what a flag or variable names as a file; what is longer is other text. */
const LONGEST_PATH = 1024;

/** Whether a file that a script writes into looks like a log. */
export function isLogFile(file: string): boolean {
  return file.length <= LONGEST_PATH && isFileOnDisk(file) && /\.(?:log|out|err)$|\/logs?\//.test(file);
}

function isFileOnDisk(file: string): boolean {
  return file.startsWith('/') && !/^\/(?:dev|proc|sys)\//.test(file);
}

/** Words that bound files of logs: `--audit-log-maxsize`, `--log-rotate`, `logrotate`. */
export function boundsLogs(word: string): boolean {
  return /rotat|max[-_]?(?:log[-_]?)?(?:size|backups?|age|files?)/i.test(word.length > LONGEST_FLAG ? word.slice(0, LONGEST_FLAG) : word);
}
