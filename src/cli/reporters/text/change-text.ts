/** A change of one field, on a line. */
import type { Change } from '../../../kube/commands/object-changes.ts';

/** A policy fills a screen: only that it changes is said. */
const MAX_VALUE_LENGTH = 80;

/** `spec.replicas: 2 → 3`, `spec.paused: true → removed`; only the new value where there was none. */
export function changeText({ path, from, to }: Pick<Change, 'path' | 'from' | 'to'>): string {
  if (from === undefined) return `${path}: ${valueText(to)}`;
  if (to === undefined) return `${path}: ${valueText(from)} → removed`;
  return `${path}: ${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH - 1)}…` : text;
}
