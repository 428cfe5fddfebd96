/** What the policy makes of a rule's violation. */
import type { Exemption } from './exemption.ts';
import type { FieldPath } from './path.ts';
import { containerPlaceOf } from './container-place.ts';
import { renderMessage, type Mode, type Rank, type RuleMessage, type Violation } from './rule.ts';

/** The message id of a rule that threw, and of what could not be judged at all. */
export const ERRORED = 'errored';

/** What is said of a rule that threw. */
export const RULE_FAILED: RuleMessage = {
  text: 'could not be judged: {{reason}}',
  fix: 'report this with the manifest, and exempt the object from the rule until it is fixed',
};

/** The message id of a field that cannot be read, where something has to be known of it. Rules have none with a hyphen. */
export const UNREADABLE = 'unreadable-field';

/** The message id of all such fields that are not listed one by one. */
export const UNREADABLE_REST = 'unreadable-rest';

/** Why a finding of an enforcing rule does not deny. */
export type Excuse = 'exempt' | 'owned' | 'static' | 'not-worse' | 'unknown' | 'may-follow';

interface Parts {
  readonly rule: string;
  /** The rule's name for this kind of violation; `errored` where the rule itself failed. */
  readonly messageId: string;
  /** What the policy makes of it, exemptions and excuses considered; an exemption that ends soon is a warning. */
  readonly mode: Exclude<Mode, 'off'>;
  /** In the object that the user sees. */
  readonly path: FieldPath;
  readonly wording: RuleMessage;
  readonly data?: Violation['data'];
  /** Undefined for what could not be judged, and for what is unknown. */
  readonly rank?: Rank | undefined;
  /** In the object that the user sees. */
  readonly ranked?: readonly FieldPath[] | undefined;
  readonly excuse?: Excuse | undefined;
  readonly exemption?: Exemption | undefined;
  /** Whether it rests on an object that is not there yet (`Violation`). */
  readonly mayFollow?: boolean | undefined;
  readonly isForWantOfTime?: boolean | undefined;
}

export interface Severity {
  /** The rule and the thing, by name and list. */
  readonly of: string;
  readonly rank: Rank;
}

/** For elements that were called otherwise before, by their places (`placeOf`): what they were, or undefined for none. */
export type Renamed = ReadonlyMap<string, string | undefined>;

/** A Pod can have a hundred thousand of these, and twenty are shown: texts are made when somebody reads them. */
export class Finding {
  readonly rule: string;
  readonly messageId: string;
  readonly mode: Exclude<Mode, 'off'>;
  readonly path: FieldPath;
  readonly rank: Rank | undefined;
  readonly #ranked: readonly FieldPath[] | undefined;
  readonly excuse: Excuse | undefined;
  readonly exemption: Exemption | undefined;
  readonly mayFollow: boolean;
  /** There was no time to ask the rule. Of an object as it was, this says nothing. */
  readonly isForWantOfTime: boolean;
  readonly #wording: RuleMessage;
  readonly #data: Violation['data'];

  constructor(parts: Parts) {
    const {
      rule,
      messageId,
      mode,
      path,
      wording,
      data,
      rank,
      ranked,
      excuse,
      exemption,
      mayFollow = false,
      isForWantOfTime = false,
    } = parts;
    this.rule = rule;
    this.messageId = messageId;
    this.mode = mode;
    this.path = path;
    this.rank = rank;
    this.#ranked = ranked;
    this.excuse = excuse;
    this.exemption = exemption;
    this.mayFollow = mayFollow;
    this.isForWantOfTime = isForWantOfTime;
    this.#wording = wording;
    this.#data = data;
  }

  /** Who is warned of an exempt finding is told when the exemption ends. */
  get message(): string {
    const message = renderMessage(this.#wording.text, this.#data);
    if (this.exemption === undefined || this.mode !== 'warn') return message;
    const { expires, reason } = this.exemption.document;
    return `${message}; exempt until ${expires}: ${reason}`;
  }

  get fix(): string {
    return renderMessage(this.#wording.fix, this.#data);
  }

  /** As the API server prints it: `spec.template.spec.containers[0].readinessProbe`; `object` for the object as a whole. */
  get field(): string {
    return this.path.text || 'object';
  }

  /** The name of the container that it is about, where it is about one. */
  get container(): string | undefined {
    return containerPlaceOf(this.path)?.name;
  }

  /**
   * What tells it from other findings in an object, and is the same in the same object later: containers, volumes and
   * tolerations keep their names while their places change; what has none is told apart by its field.
   */
  get identity(): string {
    return `${this.rule} ${this.messageId} ${placeOf(this.path)}`;
  }

  /**
   * What an update is judged by: for each thing that the finding is about, how bad it is. What could not be judged is as bad as
   * what could not be judged before; a field that cannot be read, as the same value that could not be read.
   */
  severities(renamed?: Renamed): readonly Severity[] {
    const { rule, rank } = this;
    if (this.messageId === UNREADABLE) return [{ of: `${this.identity} ${this.message}`, rank: [] }];
    if (rank === undefined) return [{ of: this.identity, rank: [] }];
    return (this.#ranked ?? [this.path]).map((place) => ({ of: `${rule} ${placeBefore(place, renamed)}`, rank }));
  }

  excused(mode: Finding['mode'], excuse: Excuse): Finding {
    const { rule, messageId, path, rank, mayFollow, isForWantOfTime } = this;
    const [wording, data, ranked] = [this.#wording, this.#data, this.#ranked];
    return new Finding({ rule, messageId, mode, path, wording, data, rank, ranked, excuse, mayFollow, isForWantOfTime });
  }
}

/** As the path's text, with the names of elements where their makers told them: `spec.containers {web}.image`. */
export function placeOf(path: FieldPath): string {
  const { element } = path;
  if (element === undefined) return path.text;
  const list = element.parent === undefined ? '' : placeOf(element.parent);
  const called = element.name === undefined ? `[${element.step}]` : ` {${element.name}}`;
  return `${list}${called}${path.textBelow(element)}`;
}

/** The place of what stands here now in the object as it was; of what is new, a place that was not there. */
function placeBefore(path: FieldPath, renamed: Renamed | undefined): string {
  const container = renamed === undefined || renamed.size === 0 ? undefined : containerPlaceOf(path);
  if (container === undefined) return placeOf(path);
  const now = placeOf(container);
  if (!renamed?.has(now)) return placeOf(path);
  return `${renamed.get(now) ?? `new: ${now}`}${path.textBelow(container)}`;
}
