/** Files as CI systems and baselines name them: from the root of the repository, whatever folder the command ran in. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../files/repository-root.ts';
import { STDIN_NAME } from './input/files.ts';

export class RepositoryPaths {
  /** Of the repository; outside of one, the working folder. */
  readonly root = repositoryRoot('.') ?? process.cwd();

  /** With `/` between its parts; absolute where the file stands elsewhere. */
  of(file: string): string {
    if (file === STDIN_NAME) return file;
    const path = relative(this.root, resolve(file));
    return path.startsWith('..') || isAbsolute(path) ? resolve(file) : path.split(sep).join('/');
  }

  /** The same as a reference of RFC 3986: what means something there is escaped, the `:` of a first part too. */
  uriOf(file: string): string {
    const path = this.of(file);
    return isAbsolute(path) ? pathToFileURL(path).href : path.split('/').map(encodeURIComponent).join('/');
  }
}
