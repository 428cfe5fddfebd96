/** The folder in which podgrace itself is installed: its package.json, manifests and samples. */

/** Relative to this file's folder in src/, and to dist/bin, which the bundler makes of it. */
export const INSTALLED = new URL('../../', import.meta.url);
