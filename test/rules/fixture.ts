/**
 * Fixtures of rules: one YAML file a case, whose name says what is expected of it.
 *
 * - `accepted.<case>.yaml`: the rule finds nothing and changes nothing.
 * - `repaired.<case>.yaml`: the rule finds `findings`, and its repair, `mutated`, leaves none of them.
 * - `reported.<case>.yaml`: the rule finds `findings`; its repair leaves those under `left` (all of them where the file
 *   has no `mutated`).
 */
import { load } from 'js-yaml';
import { readdirSync, readFileSync } from 'node:fs';
import { parseKubernetesVersion, type KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import type { Deletion } from '../../src/core/deletion.ts';
import type { Rule } from '../../src/core/rule.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { NOTHING_KNOWN, type Surrounding } from '../../src/core/surroundings.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { knownImages } from '../core/known-images.ts';
import { FROM_FILE_OWNED, FROM_USER_OWNED } from '../core/subject-of.ts';

/** A violation as a fixture lists it. */
export interface ListedViolation {
  readonly message: string;
  readonly field: string;
  readonly container?: string;
  readonly data?: object;
  readonly unknown?: true;
  readonly mayFollow?: true;
}

export interface Fixture {
  readonly rule: Rule;
  /** `repaired.default-grace`: the file's name without its ending. */
  readonly name: string;
  readonly expectation: 'accepted' | 'repaired' | 'reported';
  /** What differs from the rule's default options. */
  readonly options: object;
  readonly kubernetesVersion: string;
  /** Whether the object came through an API server before; true unless the case is about files. */
  readonly admitted: boolean;
  /** Whether the request creates the object. */
  readonly created: boolean;
  /** What is known of other objects, by the names of `Surroundings`; nothing if not given. */
  readonly surroundings: Partial<Record<Surrounding, unknown>>;
  /** How the Pod is deleted, where the rule is about deletions. */
  readonly deletion: Deletion | undefined;
  /** The object as somebody would send it. */
  readonly given: object;
  readonly findings: readonly ListedViolation[];
  /** The object after the repair, as somebody would write it. */
  readonly mutated: object | undefined;
  readonly left: readonly ListedViolation[];
  /** The object as somebody writes it who follows the advice of what is left (law 13). */
  readonly advised: object | undefined;
  /** Law 10 does not hold where the order has a meaning; the case says so. */
  readonly orderMatters: boolean;
}

const KNOWN_KEYS = [
  'options',
  'kubernetesVersion',
  'admitted',
  'created',
  'surroundings',
  'deletion',
  'given',
  'findings',
  'mutated',
  'left',
  'advised',
  'orderMatters',
];
const DEFAULT_VERSION = '1.36';

/** @throws for a file that is no fixture, naming it and what is wrong */
export function fixturesOf(rule: Rule): Fixture[] {
  const folder = new URL(`${rule.meta.id}/`, import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((file) => readFixture(rule, file, readFileSync(new URL(file, folder), 'utf8')));
}

function readFixture(rule: Rule, file: string, text: string): Fixture {
  const fail = (message: string): never => {
    throw new Error(`test/rules/${rule.meta.id}/${file}: ${message}`);
  };
  const expectation = /^(accepted|repaired|reported)\.[a-z0-9-]+\.yaml$/.exec(file)?.[1] as Fixture['expectation'] | undefined;
  const content = load(text) as Partial<Fixture>;
  const unknown = Object.keys(content).filter((key) => !KNOWN_KEYS.includes(key));
  if (unknown.length > 0) fail(`unknown keys ${unknown.join(', ')}`);
  const { given, findings = [], mutated, left } = content;
  const strange = Object.keys(content.surroundings ?? {}).filter((name) => !Object.hasOwn(NOTHING_KNOWN, name));
  if (strange.length > 0) fail(`unknown surroundings ${strange.join(', ')}`);
  if ((rule.meta.about === 'deletion') !== (content.deletion !== undefined)) fail('has `deletion` where the rule is about deletions');
  if (expectation === undefined || given === undefined)
    return fail('must be named accepted, repaired or reported.<case>.yaml and have `given`');
  if (expectation === 'accepted' && (findings.length > 0 || mutated !== undefined || content.advised !== undefined))
    fail('an accepted case has neither findings nor mutated nor advised');
  if (expectation !== 'accepted' && findings.length === 0) fail('must list the findings');
  if (expectation === 'repaired' && (mutated === undefined || left !== undefined)) fail('a repaired case has mutated, and nothing left');
  if (expectation === 'reported' && mutated !== undefined && left === undefined)
    fail('a reported case that is repaired in part says what is left');
  return {
    rule,
    name: file.slice(0, -'.yaml'.length),
    expectation,
    options: content.options ?? {},
    kubernetesVersion: content.kubernetesVersion ?? DEFAULT_VERSION,
    admitted: content.admitted ?? true,
    created: content.created ?? false,
    surroundings: withImages(content.surroundings ?? {}),
    deletion: content.deletion,
    given,
    findings,
    mutated,
    left: left ?? (expectation === 'reported' ? findings : []),
    advised: content.advised,
    orderMatters: content.orderMatters ?? false,
  };
}

/** Of images, a fixture says what differs from a configuration that says nothing, or why nobody knows it. */
function withImages({ images, ...others }: Fixture['surroundings']): Fixture['surroundings'] {
  return images === undefined ? others : { ...others, images: knownImages(images as Parameters<typeof knownImages>[0]).value };
}

export function optionsOf({ rule, options }: Fixture): object {
  return { ...(rule.meta.defaultOptions as object), ...options };
}

export function minorOf({ kubernetesVersion }: Fixture): KubernetesMinor {
  const minor = parseKubernetesVersion(kubernetesVersion);
  if (minor === undefined) throw new Error(`unknown Kubernetes version ${kubernetesVersion}`);
  return minor;
}

/** @throws where the object is none that podgrace can judge */
export function subjectOf(object: object, fixture: Fixture): Subject {
  const reading = readSubject(object, {
    kinds: new WorkloadKinds(),
    kubernetesMinor: minorOf(fixture),
    trust: fixture.admitted ? { ...FROM_USER_OWNED, isNew: fixture.created, provesMirror: () => true } : FROM_FILE_OWNED,
    namespace: 'default',
  });
  if (reading.outcome !== 'subject') throw new Error(`${fixture.rule.meta.id}/${fixture.name}: ${JSON.stringify(reading)}`);
  return reading.subject;
}
