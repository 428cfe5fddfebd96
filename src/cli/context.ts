/** What the command line and its commands need from their environment. */
import type { ServeSettings, ServingAt } from '../config/serve-settings.ts';
import type { ByteStream } from '../offline/input/file-text.ts';
import type { TextOutput } from './output/text-output.ts';
import type { TransientLine } from './output/transient-line.ts';
import type { TerminalStream } from './output/watched-output.ts';

/** Serves until it is stopped, and reports its address once. Passed in from outside, so that the command line does not load a server. */
export type Serve = (settings: ServeSettings, onServing: (at: ServingAt) => void) => Promise<void>;

export interface CliEnvironment {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly serve: Serve;
}

export interface CliContext {
  readonly env: NodeJS.ProcessEnv;
  /** For whoever talks with a person. */
  readonly stdin: NodeJS.ReadableStream;
  /** Standard input for whoever reads it as a file: the stream, whose modules take a tenth of a short run, is made when it is read. */
  readonly input: ByteStream;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** On standard error, where that is a terminal. */
  readonly transient: TransientLine;
  readonly serve: Serve;
}
