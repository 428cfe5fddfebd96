/** The commands that a program of awk runs and waits for: `system("app")`, `"app" | getline`, `print | "app"`. */

/** With undefined for a command that is no plain text. */
const RUNS =
  /\bsystem\s*\(\s*(?:"([^"\\]{0,256})"\s*\))?|(?:"([^"\\]{0,256})"\s*)?\|&?\s*getline\b|\bprintf?\b[^;}\n|"]{0,128}\|&?\s*(?:"([^"\\]{0,256})")?/g;

/** The first thing that it does is to wait for a command: `BEGIN { system("app") }`. */
const BEGINS_WITH_SYSTEM = /^\s*BEGIN\s*\{\s*system\s*\(\s*"/;

export interface AwkRuns {
  /** undefined for a command that is not known. */
  readonly commands: readonly (readonly string[] | undefined)[];
  /** Its first command certainly runs. */
  readonly isFirstCertain: boolean;
}

/** @param args the words after `awk`; undefined where a value is not known */
export function runsOfAwk(args: readonly (string | undefined)[]): AwkRuns {
  const commands: (readonly string[] | undefined)[] = [];
  let isFirstCertain = false;
  for (const text of args) {
    for (const [, ofSystem, ofGetline, ofPrint] of (text ?? '').matchAll(RUNS)) {
      if (commands.length === 0) isFirstCertain = BEGINS_WITH_SYSTEM.test(text ?? '');
      const command = (ofSystem ?? ofGetline ?? ofPrint)?.trim();
      commands.push(command === undefined || /[^-\w\s./=:,@%+]/.test(command) ? undefined : command.split(/\s+/));
    }
  }
  return { commands, isFirstCertain };
}
