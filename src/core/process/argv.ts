/** A command as a list of words. */

/** The words of a command; undefined where a value is not known. */
export type Argv = readonly (string | undefined)[];

/** The name of a program without its folder. */
export function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `busybox sleep 5` is `sleep 5`; busybox without a word stays what it is. */
export function withoutBusybox<Word extends string | undefined>(argv: readonly Word[]): readonly Word[] {
  return argv.length > 1 && programName(argv[0] ?? '') === 'busybox' ? argv.slice(1) : argv;
}
