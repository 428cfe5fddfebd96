/**
 * Exemptions: which objects need not keep which rule, why, and until when.
 *
 * They come from the policy only, never from labels or annotations that the author of a workload can set, and each has
 * an end.
 */
import { COMPANION_KINDS } from './companion.ts';
import { nameMatcher, type NameMatcher } from './glob.ts';
import { entryOf } from './map-entry.ts';
import type { Container, OwnerReference } from './pod.ts';
import type { Subject } from './subject.ts';
import type { Work } from './work.ts';
import { BUILT_IN_KINDS, OPERATOR_KINDS } from './workload.ts';

export interface ExemptionDocument {
  /** A rule id. */
  readonly rule: string;
  /** Each a name, `*` for any run of characters; at least one of the four is there, all that are there must match. */
  readonly namespace?: string;
  readonly workload?: { readonly kind?: string; readonly name: string };
  readonly container?: string;
  readonly image?: string;
  readonly reason: string;
  /** A date (its end, UTC) or an RFC 3339 time. */
  readonly expires: string;
}

export interface Exemption {
  readonly document: ExemptionDocument;
  readonly expiresMs: number;
  /** Whether users are told of its end: from 14 days before. */
  endsSoon(nowMs: number): boolean;
  matchesSubject(subject: Exemptable): boolean;
  /** Whether it covers this container; an exemption that names no container or image, or every one, covers the whole Pod. */
  matchesContainer(container: Pick<Container, 'name' | 'image'> | undefined): boolean;
  readonly coversWholePod: boolean;
}

/** What decides whether an exemption is for an object. */
export type Exemptable = Pick<Subject, 'namespace' | 'kind' | 'name' | 'isNameGenerated' | 'owner' | 'isOwnerProven'> & {
  readonly pod: Pick<Subject['pod'], 'metadata'>;
};

/** Two weeks: time for a release or two of what is exempt. */
const WARNED_MS = 14 * 86_400_000;

/** @throws {Error} for an `expires` that is no date; the policy's schema has refused it before */
export function compileExemption(document: ExemptionDocument): Exemption {
  const { namespace, workload, container, image, expires } = document;
  const coversWholePod = isEveryOne(container) && isEveryOne(image);
  const expiresMs = expiryOf(expires);
  if (Number.isNaN(expiresMs)) throw new RangeError(`no date: ${expires}`);
  const inNamespace = optionalMatcher(namespace);
  const hasName = optionalMatcher(workload?.name);
  const isContainer = optionalMatcher(container);
  const hasImage = optionalMatcher(image);
  return {
    document,
    expiresMs,
    coversWholePod,
    endsSoon: (nowMs) => expiresMs - nowMs <= WARNED_MS,
    matchesSubject(subject) {
      if (!inNamespace(subject.namespace)) return false;
      if (workload === undefined) return true;
      return workloadsOf(subject).some(({ kind, name }) => (workload.kind ?? kind) === kind && hasName(name));
    },
    matchesContainer(candidate) {
      if (coversWholePod) return true;
      if (candidate === undefined) return false;
      return isContainer(candidate.name) && hasImage(candidate.image ?? '');
    },
  };
}

/** RFC 3339. `Date.parse` alone takes a time without a zone for a local one, 31 February for 3 March, and 24:00 for the next day. */
const DATE_OR_TIME = /^(\d{4}-\d\d-\d\d)(T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * When an exemption ends: a date without a time with its day, UTC.
 *
 * @returns milliseconds since 1970; NaN where the text is neither a date nor an RFC 3339 time
 */
export function expiryOf(expires: string): number {
  const [, date = '', time] = DATE_OR_TIME.exec(expires) ?? [];
  const endOfDayMs = Date.parse(`${date}T23:59:59.999Z`);
  const isInCalendar = !Number.isNaN(endOfDayMs) && new Date(endOfDayMs).toISOString().startsWith(date);
  if (!isInCalendar) return Number.NaN;
  return time === undefined ? endOfDayMs : Date.parse(expires);
}

/** Whoever names every container means the whole Pod. */
function isEveryOne(pattern: string | undefined): boolean {
  return pattern === undefined || /^\*+$/.test(pattern);
}

function optionalMatcher(pattern: string | undefined): NameMatcher {
  return pattern === undefined ? () => true : nameMatcher(pattern);
}

/**
 * The kinds by which `workload` of an exemption can be meant, besides those that the policy adds: what podgrace judges, and owners that are
 * proven. A Node owns mirrors of static Pods.
 */
export const EXEMPTABLE_KINDS: readonly string[] = [
  ...new Set([...BUILT_IN_KINDS, ...OPERATOR_KINDS].map(({ kind }) => kind)),
  ...COMPANION_KINDS,
  ...['Rollout', 'Node'],
];

interface WorkloadName {
  readonly kind: string;
  readonly name: string;
}

/**
 * The workloads that an object is part of: itself, and what owns it where that is proven. Owner references are text that
 * users can write, so they count only where the origin of the object proves them.
 */
function workloadsOf(subject: Exemptable): WorkloadName[] {
  const { kind, name, isNameGenerated } = subject;
  const names: WorkloadName[] = [{ kind, name: isNameGenerated ? generatedFrom(name) : name }];
  const { owner, isOwnerProven } = subject;
  if (owner === undefined || !isOwnerProven) return names;
  names.push(owner);
  const above = ownerAbove(owner, subject);
  if (above !== undefined) names.push(above);
  return names;
}

/**
 * What a generated name may be, as far as an exemption is concerned. Which characters the API server appends is not known yet: each is
 * NUL here, which no name holds, so that only a `*` of the exemption covers them. Mirrors kubernetes
 * `staging/src/k8s.io/apiserver/pkg/storage/names/generate.go`: five characters after at most 58.
 */
function generatedFrom(prefix: string): string {
  return `${prefix.slice(0, 58)}${'\0'.repeat(5)}`;
}

/**
 * The label with the hash that a ReplicaSet's name ends with, and the kind that owns the ReplicaSet: the deployment-controller, and Argo
 * Rollouts (`rollout/sync.go`, `DefaultRolloutUniqueLabelKey`).
 */
const OWNERS_OF_REPLICA_SETS = { 'pod-template-hash': 'Deployment', 'rollouts-pod-template-hash': 'Rollout' } as const;

/** What owns a ReplicaSet, and the CronJob of a Job, from the names that their controllers give. */
function ownerAbove({ kind, name }: OwnerReference, subject: Exemptable): WorkloadName | undefined {
  if (kind === 'ReplicaSet') {
    for (const [label, ownerKind] of Object.entries(OWNERS_OF_REPLICA_SETS)) {
      const hash = subject.pod.metadata.labels?.[label];
      if (hash !== undefined && name.endsWith(`-${hash}`)) return { kind: ownerKind, name: name.slice(0, -hash.length - 1) };
    }
  }
  // The cronjob-controller appends the scheduled time in minutes since 1970 (`getJobName`).
  const scheduled = kind === 'Job' ? /^(.+)-\d{8,}$/.exec(name) : null;
  return scheduled?.[1] === undefined ? undefined : { kind: 'CronJob', name: scheduled[1] };
}

/** The exemptions from one rule that cover a subject, or containers of it. */
export class RuleExemptions {
  /** The first that covers the whole Pod. */
  readonly #whole: Exemption | undefined;
  readonly #byContainer = new Map<string, Exemption[]>();
  readonly #byImage = new Map<string, Exemption[]>();
  /** Those with patterns have to be tried one by one. */
  readonly #patterns: readonly Exemption[];
  readonly #order: ReadonlyMap<Exemption, number>;

  /** @param exemptions of a policy; the first that covers a container counts */
  constructor(exemptions: readonly Exemption[]) {
    this.#order = new Map(exemptions.map((exemption, index) => [exemption, index]));
    const patterns: Exemption[] = [];
    for (const exemption of exemptions) {
      const { container, image } = exemption.document;
      if (exemption.coversWholePod) this.#whole ??= exemption;
      else if (container !== undefined && !container.includes('*')) entryOf(this.#byContainer, container, () => []).push(exemption);
      else if (image !== undefined && !image.includes('*')) entryOf(this.#byImage, image, () => []).push(exemption);
      else patterns.push(exemption);
    }
    this.#patterns = patterns;
  }

  get isEmpty(): boolean {
    return this.#order.size === 0;
  }

  get coversWholePod(): boolean {
    return this.#whole !== undefined;
  }

  /**
   * @param container undefined for what is about no single container
   * @param work counts each exemption that is tried
   */
  find(container: Container | undefined, work: Work): Exemption | undefined {
    let found = this.#whole;
    if (container === undefined) return found;
    const { name, image } = container;
    for (const candidates of [this.#byContainer.get(name), this.#byImage.get(image ?? ''), this.#patterns]) {
      if (candidates === undefined) continue;
      work.spend(candidates.length);
      const match = candidates.find((candidate) => candidate.matchesContainer(container));
      if (match !== undefined && (found === undefined || this.#placeOf(match) < this.#placeOf(found))) found = match;
    }
    return found;
  }

  #placeOf(exemption: Exemption): number {
    return this.#order.get(exemption) ?? Infinity;
  }
}

/** For a policy that exempts nobody. */
export const NO_EXEMPTIONS = new RuleExemptions([]);
