/**
 * What the API server does not accept of the ports of containers. Mirrors kubernetes `pkg/apis/core/validation`
 * (validateContainerPorts, checkHostPortConflicts, validatePodHostNetworkDeps), read at 1.36.3.
 */
import type { JsonObject } from '../json.ts';
import { asNumber, asObjects, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { duplicate, eachInvalid, invalid, required, unsupportedWord, type InvalidPlace } from './invalid-place.ts';
import { problemsOfPort, problemsOfPortName } from './names.ts';

/** @param path of the container */
export function invalidPorts({ ports }: JsonObject, path: FieldPath): InvalidPlace[] {
  const first = new Map<string, FieldPath>();
  return asObjects(ports).flatMap((port, index) => {
    const field = path.field('ports').at(index);
    const hostPort = field.field('hostPort');
    return [
      ...invalidName(asText(port['name']), field.field('name'), first),
      ...invalidNumber(port['containerPort'], field.field('containerPort')),
      ...(asNumber(port['hostPort']) === 0 ? [] : invalidNumber(port['hostPort'], hostPort)),
      ...unsupportedWord(field.field('protocol'), port['protocol'], ['SCTP', 'TCP', 'UDP']),
    ];
  });
}

/** @param first where each name stands; takes in this one */
function invalidName(name: string, path: FieldPath, first: Map<string, FieldPath>): InvalidPlace[] {
  if (name === '') return [];
  const problems = problemsOfPortName(name);
  if (problems.length > 0) return eachInvalid(path, name, problems);
  const other = first.get(name);
  if (other !== undefined) return [duplicate(path, name, [other])];
  first.set(name, path);
  return [];
}

function invalidNumber(port: unknown, path: FieldPath): InvalidPlace[] {
  const number = asNumber(port);
  return number === 0 ? [required(path)] : problemsOfPort(number).map((problem) => invalid(path, number, problem));
}

/**
 * Ports of the node that two of these containers want.
 *
 * @param list of the containers; the API server counts them from its start
 * @param numbers of the containers in their list
 */
export function repeatedHostPorts(containers: readonly JsonObject[], list: FieldPath, numbers: readonly number[]): InvalidPlace[] {
  const first = new Map<string, FieldPath>();
  return containers.flatMap(({ ports }, index) =>
    asObjects(ports).flatMap(({ hostPort, protocol, hostIP }, place) => {
      if (asNumber(hostPort) === 0) return [];
      const key = `${asText(protocol)}/${asText(hostIP)}/${asNumber(hostPort)}`;
      const field = list
        .at(numbers[index] ?? index)
        .field('ports')
        .at(place)
        .field('hostPort');
      const other = first.get(key);
      if (other === undefined) {
        first.set(key, field);
        return [];
      }
      const said = list.at(index).field('ports').at(place).field('hostPort');
      return [{ ...duplicate(said, key, []), fields: [field, other] }];
    }),
  );
}

/** @param isPod whether the spec is of a Pod: in a template, 0 is filled in later */
export function invalidHostNetwork({ hostNetwork, containers }: JsonObject, path: FieldPath, isPod: boolean): InvalidPlace[] {
  if (hostNetwork !== true) return [];
  return asObjects(containers).flatMap(({ ports }, index) =>
    asObjects(ports).flatMap((port, place) => {
      const [host, own] = [asNumber(port['hostPort']), asNumber(port['containerPort'])];
      if (host === own || (host === 0 && !isPod)) return [];
      const field = path.field('containers').at(index).field('ports').at(place);
      return [
        invalid(field.field('hostPort'), host, 'must match `containerPort` when `hostNetwork` is true', [
          field.field('containerPort'),
          path.field('hostNetwork'),
        ]),
      ];
    }),
  );
}
