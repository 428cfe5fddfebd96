/** What must hold for whatever `fix` writes. */
import { presetPolicy } from '../../src/config/presets.ts';
import { equalJson } from '../../src/core/json.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { PresetName } from '../../src/core/rule.ts';
import { admit, patchedObject } from '../../src/offline/admit.ts';
import { creationOf } from '../../src/offline/creation.ts';
import { fixText } from '../../src/offline/fixed-text.ts';
import type { FixContext } from '../../src/offline/planned-repair.ts';
import { itemsOf } from '../../src/offline/input/documents.ts';
import { repairsOf } from '../../src/offline/repairs.ts';
import { parseDocument, splitDocuments } from '../../src/yaml/kubernetes-yaml.ts';
import type { Submission } from '../../src/admission/submission.ts';

export interface FixLaws {
  readonly changed: number;
  readonly refused: readonly string[];
  /** Each law that does not hold, in words. */
  readonly broken: readonly string[];
}

const NOW_MS = Date.parse('2026-11-28T00:00:00Z');

export function contextFor(preset: PresetName): FixContext {
  return { policy: presetPolicy(preset), namespace: 'default', nowMs: NOW_MS };
}

export function fixLaws(text: string, context: FixContext): FixLaws {
  const broken: string[] = [];
  const fixed = fixText('a.yaml', text, context);
  const results = fixed.outcomes.flatMap((outcome) => (outcome.outcome === 'judged' ? [outcome.result] : []));
  const refused = results.flatMap((result) => (result.refused === null ? [] : [result.refused.reason]));
  const changed = results.length - refused.length;
  const before = valuesIn(text);
  const after = valuesIn(fixed.after);
  if (refused.length === 0) {
    let mayBeLost = 0;
    const repaired = before.map((value) => {
      let whole = value;
      for (const { path, value: item } of itemsOf(value)) {
        const submission = creationOf(item, context.namespace);
        const repairs = typeof submission === 'string' ? undefined : repairsOf(submission, context.policy, NOW_MS);
        if (repairs?.outcome !== 'read') continue;
        for (const { op, path: pointer } of repairs.patch) mayBeLost += op === 'add' ? 1 : linesOfValue(item, pointer);
        const prefix = path.map((step) => `/${step}`).join('');
        whole = patchedObject(
          whole,
          repairs.patch.map((operation) => ({ ...operation, path: prefix + operation.path })),
        );
      }
      return whole;
    });
    // In the order of keys too: what is added to an object comes last.
    if (JSON.stringify(after) !== JSON.stringify(repaired)) broken.push('read again, the text is not the repaired object');
    const lost = linesLost(text, fixed.after);
    if (lost.length > mayBeLost)
      broken.push(`${lost.length} lines are changed, where ${mayBeLost} may be: ${lost.slice(0, 3).join(' ⏎ ')}`);
  }
  for (const comment of commentsLost(text, fixed.after)) broken.push(`a comment is lost: ${comment}`);
  const again = fixText('a.yaml', fixed.after, context);
  if (again.edits.length > 0) broken.push('a second time, something is changed');
  if (refused.length === 0) broken.push(...webhookDifferences(before, after, context.policy, context.namespace));
  return { changed, refused, broken };
}

/** What the webhook would have stored is what was written, and it has nothing more to do. */
function webhookDifferences(before: readonly unknown[], after: readonly unknown[], policy: Policy, namespace: string): string[] {
  const problems: string[] = [];
  const asking = { nowMs: NOW_MS, detailed: true };
  for (const [index, value] of before.entries()) {
    const items = [...itemsOf(value)];
    for (const [place, { value: item }] of [...itemsOf(after[index])].entries()) {
      const [sent, written] = [creationOf(items[place]?.value, namespace), creationOf(item, namespace)];
      if (typeof sent === 'string' || typeof written === 'string' || !isFixed(sent, policy)) continue;
      const [stored, admitted] = [admit(sent, policy, asking), admit(written, policy, asking)];
      if (admitted.mutate.patch.length > 0) problems.push('the webhook still patches what was written');
      if (admitted.validate.repaired.length > 0) problems.push('the Pods of the template are still repaired');
      if (stored.mutate.patch.length > 0 && !equalJson(patchedObject(sent.object, stored.mutate.patch), written.object))
        problems.push('the webhook would have stored another Pod');
      if (!equalJson(stored.validate.pod, admitted.validate.pod)) problems.push('the Pods of the template would be others');
      if (stored.validate.allowed !== admitted.validate.allowed) problems.push('the verdict is another');
    }
  }
  return problems;
}

function isFixed(submission: Submission, policy: Policy): boolean {
  return repairsOf(submission, policy, NOW_MS).outcome === 'read';
}

function valuesIn(text: string): unknown[] {
  return splitDocuments(text).map((document) => {
    try {
      return parseDocument(document);
    } catch {
      return document.text;
    }
  });
}

/** On how many lines a value may stand that goes: with its key, and with the bracket that it ends with. */
function linesOfValue(object: unknown, pointer: string): number {
  const value = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((holder, step) => (holder as Record<string, unknown> | null | undefined)?.[step], object);
  return JSON.stringify(value ?? null, null, 1).split('\n').length;
}

/** Lines of a text that another has not, or not as often; each with its line end, which the last may have got. */
function linesLost(text: string, other: string): string[] {
  const counts = new Map<string, number>();
  for (const line of other.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  const lines = text.split('\n');
  return lines.filter((line, index) => {
    const spellings = index === lines.length - 1 ? [line, `${line}\r`] : [line];
    const spelling = spellings.find((each) => (counts.get(each) ?? 0) > 0);
    if (spelling === undefined) return true;
    counts.set(spelling, (counts.get(spelling) ?? 0) - 1);
    return false;
  });
}

/** All that looks like a comment, also where it is none: from a `#` that begins a line or follows a blank to the end of its line. */
function commentsLost(text: string, other: string): string[] {
  const counts = new Map<string, number>();
  for (const comment of commentsIn(other)) counts.set(comment, (counts.get(comment) ?? 0) + 1);
  return commentsIn(text).filter((comment) => {
    const count = counts.get(comment) ?? 0;
    counts.set(comment, count - 1);
    return count === 0;
  });
}

function commentsIn(text: string): string[] {
  return [...text.matchAll(/(?:^|[ \t])(#.*)$/gm)].map(([, comment = '']) => comment.trimEnd());
}
