/** The outcome for one object of the input. */
export type Outcome<Result, Skip, Failure> =
  | { readonly outcome: 'judged'; readonly result: Result }
  /** Nobody was asked about it. */
  | { readonly outcome: 'skipped'; readonly skip: Skip }
  /** It cannot be read, or cannot be judged; most often for one reason. */
  | { readonly outcome: 'error'; readonly errors: readonly Failure[] };
