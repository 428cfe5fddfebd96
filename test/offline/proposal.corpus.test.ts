import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { equalJson } from '../../src/core/json.ts';
import { mutate, suggest } from '../../src/core/mutation.ts';
import { Evaluation } from '../../src/core/evaluation.ts';
import type { Pod } from '../../src/core/pod.ts';
import type { Policy } from '../../src/core/policy.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { checkManifest, type CheckResult } from '../../src/offline/check.ts';
import { ManifestDocument } from '../../src/offline/input/documents.ts';
import { readManifests, skipWithoutCorpus } from '../core/corpus.ts';
import { FROM_FILE, READING } from '../core/subject-of.ts';
import { atLeast } from '../long-tests.ts';
import { findInvalid } from '../rules/api-validation.ts';
import { pasted } from './pasted-proposal.ts';

function check(value: unknown, policy: Policy): CheckResult | undefined {
  const outcome = checkManifest(ManifestDocument.ofValue('x.json', value), { policy, namespace: 'default', nowMs: 0 });
  return outcome.outcome === 'judged' ? outcome.result : undefined;
}

/** The Pod, or the one of the template, as the webhook would have it if the policy applied what it proposes. */
function repairedByWebhook(doc: unknown, policy: Policy): Pod | undefined {
  const subject = subjectIn(doc, policy);
  if (subject === undefined) return undefined;
  const evaluation = new Evaluation(policy, subject, { nowMs: 0 });
  return suggest(evaluation, mutate(evaluation)).pod;
}

function subjectIn(doc: unknown, { kubernetesMinor }: Policy): Subject | undefined {
  const reading = readSubject(doc, { ...READING, kubernetesMinor, trust: FROM_FILE });
  if (reading.outcome !== 'subject' || reading.others.length > 0) return undefined;
  // Of two containers with one name nobody can say which one is meant; the API server refuses them.
  return findInvalid(reading.subject.pod, `1.${kubernetesMinor}`).length === 0 ? reading.subject : undefined;
}

/** What is wrong with the proposals for an object, in words. */
function problemsOf(doc: unknown, policy: Policy, result: CheckResult): string[] {
  if (subjectIn(doc, policy) === undefined || result.workload === undefined) return [];
  const rules = [...new Set(result.findings.map(({ rule }) => rule))];
  const proposals = rules.map((rule) => ({ rule, of: result.proposals.of(rule) })).filter(({ of }) => of.length > 0);
  if (proposals.length === 0) return [];
  const paste = (order: typeof proposals): unknown => order.flatMap(({ of }) => of).reduce<unknown>(pasted, doc);
  const followed = paste(proposals);
  const problems: string[] = [];
  // Where two proposals set one field to two values, the last one counts.
  if (!equalJson(followed, paste(proposals.toReversed()))) problems.push('proposals contradict each other');
  const { applying, suggesting } = policy.settingsFor(result.namespace, result.workload);
  const repairing = new Set([...applying, ...suggesting].map(({ rule }) => rule.meta.id));
  const repairs = proposals.filter(({ rule }) => repairing.has(rule));
  const [byHand, byWebhook] = [subjectIn(paste(repairs), policy)?.pod.spec, repairedByWebhook(doc, policy)?.spec];
  if (byHand !== undefined && byWebhook !== undefined && !equalJson(byHand, byWebhook)) problems.push('the webhook repairs something else');
  const after = check(followed, policy);
  if (after === undefined) return [...problems, 'what is proposed cannot be read'];
  for (const { rule } of proposals) {
    const again = after.proposals.of(rule);
    if (after.findings.some((finding) => finding.rule === rule) && again.length > 0) problems.push(`${rule} proposes something again`);
  }
  return problems;
}

for (const preset of ['production', 'strict'] as const) {
  void t.test(
    `${preset}: all proposals for a real manifest can be followed together, and are all that is to be done`,
    { skip: skipWithoutCorpus() },
    (t) => {
      const policy = presetPolicy(preset);
      const broken: string[] = [];
      let proposed = 0;
      for (const { file, doc } of readManifests()) {
        const result = check(doc, policy);
        if (result === undefined) continue;
        const problems = problemsOf(doc, policy, result);
        proposed += 1;
        for (const problem of problems) broken.push(`${file}: ${problem}`);
      }
      t.same(broken, []);
      t.ok(proposed >= atLeast(4000), `${proposed} objects`);
      t.end();
    },
  );
}
