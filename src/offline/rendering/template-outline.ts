/**
 * Where the fields of a rendered object stand in the template that they come from. Only places that are sure are given: a field that
 * an `include`, a value, another branch or another turn of a loop may have written has none, and the field around it is given.
 *
 * The template is read as YAML by its indentation, whatever its actions are. Fields that it writes itself are nodes; an action that
 * may write fields makes the node around it a holder of unknown ones, so that what stands there under a condition is not sure.
 */
import type { DocumentPath, Region } from '../../yaml/positions.ts';
import { templateActions, type TemplateAction } from './template-actions.ts';
import { PLACEHOLDER, templateLines, type TemplateLine } from './template-lines.ts';

interface TemplateNodePlace {
  readonly indent: number;
  /** Undefined for an element of a list. */
  readonly key: string | undefined;
  readonly region: Region;
  readonly line: string;
  /** What decides whether it is written: the branches and loops that it stands in. */
  readonly conditions: readonly object[];
}

class TemplateNode implements TemplateNodePlace {
  readonly indent: number;
  readonly key: string | undefined;
  readonly region: Region;
  readonly line: string;
  readonly conditions: readonly object[];
  readonly children: TemplateNode[] = [];
  /** How many children stand before the first action that may write others; Infinity without one. */
  unknownFrom = Infinity;

  constructor({ indent, key, region, line, conditions }: TemplateNodePlace) {
    this.indent = indent;
    this.key = key;
    this.region = region;
    this.line = line;
    this.conditions = conditions;
  }

  holdsUnknown(): void {
    this.unknownFrom = Math.min(this.unknownFrom, this.children.length);
  }

  /** @returns undefined where it may be another than this one */
  child(step: string | number): TemplateNode | undefined {
    return typeof step === 'number' ? this.#element(step) : this.#field(step);
  }

  #field(key: string): TemplateNode | undefined {
    const [field, another] = this.children.filter((child) => child.key === key);
    if (field === undefined || another !== undefined) return undefined;
    return this.#isAlways(field) || this.unknownFrom === Infinity ? field : undefined;
  }

  /** The number of an element says which one it is, as long as all before it are always there. */
  #element(index: number): TemplateNode | undefined {
    const upTo = this.children.slice(0, index + 1);
    if (upTo.length <= index || this.unknownFrom <= index) return undefined;
    return upTo.every((child) => child.key === undefined && this.#isAlways(child)) ? upTo[index] : undefined;
  }

  /** Whether it is written wherever this one is. */
  #isAlways(child: TemplateNode): boolean {
    return child.conditions.every((condition) => this.conditions.includes(condition));
  }
}

/** What of a path stands in a template for sure; at the least, the document does. */
export interface TemplatePlace {
  /** Of the deepest part of the path. */
  readonly region: Region;
  /** The line that the region begins in, as it stands in the template. */
  readonly quote: string;
  /** Whether that is the field itself. */
  readonly isField: boolean;
}

export class TemplateOutline {
  readonly #documents: readonly TemplateNode[];
  readonly #lines: readonly string[];

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/);
    this.#documents = new OutlineReader(text, text.includes(PLACEHOLDER) ? undefined : templateActions(text)).documents;
  }

  /**
   * The document that a text was rendered from.
   *
   * @param text one document
   * @returns undefined where it may be one of several
   */
  document(text: string): TemplateDocument | undefined {
    const [rendered] = new OutlineReader(text, []).documents;
    if (rendered === undefined) return undefined;
    const [root, another] = this.#documents.filter((each) => mayRender(each, rendered));
    return root === undefined || another !== undefined ? undefined : new TemplateDocument(root, this.#lines, rendered);
  }
}

/** Whether a document has the kind and the name of an object, as far as it says them. */
function mayRender(root: TemplateNode, rendered: TemplateNode): boolean {
  const kind = root.child('kind');
  if (kind === undefined || !mayBecome(kind, rendered.child('kind'))) return false;
  const name = root.child('metadata')?.child('name');
  return name === undefined || mayBecome(name, rendered.child('metadata')?.child('name'));
}

export class TemplateDocument {
  readonly #root: TemplateNode;
  readonly #lines: readonly string[];
  readonly #rendered: TemplateNode;

  constructor(root: TemplateNode, lines: readonly string[], rendered: TemplateNode) {
    this.#root = root;
    this.#lines = lines;
    this.#rendered = rendered;
  }

  /** The line that it begins in, from 1. */
  get line(): number {
    return this.#root.region.line;
  }

  /** @param path that the rendered object has */
  placeOf(path: DocumentPath): TemplatePlace {
    let node = this.#root;
    let rendered: TemplateNode | undefined = this.#rendered;
    let depth = 0;
    for (const step of path) {
      const next = node.child(step);
      // A key that was rendered twice has two places; and the line must be what the template's can become.
      rendered = rendered?.child(step);
      if (next === undefined || !mayBecome(next, rendered)) break;
      node = next;
      depth += 1;
    }
    return { region: node.region, quote: this.#lines[node.region.line - 1] ?? '', isField: depth === path.length };
  }
}

/** Whether a line of a template can become a rendered one: what stands between its actions is there, in its order. */
function mayBecome(template: TemplateNode, rendered: TemplateNode | undefined): boolean {
  if (rendered === undefined) return false;
  const [head = '', ...rest] = template.line.split(/\ue000+/);
  const first = head.trimEnd();
  const line = rendered.line.trimEnd();
  const last = rest.pop()?.trim();
  if (last === undefined) return line === first;
  if (!line.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = line.indexOf(part.trim(), at);
    if (found < 0) return false;
    at = found + part.trim().length;
  }
  return line.length - last.length >= at && line.endsWith(last);
}

/** `key:` of block style, plain or in quotes. */
const KEY = /^(?:"([^"\\]*)"[ \t]*|'([^']*)'[ \t]*|((?:[^\s#'"[\]{}&*!|>%@`,?:-]|-[^\s:#])[^:#]*)):(?=[ \t\ue000]|$)/;
/** `nindent 8`, as the last step of a pipeline: it begins a line, and indents all lines. */
const NINDENT = /\bnindent\s+(\d+)$/;

class OutlineReader {
  readonly documents: TemplateNode[] = [];
  /** From the root of the document to the node whose lines are read; empty before the first field. */
  #open: TemplateNode[] = [];
  /** What was seen of a document before its first field: an action that may write fields of it. */
  #holdsUnknown = false;
  /** The branches and loops around. */
  #conditions: object[] = [];
  /** How many of these, from the outside, are around a `define`: what it holds is written elsewhere. */
  #defineDepth: number | undefined;

  /** @param actions undefined where they cannot be told apart: then nothing is read */
  constructor(text: string, actions: readonly TemplateAction[] | undefined) {
    if (actions === undefined) return;
    for (const line of templateLines(text, actions)) this.#read(line);
  }

  #read(line: TemplateLine): void {
    const content = line.text.replaceAll(PLACEHOLDER, '').trim();
    const isContent = content !== '' && !content.startsWith('#');
    const isElsewhere = this.#defineDepth !== undefined || line.actions.some(({ body }) => /^define\b/.test(body));
    const conditions = [...this.#conditions, ...(line.actions.some(isControl) ? [line] : [])];
    if (!isElsewhere && isContent) this.#readContent(line, conditions);
    for (const action of line.actions) {
      if (isControl(action)) this.#control(action.body);
      else if (this.#defineDepth === undefined && writes(action)) this.#unknown(line, action, isContent);
    }
  }

  #control(body: string): void {
    const word = /^\w+/.exec(body)?.[0] ?? '';
    if (word === 'end') {
      this.#conditions.pop();
      if (this.#conditions.length === this.#defineDepth) this.#defineDepth = undefined;
    } else if (word === 'else') {
      this.#conditions.splice(-1, 1, {});
    } else if (OPENING.has(word)) {
      if (word === 'define') this.#defineDepth ??= this.#conditions.length;
      this.#conditions.push({});
    }
  }

  #readContent({ number, text }: TemplateLine, conditions: readonly object[]): void {
    if (/^---(?:[ \t\ue000]|$)/.test(text)) {
      this.#open = [];
      this.#holdsUnknown = false;
      return;
    }
    let column = text.search(/[^ ]/);
    for (;;) {
      const rest = text.slice(column);
      const dash = /^-(?: +|$)/.exec(rest);
      if (dash === null) {
        this.#readField(number, text, column, conditions);
        return;
      }
      const start = column + dash[0].length;
      const end = start + Math.max(1, keyLength(text.slice(start)) ?? text.slice(start).trimEnd().length);
      this.#add(new TemplateNode({ indent: column, key: undefined, region: regionOn(number, start, end), line: text, conditions }));
      column = start;
      if (column >= text.length) return;
    }
  }

  #readField(number: number, text: string, column: number, conditions: readonly object[]): void {
    const match = KEY.exec(text.slice(column));
    if (match === null) return;
    const key = (match[1] ?? match[2] ?? match[3] ?? '').trimEnd();
    // `{{ $name }}: …` is a field of any name.
    if (key.includes(PLACEHOLDER)) this.#holderAt(column)?.holdsUnknown();
    else {
      const region = regionOn(number, column, column + (keyLength(match[0]) ?? 1));
      this.#add(new TemplateNode({ indent: column, key, region, line: text, conditions }));
    }
  }

  #add(node: TemplateNode): void {
    if (this.#open.length === 0) {
      // What is around the first field of a document is around all of it.
      const root = new TemplateNode({ indent: -1, key: undefined, region: node.region, line: node.line, conditions: node.conditions });
      if (this.#holdsUnknown) root.holdsUnknown();
      this.documents.push(root);
      this.#open = [root];
    }
    const isElement = node.key === undefined;
    // A list may stand as far to the right as its key.
    const isAround = ({ indent, key }: TemplateNode): boolean =>
      indent < node.indent || (indent === node.indent && isElement && key !== undefined);
    this.#open.splice(this.#open.findLastIndex(isAround) + 1);
    this.#open.at(-1)?.children.push(node);
    this.#open.push(node);
  }

  /** The node whose fields are indented so far. */
  #holderAt(indent: number): TemplateNode | undefined {
    return this.#open.findLast((node) => node.indent < indent);
  }

  /** An action that may write fields: of which node, its indentation says, where it has one. */
  #unknown({ text, offset }: TemplateLine, { body, start, trimsBefore }: TemplateAction, isInContent: boolean): void {
    const nindent = NINDENT.exec(body)?.[1];
    if (this.#open.length === 0) {
      this.#holdsUnknown = true;
    } else if (nindent !== undefined) {
      const indent = Number(nindent);
      this.#holderAt(indent)?.holdsUnknown();
      for (const node of this.#open) if (node.indent === indent && node.key !== undefined) node.holdsUnknown();
    } else if (isInContent && !trimsBefore && text.slice(0, start - offset).trim() !== '') {
      // A value, or a part of one.
      this.#open.at(-1)?.holdsUnknown();
    } else {
      for (const node of this.#open) node.holdsUnknown();
    }
  }
}

const OPENING: ReadonlySet<string> = new Set(['if', 'with', 'range', 'block', 'define']);

function isControl({ body }: TemplateAction): boolean {
  return /^(?:if|with|range|block|define|else|end)\b/.test(body);
}

/** Whether an action can write anything: neither a comment nor an assignment does. */
function writes({ body }: TemplateAction): boolean {
  return !body.startsWith('/*') && !/^\$\w*\s*:?=(?!=)/.test(body) && !/^(?:break|continue)\b/.test(body);
}

/** Without the colon and the space before it. */
function keyLength(text: string): number | undefined {
  return KEY.exec(text)?.[0].slice(0, -1).trimEnd().length;
}

/** @param start and end: offsets in the line */
function regionOn(line: number, start: number, end: number): Region {
  return { line, column: start + 1, endLine: line, endColumn: end + 1 };
}
