/**
 * What a rule really looks at: a Pod and a subject that note down every member that somebody asks for. A member on the way to a
 * declared place is not a place of its own; the keys of an object are one, as if all its members were asked for.
 */
import { cloneJson } from '../../src/core/json.ts';
import { FieldPath, PathPattern, type Step } from '../../src/core/path.ts';
import type { Pod } from '../../src/core/pod.ts';
import type { Provenance } from '../../src/core/provenance.ts';
import type { Workload } from '../../src/core/rollout.ts';
import { groupOf, nameOfKind } from '../../src/core/workload.ts';
import { isAskedAbout, READ_FOR_EVERY_RULE, type Rule, type RuleContext } from '../../src/core/rule.ts';
import type { Subject } from '../../src/core/subject.ts';
import { operatingSystemOf } from '../../src/core/operating-system.ts';
import { contextOf, type AskedAbout } from '../core/evaluating.ts';

const ALL_MEMBERS = '*';

/** What a rule looks at without saying so, as it judges a subject's Pod, repairs it, and judges the repaired one. */
export function undeclaredReads(rule: Rule, options: unknown, { subject, ...asked }: AskedAbout): readonly string[] {
  if (
    !rule.meta.appliesTo.workloads.includes(subject.workloadClass) ||
    !isAskedAbout(rule.meta, nameOfKind({ group: groupOf(subject.apiVersion), kind: subject.kind }))
  )
    return [];
  const reads = new RecordedReads(rule, subject);
  const pod = reads.pod(subject.pod);
  const recorded = reads.subject(pod);
  const context = (): RuleContext<unknown> => contextOf(rule, pod, options, { ...asked, subject: recorded });
  rule.validate(pod, context());
  rule.mutate?.(pod, context());
  rule.validate(pod, context());
  return reads.undeclared;
}

class RecordedReads {
  readonly #rule: Rule;
  readonly #subject: Subject;
  readonly #patterns: readonly PathPattern[];
  readonly #proxies = new WeakMap<object, object>();
  readonly #undeclared = new Set<string>();

  constructor(rule: Rule, subject: Subject) {
    this.#rule = rule;
    this.#subject = subject;
    const prefix = rule.meta.about === 'workload' && subject.root.depth > 0 ? `${subject.root.text}.` : '';
    const forAll = READ_FOR_EVERY_RULE.map(({ text }) => new PathPattern(prefix + text));
    this.#patterns = [...rule.reads, ...forAll];
  }

  /** Places that were read and are neither declared nor on the way to one that is. */
  get undeclared(): readonly string[] {
    return [...this.#undeclared].sort();
  }

  /** A copy of a Pod that is recorded; what is written into it stays. */
  pod(pod: Pod): Pod {
    return this.#recorded(cloneJson(pod), this.#rule.meta.about === 'workload' ? this.#subject.root : FieldPath.ROOT);
  }

  /** @param pod the recorded one */
  subject(pod: Pod): Subject {
    const { provenance, workload } = this.#subject;
    const recordedProvenance: Pick<Provenance, 'wasSent' | 'wasNamed' | 'wasAdded' | 'originOfToleration'> = {
      wasSent: (path) => {
        this.#note(path);
        return provenance.wasSent(path);
      },
      wasNamed: (path) => {
        this.#note(path);
        return provenance.wasNamed(path);
      },
      wasAdded: (path) => {
        this.#note(path.field('name'));
        return provenance.wasAdded(path);
      },
      originOfToleration: (tolerations, index) => {
        this.#note(FieldPath.of('spec', 'tolerations', index));
        return provenance.originOfToleration(tolerations, index);
      },
    };
    const recordedWorkload = workload && this.#recordedWorkload(workload);
    return {
      ...this.#subject,
      pod,
      provenance: recordedProvenance as Provenance,
      get operatingSystem() {
        return operatingSystemOf(pod.spec);
      },
      get received(): never {
        throw new Error('rules look at the Pod with its defaults');
      },
      get workload(): Workload | undefined {
        return recordedWorkload;
      },
    };
  }

  #recordedWorkload(workload: Workload): Workload {
    const note = (path: FieldPath): void => {
      if (this.#rule.meta.about !== 'workload')
        throw new Error(`${this.#rule.meta.id} asks about the workload: it must say so in meta.about`);
      this.#note(path);
    };
    return {
      get replicas() {
        note(FieldPath.of('spec', 'replicas'));
        return workload.replicas;
      },
      get serviceName() {
        note(FieldPath.of('spec', 'serviceName'));
        return workload.serviceName;
      },
      // A circumstance that no update changes.
      currentReplicas: workload.currentReplicas,
      get strategy() {
        if (workload.strategy !== undefined) note(workload.strategy.path);
        return workload.strategy;
      },
      get job() {
        if (workload.job !== undefined) note(workload.job.path.field('activeDeadlineSeconds'));
        return workload.job;
      },
    };
  }

  #note(path: FieldPath): void {
    if (!this.#patterns.some((pattern) => pattern.touches(path))) this.#undeclared.add(path.text);
  }

  #recorded<T extends object>(value: T, path: FieldPath): T {
    const known = this.#proxies.get(value);
    if (known !== undefined) return known as T;
    const read = (key: string | symbol): void => {
      const step = stepOf(key, value);
      if (step !== undefined) this.#note(placeOf(path, step));
    };
    const proxy = new Proxy(value, {
      get: (target, key) => {
        read(key);
        const member: unknown = Reflect.get(target, key);
        const step = stepOf(key, value);
        if (typeof member !== 'object' || member === null || step === undefined) return member;
        return this.#recorded(member, placeOf(path, step));
      },
      has: (target, key) => {
        read(key);
        return Reflect.has(target, key);
      },
      ownKeys: (target) => {
        if (!Array.isArray(target)) this.#note(path.key(ALL_MEMBERS));
        return Reflect.ownKeys(target);
      },
    });
    this.#proxies.set(value, proxy);
    // A recorded object that is written into another one is still where it was read.
    this.#proxies.set(proxy, proxy);
    return proxy;
  }
}

/** A name that is no field of Kubernetes is a key that a user chose. */
function placeOf(above: FieldPath, step: Step): FieldPath {
  if (typeof step === 'number') return above.at(step);
  return /^[A-Za-z]\w*$/.test(step) ? above.field(step) : above.key(step);
}

/** Undefined for what is no content: the length and the methods of a list, what every object inherits. */
function stepOf(key: string | symbol, target: object): Step | undefined {
  if (typeof key === 'symbol' || key === 'toJSON') return undefined;
  if (Array.isArray(target)) return /^\d+$/.test(key) ? Number(key) : undefined;
  return Object.hasOwn(Object.prototype, key) ? undefined : key;
}
