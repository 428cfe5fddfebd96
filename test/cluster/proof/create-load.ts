/** People and tools that create Pods all the time: dry-run creates through the API server, and what became of each. */
import { PodCreates } from '../../../bench/pod-creates.ts';

export interface LoadOptions {
  readonly namespace: string;
  readonly clients: number;
  /** Between the answer to a client and its next create. */
  readonly pauseMs: number;
  readonly pod: object;
  /** What must be in the Pod that the API server would store: a call that podgrace did not answer left it out. */
  readonly repair?: string;
}

/** The text of a failed call holds uids and addresses; these words tell one kind from another. */
const REASONS = /failed calling webhook|denied the request|connection refused|context deadline exceeded|EOF|connection reset/g;

export class CreateLoad {
  answered = 0;
  /** By what happened. */
  readonly failed = new Map<string, number>();
  readonly #creates: PodCreates;
  readonly #options: LoadOptions;
  readonly #clients: Promise<void>[];
  #stopped = false;

  private constructor(creates: PodCreates, options: LoadOptions) {
    this.#creates = creates;
    this.#options = options;
    this.#clients = Array.from({ length: options.clients }, () => this.#create());
  }

  static async start(options: LoadOptions): Promise<CreateLoad> {
    return new CreateLoad(await PodCreates.into(options.namespace, options.clients, options.pod), options);
  }

  get failures(): number {
    return [...this.failed.values()].reduce((sum, count) => sum + count, 0);
  }

  get calls(): number {
    return this.answered + this.failures;
  }

  /** Lets the creates that are under way end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    this.#creates.close();
  }

  async #create(): Promise<void> {
    const { pauseMs } = this.#options;
    while (!this.#stopped) {
      const failure = await this.#failureOfOne();
      if (failure === undefined) this.answered += 1;
      else this.failed.set(failure, (this.failed.get(failure) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #failureOfOne(): Promise<string | undefined> {
    const { repair } = this.#options;
    try {
      const { code, text } = await this.#creates.send();
      if (code !== 201) return `HTTP ${code}: ${[...new Set(text.match(REASONS) ?? ['?'])].join(', ')}`;
      return repair === undefined || text.includes(repair) ? undefined : 'not repaired';
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }
}
