/** Where the system wants caches of a user to be. */
import path from 'node:path';

/** @returns the folder of podgrace there; undefined where the user has no home */
export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string): string | undefined {
  const own = platform === 'win32' ? env['LOCALAPPDATA'] : env['XDG_CACHE_HOME'];
  if (own !== undefined && path.isAbsolute(own)) return path.join(own, 'podgrace');
  if (!path.isAbsolute(home)) return undefined;
  return path.join(home, platform === 'darwin' ? 'Library/Caches' : '.cache', 'podgrace');
}
