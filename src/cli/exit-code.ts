/** The meanings of the exit codes; docs/cli.md prints them. */
export const EXIT = {
  /** Nothing that the policy enforces was found, no difference. */
  clean: 0,
  /** The policy would deny something, or answers differ. */
  findings: 1,
  /** Input that cannot be read, or a wrong option; what could be judged was judged. */
  badInput: 2,
  /**
   * Whoever read the output went away before its end (`podgrace check . | head -1`): there is no verdict. 128 + SIGPIPE, as a
   * shell says it of programs that this signal ends; Node ignores the signal.
   */
  readerGone: 141,
  /** Stopped by Ctrl-C or by `kill`, where a command ends its work in order: 128 + SIGINT, 128 + SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error that the user can mend; shown as its message alone, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
