/** What the process says with its exit code; documented in docs/cli.md. */
export const EXIT = {
  /** Nothing that the policy enforces was found, no difference. */
  clean: 0,
  /** The policy would deny something, or answers differ. */
  findings: 1,
  /** Input that cannot be read, or a wrong option; what could be judged was judged. */
  badInput: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error that the user can mend; shown as its message alone, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
