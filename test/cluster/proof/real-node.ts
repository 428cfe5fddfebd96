/** A node that really runs containers, and the images that scenarios find on it: no registry is asked. */
import { existsSync, mkdtempSync, mkdirSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { canLoadImages, loadImage } from './loaded-image.ts';

export interface RealNode {
  readonly name: string;
  /** busybox: a shell, `sleep`, `httpd`. */
  readonly busybox: string;
  /** An image with `/podgrace/tini` and `/podgrace/busybox`, as podgrace's own has them. */
  readonly carrier: string;
}

interface Node {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly images?: readonly { readonly names?: readonly string[] }[];
  };
}

/** @returns why there is none, where there is none */
export async function findRealNode(api: KubeApi): Promise<RealNode | string> {
  const { body } = await api.request({ method: 'GET', path: '/api/v1/nodes' });
  const node = (body['items'] as Node[]).find((node) => !isSimulated(node) && isReady(node));
  if (node === undefined) return 'no node that runs containers';
  const busybox = imageOn(node, /\bbusybox:[^@]+$/);
  if (busybox === undefined) return `no busybox image on ${node.metadata.name}`;
  const carrier = imageOn(node, /\bpodgrace\/podgrace:[^@]+$/) ?? (await loadCarrier());
  return carrier === undefined ? `no podgrace image on ${node.metadata.name}` : { name: node.metadata.name, busybox, carrier };
}

function isSimulated({ metadata }: Node): boolean {
  return metadata.annotations?.['kwok.x-k8s.io/node'] !== undefined;
}

function isReady({ status }: Node): boolean {
  return status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** By name and tag, as the kubelet lists it. */
function imageOn({ status }: Node, pattern: RegExp): string | undefined {
  return status.images?.flatMap(({ names }) => names ?? []).find((name) => pattern.test(name));
}

const CARRIER = 'localhost/podgrace-carrier:1';
const CARRIED_FILES = { tini: '/usr/bin/tini-static', busybox: '/bin/busybox' };

let loading: Promise<string | undefined> | undefined;

/** Where podgrace's image has not been loaded: an image of the two files alone. */
function loadCarrier(): Promise<string | undefined> {
  return (loading ??= makeAndLoadCarrier());
}

async function makeAndLoadCarrier(): Promise<string | undefined> {
  if (!canLoadImages() || !Object.values(CARRIED_FILES).every((file) => existsSync(file))) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'podgrace-carrier-'));
  mkdirSync(join(folder, 'podgrace'));
  for (const [name, file] of Object.entries(CARRIED_FILES)) copyFileSync(file, join(folder, 'podgrace', name));
  await loadImage(CARRIER, folder);
  return CARRIER;
}
