/** Which exemptions of the policies of a run excuse something in it: the others are over, or excuse nothing that was judged. */
import type { Exemption } from '../core/exemption.ts';
import type { Finding } from '../core/finding.ts';
import type { Policy } from '../core/policy.ts';

export interface IdleExemption {
  /** The policy that has it. */
  readonly policy: Policy;
  readonly exemption: Exemption;
  /** Whether it has ended; else it is in force. */
  readonly isOver: boolean;
}

export class UsedExemptions {
  readonly #policies = new Set<Policy>();
  readonly #used = new Set<Exemption>();

  /** @param findings of an object of the run that is judged by the policy; none where no rule is asked about it */
  add(policy: Policy, findings: readonly Finding[]): void {
    this.#policies.add(policy);
    for (const { exemption } of findings) if (exemption !== undefined) this.#used.add(exemption);
  }

  /** Those that excused nothing, in the order of their policies. @param nowMs milliseconds since 1970 */
  idle(nowMs: number): IdleExemption[] {
    const idle: IdleExemption[] = [];
    for (const policy of this.#policies) {
      for (const exemption of policy.exemptions)
        if (!this.#used.has(exemption)) idle.push({ policy, exemption, isOver: exemption.expiresMs < nowMs });
    }
    return idle;
  }
}
