/** Explanations of objects, as `explain` makes them of a file. */
import { presetPolicy } from '../../src/config/presets.ts';
import { explainObject, type ExplainContext } from '../../src/offline/explain.ts';
import type { Explanation, ExplainOutcome } from '../../src/offline/explanation.ts';
import { NOW_MS } from '../admission/ask.ts';

const POLICY = presetPolicy('production');

export const EXPLAIN_CONTEXT: ExplainContext = {
  policyFor: () => POLICY,
  namespace: 'shop',
  nodeMemoryBytes: 16n * 1024n ** 3n,
  nowMs: NOW_MS,
};

export async function outcomesOf(object: object, context: Partial<ExplainContext> = {}): Promise<ExplainOutcome[]> {
  const source = { file: 'web.yaml', document: 1, line: 1 };
  const outcomes: ExplainOutcome[] = [];
  for await (const outcome of explainObject(object, { origin: { from: 'file' }, source }, { ...EXPLAIN_CONTEXT, ...context }))
    outcomes.push(outcome);
  return outcomes;
}

/** @throws {Error} if the object has not exactly one Pod template */
export async function explanationOf(object: object, context: Partial<ExplainContext> = {}): Promise<Explanation> {
  const outcomes = await outcomesOf(object, context);
  const [outcome] = outcomes;
  if (outcome?.outcome !== 'judged' || outcomes.length !== 1) throw new Error(`not one explanation: ${JSON.stringify(outcomes)}`);
  return outcome.result;
}
