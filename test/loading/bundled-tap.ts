const CACHE = new URL('../../node_modules/.cache/', import.meta.url);

/** The URL of the file that `bundle-tap.ts` makes. tap leaves the lines of files in a folder of this name out of its stack traces. */
export const BUNDLED_TAP = new URL('node_modules/@tapjs/tap.mjs', CACHE).href;
