/**
 * What stands around the objects of a run, folder by folder: a folder is looked at when the first of its files is about to be judged, and
 * forgotten behind the last. So the first finding waits for one folder and not for all, and memory is that of the folders that are open.
 */
import { dirname } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { ManifestDocument, readListed, type KeptFiles, type ReadOutcome, type RepositoryEntry } from './input/documents.ts';
import { nameOf, type ReadOptions } from './input/file-text.ts';
import type { FoundFile } from './input/repository-files.ts';
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
  known: SurroundingsOfFiles | undefined;
}

export class FolderSurroundings {
  readonly #folders = new Map<string, FolderOfRun>();
  readonly #contextOf: (file: string) => LookContext;
  readonly #options: LookOptions;

  /**
   * @param entries all that the run judges, in its order
   * @param contextOf what a file is judged by
   */
  constructor(entries: readonly RepositoryEntry[], contextOf: (file: string) => LookContext, options: LookOptions) {
    this.#contextOf = contextOf;
    this.#options = options;
    for (const entry of entries) if ('isFound' in entry) this.#expect(entry).files.push(entry);
    for (const document of options.rendered ?? []) if (document instanceof ManifestDocument) this.#expect(document).rendered.push(document);
  }

  /** @returns what stands around it; undefined for what cannot be read */
  async enter(judged: Judged): Promise<SurroundingsOfFiles | undefined> {
    const folder = this.#folderOf(judged);
    return folder === undefined ? undefined : (folder.known ??= await this.#look(folder));
  }

  /** Once for each entry and rendered object of the run, when it is judged. Who never leaves keeps all to the end. */
  leave(judged: Judged): void {
    const folder = this.#folderOf(judged);
    if (folder === undefined) return;
    folder.left -= 1;
    if (folder.left === 0) this.#folders.delete(folder.name);
  }

  #expect(judged: FoundFile | ManifestDocument): FolderOfRun {
    const name = folderOf(judged);
    let folder = this.#folders.get(name);
    if (folder === undefined) this.#folders.set(name, (folder = { name, files: [], rendered: [], left: 0, known: undefined }));
    folder.left += 1;
    return folder;
  }

  #folderOf(judged: Judged): FolderOfRun | undefined {
    return judged instanceof ManifestDocument || 'isFound' in judged ? this.#folders.get(folderOf(judged)) : undefined;
  }

  /** What is wrong with the files is told when they are judged. Where budgets or autoscalers stand, the workloads are read as well. */
  async #look({ files: all, rendered }: FolderOfRun): Promise<SurroundingsOfFiles> {
    const known = new SurroundingsOfFiles();
    const options = { ...this.#options, onlyFiles: true };
    // Who names a file twice adds nothing.
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
      known.addWorkload(document.application, document.value, namespace, policy.kinds, policy.kubernetesMinor);
    };
    for (const found of files) {
      if (!known.wantsWorkloadsOf(nameOf(found.file))) continue;
      for await (const document of readListed(found, options)) addWorkload(document);
    }
    for (const document of rendered) addWorkload(document);
    return known;
  }
}

function folderOf(judged: FoundFile | ManifestDocument): string {
  return dirname(judged instanceof ManifestDocument ? judged.application : nameOf(judged.file));
}
