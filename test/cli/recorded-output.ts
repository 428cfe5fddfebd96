/** Output that remembers what was written. */
import { TextOutput } from '../../src/cli/output/text-output.ts';
import { TransientLine } from '../../src/cli/output/transient-line.ts';
import type { RawOutput } from '../../src/cli/output/watched-output.ts';

export class Recorded implements RawOutput {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }

  /** For reports, without colours. */
  get output(): TextOutput {
    return new TextOutput(this, false);
  }

  /** As standard error of a command. */
  get terminal(): { readonly stderr: TextOutput; readonly transient: TransientLine } {
    const transient = new TransientLine(this);
    return { stderr: new TextOutput(this, false, transient), transient };
  }
}
