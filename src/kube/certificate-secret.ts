/** The state of the certificates as it lies in a Secret: plain files' names, so that people and tools can read it. */
import { isObject, type JsonObject } from '../core/json.ts';
import type { PemPair } from '../pki/pem.ts';
import type { RetiredAuthority, RotationState } from '../pki/rotation.ts';

/** Milliseconds are written as RFC 3339; what cannot be read counts as not there, and is made anew. */
const PUBLISHED_SINCE = 'podgrace.dev/next-ca-published-since';

/** @param secret as the API server has it; data in base64 */
export function readCertificateState(secret: JsonObject): RotationState {
  const data = isObject(secret['data']) ? secret['data'] : {};
  const annotations = annotationsOf(secret);
  const pair = (certKey: string, keyKey: string): PemPair | undefined => {
    const certPem = decode(data[certKey]);
    const keyPem = decode(data[keyKey]);
    return certPem === '' || keyPem === '' ? undefined : { certPem, keyPem };
  };
  const authority = pair('ca.crt', 'ca.key');
  const leaf = pair('tls.crt', 'tls.key');
  const next = pair('next-ca.crt', 'next-ca.key');
  const publishedSinceMs = timeOf(annotations[PUBLISHED_SINCE]);
  return {
    ...(authority !== undefined && { authority }),
    ...(leaf !== undefined && { leaf }),
    ...(next !== undefined && { next: { ...next, ...(publishedSinceMs !== undefined && { publishedSinceMs }) } }),
    retired: readRetired(decode(data['retired-ca.json'])),
  };
}

/** The Secret with this state in place of the old one; everything else in it stays, its resourceVersion too. */
export function withCertificateState(secret: JsonObject, { authority, leaf, next, retired }: RotationState): JsonObject {
  const { [PUBLISHED_SINCE]: _, ...annotations } = annotationsOf(secret);
  const since = next?.publishedSinceMs;
  const files = {
    'ca.crt': authority?.certPem,
    'ca.key': authority?.keyPem,
    'tls.crt': leaf?.certPem,
    'tls.key': leaf?.keyPem,
    'next-ca.crt': next?.certPem,
    'next-ca.key': next?.keyPem,
    'retired-ca.json': retired.length === 0 ? undefined : JSON.stringify(retired),
  };
  return {
    ...secret,
    metadata: {
      ...(isObject(secret['metadata']) ? secret['metadata'] : {}),
      annotations: { ...annotations, ...(since !== undefined && { [PUBLISHED_SINCE]: new Date(since).toISOString() }) },
    },
    data: Object.fromEntries(
      Object.entries(files).flatMap(([name, content]) => (content === undefined ? [] : [[name, Buffer.from(content).toString('base64')]])),
    ),
  };
}

function annotationsOf(secret: JsonObject): JsonObject {
  const metadata = isObject(secret['metadata']) ? secret['metadata'] : {};
  return isObject(metadata['annotations']) ? metadata['annotations'] : {};
}

function readRetired(text: string): RetiredAuthority[] {
  if (text === '') return [];
  try {
    const list = JSON.parse(text) as unknown;
    return Array.isArray(list) ? list.filter(isRetired) : [];
  } catch {
    // Somebody else wrote here: nothing is known to be retired then.
    return [];
  }
}

function isRetired(value: unknown): value is RetiredAuthority {
  return isObject(value) && typeof value['certPem'] === 'string' && typeof value['untilMs'] === 'number';
}

function decode(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
}

function timeOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
