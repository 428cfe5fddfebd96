/** How many objects a check judged, and what became of them and of their findings. */
import type { CheckOutcome, CheckResult } from './check.ts';

export interface CheckSummary {
  readonly objects: number;
  readonly skipped: number;
  readonly allowed: number;
  readonly denied: number;
  readonly errors: number;
  /** What a baseline has; not set where it has nothing of this. */
  readonly known?: {
    /** Objects that are denied, and for nothing that is not in the baseline. */
    readonly denied: number;
    readonly findings: number;
  };
  /** Findings by what becomes of them. */
  readonly findings: { readonly enforce: number; readonly warn: number; readonly audit: number; readonly repair: number };
}

/** Counts as results come in. */
export class CheckTally {
  #objects = 0;
  #skipped = 0;
  #allowed = 0;
  #denied = 0;
  #errors = 0;
  readonly #known = { denied: 0, findings: 0 };
  readonly #findings = { enforce: 0, warn: 0, audit: 0, repair: 0, would: 0 };

  count(outcome: CheckOutcome): void {
    if (outcome.outcome === 'error') {
      this.#errors += outcome.errors.length;
      return;
    }
    if (outcome.outcome === 'skipped' && outcome.skip.kind === '') return;
    this.#objects += 1;
    if (outcome.outcome === 'skipped') {
      this.#skipped += 1;
      return;
    }
    const { result } = outcome;
    const { allowed, findings, known = 0 } = result;
    if (allowed) this.#allowed += 1;
    else this.#denied += 1;
    for (const { mode } of findings) this.#findings[mode] += 1;
    this.#known.findings += known;
    if (isDeniedForKnownAlone(result)) this.#known.denied += 1;
  }

  get summary(): CheckSummary {
    const { enforce, warn, audit, repair } = this.#findings;
    return {
      objects: this.#objects,
      skipped: this.#skipped,
      allowed: this.#allowed,
      denied: this.#denied,
      errors: this.#errors,
      ...(this.#known.findings > 0 && { known: { ...this.#known } }),
      findings: { enforce, warn, audit, repair },
    };
  }
}

/** Whether an object is denied, and a baseline has everything that it is denied for. */
export function isDeniedForKnownAlone({ allowed, findings, known = 0 }: CheckResult): boolean {
  return !allowed && known > 0 && !findings.some(({ mode }) => mode === 'enforce');
}
