/**
 * What the API server drops from a Pod's spec because the feature gate is off, as it is by default: it is not there for the validating
 * webhook, and is not stored. Mirrors kubernetes `pkg/api/pod/util.go` (`dropDisabledFields`; read at 1.34.4, 1.35.4 and 1.36.3).
 */
import { isObject, type JsonObject } from '../../src/core/json.ts';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';

/** Up to 1.37: ContainerStopSignals, H2CContainerProbe, GRPCContainerProbeTLS, EmptyDirVolumeMode, VolumeBindMountOptions. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  lifecycle: ['stopSignal'],
  httpGet: ['protocol'],
  grpc: ['mode'],
  emptyDir: ['mode'],
  volumeMounts: ['bindMountOptions'],
};

/** ContainerRestartRules and ImageVolume are on by default since then. */
const COMPLETE_SINCE: KubernetesMinor = 35;

/** @param value an object with a Pod's spec somewhere inside; a copy is returned */
export function withoutDropped(value: unknown, minor: KubernetesMinor, field = ''): unknown {
  if (Array.isArray(value)) return value.map((element) => withoutDropped(element, minor, field));
  if (!isObject(value)) return value;
  const own = minor < COMPLETE_SINCE ? asBefore(value, field) : value;
  const kept = Object.entries(own).filter(([key]) => ALWAYS[field]?.includes(key) !== true);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutDropped(member, minor, key)]));
}

function asBefore(value: JsonObject, field: string): JsonObject {
  if (field === 'containers' || field === 'initContainers') return withoutRestartRules(value, field);
  return Array.isArray(value['containers']) ? withoutImageVolumes(value) : value;
}

/** A sidecar stays one. */
function withoutRestartRules({ restartPolicy, restartPolicyRules: _, ...container }: JsonObject, field: string): JsonObject {
  return field === 'initContainers' && restartPolicy === 'Always' ? { ...container, restartPolicy } : container;
}

/** With their mounts. */
function withoutImageVolumes(spec: JsonObject): JsonObject {
  const volumes = (spec['volumes'] ?? []) as readonly JsonObject[];
  const dropped = new Set(volumes.filter(({ image }) => image != null).map(({ name }) => name));
  if (dropped.size === 0) return spec;
  const unmounted = (list: unknown): unknown =>
    (list as readonly JsonObject[] | undefined)?.map((container) => {
      const mounts = container['volumeMounts'] as readonly JsonObject[] | undefined;
      return { ...container, volumeMounts: mounts?.filter(({ name }) => !dropped.has(name)) };
    });
  return {
    ...spec,
    volumes: volumes.filter(({ name }) => !dropped.has(name)),
    containers: unmounted(spec['containers']),
    initContainers: unmounted(spec['initContainers']),
  };
}
