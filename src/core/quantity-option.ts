/** Amounts in the options of rules. A wrong amount is refused when the policy is loaded, and not when a Pod is judged. */
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from './quantity.ts';
import type { JsonSchema, OptionProblem } from './rule.ts';

/** Cores or thousandths of one, above 0: `2`, `250m`, `0.25`. Without look-ahead, which a CRD's patterns do not have. */
const CPU_PATTERN = '^([1-9][0-9]{0,6}m?|[0-9]{1,4}\\.[0-9]{0,2}[1-9])$';

/** Whole bytes, above 0: `512Mi`, `1G`, `1073741824`. */
const BYTES_PATTERN = '^[1-9][0-9]{0,14}(k|M|G|T|Ki|Mi|Gi|Ti)?$';

/** @param description a sentence; what the amount may look like is added */
export function cpuOption(description: string): JsonSchema {
  return { type: 'string', pattern: CPU_PATTERN, description: `${description} Cores (2, 0.5) or thousandths (250m).` };
}

/** @param description a sentence; what the amount may look like is added */
export function bytesOption(description: string): JsonSchema {
  return { type: 'string', pattern: BYTES_PATTERN, description: `${description} Bytes with a suffix (512Mi, 1G).` };
}

/** @returns a problem where both amounts are given and the first is above the second */
export function atMost(option: string, amount: string | undefined, name: string, limit: string | undefined): OptionProblem[] {
  const own = amount === undefined ? undefined : parseQuantity(amount);
  const other = limit === undefined ? undefined : parseQuantity(limit);
  if (own === undefined || other === undefined || compareQuantities(own, other) <= 0) return [];
  return [{ option, message: `must be at most \`${name}\`, ${limit ?? ''}` }];
}

/** @returns a problem where the amount is given and below the least that is accepted */
export function atLeast(option: string, amount: string | undefined, least: Quantity): OptionProblem[] {
  const own = amount === undefined ? undefined : parseQuantity(amount);
  if (own === undefined || compareQuantities(own, least) >= 0) return [];
  return [{ option, message: `must be at least ${formatQuantity(least)}` }];
}
