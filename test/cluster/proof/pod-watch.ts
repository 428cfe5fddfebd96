/** What happens to the Pods of a namespace, as the API server tells it: states that last milliseconds are seen too. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { eventually } from '../cluster.ts';

export interface PodEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly pod: LivePod;
  /** Milliseconds since 1970 when the event came. */
  readonly atMs: number;
}

/** What scenarios read of a Pod. */
export interface LivePod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly terminationGracePeriodSeconds: number;
    readonly tolerations?: readonly { readonly key?: string; readonly tolerationSeconds?: number }[];
  };
  readonly status: {
    readonly phase: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly initContainerStatuses?: readonly LiveContainer[];
    readonly containerStatuses?: readonly LiveContainer[];
  };
}

export interface LiveContainer {
  readonly name: string;
  readonly state: LiveState;
  readonly lastState?: LiveState;
}

interface LiveState {
  readonly running?: { readonly startedAt: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
}

export function isReady({ status }: LivePod): boolean {
  return status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

export function isEvictedByTaint({ status }: LivePod): boolean {
  return status.conditions?.some(({ type, reason }) => type === 'DisruptionTarget' && reason === 'DeletionByTaintManager') === true;
}

/** The exit code of the Pod's first container that has ended. */
export function exitCodeOf({ status }: LivePod): number | undefined {
  return status.containerStatuses?.map(({ state }) => state.terminated?.exitCode).find((code) => code !== undefined);
}

export class PodWatch {
  readonly #namespace: string;
  readonly #events: PodEvent[] = [];
  #ended: string | undefined;

  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Watches until the test ends. */
  static start(t: Test, namespace: string): PodWatch {
    const watch = new PodWatch(namespace);
    const kubectl = join(process.env['KUBEBUILDER_ASSETS'] ?? '', 'kubectl');
    const child = spawn(kubectl, ['get', '--raw', `/api/v1/namespaces/${namespace}/pods?watch=1`]);
    child.on('close', (code) => {
      watch.#ended = `the watch of ${namespace} ended with code ${code ?? 'none'}`;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { type, object } = JSON.parse(line) as { type: PodEvent['type']; object: LivePod };
      watch.#events.push({ type, pod: object, atMs: Date.now() });
    });
    t.teardown(() => child.kill());
    return watch;
  }

  /** Every event of a Pod so far. */
  of(name: string): PodEvent[] {
    return this.#events.filter(({ pod }) => pod.metadata.name === name);
  }

  /** The Pods that there were at any time, in the order of their appearance. */
  get names(): string[] {
    return [...new Set(this.#events.map(({ pod }) => pod.metadata.name))];
  }

  /** The first event of a Pod that is so, whether it has happened or is still to come. */
  async until(name: string, what: string, holds: (event: PodEvent) => boolean, limitMs?: number): Promise<PodEvent> {
    let found: PodEvent | undefined;
    await eventually(
      `Pod ${this.#namespace}/${name} ${what}`,
      () => {
        found = this.of(name).find(holds);
        if (found === undefined && this.#ended !== undefined) throw new Error(this.#ended);
        return found !== undefined;
      },
      limitMs,
    );
    if (found === undefined) throw new Error('nothing was found, and yet it has come about');
    return found;
  }

  ready(name: string): Promise<PodEvent> {
    return this.until(name, 'is ready', ({ pod }) => isReady(pod));
  }
}

export interface Ending {
  /** From the request to delete to the Pod's disappearance. */
  readonly seconds: number;
  /** Of the first container that ended. */
  readonly exitCode: number | undefined;
}

/** Deletes a Pod as `kubectl delete` does, with the grace period that it has, and waits until it is gone. */
export async function deletePod(api: KubeApi, watch: PodWatch, namespace: string, name: string): Promise<Ending> {
  const startMs = Date.now();
  await api.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}/pods/${name}` });
  const { atMs } = await watch.until(name, 'is gone', ({ type }) => type === 'DELETED', 90_000);
  const exitCode = watch
    .of(name)
    .map(({ pod }) => exitCodeOf(pod))
    .find((code) => code !== undefined);
  return { seconds: (atMs - startMs) / 1000, exitCode };
}
