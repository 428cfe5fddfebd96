/** A script of a shell without its comments: what stands in them is set for nobody. */

/**
 * A `#` begins a comment where a word begins, outside quotes (POSIX, 2.3 Token Recognition). A line of a here-document that begins with one
 * is left out as well: files with settings have the same comments.
 */
export function withoutComments(script: string): string {
  if (!script.includes('#')) return script;
  let kept = '';
  let from = 0;
  let quote = '';
  for (let at = 0; at < script.length; at++) {
    const character = script.charAt(at);
    if (character === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '#' && (at === 0 || BEFORE_A_WORD.test(script.charAt(at - 1)))) {
      kept += script.slice(from, at);
      const end = script.indexOf('\n', at);
      from = end === -1 ? script.length : end;
      at = from;
    }
  }
  return kept + script.slice(from);
}

const BEFORE_A_WORD = /[\s;&|()]/;
