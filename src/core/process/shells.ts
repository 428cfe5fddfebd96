/** Which shell a name stands for, and how it is started. */
import { programName, withoutBusybox } from './argv.ts';
import { isSwitched } from './shell-values.ts';
import type { ShellDialect } from './shell-syntax.ts';

/**
 * Shells that differ in what becomes of `sh -c '…; app'`, as measured: dash 0.5.11 and 0.5.12, bash 5.1 to 5.3, bash before
 * 5.1 (which forks for lists), busybox ash 1.30 to 1.38.
 */
export type ShellFlavour = 'dash' | 'bash' | 'old bash' | 'ash';

/** bash that is started as `sh` keeps to POSIX: it ends at what a special builtin refuses (bash(1), POSIX mode). */
export function isPosixBash({ flavour, program }: { readonly flavour: ShellFlavour; readonly program: string }): boolean {
  return flavour.endsWith('bash') && program === 'sh';
}

/** Whose grammar a shell reads. */
export function dialectOf(flavour: ShellFlavour): ShellDialect {
  return flavour === 'dash' ? 'posix' : flavour === 'ash' ? 'ash' : 'bash';
}

/** What `sh` may be: dash in Debian and Ubuntu, ash in Alpine and busybox, bash in Red Hat, Fedora, Amazon and SUSE. */
export const SH_FLAVOURS: readonly ShellFlavour[] = ['dash', 'bash', 'ash'];

const BY_NAME: ReadonlyMap<string, readonly ShellFlavour[]> = new Map([
  ['dash', ['dash']],
  ['ash', ['ash']],
  ['bash', ['bash', 'old bash']],
  // Each has ways of its own: only what all the others do is said of them, and only of what they exec.
  ['ksh', SH_FLAVOURS],
  ['mksh', SH_FLAVOURS],
  ['zsh', SH_FLAVOURS],
]);

/** Whether a shell is one of those whose ways were measured. */
export function isMeasured(shell: string): boolean {
  return BY_NAME.get(shell) !== SH_FLAVOURS;
}

/**
 * The shells that a program may be.
 *
 * @param sh what `sh` is in the image, as far as it is known
 * @returns undefined where it is no shell
 */
export function flavoursOf(program: string, sh: readonly ShellFlavour[]): readonly ShellFlavour[] | undefined {
  return program === 'sh' ? sh : BY_NAME.get(program);
}

/** Whether a command starts a shell, directly or through busybox, with or without a script. */
export function isShell(argv: readonly (string | undefined)[]): boolean {
  return flavoursOf(programName(withoutBusybox(argv)[0] ?? ''), SH_FLAVOURS) !== undefined;
}

/** Options of bash that take a word of their own. */
const LONG_OPTIONS_WITH_WORD: ReadonlySet<string> = new Set(['--rcfile', '--init-file']);

export interface ShellStart {
  /** The script after `-c`; undefined where it runs a file or reads its input. */
  readonly script: string | undefined;
  /** The file that it runs; undefined with `-c`, `-s` and without words. */
  readonly file: string | undefined;
  /** `$0` and `$1`, `$2`, …; undefined where a value is not known. */
  readonly parameters: readonly (string | undefined)[];
  /** `-c` is there, with or without a script after it. */
  readonly takesScript: boolean;
  readonly isInteractive: boolean;
  /** The words before the script or file. */
  readonly options: readonly (string | undefined)[];
  /** `-e`: a command that fails ends the script. */
  readonly exitsOnError: boolean;
  /** `-u`: the expansion of what is not set ends the script. */
  readonly endsAtUnset: boolean;
}

/**
 * Reads the words of a shell's command: `["-ec", "a; b"]`, `["-o", "pipefail", "-c", "…"]`, `["/run.sh", "x"]`.
 *
 * @param args what follows the name of the shell
 */
export function readShellStart(args: readonly (string | undefined)[]): ShellStart {
  let takesScript = false;
  let readsInput = false;
  let isInteractive = false;
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--' || word === '-') {
      at += 1;
      break;
    }
    if (LONG_OPTIONS_WITH_WORD.has(word)) at += 1;
    if (word.startsWith('--')) continue;
    if (!/^[-+]./.test(word)) break;
    // `-o pipefail` and `+O extglob` take a word of their own; in `-euxo pipefail -c` and `-oc pipefail` too.
    if (/[oO]/.test(word)) at += 1;
    if (!word.startsWith('-')) continue;
    if (word.includes('c')) takesScript = true;
    if (word.includes('s')) readsInput = true;
    if (word.includes('i')) isInteractive = true;
  }
  const rest = args.slice(at);
  const options = args.slice(0, at);
  const exitsOnError = isSwitched(options, 'e', 'errexit') === true;
  const endsAtUnset = isSwitched(options, 'u', 'nounset') === true;
  const start = { takesScript, isInteractive, options, exitsOnError, endsAtUnset };
  if (takesScript) return { script: rest[0], file: undefined, parameters: rest.slice(1), ...start };
  return { script: undefined, file: readsInput ? undefined : rest[0], parameters: rest, ...start };
}
