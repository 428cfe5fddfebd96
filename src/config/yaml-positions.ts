/** Where in a YAML text the value at a path stands, for messages that name a line. */
import { EVENT_ID, getScalarValue, parseEvents, type Event } from 'js-yaml';

export type DocumentPath = readonly (string | number)[];

/**
 * @param text one YAML document that parses
 * @returns the line (from 1) of the deepest part of the path that is there, so that a missing field points at its parent
 */
export function lineOfPath(text: string, path: DocumentPath): number {
  const events = parseEvents(text, {});
  const root = events.findIndex(({ type }) => type !== EVENT_ID.DOCUMENT);
  let at = root;
  let offset = 0;
  for (const part of path) {
    const found = at < 0 ? undefined : child(events, at, part, text);
    if (found === undefined) break;
    offset = found.offset;
    at = found.value;
  }
  return lineAt(text, offset);
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The key (or, in a list, the element) under an event, and the event of its value. */
function child(
  events: readonly Event[],
  parent: number,
  part: string | number,
  text: string,
): { offset: number; value: number } | undefined {
  const type = events[parent]?.type;
  let index = 0;
  let at = parent + 1;
  while (at < events.length && events[at]?.type !== EVENT_ID.POP) {
    const isMapping = type === EVENT_ID.MAPPING;
    const value = isMapping ? skip(events, at) : at;
    const matches = isMapping ? keyOf(events[at], text) === String(part) : type === EVENT_ID.SEQUENCE && index === part;
    if (matches) return { offset: startOf(events[at]), value };
    at = skip(events, value);
    index += 1;
  }
  return undefined;
}

/** The event after a whole node. */
function skip(events: readonly Event[], at: number): number {
  let depth = 0;
  for (let next = at; next < events.length; next++) {
    const type = events[next]?.type;
    if (type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) depth += 1;
    else if (type === EVENT_ID.POP) depth -= 1;
    if (depth === 0) return next + 1;
  }
  return events.length;
}

function keyOf(event: Event | undefined, text: string): string | undefined {
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(text, event) : undefined;
}

function startOf(event: Event | undefined): number {
  if (event?.type === EVENT_ID.SCALAR) return event.valueStart;
  return event?.type === EVENT_ID.MAPPING || event?.type === EVENT_ID.SEQUENCE ? event.start : 0;
}
