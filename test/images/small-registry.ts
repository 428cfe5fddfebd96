/** Images, and a small server on loopback that speaks as much of the distribution protocol as a test wants, well or badly. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIGURATION = 'application/vnd.oci.image.config.v1+json';

/** What is stored by its digest. */
export interface Content {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

export function contentOf(value: unknown, mediaType: string): Content {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, mediaType };
}

export function descriptorOf({ bytes, digest, mediaType }: Content, more: object = {}): object {
  return { mediaType, digest, size: bytes.length, ...more };
}

export interface Image {
  readonly manifest: Content;
  readonly configuration: Content;
}

/** @param config of the image configuration: `Entrypoint`, `Cmd`, … */
export function imageOf(config: object, architecture = 'amd64'): Image {
  const configuration = contentOf({ os: 'linux', architecture, config, rootfs: { type: 'layers', diff_ids: [] } }, CONFIGURATION);
  return { manifest: manifestOf({ config: descriptorOf(configuration) }), configuration };
}

export function manifestOf(parts: object, mediaType = MANIFEST): Content {
  return contentOf({ schemaVersion: 2, mediaType, layers: [], ...parts }, mediaType);
}

/** @param images by their platforms: `linux/arm64/v8` */
export function indexOf(images: Readonly<Record<string, Content>>): Content {
  const manifests = Object.entries(images).map(([platform, manifest]) => {
    const [os, architecture, variant] = platform.split('/');
    return descriptorOf(manifest, { platform: { os, architecture, ...(variant !== undefined && { variant }) } });
  });
  return contentOf({ schemaVersion: 2, mediaType: INDEX, manifests }, INDEX);
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface SmallRegistry {
  /** As images name it: `127.0.0.1:40123`. */
  readonly name: string;
  /** Method and path of each request, in order. */
  readonly requests: readonly string[];
  /** Serves a content by its digest, and by a tag where one is given. @param kind `manifests` or `blobs` */
  put(path: string, kind: string, content: Content, tag?: string): void;
  /** Serves an image under a tag. */
  putImage(path: string, tag: string, image: Image): void;
  /** Answers what is asked for at a path of its own way. @param at `/v2/web/manifests/1` */
  answer(at: string, answer: Answer): void;
}

/** @param t closes the server at its end */
export async function smallRegistry(t: { teardown(close: () => unknown): void }): Promise<SmallRegistry> {
  const answers = new Map<string, Answer>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url}`);
    const answer = answers.get(url.split('?', 1)[0] ?? '');
    if (answer !== undefined) answer(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const put: SmallRegistry['put'] = (path, kind, content, tag) => {
    const type = kind === 'manifests' ? content.mediaType : 'application/octet-stream';
    const answer: Answer = ({ method }, response) => {
      response.writeHead(200, { 'content-type': type, 'content-length': content.bytes.length, 'docker-content-digest': content.digest });
      response.end(method === 'HEAD' ? undefined : content.bytes);
    };
    for (const reference of [content.digest, ...(tag === undefined ? [] : [tag])]) answers.set(`/v2/${path}/${kind}/${reference}`, answer);
  };
  return {
    name: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    put,
    putImage(path, tag, { manifest, configuration }) {
      put(path, 'manifests', manifest, tag);
      put(path, 'blobs', configuration);
    },
    answer(at, answer) {
      answers.set(at, answer);
    },
  };
}
