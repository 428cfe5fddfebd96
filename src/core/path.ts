/**
 * A place in an object, and patterns of places. Each notation is rendered from this one value, and no text is parsed back.
 *
 * Texts mirror k8s.io/apimachinery `pkg/util/validation/field/path.go`: `.name` for a field, `[0]` for an element, `[key]`
 * for an entry of a map.
 */

/** A field or the key of a map, or the index of an element. */
export type Step = string | number;

/**
 * The fields of an element that tell it apart from others in its list, as managedFields and patches name them: the `name` of a
 * container or volume, `containerPort` and `protocol` of a port, the `key` of a toleration.
 */
export type ElementKeys = Readonly<Record<string, unknown>>;

/** A place, linked to its parent. Making one costs one small object; texts are made when somebody asks for them. */
export class FieldPath {
  /** The object itself. */
  static readonly ROOT = new FieldPath(undefined, '', false, undefined);

  /** Undefined for the object itself. */
  readonly parent: FieldPath | undefined;
  readonly step: Step;
  /** Whether the step is a key that the user chose: an annotation, a label. */
  readonly isMapKey: boolean;
  /** What tells the element apart from others in its list, where the step is an index and the maker of the path knew it. */
  readonly keys: ElementKeys | undefined;
  /** How many steps lead here. */
  readonly depth: number;

  private constructor(parent: FieldPath | undefined, step: Step, isMapKey: boolean, keys: ElementKeys | undefined) {
    this.parent = parent;
    this.step = step;
    this.isMapKey = isMapKey;
    this.keys = keys;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** `FieldPath.of('spec', 'containers', 0, 'image')`. */
  static of(...steps: readonly Step[]): FieldPath {
    return FieldPath.from(steps);
  }

  /** @param steps from the object down, as a document path has them */
  static from(steps: readonly Step[]): FieldPath {
    let path = FieldPath.ROOT;
    for (const step of steps) path = typeof step === 'number' ? path.at(step) : path.field(step);
    return path;
  }

  /** `path.field('lifecycle', 'preStop')`. */
  field(...names: readonly string[]): FieldPath {
    return names.reduce<FieldPath>((path, name) => new FieldPath(path, name, false, undefined), this);
  }

  /** An entry of a map whose keys users choose. */
  key(key: string): FieldPath {
    return new FieldPath(this, key, true, undefined);
  }

  /** @param keys what tells the element apart, so that the place is known also where elements have moved */
  at(index: number, keys?: ElementKeys): FieldPath {
    return new FieldPath(this, index, false, keys);
  }

  /** The same place in an object that holds this one at `outer`: a Pod's place in a workload. */
  within(outer: FieldPath): FieldPath {
    if (this.parent === undefined) return outer;
    if (outer.parent === undefined) return this;
    return new FieldPath(this.parent.within(outer), this.step, this.isMapKey, this.keys);
  }

  /** The innermost element of a list that the path goes through: `spec.volumes[2]` of `spec.volumes[2].emptyDir`. */
  get element(): FieldPath | undefined {
    return typeof this.step === 'number' ? this : this.parent?.element;
  }

  /** Whether this is the other place, or one below it. */
  isWithin(other: FieldPath): boolean {
    if (this.depth < other.depth) return false;
    if (this.depth > other.depth) return this.parent?.isWithin(other) === true;
    if (this.parent === undefined || other.parent === undefined) return true;
    return this.step === other.step && this.parent.isWithin(other.parent);
  }

  /** What the element is called that stands here: the first of its keys, as a text. */
  get name(): string | undefined {
    for (const key in this.keys) {
      const value = this.keys[key];
      return typeof value === 'string' ? value : undefined;
    }
    return undefined;
  }

  /** As the API server prints it: `spec.containers[0].readinessProbe`, `metadata.annotations[podgrace.dev/drain-seconds]`. */
  get text(): string {
    return this.textBelow(FieldPath.ROOT);
  }

  /** The part of the text that comes after the one of `above`, which the path goes through: `.readinessProbe`. */
  textBelow(above: FieldPath): string {
    if (this.depth <= above.depth || this.parent === undefined) return '';
    const before = this.parent.textBelow(above);
    if (typeof this.step === 'number' || this.isMapKey) return `${before}[${this.step}]`;
    return this.depth === 1 ? this.step : `${before}.${this.step}`;
  }

  /** RFC 6901. */
  get pointer(): string {
    return pointerOf(this.steps);
  }

  /** From the object down: `['spec', 'containers', 0, 'image']`. */
  get steps(): Step[] {
    return this.parent === undefined ? [] : [...this.parent.steps, this.step];
  }
}

/** RFC 6901: `~` and `/` inside a step are escaped. */
export function pointerOf(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    text += '/' + (typeof step === 'number' ? String(step) : step.includes('~') || step.includes('/') ? escapeStep(step) : step);
  }
  return text;
}

function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Any element of a list, any entry of a map. */
export const ANY: unique symbol = Symbol('*');

/** Places that a rule reads or writes: `spec.containers[*].lifecycle` is the hooks of every container, and all below them. */
export class PathPattern {
  readonly text: string;
  readonly steps: readonly (string | typeof ANY)[];

  /**
   * @param text fields with dots between them, `[*]` for any element or entry, `[key]` for one entry of a map
   * @throws {TypeError} for anything else
   */
  constructor(text: string) {
    if (!PATTERN.test(text)) throw new TypeError(`no pattern of field paths: ${text}`);
    this.text = text;
    this.steps = Array.from(text.matchAll(PATTERN_STEP), ([, key, name = '']) => (key === '*' ? ANY : (key ?? name)));
  }

  /** Whether a place is one of these, or below one. */
  covers(path: FieldPath): boolean {
    let at = path;
    if (at.depth < this.steps.length) return false;
    while (at.depth > this.steps.length && at.parent !== undefined) at = at.parent;
    for (let index = this.steps.length - 1; index >= 0; index--) {
      const step = this.steps[index];
      if (step !== ANY && step !== at.step) return false;
      at = at.parent ?? at;
    }
    return true;
  }

  /** Whether a place is on the way to one of these, one of them, or below one. */
  touches(path: FieldPath): boolean {
    let at = path;
    while (at.depth > this.steps.length && at.parent !== undefined) at = at.parent;
    for (let index = at.depth - 1; index >= 0; index--) {
      const step = this.steps[index];
      if (step !== ANY && step !== at.step) return false;
      at = at.parent ?? at;
    }
    return true;
  }

  /** Whether a place of the one is above, at or below a place of the other. */
  overlaps(other: PathPattern): boolean {
    const shorter = Math.min(this.steps.length, other.steps.length);
    for (let index = 0; index < shorter; index++) {
      const [step, others] = [this.steps[index], other.steps[index]];
      if (step !== others && step !== ANY && others !== ANY) return false;
    }
    return true;
  }
}

const PATTERN = /^[A-Za-z]\w*(?:\.[A-Za-z]\w*|\[[^[\]]+\])*$/;
const PATTERN_STEP = /\[([^[\]]+)\]|\.?([A-Za-z]\w*)/g;
