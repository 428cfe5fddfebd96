/** How containers and durations are called in every section of an explanation. */
import type { ContainerReference } from '../../../core/pod.ts';
import type { Duration } from '../../../core/process/hook.ts';

/** `web`, `sidecar proxy` */
export function whoIs({ container, kind }: ContainerReference): string {
  return kind === 'sidecar' ? `sidecar ${container.name}` : container.name;
}

/** `10 s`, `10 s at most`; what is not known is said, too. */
export function durationText({ certainty, seconds }: Duration): string {
  switch (certainty) {
    case 'exact':
      return `${seconds} s`;
    case 'at most':
      return `${seconds} s at most`;
    case 'open':
      return seconds === 0 ? 'a time that is not known' : `${seconds} s, and a time that is not known`;
    case 'endless':
      return 'all of the grace period';
  }
}
