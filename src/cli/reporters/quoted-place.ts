/** What reports quote of a finding's line. */
import { catalogue } from '../../config/catalogue.ts';
import type { CheckFinding } from '../../offline/located-finding.ts';
import type { FieldPlace } from '../../offline/field-place.ts';

export type Quoted = Pick<FieldPlace, 'line' | 'column' | 'endLine' | 'endColumn' | 'quote'>;

/**
 * The place of a finding in what its author sees: the file, or what was rendered. Logs of CI have more readers than a repository, so of a
 * credential the key alone is quoted. Nothing else of its line is: in braces, it may hold the next credential.
 */
export function quotedPlace({ rule, place }: Pick<CheckFinding, 'rule' | 'place'>): Quoted {
  const quoted = place.rendered ?? place;
  return catalogue.get(rule)?.meta.findsCredentials === true ? withoutValue(quoted) : quoted;
}

function withoutValue({ line, column, quote }: Quoted): Quoted {
  const before = quote.slice(0, column - 1);
  const indent = /^[\s-]*$/.test(before) ? before : `${' '.repeat(before.length - 1)}…`;
  const key = KEY.exec(quote.slice(column - 1))?.[0] ?? '';
  const shown = `${indent}${key}…`;
  return { line, column, endLine: line, endColumn: shown.length + 1, quote: shown };
}

/** Of a field, in YAML or JSON; an alias may bring what stands in a list. */
const KEY = /^"?[\w.-]+"?\s*:\s*/;
