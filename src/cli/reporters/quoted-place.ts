/** What reports quote of a finding's line. */
import { catalogue } from '../../config/catalogue.ts';
import { oncePer } from '../../core/once-per.ts';
import type { CheckFinding } from '../../offline/located-finding.ts';
import type { FieldPlace } from '../../offline/field-place.ts';

export type Quoted = Pick<FieldPlace, 'line' | 'column' | 'endLine' | 'endColumn' | 'quote'>;

type Placed = Pick<CheckFinding, 'rule' | 'place'>;

/**
 * The place of a finding in what its author sees: the file, or what was rendered. Logs of CI have more readers than a repository, so of a
 * credential the key alone is quoted. Nothing else of its line is: in braces, it may hold the next credential. Another finding in that line
 * is quoted in the same way.
 *
 * @param findings all of the object
 */
export function quotedPlace({ place }: Placed, findings: readonly Placed[]): Quoted {
  const quoted = quotedOf(place);
  return linesOfCredentials(findings).has(quoted.quote) ? withoutValue(quoted) : quoted;
}

function quotedOf(place: FieldPlace): Quoted {
  return place.rendered ?? place;
}

const linesOfCredentials = oncePer((findings: readonly Placed[]): ReadonlySet<string> => {
  const ofCredentials = findings.filter(({ rule }) => catalogue.get(rule)?.meta.findsCredentials === true);
  return new Set(ofCredentials.map(({ place }) => quotedOf(place).quote));
});

function withoutValue({ line, column, quote }: Quoted): Quoted {
  const before = quote.slice(0, column - 1);
  const indent = /^[\s-]*$/.test(before) ? before : `${' '.repeat(before.length - 1)}…`;
  const key = KEY.exec(quote.slice(column - 1))?.[0] ?? '';
  const shown = `${indent}${key}…`;
  return { line, column, endLine: line, endColumn: shown.length + 1, quote: shown };
}

/** Of a field, in YAML or JSON; an alias may bring what stands in a list. */
const KEY = /^"?[\w.-]+"?\s*:\s*/;
