/** The evaluation alone, against `JSON.parse` of the same review: what the rules cost without a server around them. */
import { decideMutation, decideValidation } from '../src/admission/decision.ts';
import { decodeReview } from '../src/admission/review.ts';
import { presetPolicy } from '../src/config/presets.ts';
import { reviews } from './reviews.ts';

const ITERATIONS = 50_000;

/** Microseconds for one call, measured over many; `work` returns something so that it cannot be optimised away. */
function microseconds(work: () => unknown): number {
  let sink: unknown;
  const startMs = performance.now();
  for (let index = 0; index < ITERATIONS; index++) sink = work();
  const elapsedMs = performance.now() - startMs;
  if (sink === undefined) throw new Error('the work gave nothing');
  return (elapsedMs / ITERATIONS) * 1000;
}

/** @returns lines of text; interleaved like the servers, medians of the ratios of each round */
export function measureEvaluation(rounds: number): string[] {
  const policy = presetPolicy('production');
  const asking = { nowMs: Date.now() };
  const clean = JSON.parse(reviews.clean) as unknown;
  const repairable = JSON.parse(reviews.repairable) as unknown;
  const works = {
    'JSON.parse': () => JSON.parse(reviews.clean) as unknown,
    validate: () => decideValidation(decodeReview(clean), policy, asking),
    mutate: () => decideMutation(decodeReview(repairable), policy, asking),
  };
  for (const work of Object.values(works)) microseconds(work);
  const results = Array.from({ length: rounds }, () => Object.entries(works).map(([name, work]) => [name, microseconds(work)] as const));
  const medianOf = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
  return Object.keys(works).map((name) => {
    const own = results.map((round) => new Map(round).get(name) ?? Number.NaN);
    const ratios = results.map((round) => (new Map(round).get(name) ?? 0) / (new Map(round).get('JSON.parse') ?? 1));
    return `evaluation alone: ${name.padEnd(10)} ${medianOf(own).toFixed(1)} µs, ${medianOf(ratios).toFixed(2)} × JSON.parse`;
  });
}
