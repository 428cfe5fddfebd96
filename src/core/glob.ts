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
