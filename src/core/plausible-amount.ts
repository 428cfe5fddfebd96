/**
 * Implausible amounts, which the API server accepts: `memory: 512` is 512 bytes, `memory: 100m` is a tenth of a byte,
 * `memory: 1E` is more than any machine has, and `cpu: 500` is 500 cores.
 *
 * The rule `sane-quantities` reports them. No repair of any rule builds on one: a limit that is computed from a request of
 * `100m` would be a limit of one byte.
 */
import { compareQuantities, formatQuantity, parseQuantity, wholeUnits, type Quantity } from './quantity.ts';
import type { QuantityText } from './pod.ts';

const NANO_PER_UNIT = 1_000_000_000n;

/** No process starts in less; what is below is a suffix that was forgotten or mistaken. */
export const LEAST_PLAUSIBLE_BYTES: Quantity = { nano: (1n << 20n) * NANO_PER_UNIT, format: 'BinarySI' };

/** The largest machines that one can rent or buy have 32 to 64 TiB of memory; `1E` is a suffix that was mistaken. */
const MOST_PLAUSIBLE_MEMORY: Quantity = { nano: (1n << 46n) * NANO_PER_UNIT, format: 'BinarySI' };

/** No machine has disks of its own for more. */
const MOST_PLAUSIBLE_DISK: Quantity = { nano: (1n << 50n) * NANO_PER_UNIT, format: 'BinarySI' };

/** The least that a volume may be meant to hold: one block of a file system. */
export const LEAST_PLAUSIBLE_VOLUME_BYTES: Quantity = { nano: (1n << 12n) * NANO_PER_UNIT, format: 'BinarySI' };

/** Few machines have more cores than this, and `cpu: 100` is how `100m` is most often mistaken. */
export const MOST_PLAUSIBLE_CORES: Quantity = { nano: 96n * NANO_PER_UNIT, format: 'DecimalSI' };

/** No policy may have a smaller limit as its default. */
export const LEAST_DEFAULT_BYTES: Quantity = { nano: (1n << 24n) * NANO_PER_UNIT, format: 'BinarySI' };

/**
 * A limit in which the runtimes of most languages start: Node.js 24 takes 42 MiB to run nothing, a JVM 36 to print its version. No limit
 * that is made of a request is below: a small request is what its author wanted to have counted, and not what the container may need.
 */
export const LEAST_REPAIRED_BYTES: Quantity = { nano: (1n << 26n) * NANO_PER_UNIT, format: 'BinarySI' };

/**
 * Whether a repair may build on a positive amount of cpu, memory or ephemeral-storage. What is 0 says nothing and is no
 * mistake; amounts of other resources are counts.
 */
export function isPlausible(amount: Quantity, resource: string): boolean {
  if (amount.nano === 0n) return true;
  if (resource === 'cpu') return compareQuantities(amount, MOST_PLAUSIBLE_CORES) <= 0;
  if (!isBytes(resource)) return true;
  return compareQuantities(amount, LEAST_PLAUSIBLE_BYTES) >= 0 && compareQuantities(amount, mostPlausibleBytes(resource)) <= 0;
}

/** @param resource one that is counted in bytes */
export function mostPlausibleBytes(resource: string): Quantity {
  return resource === 'memory' ? MOST_PLAUSIBLE_MEMORY : MOST_PLAUSIBLE_DISK;
}

/** The resources of containers that are counted in bytes. */
function isBytes(resource: string): boolean {
  return resource === 'memory' || resource === 'ephemeral-storage';
}

/**
 * What the author of an implausibly small number of bytes probably meant: thousandths, bytes and thousands of bytes are how
 * `Mi` is mistaken, and where the number is that of gibibytes (`memory: 4`, `0.5`), `Gi`.
 *
 * @returns a quantity as text, or undefined where nothing is near
 */
export function meantBytes(text: QuantityText, least: Quantity): string | undefined {
  const { digits, suffix } = partsOf(text);
  if (digits === undefined || !['m', '', 'k', 'Ki'].includes(suffix)) return undefined;
  const number = Number(digits);
  const thousands = suffix === 'k' ? number : suffix === '' ? number / 1000 : NaN;
  if (suffix === '' && number > 0 && number % 1_000_000 === 0) return undefined;
  if (Number.isInteger(thousands) && thousands > 0)
    return thousands <= MOST_THOUSANDS_MEANT ? `${thousands}000Mi` : plausible(`${thousands}Mi`, least);
  const meant = suffix === '' && (number <= MOST_GIBIBYTES_MEANT || !Number.isInteger(number)) ? `${digits}Gi` : `${digits}Mi`;
  return plausible(meant, least);
}

function plausible(meant: string, least: Quantity): string | undefined {
  const bytes = parseQuantity(meant);
  return bytes === undefined || compareQuantities(bytes, least) < 0 || compareQuantities(bytes, MOST_BYTES_MEANT) > 0 ? undefined : meant;
}

/** `memory: 32` is more often 32 GiB than 32 MiB; both are below what anybody means by bytes. */
const MOST_GIBIBYTES_MEANT = 32;
/** The API server stores `4000` as `4k`, and nobody means 4 MiB; `512000` it stores as `512k`. */
const MOST_THOUSANDS_MEANT = 16;
/** 64 GiB: a plain number above says nothing about what was meant, and neither do millions, which are stored as `1M`. */
const MOST_BYTES_MEANT: Quantity = { nano: (1n << 36n) * NANO_PER_UNIT, format: 'BinarySI' };

/** @returns the same number of thousandths of a core, or undefined where the amount is no plain number, or no whole one */
export function meantCpu(text: QuantityText): string | undefined {
  const { digits, suffix } = partsOf(text);
  if (digits === undefined || !Number.isInteger(Number(digits))) return undefined;
  // The API server stores 1000 as 1k.
  return suffix === '' ? `${digits}m` : suffix === 'k' ? `${digits}000m` : undefined;
}

/** `3500m` is 4 bytes: the API server and the kernel count whole ones. `1E` is told in Ti, as nobody counts so many bytes. */
export function bytesInWords(amount: Quantity): string {
  const bytes = wholeUnits(amount);
  if (bytes >= 1n << 40n) return `${bytes >> 40n}Ti`;
  return bytes === 1n ? '1 byte' : `${bytes} bytes`;
}

/**
 * Whether one amount counts in thousands and the other in 1,024s. The API server stores `500000000` as `500M`, so amounts are compared
 * as they are stored, in files too.
 */
export function isMixed(a: QuantityText, b: QuantityText): boolean {
  const [first, second] = [familyOf(a), familyOf(b)];
  return first !== undefined && second !== undefined && first !== second;
}

/** The amount in whole mebibytes or megabytes, rounded up, where it would be mixed with the other one of a container otherwise. */
export function inUnitsOf(amount: Quantity, other: QuantityText): Quantity {
  if (!isMixed(formatQuantity(amount), other)) return amount;
  const isBinary = familyOf(other) === 'binary';
  const unit = (isBinary ? 1n << 20n : 1_000_000n) * NANO_PER_UNIT;
  return { nano: ((amount.nano + unit - 1n) / unit) * unit, format: isBinary ? 'BinarySI' : 'DecimalSI' };
}

function familyOf(text: QuantityText): 'decimal' | 'binary' | undefined {
  const amount = parseQuantity(String(text));
  const { suffix } = partsOf(amount === undefined ? text : formatQuantity(amount));
  if (/^[KMGTPE]i$/.test(suffix)) return 'binary';
  return /^(?:[kMGTPE]|e\d{1,3})$/.test(suffix) ? 'decimal' : undefined;
}

function partsOf(text: QuantityText): { readonly digits: string | undefined; readonly suffix: string } {
  const { digits, suffix } =
    /^\s*\+?(?<digits>\d{1,15}(?:\.\d{1,9})?)(?<suffix>[A-Za-z]{0,2}|e\d{1,3})\s*$/.exec(String(text))?.groups ?? {};
  return { digits, suffix: suffix ?? '' };
}
