/** Why a Pod has its STATUS, as it is told to people; and what is seen of the Pod to tell it. */
import type { ContainerStatus, PodStatus, PrintedStatus } from './pod-status.ts';

export interface StatusCause {
  /** What happened, as one or two sentences. */
  readonly cause: string;
  /** What to do about it; undefined where nothing is wrong. */
  readonly advice: string | undefined;
  /** The ids of the rules that would have found it. */
  readonly rules: readonly string[];
}

export interface Seen {
  readonly pod: PodStatus;
  readonly printed: PrintedStatus;
  /** "Container web", or "The Pod" where no container decides. */
  readonly who: string;
  readonly container: ContainerStatus | undefined;
  /** What the kubelet or the runtime says itself; empty where it says nothing. */
  readonly message: string;
}

export type Explain = (seen: Seen) => StatusCause;

/** Nothing is wrong. */
export const well =
  (cause: string): Explain =>
  () => ({ cause, advice: undefined, rules: [] });

export const ill =
  (cause: string | ((seen: Seen) => string), advice: string, ...rules: string[]): Explain =>
  (seen) => ({ cause: typeof cause === 'string' ? cause : cause(seen), advice, rules });

/** A cause for those messages that it fits. */
export type ByMessage = readonly (readonly [message: RegExp, explain: Explain])[];

/** By the first pattern that the message fits. */
export function byMessage(causes: ByMessage, otherwise: Explain): Explain {
  return (seen) => (causes.find(([pattern]) => pattern.test(seen.message))?.[1] ?? otherwise)(seen);
}

/** How a sentence begins about a container, or about the Pod as a whole. */
export function nameOf(container: ContainerStatus | undefined): string {
  if (container === undefined) return 'The Pod';
  const noun = { main: 'Container', init: 'Init container', sidecar: 'Sidecar' }[container.kind];
  return `${noun} ${container.name}`;
}

/** The same within a sentence. */
export function lowered(who: string): string {
  return who.charAt(0).toLowerCase() + who.slice(1);
}

/** A message with a colon before it. */
export function detail({ message }: Pick<Seen, 'message'>): string {
  // Messages of several lines are logs; their first line is enough here.
  const [line = ''] = message.trim().split('\n', 1);
  const text = line.trim().replace(/\.$/, '');
  return text === '' ? '' : `: ${text}`;
}
