/** What `install` and `uninstall` are about to do, object by object. */
import type { PlannedAction } from '../../../kube/commands/apply.ts';
import { styled, text, type Text } from '../../output/text.ts';
import { changeText } from './change-text.ts';

export interface PlanLine {
  readonly title: string;
  readonly action: PlannedAction | { readonly action: 'delete' | 'gone' };
}

const MARKS = { create: '+', change: '~', unchanged: '=', keep: '!', delete: '-', gone: '=' } as const;
const STYLES = { create: 'green', change: 'yellow', unchanged: 'dim', keep: 'cyan', delete: 'red', gone: 'dim' } as const;
const WORDS = {
  create: 'create',
  change: 'change',
  unchanged: 'unchanged',
  keep: 'keep',
  delete: 'delete',
  gone: 'absent',
} as const;

/** A line for each object, and below it one for each field that changes. */
export function planLines(lines: readonly PlanLine[]): Text[] {
  return lines.flatMap(({ title, action }) => {
    const does = styled(STYLES[action.action], `${MARKS[action.action]} ${WORDS[action.action].padEnd(9)}`);
    const line = text`  ${does} ${title}`;
    if (action.action === 'change') return [line, ...action.changes.map((change) => text`      ${changeText(change)}`)];
    return [action.action === 'keep' ? text`${line}: ${action.reason}` : line];
  });
}
