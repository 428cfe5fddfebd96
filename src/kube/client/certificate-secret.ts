/**
 * The state of the certificates as it is stored in a Secret. The keys are plain file names, so that people and tools can
 * read them.
 */
import { parseBoundedJson } from '../../core/bounded-json.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { asObject, metadataOf } from '../../core/json-reading.ts';
import type { PemPair } from '../../pki/pem.ts';
import { MAX_RETIRED, RENEWAL_REQUESTS, type RetiredAuthority, type RotationState } from '../../pki/rotation.ts';

/** What an operator sets to have something renewed now; taken away when it is done. */
const RENEW_ANNOTATION = 'podgrace.dev/renew';

/** What cannot be read counts as not there, and is made anew. @param secret as the API server has it; data in base64 */
export function readCertificateState(secret: JsonObject): RotationState {
  const data = asObject(secret['data']);
  const pair = (certKey: string, keyKey: string): PemPair | undefined => {
    const certPem = decode(data[certKey]);
    const keyPem = decode(data[keyKey]);
    return certPem === '' || keyPem === '' ? undefined : { certPem, keyPem };
  };
  const authority = pair('ca.crt', 'ca.key');
  const leaf = pair('tls.crt', 'tls.key');
  const next = pair('next-ca.crt', 'next-ca.key');
  const request = annotationsOf(secret)[RENEW_ANNOTATION];
  const requested = RENEWAL_REQUESTS.find((each) => each === request);
  return {
    ...(authority && { authority }),
    ...(leaf && { leaf }),
    ...(next && { next }),
    retired: readRetired(decode(data['retired-ca.json'])),
    ...(requested && { requested }),
  };
}

/** The Secret with this state in place of the old one; everything else in it stays, its resourceVersion too. */
export function withCertificateState(secret: JsonObject, { authority, leaf, next, retired, requested }: RotationState): JsonObject {
  const { [RENEW_ANNOTATION]: request, ...annotations } = annotationsOf(secret);
  // A request that nobody understands is left to whoever made it.
  const isUnderstood = RENEWAL_REQUESTS.some((each) => each === request);
  const kept = isUnderstood ? requested : request;
  const files = {
    'ca.crt': authority?.certPem,
    'ca.key': authority?.keyPem,
    'tls.crt': leaf?.certPem,
    'tls.key': leaf?.keyPem,
    'next-ca.crt': next?.certPem,
    'next-ca.key': next?.keyPem,
    'retired-ca.json': retired.length === 0 ? undefined : JSON.stringify(retired),
  };
  const others = Object.entries(asObject(secret['data'])).filter(([name]) => !(name in files));
  const written = Object.entries(files).flatMap(([name, content]) =>
    content === undefined ? [] : [[name, Buffer.from(content).toString('base64')] as const],
  );
  return {
    ...secret,
    metadata: {
      ...metadataOf(secret),
      annotations: { ...annotations, ...(kept !== undefined && { [RENEW_ANNOTATION]: kept }) },
    },
    data: Object.fromEntries([...others, ...written]),
  };
}

/**
 * Why podgrace should not write into this Secret, in words that follow its name; undefined where it may. A tool that keeps
 * it would put its own certificates back, and each would undo the other's work for ever.
 */
export function secretIsKeptBy(secret: JsonObject): string | undefined {
  const certManager = Object.keys(annotationsOf(secret)).find((name) => name.startsWith('cert-manager.io/'));
  if (certManager !== undefined) return `is kept by cert-manager (annotation ${certManager})`;
  const metadata = metadataOf(secret);
  const owners: unknown = metadata['ownerReferences'];
  const owner = Array.isArray(owners) ? owners.filter(isObject).find((each) => each['controller'] === true) : undefined;
  if (owner !== undefined) return `is kept by ${String(owner['kind'])} ${String(owner['name'])} (its controlling owner)`;
  return secret['immutable'] === true ? 'is immutable' : undefined;
}

/** A renewal that is asked for in words that nobody understands. */
export function unknownRequest(secret: JsonObject): string | undefined {
  const request = annotationsOf(secret)[RENEW_ANNOTATION];
  if (request === undefined || RENEWAL_REQUESTS.some((each) => each === request)) return undefined;
  return `annotation ${RENEW_ANNOTATION} must be one of ${RENEWAL_REQUESTS.join(', ')}, but is ${JSON.stringify(request)}`;
}

function annotationsOf(secret: JsonObject): JsonObject {
  return asObject(metadataOf(secret)['annotations']);
}

function readRetired(text: string): RetiredAuthority[] {
  if (text === '') return [];
  try {
    const list = parseBoundedJson(text);
    return Array.isArray(list) ? list.filter(isRetired).slice(-2 * MAX_RETIRED) : [];
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
