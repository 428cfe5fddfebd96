/**
 * Which fields of an object cannot be read, and which rules read them. The Pod that rules see does not have such a field
 * (`readPodShape`). A rule that reads the field still judges the rest of the object. It also counts as broken at the field,
 * in its own mode, because the field may hold anything (docs/adr/0044).
 */
import { FieldPath } from './path.ts';
import { READ_FOR_EVERY_RULE, type Rule } from './rule.ts';
import type { ShapeProblem } from './shape-problem.ts';
import type { Subject } from './subject.ts';

const NONE: readonly ShapeProblem[] = [];

/** The fields that a rule reads, and that cannot be read. */
export function unreadableFor(rule: Rule, { unreadable, root }: Subject): readonly ShapeProblem[] {
  if (unreadable.length === 0) return NONE;
  const { meta, reads } = rule;
  return unreadable.filter(({ path }) => {
    if (meta.about === 'workload' && reads.some((pattern) => pattern.touches(path))) return true;
    const inPod = withinPod(path, root);
    if (inPod === undefined) return false;
    const patterns = meta.about === 'workload' ? READ_FOR_EVERY_RULE : [...READ_FOR_EVERY_RULE, ...reads];
    return patterns.some((pattern) => pattern.touches(inPod));
  });
}

/** Whether a rule knows all that it needs to repair a Pod, and can write what it would. */
export function mayRepair(rule: Rule, subject: Subject): boolean {
  if (subject.unreadable.length === 0) return true;
  if (unreadableFor(rule, subject).length > 0) return false;
  return !subject.unreadable.some(({ path }) => {
    const inPod = withinPod(path, subject.root);
    return inPod !== undefined && rule.writes.some((pattern) => pattern.touches(inPod));
  });
}

/** A place of the object as one of the Pod: the Pod itself where the place is above it, undefined where it is elsewhere. */
function withinPod(path: FieldPath, root: FieldPath): FieldPath | undefined {
  if (root.isWithin(path)) return FieldPath.ROOT;
  return path.isWithin(root) ? FieldPath.from(path.steps.slice(root.depth)) : undefined;
}
