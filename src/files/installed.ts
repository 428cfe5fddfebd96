/** Where podgrace itself is: the folder with its package.json, its manifests and its samples. */

/** Relative to this file's folder in src/, and to dist/bin, which the bundler makes of it. */
export const INSTALLED = new URL('../../', import.meta.url);
