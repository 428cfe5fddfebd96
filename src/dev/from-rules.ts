/** The generated files that say what the rules say of themselves. */
import type { Generated } from './generate.ts';

export function generateFromRules(): Generated[] {
  return [];
}
