/** A replica that looks after certificates in a model cluster, request by request as the test lets it. */
import { ApiClock } from '../../../src/kube/client/api-clock.ts';
import { ManagedCertificates } from '../../../src/kube/certificates/managed-certificates.ts';
import type { RotationRules } from '../../../src/pki/rotation.ts';
import { NAMES, type ModelCluster, type Pending } from './model-cluster.ts';

export const RULES: RotationRules = {
  dnsNames: ['podgrace.podgrace-system.svc'],
  authorityValidDays: 5 * 365,
  authorityRenewDays: 365,
  leafValidDays: 90,
  leafRenewDays: 30,
  settleMs: 60_000,
  overlapMs: 86_400_000,
};

export class SimulatedReplica {
  certificates: ManagedCertificates;
  /** No request of it comes through. */
  isCutOff = false;
  /** When the last look that ended well began; what happened later it cannot know. */
  lookedAtMs = 0;
  readonly steps: string[] = [];
  readonly errors: string[] = [];
  readonly warnings: string[] = [];
  readonly #cluster: ModelCluster;
  readonly #name: string;
  readonly #skewMs: number;
  #life = 0;
  #look: Promise<void> | undefined;
  #pending: Pending | undefined;
  #wake: () => void = () => undefined;

  /** @param skewMs how far its machine's clock is ahead */
  constructor(cluster: ModelCluster, name: string, skewMs = 0) {
    this.#cluster = cluster;
    this.#name = name;
    this.#skewMs = skewMs;
    this.certificates = this.#start();
  }

  /** A new process; what was on its way is lost. */
  restart(): void {
    this.#life++;
    this.#look = undefined;
    this.#pending = undefined;
    this.lookedAtMs = 0;
    this.certificates = this.#start();
  }

  get isReady(): boolean {
    return this.certificates.verdict.problem === undefined;
  }

  /** Begins a look, if none is going on. */
  async begin(): Promise<void> {
    if (this.#look !== undefined) return;
    const life = this.#life;
    const beganMs = this.#cluster.nowMs;
    const { certificates } = this;
    const look = async (): Promise<void> => {
      await certificates.look({
        onChange: () => undefined,
        onError: ({ message }) => this.errors.push(message),
        onWarning: ({ message }) => this.warnings.push(message),
        onStep: (step) => this.steps.push(step),
      });
      if (life !== this.#life) return;
      if (certificates.lastError === undefined) this.lookedAtMs = beganMs;
      this.#look = undefined;
      this.#wake();
    };
    this.#look = look();
    await this.#rest();
  }

  /** The cluster does what was asked, and the answer is on its way. */
  carryOut(): void {
    if (!this.isCutOff) this.#pending?.carryOut();
  }

  async answer(): Promise<void> {
    await this.#end((pending) => {
      if (this.isCutOff) pending.lose();
      else pending.deliver();
    });
  }

  /** The connection breaks: whether the request was carried out, the replica does not know. */
  async lose(): Promise<void> {
    await this.#end((pending) => {
      pending.lose();
    });
  }

  /** From wherever it is to the end of a look. */
  async run(): Promise<void> {
    await this.begin();
    while (this.#look !== undefined) await this.answer();
  }

  async #end(how: (pending: Pending) => void): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    how(pending);
    await this.#rest();
  }

  /** Until it waits for an answer, or has ended its look: keys are made on other threads. */
  async #rest(): Promise<void> {
    // Both are changed by what is waited for.
    const isUnderWay = (): boolean => this.#look !== undefined && this.#pending === undefined;
    while (isUnderWay()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #start(): ManagedCertificates {
    const life = this.#life;
    const bootMs = this.#cluster.nowMs;
    const clock = new ApiClock({
      wallMs: () => this.#cluster.nowMs + this.#skewMs,
      monotonicMs: () => this.#cluster.nowMs - bootMs,
    });
    const api = this.#cluster.client(clock, (pending) => {
      if (life !== this.#life) return;
      this.#pending = pending;
      this.#wake();
    });
    return new ManagedCertificates(api, { ...NAMES, identity: `${this.#name}-${life}`, rules: RULES });
  }
}
