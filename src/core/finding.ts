/** What the policy makes of a rule's violation. */
import type { Exemption } from './exemption.ts';
import type { FieldPath } from './path.ts';
import { containerPlaceOf } from './pod.ts';
import { renderMessage, type Mode, type RuleMessage, type Violation } from './rule.ts';

/** The message id of a rule that threw, and of what could not be judged at all. */
export const ERRORED = 'errored';

/** Why a finding of an enforcing rule does not deny. */
export type Excuse = 'exempt' | 'owned' | 'static' | 'not-worse' | 'unknown';

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
  readonly gap?: number | undefined;
  readonly rank?: Violation['rank'] | undefined;
  readonly rankedElements?: Violation['rankedElements'] | undefined;
  readonly excuse?: Excuse | undefined;
  readonly exemption?: Exemption | undefined;
}

export interface Severity {
  /** The rule and the element, by name and list. */
  readonly of: string;
  readonly rank: readonly number[];
}

/** A Pod can have a hundred thousand of these, and twenty are shown: texts are made when somebody reads them. */
export class Finding {
  readonly rule: string;
  readonly messageId: string;
  readonly mode: Exclude<Mode, 'off'>;
  readonly path: FieldPath;
  readonly gap: number | undefined;
  readonly rank: Violation['rank'] | undefined;
  readonly #rankedElements: Violation['rankedElements'] | undefined;
  readonly excuse: Excuse | undefined;
  readonly exemption: Exemption | undefined;
  readonly #wording: RuleMessage;
  readonly #data: Violation['data'];

  constructor({ rule, messageId, mode, path, wording, data, gap, rank, rankedElements, excuse, exemption }: Parts) {
    this.rule = rule;
    this.messageId = messageId;
    this.mode = mode;
    this.path = path;
    this.gap = gap;
    this.rank = rank;
    this.#rankedElements = rankedElements;
    this.excuse = excuse;
    this.exemption = exemption;
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

  /** What an update is judged by: for each thing that the finding is about, how bad it is. */
  get severities(): readonly Severity[] {
    const { rule, rank } = this;
    if (rank === undefined) return [{ of: this.identity, rank: [this.gap ?? 0] }];
    const elements = this.#rankedElements ?? [placeOf(this.path.outermostElement ?? this.path)];
    return elements.map((element) => ({ of: `${rule} ${element}`, rank }));
  }

  excused(mode: Finding['mode'], excuse: Excuse, exemption?: Exemption): Finding {
    const { rule, messageId, path, gap, rank } = this;
    const rankedElements = this.#rankedElements;
    return new Finding({
      ...{ rule, messageId, mode, path, wording: this.#wording, data: this.#data, gap, rank, rankedElements },
      ...{ excuse, exemption },
    });
  }
}

function placeOf(path: FieldPath): string {
  const element = path.outermostElement;
  const name = element?.name;
  if (element === undefined || name === undefined) return path.text;
  return `${element.parent?.text ?? ''} {${name}}${path.textBelow(element)}`;
}
