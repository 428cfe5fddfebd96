/**
 * What a YAML scalar means to kubectl: `y` is true, `010` is 8, `1_000` is 1000, `12:30` is a string.
 *
 * Follows `resolve.go` and the scalar part of `decode.go` of go.yaml.in/yaml/v2 v2.4.2 (Apache-2.0, licenses/go-yaml; v2.4.3 is
 * the same code), and how `convertToJSONableObject` of sigs.k8s.io/yaml v1.6.0 turns map keys into strings (MIT,
 * licenses/sigs-yaml). Neither YAML 1.1 nor 1.2 has this very
 * mixture, so none of the schemas that come with js-yaml does.
 */
import { isUtf8 } from 'node:buffer';
import { YamlProblem } from './yaml-problem.ts';

/** Go tells int64, uint64 and float64 apart, which only matters for keys; an integer keeps its digits in a BigInt. */
type Scalar = string | boolean | null | number | bigint;

/**
 * The JSON value of a scalar. Integers beyond 2^53 become the nearest double, as `JSON.parse` makes of the JSON text that
 * kubectl sends; times stay strings.
 *
 * @param isPlain whether it stands neither in quotes nor in a block
 * @param tag in its long form, `tag:yaml.org,2002:int`
 * @param offset where it stands, for errors
 * @throws {YamlProblem} for `.inf` and `.nan`, which JSON cannot hold, and for what its tag does not allow
 */
export function scalarValue(text: string, isPlain: boolean, tag: string | undefined, offset: number): string | boolean | null | number {
  if (tag === undefined) {
    if (!isPlain || !mayMeanMore(text)) return text;
    if (SMALL_INTEGER.test(text)) return Number(text);
  }
  const resolved = tag === undefined ? plainScalar(text) : taggedScalar(tag, text, offset);
  if (typeof resolved === 'bigint') return Number(resolved);
  if (typeof resolved === 'number' && !Number.isFinite(resolved))
    throw new YamlProblem(`must not have the value ${text}, which JSON cannot hold`, offset);
  return resolved;
}

/**
 * The JSON key that a scalar makes: `1` and `"1"` are the same, `yes` is `true`. Parameters as above.
 *
 * @throws {YamlProblem} for null, and for integers beyond int64
 */
export function scalarKey(text: string, isPlain: boolean, tag: string | undefined, offset: number): string {
  if (tag === undefined && (!isPlain || !mayMeanMore(text))) return text;
  const key = tag === undefined ? plainScalar(text) : taggedScalar(tag, text, offset);
  if (typeof key === 'number') return formatFloat32(key);
  if (key === null) throw new YamlProblem(`must not have null as a key; quote it: "${text}"`, offset);
  if (typeof key === 'bigint' && key > MAX_INT64) throw new YamlProblem('must not have a key beyond 64 bits; quote it', offset);
  return String(key);
}

/** Whether a key is `<<`, which merges, and not the text "<<". */
export function isMergeKey(text: string, isPlain: boolean, tag: string | undefined): boolean {
  return text === '<<' && (tag === undefined ? isPlain : tag === '!' || tag === TAG.merge);
}

const TAG = {
  str: 'tag:yaml.org,2002:str',
  bool: 'tag:yaml.org,2002:bool',
  int: 'tag:yaml.org,2002:int',
  float: 'tag:yaml.org,2002:float',
  null: 'tag:yaml.org,2002:null',
  timestamp: 'tag:yaml.org,2002:timestamp',
  binary: 'tag:yaml.org,2002:binary',
  merge: 'tag:yaml.org,2002:merge',
} as const;

/** Whether a text can be anything but a string, by its first character (`resolveTable`); most cannot. */
function mayMeanMore(text: string): boolean {
  return text === '' || MEANINGFUL_FIRST[text.charCodeAt(0)] === 1;
}

const MEANINGFUL_FIRST = new Uint8Array(65_536);
for (const first of '+-0123456789yYnNtTfFoO~.') MEANINGFUL_FIRST[first.charCodeAt(0)] = 1;

/** At most 15 digits: exact in a double. No leading zero: not octal. */
const SMALL_INTEGER = /^-?(?:[1-9][0-9]{0,14}|0)$/;

const CONSTANTS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text): [string, Scalar] => [text, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text): [string, Scalar] => [text, false]),
  ...['', '~', 'null', 'Null', 'NULL'].map((text): [string, Scalar] => [text, null]),
  ...['.nan', '.NaN', '.NAN'].map((text): [string, Scalar] => [text, NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((text): [string, Scalar] => [text, Infinity]),
  ...['-.inf', '-.Inf', '-.INF'].map((text): [string, Scalar] => [text, -Infinity]),
]);

function plainScalar(text: string): Scalar {
  const constant = CONSTANTS.get(text);
  if (constant !== undefined) return constant;
  const first = text.charAt(0);
  // Where a number starts with its point, underscores may stand between digits only; elsewhere anywhere.
  if (first === '.') return POINT_FIRST.test(text) ? finiteOr(Number(text.replaceAll('_', '')), text) : text;
  return '+-0123456789'.includes(first) ? numberOr(text.replaceAll('_', ''), text) : text;
}

const POINT_FIRST = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
/** `yamlStyleFloat` upstream. */
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function numberOr(digits: string, text: string): Scalar {
  const integer = integerOf(digits);
  if (integer !== undefined) return integer;
  return FLOAT.test(digits) ? finiteOr(Number(digits), text) : text;
}

/** Go's `ParseFloat` reports `1e400` as out of range, and the text stays a string. */
function finiteOr(value: number, text: string): Scalar {
  return Number.isFinite(value) ? value : text;
}

const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))$/;
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT64 = (1n << 64n) - 1n;
/** 2^64 in binary; longer runs of digits are out of range and never reach BigInt, whose time grows with the square. */
const MAX_INTEGER_DIGITS = 65;

/** `ParseInt(digits, 0, 64)`, else `ParseUint(digits, 0, 64)`; undefined where both fail. */
function integerOf(digits: string): bigint | undefined {
  // `0b-1` is -1: upstream cuts the prefix off before it looks for the sign.
  const match = INTEGER.exec(digits) ?? INTEGER.exec(digits.replace(/^0b([-+])/, (_, sign: string) => `${sign}0b`));
  if (match === null) return undefined;
  const [, sign = '', hex, binary, octal, oldOctal, decimal = '0'] = match;
  const prefix = hex !== undefined ? '0x' : binary !== undefined ? '0b' : (octal ?? oldOctal) !== undefined ? '0o' : '';
  const significant = (hex ?? binary ?? octal ?? oldOctal ?? decimal).replace(/^0+(?=.)/, '');
  if (significant.length > MAX_INTEGER_DIGITS) return undefined;
  const magnitude = BigInt(prefix + significant);
  if (sign === '-') return magnitude <= MAX_INT64 + 1n ? -magnitude : undefined;
  return magnitude <= (sign === '+' ? MAX_INT64 : MAX_UINT64) ? magnitude : undefined;
}

function taggedScalar(tag: string, text: string, offset: number): Scalar {
  const scalar = plainScalar(text);
  switch (tag) {
    case TAG.binary:
      return decodeBase64(text, offset);
    case TAG.timestamp:
      if (isTimestamp(text)) return text;
      break;
    case TAG.null:
      if (scalar === null) return null;
      break;
    case TAG.bool:
      if (typeof scalar === 'boolean') return scalar;
      break;
    case TAG.int:
      if (typeof scalar === 'bigint') return scalar;
      break;
    case TAG.float:
      if (typeof scalar === 'number') return scalar;
      if (typeof scalar === 'bigint' && scalar <= MAX_INT64) return Number(scalar);
      break;
    default:
      // !!str, and any tag that means nothing here.
      return text;
  }
  throw new YamlProblem(`must be of type ${tag.slice(tag.lastIndexOf(':') + 1)}, as its tag says, but is \`${text.slice(0, 40)}\``, offset);
}

/** Go's decoder skips line breaks only and wants the padding. kubectl mangles data that is no UTF-8; it is refused here. */
function decodeBase64(text: string, offset: number): string {
  const packed = text.replace(/[\r\n]/g, '');
  const bytes = Buffer.from(packed, 'base64');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed))
    throw new YamlProblem('the value of !!binary must be base64', offset);
  if (!isUtf8(bytes)) throw new YamlProblem('the value of !!binary must be UTF-8, as JSON cannot hold other bytes', offset);
  return bytes.toString('utf8');
}

const TIMESTAMP =
  /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:(?<mark>[Tt ])(?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2})(?:[.,]\d+)?(?<zone>Z|[-+](?<zoneHour>\d\d):(?<zoneMinute>\d\d))?)?$/;

/** `parseTimestamp`: matters for the tag `!!timestamp` only, as times stay the strings they are. */
function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const { mark = ' ', zone } = match.groups ?? {};
  // Behind a `T`, Go wants a zone; behind a blank, it takes none.
  if ((mark === ' ') !== (zone === undefined)) return false;
  const part = (name: string): number => Number(match.groups?.[name] ?? 0);
  const [month, day] = [part('month'), part('day')];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(month, part('year'))) return false;
  if (part('hour') >= 24 || part('minute') >= 60 || part('second') >= 60) return false;
  return part('zoneHour') <= 24 && part('zoneMinute') <= 60;
}

function daysOf(month: number, year: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * Go's `strconv.FormatFloat(value, 'g', -1, 32)`: the shortest digits that give the same float32, so that the key
 * `16777217.0` reads `1.6777216e+07`.
 */
function formatFloat32(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return Object.is(single, -0) ? '-0' : '0';
  let precision = 1;
  while (Math.fround(Number(single.toExponential(precision - 1))) !== single) precision += 1;
  const [mantissa = '', exponentText = ''] = single.toExponential(precision - 1).split('e');
  const exponent = Number(exponentText);
  // Beyond six digits before the point, or four zeros after it, Go changes to an exponent of at least two digits.
  if (exponent >= -4 && exponent < 6) return Number(`${mantissa}e${exponent}`).toString();
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
