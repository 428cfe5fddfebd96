/**
 * One registry, asked by the distribution specification: manifests by tag or digest, blobs by digest, with a token where it wants one.
 * What is returned by a digest has that digest.
 */
import { parseBoundedJson } from '../core/bounded-json.ts';
import { isObject, memberOf } from '../core/json.ts';
import { shortened } from '../core/shortened.ts';
import { visibleLine } from '../core/visible-text.ts';
import { challengeIn, type Challenge } from './challenge.ts';
import { digestOf, hasDigest, isDigest, type ContentCache } from './content-cache.ts';
import { hostOf } from './image-name.ts';
import { INDEX_TYPES, MANIFEST_TYPES } from './media-types.ts';
import type { Credentials, RegistryCredentials } from './registry-credentials.ts';
import { UnknownImageError } from './unknown-image.ts';
import { isLoopback, UnreachableError, type Web, type WebAnswer } from './web.ts';

export interface RegistrySetup {
  readonly web: Web;
  readonly cache: ContentCache;
  readonly credentials: RegistryCredentials;
  /** What it may ask to wait for. */
  readonly waitMs: number;
}

/** How often one request is made: at first, and after it was told to wait. */
const MOST_TRIES = 3;

/** Nobody waits for a registry that did not answer this many times. */
const MOST_FAILURES = 2;

/** Where a registry refuses for a while and does not say for how long. */
const USUAL_WAIT_MS = 1000;

/** Longer tokens are none; RFC 6750 has no bound, and headers have one of 16 KiB. */
const LONGEST_TOKEN = 12 * 1024;

type Kind = 'manifests' | 'blobs';

export class Registry {
  readonly #name: string;
  readonly #root: URL;
  readonly #setup: RegistrySetup;
  /** The `Authorization` header by the path of the repository. */
  readonly #authorizations = new Map<string, Promise<string | undefined>>();
  #failures = 0;
  /** Why it is not asked any more. */
  #isGivenUp: UnknownImageError | undefined;

  /** @param name as images have it: `docker.io` */
  constructor(name: string, setup: RegistrySetup) {
    const host = hostOf(name);
    const root = `https://${host}/v2/`;
    if (!URL.canParse(root)) throw new UnknownImageError(`${shortened(name)} is no address of a registry`);
    this.#name = shortened(visibleLine(name));
    this.#root = new URL(root);
    if (isLoopback(this.#root.hostname)) this.#root = new URL(`http://${host}/v2/`);
    this.#setup = setup;
  }

  /** The digest that a tag stands for. HEAD does not count against the limit of Docker Hub; where a registry does not tell, GET does. */
  async digestOfTag(path: string, tag: string): Promise<string> {
    const answer = await this.#ask('HEAD', path, 'manifests', tag);
    const told = answer.headers.get('docker-content-digest') ?? '';
    if (isDigest(told)) return told;
    const { body, headers } = await this.#ask('GET', path, 'manifests', tag);
    this.#refuseType(headers);
    const digest = digestOf(body);
    await this.#setup.cache.write(digest, body);
    return digest;
  }

  /** What a digest stands for, from the disk where it is there. @throws {UnknownImageError} */
  async content(path: string, kind: Kind, digest: string): Promise<Uint8Array> {
    if (!isDigest(digest)) throw new UnknownImageError(`${this.#name} names an image by what is no digest of sha256 or sha512`);
    const kept = await this.#setup.cache.read(digest);
    if (kept !== undefined) return kept;
    const { body, headers } = await this.#ask('GET', path, kind, digest);
    if (!hasDigest(body, digest)) throw new UnknownImageError(`${this.#name} answers with something else than ${shortened(digest, 20)}`);
    if (kind === 'manifests') this.#refuseType(headers);
    await this.#setup.cache.write(digest, body);
    return body;
  }

  /** @throws {UnknownImageError} for a page of a proxy, say, or a manifest of a format that was given up */
  #refuseType(headers: Headers): void {
    const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
    if (INDEX_TYPES.includes(type.trim()) || MANIFEST_TYPES.includes(type.trim())) return;
    const shown = type === '' ? 'without a media type' : `with the media type ${shortened(visibleLine(type))}`;
    throw new UnknownImageError(`${this.#name} answers ${shown}, which is none of an image`);
  }

  /** @returns an answer below 300 */
  async #ask(method: 'GET' | 'HEAD', path: string, kind: Kind, reference: string): Promise<WebAnswer> {
    const { web } = this.#setup;
    const url = new URL(`${path}/${kind}/${reference}`, this.#root);
    const accept = kind === 'manifests' ? [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ') : '*/*';
    let isRenewed = false;
    for (let tries = 1; ;) {
      if (this.#isGivenUp !== undefined) throw this.#isGivenUp;
      const authorization = await this.#authorizations.get(path);
      const answer = await this.#send(() => web.send({ method, url, accept, authorization }));
      const { status, headers } = answer;
      if (status < 300) return answer;
      if (status === 401 && !isRenewed) {
        isRenewed = true;
        const challenge = challengeIn(headers.get('www-authenticate'));
        if (challenge === undefined) throw this.#refusal(status, path);
        await this.#renew(path, challenge, authorization);
      } else if ((status === 429 || status === 503) && tries < MOST_TRIES) {
        tries += 1;
        await this.#waitAsTold(status, headers);
      } else {
        const refusal = this.#refusal(status, path);
        if (status === 429) this.#isGivenUp = refusal;
        throw refusal;
      }
    }
  }

  async #send(send: () => Promise<WebAnswer>): Promise<WebAnswer> {
    try {
      const answer = await send();
      this.#failures = 0;
      return answer;
    } catch (error) {
      if (error instanceof UnreachableError && ++this.#failures >= MOST_FAILURES) this.#isGivenUp = error;
      throw error;
    }
  }

  /** `Retry-After` in seconds, or as a date (RFC 9110). */
  async #waitAsTold(status: number, headers: Headers): Promise<void> {
    const { web, waitMs } = this.#setup;
    const told = headers.get('retry-after') ?? '';
    const toldMs = /^\d{1,9}$/.test(told) ? Number(told) * 1000 : Date.parse(told) - Date.now();
    const milliseconds = Number.isNaN(toldMs) ? USUAL_WAIT_MS : Math.max(0, toldMs);
    if (milliseconds > waitMs) {
      const seconds = Math.ceil(milliseconds / 1000);
      this.#isGivenUp = new UnknownImageError(`${this.#name} answers ${status}, and asks to wait for ${seconds} s`, milliseconds);
      throw this.#isGivenUp;
    }
    await web.wait(milliseconds);
  }

  #refusal(status: number, path: string): UnknownImageError {
    const hasCredentials = this.#setup.credentials.for(this.#name, path) !== undefined;
    const why: Readonly<Record<number, string>> = {
      401: hasCredentials ? 'does not take the given credentials' : 'wants credentials',
      403: hasCredentials ? 'forbids it to the given credentials' : 'forbids it without credentials',
      404: 'does not have the image',
      429: 'has had too many requests',
    };
    return new UnknownImageError(`${this.#name} ${why[status] ?? 'fails'} (${status})`, retryAfterMsOf(status));
  }

  /** Once for all who wait for it; those who come later have the new one. */
  async #renew(path: string, challenge: Challenge, used: string | undefined): Promise<void> {
    if ((await this.#authorizations.get(path)) === used) this.#authorizations.set(path, this.#authorize(path, challenge));
    await this.#authorizations.get(path);
  }

  async #authorize(path: string, { scheme, parameters }: Challenge): Promise<string | undefined> {
    const credentials = this.#setup.credentials.for(this.#name, path);
    if (scheme === 'basic') return credentials && basic(credentials);
    const realm = parameters.get('realm') ?? '';
    if (!URL.canParse(realm)) throw new UnknownImageError(`${this.#name} does not say where its tokens come from`);
    const asked = new URLSearchParams({ scope: parameters.get('scope') ?? `repository:${path}:pull` });
    const service = parameters.get('service');
    if (service !== undefined) asked.set('service', service);
    return `Bearer ${await this.#token(new URL(realm), asked, credentials)}`;
  }

  async #token(realm: URL, asked: URLSearchParams, credentials: Credentials | undefined): Promise<string> {
    // Tokens of a registry elsewhere do not come from this machine, nor over plain HTTP.
    if (realm.protocol !== 'https:' && !(isLoopback(this.#root.hostname) && isLoopback(realm.hostname)))
      throw new UnknownImageError(`${this.#name} wants its tokens to be asked for without HTTPS`);
    const { web } = this.#setup;
    const answer = await this.#send(() => {
      if (credentials?.identityToken === undefined) {
        for (const [name, value] of asked) realm.searchParams.append(name, value);
        return web.send({ method: 'GET', url: realm, authorization: credentials && basic(credentials) });
      }
      const body = new URLSearchParams(asked);
      body.set('grant_type', 'refresh_token');
      body.set('refresh_token', credentials.identityToken);
      body.set('client_id', 'podgrace');
      return web.send({ method: 'POST', url: realm, body });
    });
    const from = shortened(visibleLine(realm.host));
    if (answer.status >= 300)
      throw new UnknownImageError(`${from} gives no token for ${this.#name} (${answer.status})`, retryAfterMsOf(answer.status));
    const token = tokenIn(answer.body);
    if (token === undefined) throw new UnknownImageError(`${from} answers with something else than a token for ${this.#name}`);
    return token;
  }
}

/** Of an answer that does not say how long: undefined for one that will be the same later. */
function retryAfterMsOf(status: number): number | undefined {
  return status === 429 || status >= 500 ? 0 : undefined;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** @returns undefined where there is none that a header can hold */
function tokenIn(body: Uint8Array): string | undefined {
  let value: unknown;
  try {
    value = parseBoundedJson(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const token = memberOf(value, 'token') ?? memberOf(value, 'access_token');
  return typeof token === 'string' && token.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}
