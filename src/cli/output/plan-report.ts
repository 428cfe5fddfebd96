/** What `install` and `uninstall` are about to do, object by object. */
import type { PlannedAction } from '../../kube/commands/apply.ts';
import type { Change } from '../../kube/commands/object-changes.ts';
import type { Paint } from '../terminal.ts';

export interface PlanLine {
  readonly title: string;
  readonly action: PlannedAction | { readonly action: 'delete' | 'gone' };
}

const MARKS = { create: '+', change: '~', unchanged: '=', keep: '!', delete: '-', gone: '=' } as const;
const STYLES = { create: 'green', change: 'yellow', unchanged: 'dim', keep: 'cyan', delete: 'red', gone: 'dim' } as const;
const WORDS = { create: 'create', change: 'change', unchanged: 'unchanged', keep: 'keep', delete: 'delete', gone: 'not there' } as const;

export function planText(lines: readonly PlanLine[], paint: Paint): string {
  return lines
    .flatMap(({ title, action }) => {
      const line = `  ${paint(STYLES[action.action], `${MARKS[action.action]} ${WORDS[action.action].padEnd(9)}`)} ${title}`;
      if (action.action === 'change') return [line, ...action.changes.map((change) => `      ${changeText(change)}`)];
      return [action.action === 'keep' ? `${line}: ${action.reason}` : line];
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** A policy fills a screen: only that it changes is said. */
const MAX_VALUE_LENGTH = 80;

export function changeText({ path, from, to }: Pick<Change, 'path' | 'from' | 'to'>): string {
  if (from === undefined) return `${path}: ${valueText(to)}`;
  if (to === undefined) return `${path}: ${valueText(from)} → removed`;
  return `${path}: ${valueText(from)} → ${valueText(to)}`;
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH - 1)}…` : text;
}
