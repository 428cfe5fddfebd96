/**
 * What stands around the objects of a run, folder by folder: a folder is looked at when the first of its files is about to be judged, and
 * forgotten behind the last. So the first finding waits for one folder and not for all, and memory is that of the folders that are open.
 */
import { dirname } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { ManifestDocument, readListed, type KeptFiles, type ReadOutcome, type RepositoryEntry } from './input/documents.ts';
import { nameOf, type ReadOptions } from './input/file-text.ts';
import { STDIN } from './input/files.ts';
import type { EndedFolder, FoundFile } from './input/repository-files.ts';
import type { RenderedManifest } from './rendering/render.ts';
import { mayHoldSettings, mayHoldSurroundings, SurroundingsOfFiles } from './surroundings.ts';

export interface LookContext {
  readonly policy: Policy;
  /** Of objects that name none. */
  readonly namespace: string;
}

export interface LookOptions extends ReadOptions {
  /** What tools have rendered: it stands in the folder that it is rendered from. */
  readonly rendered?: readonly RenderedManifest[];
  /** Gets what is read here, for whoever reads it again. */
  readonly kept?: KeptFiles;
  /** Whether standard input is left to whoever judges it: nothing is known around it. */
  readonly leavesStdin?: boolean;
  /** Called for each file that is looked at. */
  readonly onLook?: () => void;
}

/** What has its turn in a run. */
type Judged = RepositoryEntry | RenderedManifest;

interface FolderOfRun {
  readonly name: string;
  readonly files: FoundFile[];
  readonly rendered: ManifestDocument[];
  /** How many of the files and rendered objects are still to be judged. */
  left: number;
  /** Whether the list has no more of its files. */
  isListed: boolean;
  known: SurroundingsOfFiles | undefined;
}

export class FolderSurroundings {
  readonly #folders = new Map<string, FolderOfRun>();
  readonly #contextOf: (file: string) => LookContext;
  readonly #options: LookOptions;

  /** @param contextOf what a file is judged by */
  constructor(contextOf: (file: string) => LookContext, options: LookOptions) {
    this.#contextOf = contextOf;
    this.#options = options;
    for (const document of options.rendered ?? []) this.expect(document);
  }

  /**
   * Passes on the entries of a run, each with what stands around it. The list is read no further than to the end of the folder of the
   * entry whose turn it is.
   *
   * @param listed as `repositoryFiles` lists them
   */
  async *inTurn(
    listed: Iterable<RepositoryEntry | EndedFolder>,
  ): AsyncGenerator<readonly [entry: RepositoryEntry, known: SurroundingsOfFiles | undefined]> {
    const ahead: RepositoryEntry[] = [];
    const list = listed[Symbol.iterator]();
    /** Whether there was one. */
    const readOne = (): boolean => {
      const step = list.next();
      if (step.done === true) return false;
      const { value } = step;
      if ('ended' in value) {
        const folder = this.#folders.get(value.ended);
        if (folder !== undefined) folder.isListed = true;
      } else {
        ahead.push(value);
        this.expect(value);
      }
      return true;
    };
    for (let next = 0; next < ahead.length || readOne();) {
      const entry = ahead[next];
      // It was the end of a folder.
      if (entry === undefined) continue;
      const folder = this.#folderOf(entry);
      while (folder?.isListed === false && readOne());
      yield [entry, await this.enter(entry)];
      this.#leave(folder);
      next += 1;
      if (next === ahead.length) {
        ahead.length = 0;
        next = 0;
      }
    }
  }

  /** Tells of an entry that will have its turn. */
  expect(judged: Judged): void {
    const name = this.#nameOf(judged);
    if (name === undefined) return;
    let folder = this.#folders.get(name);
    if (folder === undefined)
      this.#folders.set(name, (folder = { name, files: [], rendered: [], left: 0, isListed: false, known: undefined }));
    folder.left += 1;
    if (judged instanceof ManifestDocument) folder.rendered.push(judged);
    else if ('isFound' in judged) folder.files.push(judged);
  }

  /** @returns what stands around it; undefined for what cannot be read, and for what nobody has told of */
  async enter(judged: Judged): Promise<SurroundingsOfFiles | undefined> {
    const folder = this.#folderOf(judged);
    return folder === undefined ? undefined : (folder.known ??= await this.#look(folder));
  }

  /** Once for each of what was expected. A caller that leaves nothing keeps all folders to the end. */
  leave(judged: Judged): void {
    this.#leave(this.#folderOf(judged));
  }

  #leave(folder: FolderOfRun | undefined): void {
    if (folder === undefined) return;
    folder.left -= 1;
    if (folder.left === 0) this.#folders.delete(folder.name);
  }

  #folderOf(judged: Judged): FolderOfRun | undefined {
    const name = this.#nameOf(judged);
    return name === undefined ? undefined : this.#folders.get(name);
  }

  #nameOf(judged: Judged): string | undefined {
    if (judged instanceof ManifestDocument) return dirname(judged.application);
    if (!('isFound' in judged) || (judged.file === STDIN && this.#options.leavesStdin === true)) return undefined;
    return dirname(nameOf(judged.file));
  }

  /** What is wrong with the files is told when they are judged. Where budgets, autoscalers or Services stand, the workloads are read as well. */
  async #look({ files: all, rendered }: FolderOfRun): Promise<SurroundingsOfFiles> {
    const known = new SurroundingsOfFiles();
    const options = { ...this.#options, onlyFiles: true };
    // A file that is named twice counts once.
    const files = [...new Map(all.map((found) => [found.file, found])).values()];
    const add = (document: ReadOutcome): void => {
      if (document instanceof ManifestDocument) known.add(document.application, document.value, this.#contextOf(document.file).namespace);
    };
    const mayHold = (file: string, text: string): boolean =>
      mayHoldSurroundings(file, text) || (this.#contextOf(file).policy.needs.has('workloadSettings') && mayHoldSettings(text));
    for (const found of files) {
      this.#options.onLook?.();
      for await (const document of readListed(found, { ...options, mayHold })) add(document);
    }
    for (const document of rendered) {
      add(document);
      known.addRendered(document.application);
    }
    if (!known.wantsWorkloads) return known;
    const addWorkload = (document: ReadOutcome): void => {
      if (!(document instanceof ManifestDocument)) return;
      const { policy, namespace } = this.#contextOf(document.file);
      known.addWorkload(document.application, document.value, namespace, policy);
    };
    for (const found of files) {
      if (!known.wantsWorkloadsOf(nameOf(found.file))) continue;
      for await (const document of readListed(found, options)) addWorkload(document);
    }
    for (const document of rendered) addWorkload(document);
    return known;
  }
}
