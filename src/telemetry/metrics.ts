/** Prometheus metrics. Every label has a closed set of values (webhooks, rules, modes), so no input of a user can add a series. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { DecisionRecord } from '../admission/record.ts';
import { Tally } from './tally.ts';

/** An ordinary review takes some 50 µs to 1 ms; these show when it begins to take longer. */
const SHORT_BUCKETS_SECONDS = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5];

/**
 * The buckets of `apiserver_admission_webhook_admission_duration_seconds`, so that the two can be subtracted: what is
 * left is the network and the API server (k8s.io/apiserver `pkg/admission/metrics`).
 */
const API_SERVER_BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];

/** A gauge whose value is not known yet, or not any more; it has no series. */
const UNKNOWN = Number.NaN;

export class Metrics {
  readonly #registry = new Registry();
  readonly #durations = new Histogram({
    name: 'podgrace_admission_duration_seconds',
    help: 'Time from the last byte of the body to the answer, by webhook.',
    labelNames: ['webhook'] as const,
    buckets: [...SHORT_BUCKETS_SECONDS, ...API_SERVER_BUCKETS_SECONDS],
    registers: [this.#registry],
  });
  readonly #decisions = new Counter({
    name: 'podgrace_admission_decisions_total',
    help: 'Answered reviews, by webhook and decision: allowed, warned, denied, mutated, skipped.',
    labelNames: ['webhook', 'decision'] as const,
    registers: [this.#registry],
  });
  readonly #newDecisions = new Tally();
  readonly #findings = new Counter({
    name: 'podgrace_findings_total',
    help: 'Findings, by rule and by what the policy makes of them; excused ones count as exempt, owned, static, not-worse, unknown or may-follow.',
    labelNames: ['rule', 'mode'] as const,
    registers: [this.#registry],
  });
  readonly #newFindings = new Tally();
  readonly #mutations = new Counter({
    name: 'podgrace_mutations_total',
    help: 'Pods that a rule changed (apply) or would change (would).',
    labelNames: ['rule', 'mutation'] as const,
    registers: [this.#registry],
  });
  readonly #newMutations = new Tally();
  readonly #refused = new Counter({
    name: 'podgrace_unreadable_requests_total',
    help: 'Requests that were no readable AdmissionReview, by HTTP status code.',
    labelNames: ['code'] as const,
    registers: [this.#registry],
  });
  readonly #evicted = new Counter({
    name: 'podgrace_connections_evicted_total',
    help: 'Connections that were closed to make room for another, or found none.',
    registers: [this.#registry],
  });
  readonly #certificateExpiry = new Gauge({
    name: 'podgrace_certificate_expiry_timestamp_seconds',
    help: 'When the first certificate of the chain that is served expires.',
    registers: [this.#registry],
  });
  readonly #authorityExpiry = new Gauge({
    name: 'podgrace_certificate_authority_expiry_timestamp_seconds',
    help: 'When the authority in the published caBundle expires that verifies the serving certificate; absent if no authority does, or if it is not checked.',
    registers: [this.#registry],
  });
  readonly #certificateErrors = new Counter({
    name: 'podgrace_certificate_reload_errors_total',
    help: 'Certificate files that were read and not taken over; the old pair stayed in use.',
    registers: [this.#registry],
  });
  readonly #policyLoaded = new Gauge({
    name: 'podgrace_policy_loaded_timestamp_seconds',
    help: 'When the policy that is in force was loaded.',
    registers: [this.#registry],
  });
  readonly #policyStale = new Gauge({
    name: 'podgrace_policy_stale',
    help: '1 while the policy file holds something that was refused and the old policy is in force.',
    registers: [this.#registry],
  });
  readonly #policyErrors = new Counter({
    name: 'podgrace_policy_reload_errors_total',
    help: 'Policy files that were read and refused; the old policy stayed in force.',
    registers: [this.#registry],
  });
  readonly #surroundingsKnown = new Gauge({
    name: 'podgrace_surroundings_known',
    help: '1 while the objects of a kind are known that rules of the policy ask about, 0 while they are not: such a rule then says less.',
    labelNames: ['kind'] as const,
    registers: [this.#registry],
  });
  readonly #surroundingObjects = new Gauge({
    name: 'podgrace_surroundings_objects',
    help: 'How many objects of a kind are known, in the whole cluster; absent while they are not.',
    labelNames: ['kind'] as const,
    registers: [this.#registry],
  });

  readonly #images = new Gauge({
    name: 'podgrace_images',
    help: 'Images of Pods by what registries say of them: known, unknown, waiting to be asked for; absent if no registry is asked.',
    labelNames: ['state'] as const,
    registers: [this.#registry],
  });
  readonly #imagesAsked = new Counter({
    name: 'podgrace_image_questions_total',
    help: 'Images that a registry was asked about, by outcome: known, unchanged, unknown, postponed as the registry is left alone.',
    labelNames: ['outcome'] as const,
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const gauge of [this.#certificateExpiry, this.#authorityExpiry, this.#policyLoaded]) gauge.set(UNKNOWN);
    this.#policyStale.set(0);
    this.#evicted.inc(0);
    this.#certificateErrors.inc(0);
    this.#policyErrors.inc(0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /**
   * Everything in the Prometheus text format. What has no value (also the mean of an event loop that was not measured yet)
   * has no series: prom-client writes it as `Nan`, which compares with nothing and is not how the format spells it.
   */
  async text(): Promise<string> {
    this.#newDecisions.handOver((webhook, decision, count) => {
      this.#decisions.inc({ webhook, decision }, count);
    });
    this.#newFindings.handOver((rule, mode, count) => {
      this.#findings.inc({ rule, mode }, count);
    });
    this.#newMutations.handOver((rule, mutation, count) => {
      this.#mutations.inc({ rule, mutation }, count);
    });
    return (await this.#registry.metrics()).replace(/^.* Nan\n/gm, '');
  }

  /** @param elapsedMs from the last byte of the body to the answer */
  recordDecision({ webhook, outcome, findingCounts, rules, suggestingRules }: DecisionRecord, elapsedMs: number): void {
    this.#durations.observe({ webhook }, elapsedMs / 1000);
    this.#newDecisions.add(webhook, outcome);
    for (const { rule, mode, count } of findingCounts) this.#newFindings.add(rule, mode, count);
    for (const rule of rules) this.#newMutations.add(rule, 'apply');
    for (const rule of suggestingRules) this.#newMutations.add(rule, 'would');
  }

  recordUnreadable(code: number): void {
    this.#refused.inc({ code });
  }

  recordEvicted(): void {
    this.#evicted.inc();
  }

  recordCertificate(expiresMs: number): void {
    this.#certificateExpiry.set(expiresMs / 1000);
  }

  /** @param expiresMs left out where no authority vouches: 0 would look as if it had expired in 1970 */
  recordAuthority(expiresMs = UNKNOWN): void {
    this.#authorityExpiry.set(expiresMs / 1000);
  }

  recordCertificateError(): void {
    this.#certificateErrors.inc();
  }

  recordPolicy(loadedMs: number): void {
    this.#policyLoaded.set(loadedMs / 1000);
    this.#policyStale.set(0);
  }

  /** @param kinds those that are watched; others have no series. `objects` is undefined where they are not known */
  recordSurroundings(kinds: readonly { readonly surrounding: string; readonly objects: number | undefined }[]): void {
    this.#surroundingsKnown.reset();
    this.#surroundingObjects.reset();
    for (const { surrounding: kind, objects } of kinds) {
      this.#surroundingsKnown.set({ kind }, objects === undefined ? 0 : 1);
      if (objects !== undefined) this.#surroundingObjects.set({ kind }, objects);
    }
  }

  /** @param counts images by their state; undefined where no registry is asked */
  recordImages(counts: Readonly<Record<string, number>> | undefined): void {
    for (const [state, count] of Object.entries(counts ?? {})) this.#images.set({ state }, count);
  }

  recordImageAsked(outcome: string): void {
    this.#imagesAsked.inc({ outcome });
  }

  recordPolicyError(): void {
    this.#policyErrors.inc();
    this.#policyStale.set(1);
  }
}
