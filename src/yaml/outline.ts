/** Where the nodes of a document stand: its tree without its values. */
import { parseFirstDocument, type Properties, type YamlListener } from './parser.ts';
import { isMergeKey, scalarKey } from './scalars.ts';

export interface Outline {
  /** Where the node begins, in UTF-16 code units. */
  readonly offset: number;
  /** Of an object: where each key stands, and its value. */
  readonly entries?: ReadonlyMap<string, OutlineEntry>;
  /** Of a list. */
  readonly items?: readonly Outline[];
}

export interface OutlineEntry {
  readonly keyOffset: number;
  readonly value: Outline;
}

/**
 * @param text one YAML document that `constructDocument` reads; keys count as there, so that of equal ones the last is
 *   found, and what comes through an alias or `<<` stands where its anchor is
 */
export function yamlOutline(text: string): Outline {
  const builder = new OutlineBuilder();
  parseFirstDocument(text, builder);
  return builder.root;
}

interface Frame {
  readonly parent: Frame | undefined;
  readonly offset: number;
  readonly entries: Map<string, OutlineEntry> | undefined;
  readonly items: Outline[];
  readonly anchor: string | undefined;
  key: { readonly text: string; readonly offset: number } | undefined;
  isMerging: boolean;
}

class OutlineBuilder implements YamlListener {
  root: Outline = { offset: 0 };
  #frame: Frame | undefined;
  readonly #nodes = new Map<string, Outline>();
  /** What scalars with an anchor would be as keys, for aliases that stand for one. */
  readonly #keys = new Map<string, () => string>();

  scalar(offset: number, text: string, isPlain: boolean, { anchor, tag }: Properties): void {
    const frame = this.#frame;
    const toKey = (): string => scalarKey(text, isPlain, tag, offset);
    if (anchor !== undefined) {
      this.#nodes.set(anchor, { offset });
      this.#keys.set(anchor, toKey);
    }
    if (frame === undefined || !isAtKey(frame)) this.#place({ offset });
    else if (isMergeKey(text, isPlain, tag)) frame.isMerging = true;
    else frame.key = { text: toKey(), offset };
  }

  alias(offset: number, anchor: string): void {
    const frame = this.#frame;
    if (frame !== undefined && isAtKey(frame)) frame.key = { text: this.#keys.get(anchor)?.() ?? '', offset };
    else this.#place(this.#nodes.get(anchor) ?? { offset });
  }

  startSequence(offset: number, properties: Properties): void {
    this.#start(offset, undefined, properties);
  }

  startMapping(offset: number, properties: Properties): void {
    this.#start(offset, new Map(), properties);
  }

  end(): void {
    const frame = this.#frame;
    if (frame === undefined) throw new Error('the parser ended a collection that it had not started');
    const { offset, entries, items } = frame;
    const node: Outline = entries === undefined ? { offset, items } : { offset, entries };
    if (frame.anchor !== undefined) this.#nodes.set(frame.anchor, node);
    this.#frame = frame.parent;
    this.#place(node);
  }

  #start(offset: number, entries: Map<string, OutlineEntry> | undefined, { anchor }: Properties): void {
    this.#frame = { parent: this.#frame, offset, entries, items: [], anchor, key: undefined, isMerging: false };
  }

  #place(node: Outline): void {
    const frame = this.#frame;
    if (frame === undefined) {
      this.root = node;
    } else if (frame.entries === undefined) {
      frame.items.push(node);
    } else if (frame.key !== undefined) {
      frame.entries.set(frame.key.text, { keyOffset: frame.key.offset, value: node });
      frame.key = undefined;
    } else {
      // Of several mappings the first counts most, so it goes last.
      for (const source of node.items === undefined ? [node] : [...node.items].reverse())
        for (const [key, entry] of source.entries ?? []) frame.entries.set(key, entry);
      frame.isMerging = false;
    }
  }
}

function isAtKey(frame: Frame): boolean {
  return frame.entries !== undefined && frame.key === undefined && !frame.isMerging;
}
