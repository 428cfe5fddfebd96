/**
 * What the API server does not accept of probes and hooks. Mirrors kubernetes `pkg/apis/core/validation` (validateProbe,
 * validateLivenessProbe, validateHandler, validateLifecycle, validateSleepAction), read at 1.36.3.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asNumber, asObject, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { eachInvalid, forbidden, invalid, negative, required, unsupportedWord, type InvalidPlace } from './invalid-place.ts';
import { problemsOfPort, problemsOfPortName } from './names.ts';

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

/** The grace period of a Pod, and where it stands. */
export interface GracePeriod {
  readonly seconds: unknown;
  readonly path: FieldPath;
}

/** @param path of a main container or a sidecar */
export function invalidHandlers(container: JsonObject, path: FieldPath, period: GracePeriod): InvalidPlace[] {
  const [hooks, lifecycle] = [asObject(container['lifecycle']), path.field('lifecycle')];
  return [
    ...['postStart', 'preStop'].flatMap((name) => invalidHandler(hooks[name], lifecycle.field(name), period)),
    ...PROBES.flatMap((name) => invalidProbe(name, container[name], path.field(name), period)),
  ];
}

/** Init containers that are no sidecars have neither probes nor hooks. */
export function unwantedHandlers(container: JsonObject, path: FieldPath): InvalidPlace[] {
  const given = ['lifecycle', ...PROBES].filter((name) => container[name] != null);
  const detail = 'may not be set for init containers without restartPolicy=Always';
  return given.map((name) => forbidden(path.field(name), detail, [path.field('restartPolicy')]));
}

const COUNTS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;

function invalidProbe(name: (typeof PROBES)[number], probe: unknown, path: FieldPath, period: GracePeriod): InvalidPlace[] {
  if (!isObject(probe)) return [];
  const { successThreshold, terminationGracePeriodSeconds: graceSeconds } = probe;
  const field = path.field('terminationGracePeriodSeconds');
  const places = [
    ...invalidHandler(probe, path, period),
    ...COUNTS.flatMap((count) => negative(path.field(count), probe[count])),
    ...(typeof graceSeconds === 'number' && graceSeconds <= 0 ? [invalid(field, graceSeconds, 'must be greater than 0')] : []),
  ];
  if (name === 'readinessProbe') {
    if (graceSeconds != null) places.push(invalid(field, graceSeconds, 'must not be set for readinessProbes'));
  } else if (typeof successThreshold === 'number' && successThreshold !== 1) {
    places.push(invalid(path.field('successThreshold'), successThreshold, 'must be 1'));
  }
  return places;
}

/** A probe or a hook does one thing. */
function invalidHandler(handler: unknown, path: FieldPath, period: GracePeriod): InvalidPlace[] {
  if (!isObject(handler)) return [];
  const given = HANDLERS.filter((name) => handler[name] != null);
  const [first] = given;
  if (first === undefined) return [required(path, 'must specify a handler type')];
  const fields = given.map((name) => path.field(name));
  return [
    ...invalidAction(first, asObject(handler[first]), path.field(first), period),
    ...fields.slice(1).map((field) => ({ ...forbidden(field, 'may not specify more than 1 handler type'), fields })),
  ];
}

function invalidAction(kind: (typeof HANDLERS)[number], action: JsonObject, path: FieldPath, period: GracePeriod): InvalidPlace[] {
  const port = path.field('port');
  switch (kind) {
    case 'exec':
      return Array.isArray(action['command']) && action['command'].length > 0 ? [] : [required(path.field('command'))];
    case 'httpGet':
      return [...invalidPort(action['port'], port), ...unsupportedWord(path.field('scheme'), action['scheme'], ['HTTP', 'HTTPS'])];
    case 'tcpSocket':
      return invalidPort(action['port'], port);
    case 'grpc':
      return invalidPort(asNumber(action['port']), port);
    case 'sleep':
      return tooLongSleep(asNumber(action['seconds']), path, period);
  }
}

/** ValidatePortNumOrName; a port that is not set is 0. */
function invalidPort(port: unknown, path: FieldPath): InvalidPlace[] {
  if (typeof port === 'string') return eachInvalid(path, port, problemsOfPortName(asText(port)));
  return problemsOfPort(asNumber(port)).map((problem) => invalid(path, asNumber(port), problem));
}

/** A sleep is no longer than the grace period. */
function tooLongSleep(seconds: number, path: FieldPath, { seconds: graceSeconds, path: periodPath }: GracePeriod): InvalidPlace[] {
  if (typeof graceSeconds !== 'number' || (seconds >= 0 && seconds <= graceSeconds)) return [];
  const { message } = invalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`);
  return [{ message, fields: [path.field('seconds'), periodPath] }];
}
