/** What the policy's rules find in a companion: as `evaluate.ts` for Pods, without repairs. */
import type { Companion } from './companion.ts';
import { messageOf } from './error-message.ts';
import { ERRORED, Finding, RULE_FAILED } from './finding.ts';
import { SPEC } from './pod.ts';
import type { Policy } from './policy.ts';
import type { RuleSetting } from './rule-settings.ts';
import { modeOfMessage, type KnownViolation } from './rule.ts';
import type { Surroundings } from './surroundings.ts';
import { OutOfTimeError, Work } from './work.ts';

export interface CompanionSubject {
  /** As `companionKindOf` has it. */
  readonly kind: string;
  readonly namespace: string;
  readonly companion: Companion;
}

interface Circumstances {
  /** Milliseconds since 1970, for exemptions that expire. */
  readonly nowMs: number;
  readonly surroundings: Surroundings;
  /** As `Circumstances` of Pods have it. */
  readonly outOfTime?: ((steps: number) => boolean) | undefined;
}

/** What there is no time for is recorded, and denies nothing: no outage keeps anybody from mending a budget (docs/adr/0060). */
export function validateCompanion(subject: CompanionSubject, policy: Policy, circumstances: Circumstances): Finding[] {
  const { kind, namespace, companion } = subject;
  const { nowMs, surroundings, outOfTime } = circumstances;
  const work = new Work(outOfTime);
  return policy.companionSettingsFor(namespace, kind).flatMap((setting) => {
    try {
      if (work.isOutOfTime) throw new OutOfTimeError();
      const violations = setting.rule.validateCompanion?.(companion, { options: setting.options, surroundings, work }) ?? [];
      return violations.map((violation) => findingOf(violation, setting, subject, { policy, nowMs }));
    } catch (error) {
      const finding = erroredFinding(setting, error, policy);
      return [error instanceof OutOfTimeError ? finding.excused('audit', 'unknown') : finding];
    }
  });
}

function findingOf(
  { message: messageId, path, data, rank, ranked, mayFollow }: KnownViolation,
  { rule, mode }: RuleSetting,
  subject: CompanionSubject,
  { policy, nowMs }: { readonly policy: Policy; readonly nowMs: number },
): Finding {
  const { id, messages } = rule.meta;
  const wording = messages[messageId];
  if (wording === undefined || mode === 'off') throw new Error(`${id} is off, or has no message ${messageId}`);
  const parts = { rule: id, messageId, path, wording, data, rank, ranked, mayFollow, mode: modeOfMessage(mode, wording) };
  const exempt = exemptable(subject);
  const exemption = policy
    .exemptionsFrom(id)
    .find((candidate) => candidate.expiresMs >= nowMs && candidate.matchesSubject(exempt) && candidate.matchesContainer(undefined));
  if (exemption === undefined) return new Finding(parts);
  const isTold = mode !== 'audit' && exemption.endsSoon(nowMs);
  return new Finding({ ...parts, mode: isTold ? 'warn' : 'audit', excuse: 'exempt', exemption });
}

/** It has no owner that anybody proves. */
function exemptable({ kind, namespace, companion }: CompanionSubject): Parameters<Policy['exemptions'][number]['matchesSubject']>[0] {
  const { name } = companion.type === 'budget' ? companion.budget : companion.autoscaler;
  const pod = { metadata: {} };
  // The webhook is asked when the name has been generated.
  return { namespace, kind: kind.slice(kind.indexOf('/') + 1), name, isNameGenerated: false, owner: undefined, isOwnerProven: false, pod };
}

function erroredFinding({ rule }: RuleSetting, error: unknown, { errored }: Policy): Finding {
  const data = { reason: messageOf(error) };
  return new Finding({ rule: rule.meta.id, messageId: ERRORED, path: SPEC, wording: RULE_FAILED, data, mode: errored });
}
