/** A finding, and where it is in the file. */
import type { Finding } from '../core/finding.ts';
import { placeOfField, type FieldPlace, type SourceText } from './field-place.ts';
import type { ReportedFinding, ReportedMode } from './finding.ts';

export interface CheckFinding extends ReportedFinding {
  /** What tells it from other findings in the object, and stays the same when elements are moved. */
  readonly identity: string;
  readonly place: FieldPlace;
}

/** What a finding was found in. */
interface LocatedIn extends SourceText {
  /** The object as it stands in the file. */
  readonly value: unknown;
}

/** Looks for the place, and makes the texts, once somebody asks: a text report shows neither of repairs, nor of what is only recorded. */
export class LocatedFinding implements CheckFinding {
  readonly rule: string;
  readonly mode: ReportedMode;
  readonly #finding: Finding;
  readonly #source: LocatedIn;
  #place: FieldPlace | undefined;

  constructor(finding: Finding, mode: ReportedMode = finding.mode, source: LocatedIn) {
    this.rule = finding.rule;
    this.mode = mode;
    this.#finding = finding;
    this.#source = source;
  }

  get message(): string {
    return this.#finding.message;
  }

  get field(): string {
    return this.#finding.field;
  }

  get container(): string | null {
    return this.#finding.container ?? null;
  }

  get fix(): string {
    return this.#finding.fix;
  }

  get identity(): string {
    return this.#finding.identity;
  }

  get place(): FieldPlace {
    return (this.#place ??= placeOfField(this.#finding.path, this.#source.value, this.#source));
  }
}
