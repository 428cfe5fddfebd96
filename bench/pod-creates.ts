/** Clients that create Pods by dry run through the API server that the kubeconfig names, each over a connection that is kept. */
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request, type RequestOptions } from 'node:https';

export interface PodAnswer {
  readonly code: number;
  /** The Pod as it would be stored, or a Status. */
  readonly text: string;
}

export class PodCreates {
  readonly #url: URL;
  readonly #options: RequestOptions;
  readonly #body: string;

  private constructor(url: URL, options: RequestOptions, body: string) {
    this.#url = url;
    this.#options = options;
    this.#body = body;
  }

  /**
   * @param clients how many connections there may be
   * @param pod without a name: each create is one of its own
   */
  static async into(namespace: string, clients: number, pod: object): Promise<PodCreates> {
    const config = new KubeConfig();
    config.loadFromDefault();
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error('KUBECONFIG must name a cluster');
    const credentials: RequestOptions = {};
    await config.applyToHTTPSOptions(credentials);
    // What client-node gives is an agent that keeps no connection.
    const { ca, cert, key } = { ...credentials, ...(credentials.agent as Agent | undefined)?.options };
    const body = JSON.stringify(pod);
    const options: RequestOptions = {
      method: 'POST',
      agent: new Agent({ keepAlive: true, maxSockets: clients, ca, cert, key }),
      headers: {
        ...(credentials.headers as Readonly<Record<string, string>> | undefined),
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    };
    return new PodCreates(new URL(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, server), options, body);
  }

  /** @throws where the API server does not answer */
  send(): Promise<PodAnswer> {
    return new Promise((resolve, reject) => {
      const call = request(this.#url, this.#options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ code: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      call.on('error', reject);
      call.end(this.#body);
    });
  }

  close(): void {
    (this.#options.agent as Agent).destroy();
  }
}
