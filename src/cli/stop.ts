/** Ctrl-C and `kill`, for commands that must not end between two steps. */
import { setImmediate } from 'node:timers/promises';
import { elapsedMs } from './elapsed.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** So long the event loop may have no turn, in which a signal is noticed. */
const TURN_INTERVAL_MS = 25;

/** The first signal is remembered, and the command ends when it can; a second one is obeyed at once. */
export class Stop {
  /** Made for whoever asks for the signal: most runs do not. */
  #controller: AbortController | undefined;
  #code: ExitCode | undefined;
  #turnAtMs = elapsedMs() + TURN_INTERVAL_MS;
  readonly #interrupt = (): void => {
    this.#end(EXIT.interrupted);
  };
  readonly #terminate = (): void => {
    this.#end(EXIT.terminated);
  };

  constructor() {
    process.once('SIGINT', this.#interrupt);
    process.once('SIGTERM', this.#terminate);
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#code !== undefined) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Undefined as long as nobody has stopped the command. */
  get code(): ExitCode | undefined {
    return this.#code;
  }

  /** Looks now and then whether there was a signal. @returns the same as `code` */
  async look(): Promise<ExitCode | undefined> {
    if (elapsedMs() >= this.#turnAtMs) {
      await setImmediate();
      this.#turnAtMs = elapsedMs() + TURN_INTERVAL_MS;
    }
    return this.#code;
  }

  /** Signals end the program again. */
  release(): void {
    process.off('SIGINT', this.#interrupt);
    process.off('SIGTERM', this.#terminate);
  }

  #end(code: ExitCode): void {
    this.#code ??= code;
    this.#controller?.abort();
  }
}
