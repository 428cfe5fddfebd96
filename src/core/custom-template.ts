/**
 * Pod templates of kinds that are not Kubernetes' own. Their controllers fill in what the API server demands of a Pod: Knative
 * names containers and gives probes their port.
 */
import { isObject, type JsonObject } from './json.ts';
import { FieldPath } from './path.ts';
import { PROBE_KINDS } from './pod.ts';
import type { Work } from './work.ts';

/** What Knative listens on where nothing is said, and most servers with it. */
const DEFAULT_PORT = 8080;

/**
 * The template with a name for each container that has none (`container-0`), and with a port for each probe over the network
 * that has none (the first port that the container declares). Nothing is ever written back to such a template.
 *
 * @returns the same object where nothing was missing
 */
export function completeTemplate(template: JsonObject, work?: Work): JsonObject {
  const spec = template['spec'];
  if (!isObject(spec)) return template;
  let complete: Record<string, unknown> | undefined;
  for (const list of ['containers', 'initContainers']) {
    const containers = spec[list];
    if (!Array.isArray(containers)) continue;
    const completed = containers.map((container: unknown, index) => {
      work?.spendAt(index);
      return isObject(container) ? completeContainer(container, index) : container;
    });
    if (completed.some((container, index) => container !== containers[index])) (complete ??= { ...spec })[list] = completed;
  }
  return complete === undefined ? template : { ...template, spec: complete };
}

/**
 * Whether a template holds no containers at all: what a client in Go writes for a template that is not there (an Argo Rollout with a
 * `workloadRef`). No Pod can come out of it.
 */
export function isEmptyTemplate({ spec }: JsonObject): boolean {
  if (spec == null) return true;
  if (!isObject(spec)) return false;
  const { containers } = spec;
  return containers == null || (Array.isArray(containers) && containers.length === 0);
}

function completeContainer(container: JsonObject, index: number): JsonObject {
  const changes: Record<string, unknown> = {};
  if (container['name'] == null) changes['name'] = nameMadeUpFor(index);
  for (const kind of PROBE_KINDS) {
    const probe = container[kind];
    if (!isObject(probe)) continue;
    for (const handler of ['httpGet', 'tcpSocket', 'grpc']) {
      const action = probe[handler];
      if (isObject(action) && action['port'] == null) changes[kind] = { ...probe, [handler]: { ...action, port: firstPort(container) } };
    }
  }
  return Object.keys(changes).length === 0 ? container : { ...container, ...changes };
}

/** @param index of a container without a name, in its list */
export function nameMadeUpFor(index: number): string {
  return `container-${index}`;
}

function firstPort({ ports }: JsonObject): unknown {
  const first: unknown = Array.isArray(ports) ? ports[0] : undefined;
  return isObject(first) && first['containerPort'] != null ? first['containerPort'] : DEFAULT_PORT;
}

/** Deep enough for every kind that is known (`spec.jobTemplate.spec.template`), and bounded whatever a file holds. */
const MAX_DEPTH = 8;
const MAX_PLACES = 10_000;

/**
 * Where an object of an unknown kind holds what looks like a Pod template: a `spec` with containers that have images.
 *
 * @returns the first such place as the API server prints it, `spec.template`; undefined where there is none
 */
export function placeOfPodTemplate(object: unknown): string | undefined {
  let level: { readonly path: FieldPath; readonly value: unknown }[] = [{ path: FieldPath.ROOT, value: object }];
  let visited = 0;
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { path, value } of level) {
      if (++visited > MAX_PLACES) return undefined;
      if (isObject(value) && depth > 0 && isObject(value['spec']) && hasImages(value['spec']['containers'])) return path.text;
      if (Array.isArray(value)) value.forEach((element: unknown, index) => next.push({ path: path.at(index), value: element }));
      else if (isObject(value)) for (const [key, member] of Object.entries(value)) next.push({ path: path.field(key), value: member });
    }
    level = next;
  }
  return undefined;
}

function hasImages(containers: unknown): boolean {
  return (
    Array.isArray(containers) && containers.some((container: unknown) => isObject(container) && typeof container['image'] === 'string')
  );
}
