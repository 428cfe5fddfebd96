/** A real registry on loopback: distribution, as Debian's package docker-registry has it (test/images/install). */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Content, Image } from './small-registry.ts';

const PROGRAM = 'docker-registry';

/** Why tests that need it are skipped; false where it is there. */
export const NO_REGISTRY = spawnSync(PROGRAM, ['--version']).error === undefined ? false : `no ${PROGRAM}: run test/images/install`;

export interface RealRegistry {
  /** As images name it: `127.0.0.1:40123`. */
  readonly name: string;
  /** Uploads a manifest. */
  put(path: string, manifest: Content, tag?: string): Promise<void>;
  /** Uploads an image, under its digest alone unless a tag is given. */
  putImage(path: string, image: Image, tag?: string): Promise<void>;
  stop(): Promise<void>;
}

export interface RealRegistryOptions {
  /** A folder of its own. */
  readonly folder: string;
  /** The part `auth` of its configuration (configuration.md of distribution); anybody may push and pull if not given. */
  readonly auth?: object;
  /** The `Authorization` header of whoever pushes. */
  readonly authorization?: string;
  readonly port?: number;
}

/** @param t stops it at its end */
export async function realRegistry(
  t: { teardown(stop: () => unknown): void },
  { folder, auth, authorization, port = 0 }: RealRegistryOptions,
): Promise<RealRegistry> {
  const free = port === 0 ? await freePort() : port;
  const file = join(folder, 'config.yml');
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
    http: { addr: `127.0.0.1:${free}` },
    ...(auth !== undefined && { auth }),
  };
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(PROGRAM, ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  t.teardown(stop);
  const name = `127.0.0.1:${free}`;
  const headers = authorization === undefined ? {} : { authorization };
  const answers = async (): Promise<boolean> => (await fetch(`http://${name}/v2/`).catch(() => undefined)) !== undefined;
  while (!(await answers())) {
    if (child.exitCode !== null) throw new Error(`${PROGRAM} ended: ${told}`);
    await setTimeout(20);
  }
  const expect = async (status: number, request: Promise<Response>): Promise<Response> => {
    const response = await request;
    if (response.status !== status) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
    return response;
  };
  const put = async (path: string, { bytes, digest, mediaType }: Content, tag = digest): Promise<void> => {
    const url = `http://${name}/v2/${path}/manifests/${tag}`;
    await expect(201, fetch(url, { method: 'PUT', headers: { ...headers, 'content-type': mediaType }, body: new Uint8Array(bytes) }));
  };
  return {
    name,
    put,
    async putImage(path, { manifest, configuration }, tag) {
      const started = await expect(202, fetch(`http://${name}/v2/${path}/blobs/uploads/`, { method: 'POST', headers }));
      const upload = new URL(started.headers.get('location') ?? '', started.url);
      upload.searchParams.set('digest', configuration.digest);
      const type = { 'content-type': 'application/octet-stream' };
      const body = new Uint8Array(configuration.bytes);
      await expect(201, fetch(upload, { method: 'PUT', headers: { ...headers, ...type }, body }));
      await put(path, manifest, tag);
    },
    stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
