/** How long a command runs, and when it first stops the server. */
export interface Timing {
  /** The least and the most seconds that are known of it; the most of every way that it may take. */
  readonly min: number;
  readonly max: number;
  /** Something takes a time that is not known. */
  readonly isOpen: boolean;
  /** It never ends by itself. */
  readonly isEndless: boolean;
  /** When it tells the server to stop, in seconds after it began; not certain where not every way leads there. */
  readonly stop: { readonly min: number; readonly max: number; readonly isCertain: boolean } | undefined;
  /** For how long what it leaves behind keeps its output open, in seconds after it began; undefined where it leaves nothing behind. */
  readonly held?: Held | undefined;
  /** Whether it succeeds, where that is known. */
  readonly succeeded: boolean | undefined;
}

export interface Held {
  readonly min: number;
  readonly max: number;
  readonly isOpen: boolean;
}

export const AT_ONCE: Timing = { min: 0, max: 0, isOpen: false, isEndless: false, stop: undefined, succeeded: undefined };
/** It cannot start. */
export const FAILS: Timing = { ...AT_ONCE, succeeded: false };
export const OPEN: Timing = { ...AT_ONCE, isOpen: true };
export const FOR_EVER: Timing = { ...AT_ONCE, isEndless: true };
/** It tells the server to stop, and is over. */
export const STOPS: Timing = { ...AT_ONCE, stop: { min: 0, max: 0, isCertain: true } };

/** What takes so long, and succeeds then. */
export function during(seconds: number): Timing {
  return { ...AT_ONCE, min: seconds, max: seconds, succeeded: true };
}

/** What may be the case where one of two ways is taken. */
export function eitherTiming(a: Timing, b: Timing): Timing {
  return {
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    isOpen: a.isOpen || b.isOpen || a.isEndless !== b.isEndless,
    isEndless: a.isEndless && b.isEndless,
    stop: eitherStop(a.stop, b.stop),
    held: eitherHeld(a.held, b.held),
    succeeded: a.succeeded === b.succeeded ? a.succeeded : undefined,
  };
}

function eitherHeld(a: Held | undefined, b: Held | undefined): Held | undefined {
  if (a === undefined || b === undefined) {
    const one = a ?? b;
    return one && { ...one, min: 0 };
  }
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), isOpen: a.isOpen || b.isOpen };
}

/** How long whoever reads the output of a command waits for it, and for all that holds it open. */
export function withHeld(timing: Timing): Timing {
  const { held } = timing;
  if (held === undefined) return timing;
  return {
    ...timing,
    held: undefined,
    min: Math.max(timing.min, held.min),
    max: Math.max(timing.max, held.max),
    isOpen: timing.isOpen || held.isOpen,
  };
}

/** When the server is told to stop, where one of two ways is taken; not certain unless both tell it. */
export function eitherStop(a: Timing['stop'], b: Timing['stop']): Timing['stop'] {
  const one = a ?? b;
  if (a === b || one === undefined) return one;
  if (a === undefined || b === undefined) return { ...one, isCertain: false };
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max), isCertain: a.isCertain && b.isCertain };
}
