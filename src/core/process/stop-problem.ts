/** What goes wrong in a container at its stop signal, in one word. */
import { endsSoon, type StopVerdict } from './possibility.ts';

export type Problem =
  'shell' | 'shellStays' | 'ignoresSignals' | 'dropsSignal' | 'ignoresByItself' | 'trapGoesOn' | 'longTrap' | 'lateTrap' | 'untold';

/** What certainly goes wrong at the stop signal; undefined where nothing does, or nobody knows. */
export function problemOf(stop: StopVerdict, graceSeconds: number): Problem | undefined {
  if (stop.fate === 'ends') return stop.cause === 'untold' ? 'untold' : undefined;
  if (stop.cause === 'long trap' && stop.fate !== 'depends')
    return stop.seconds === undefined || stop.seconds >= graceSeconds ? 'longTrap' : undefined;
  if (stop.fate === 'waits') return endsSoon(stop) ? undefined : 'lateTrap';
  if (stop.fate !== 'swallows') return undefined;
  if (stop.cause === 'trap goes on') return 'trapGoesOn';
  if (stop.cause === 'dropped') return 'dropsSignal';
  if (stop.cause === 'ignores') return 'ignoresByItself';
  if (stop.obstacle === 'no handler') return 'ignoresSignals';
  return stop.obstacle === undefined ? 'shell' : 'shellStays';
}

/**
 * What goes on behind tini: such a program would go on to end untold; an init that drops the signal would get it, and drop it; what ignores
 * it goes on to ignore it; and a trap takes as long.
 */
export const HELPLESS: ReadonlySet<Problem> = new Set<Problem>(['untold', 'dropsSignal', 'ignoresByItself', 'longTrap']);

/** Whether an init stands before what runs. */
export function isBehindInit({ cause, child }: StopVerdict): boolean {
  return cause === 'init' || child !== undefined;
}
