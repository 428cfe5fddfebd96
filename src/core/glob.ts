/**
 * Names with `*` for any run of characters; everything else is literal and the whole name must match.
 *
 * No regular expressions: policies come from operators, names from anybody, and matching stays linear in both.
 */
export type NameMatcher = (name: string) => boolean;

/** @param pattern `web`, `team-*`, `registry.example.com/*` */
export function nameMatcher(pattern: string): NameMatcher {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (name) => name === pattern;
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    const end = name.length - tail.length;
    let at = head.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** @returns a matcher that accepts what any of the patterns accepts */
export function anyNameMatcher(patterns: readonly string[]): NameMatcher {
  const matchers = patterns.map(nameMatcher);
  return (name) => matchers.some((matches) => matches(name));
}

/**
 * Whether some name matches both patterns.
 *
 * Each pair of places in the two is looked at once: `*` stays, or is over, and everything else has to be the same.
 */
export function patternsOverlap(a: string, b: string): boolean {
  // Whether the rest of `a` from each place on overlaps with the rest of `b` from the place that is looked at.
  let later = Array.from({ length: a.length + 1 }, (_, at) => isStars(a, at));
  for (let inB = b.length - 1; inB >= 0; inB--) {
    const here = new Array<boolean>(a.length + 1).fill(false);
    here[a.length] = isStars(b, inB);
    for (let inA = a.length - 1; inA >= 0; inA--) {
      if (b[inB] === '*') here[inA] = later[inA] === true || here[inA + 1] === true;
      else if (a[inA] === '*') here[inA] = here[inA + 1] === true || later[inA] === true;
      else here[inA] = a[inA] === b[inB] && later[inA + 1] === true;
    }
    later = here;
  }
  return later[0] === true;
}

/** Whether nothing but stars is left: what matches the empty name. */
function isStars(pattern: string, from: number): boolean {
  for (let at = from; at < pattern.length; at++) if (pattern[at] !== '*') return false;
  return true;
}
