/** How a registry wants to be asked: the `WWW-Authenticate` header of a 401 (RFC 9110, and token.md of distribution). */

export interface Challenge {
  readonly scheme: 'bearer' | 'basic';
  /** `realm`, `service` and `scope` of a bearer challenge. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** More than any registry says. */
const LONGEST_HEADER = 4096;

/** @returns the first challenge that podgrace can answer; undefined where there is none */
export function challengeIn(header: string | null): Challenge | undefined {
  const text = header ?? '';
  if (text.length > LONGEST_HEADER) return undefined;
  const start = /(?:^|,)\s*(bearer|basic)(?:\s|$)/i.exec(text);
  if (start === null) return undefined;
  const scheme = start[1]?.toLowerCase() === 'bearer' ? 'bearer' : 'basic';
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = start.index + start[0].length;
  for (let match = PARAMETER.exec(text); match !== null; match = PARAMETER.exec(text)) {
    const [, name = '', quoted, bare = ''] = match;
    parameters.set(name.toLowerCase(), quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'));
  }
  return { scheme, parameters };
}

/** One parameter and the comma after it, right where the last one ended. */
const PARAMETER = /\s*(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*,?/y;
