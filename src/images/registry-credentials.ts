/**
 * Credentials for registries, as docker writes them into its `config.json` and Kubernetes into Secrets of the type
 * `kubernetes.io/dockerconfigjson`. Programs that keep credentials (`credsStore`, `credHelpers`) are not started.
 */
import { parseBoundedJson } from '../core/bounded-json.ts';
import { isObject, memberOf, type JsonObject } from '../core/json.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** In place of a password: what a token server gives access tokens for (OAuth 2). */
  readonly identityToken: string | undefined;
}

/** Credentials by registry, or by registry and the beginning of a path. */
export class RegistryCredentials {
  static readonly NONE = new RegistryCredentials(new Map());

  readonly #byPlace: ReadonlyMap<string, Credentials>;

  private constructor(byPlace: ReadonlyMap<string, Credentials>) {
    this.#byPlace = byPlace;
  }

  /**
   * @param text of a `config.json`
   * @throws {Error} where it is none; the message starts with "must" and repeats nothing of the file
   */
  static parse(text: string): RegistryCredentials {
    let value: unknown;
    try {
      value = parseBoundedJson(text);
    } catch {
      // What the parser says quotes the text, which may be a password.
      throw new Error("must be JSON, as docker's config.json is");
    }
    const auths = isObject(value) ? memberOf(value, 'auths') : undefined;
    if (!isObject(auths)) throw new Error("must have an object 'auths', as docker's config.json has");
    const byPlace = new Map<string, Credentials>();
    for (const [place, entry] of Object.entries(auths)) {
      const credentials = isObject(entry) ? credentialsIn(entry, place) : undefined;
      if (credentials !== undefined) byPlace.set(placeOf(place), credentials);
    }
    return new RegistryCredentials(byPlace);
  }

  /** Those of the longest place that the repository lies in, as the kubelet chooses. */
  for(registry: string, path: string): Credentials | undefined {
    const parts = path.split('/');
    for (let length = parts.length; length >= 0; length--) {
      const found = this.#byPlace.get([registry, ...parts.slice(0, length)].join('/'));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** `https://index.docker.io/v1/` is Docker Hub; others may be written with a scheme and a version, too. */
function placeOf(written: string): string {
  const place = written
    .replace(/^https?:\/\//, '')
    .replace(/^([^/]+)\/v[12](?:\/|$)/, '$1')
    .replace(/\/$/, '');
  return place.replace(/^(?:index\.docker\.io|registry-1\.docker\.io)(?=\/|$)/, 'docker.io');
}

function credentialsIn(entry: JsonObject, place: string): Credentials | undefined {
  const text = (key: string): string => {
    const value = memberOf(entry, key) ?? '';
    if (typeof value !== 'string') throw new Error(`must have a text in '${key}' of the registry ${place}`);
    return value;
  };
  const identityToken = text('identitytoken') || undefined;
  const [username = '', ...password] = Buffer.from(text('auth'), 'base64').toString('utf8').split(':');
  const credentials = { username: username || text('username'), password: password.join(':') || text('password'), identityToken };
  return credentials.username === '' && identityToken === undefined ? undefined : credentials;
}
