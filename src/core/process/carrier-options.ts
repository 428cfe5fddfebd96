/** The options that say how tini gets into the containers of a Pod. */
import type { KubernetesMinor } from '../kubernetes-version.ts';
import { bytesOption, cpuOption } from '../quantity-option.ts';
import type { MutationMode, OptionProblem } from '../rule.ts';

/** `share-process-namespace` needs no tini: the pause container is PID 1 then. */
export type Carrier = 'image-volume' | 'init-container' | 'share-process-namespace';

export interface CarrierOptions {
  readonly carrier: Carrier | 'auto';
  /** Holds tini; '' for none, and then nothing is put into a Pod. */
  readonly image: string;
  /** The path of tini inside the image. */
  readonly binary: string;
  readonly copyCommand: readonly string[];
  /** Quantities. */
  readonly copyResources: { readonly cpu: string; readonly memory: string };
}

/** Image volumes (KEP-4639): `auto` waits for the final ones, a policy may ask for them from where they are on by default. */
export const IMAGE_VOLUME_MINORS = { byDefault: 35, final: 36 } as const;

/** How tini comes into the Pod: `auto` takes the image volume where every node can mount one. */
export function carrierOf({ carrier }: CarrierOptions, kubernetesMinor: KubernetesMinor): Carrier {
  if (carrier !== 'auto') return carrier;
  return kubernetesMinor >= IMAGE_VOLUME_MINORS.final ? 'image-volume' : 'init-container';
}

/** What is wrong with the options where they are to be used: no image, or a carrier that the API server drops. */
export function problemsOfCarrier({ carrier, image }: CarrierOptions, mutation: MutationMode, minor: KubernetesMinor): OptionProblem[] {
  if (mutation === 'off' || carrier === 'share-process-namespace') return [];
  const problems: OptionProblem[] = [];
  if (image === '') problems.push({ option: 'image', message: `must name the image that holds tini, as the mutation is '${mutation}'` });
  if (carrier === 'image-volume' && minor < IMAGE_VOLUME_MINORS.byDefault) {
    const message = `must not be 'image-volume' for Kubernetes 1.${minor}, whose API server drops such volumes by default`;
    problems.push({ option: 'carrier', message });
  }
  return problems;
}

export const CARRIER_DEFAULTS: CarrierOptions = {
  carrier: 'auto',
  image: '',
  binary: '/podgrace/tini',
  copyCommand: ['/podgrace/busybox', 'cp'],
  copyResources: { cpu: '10m', memory: '16Mi' },
};

/** By option, as JSON Schema has properties. */
export const CARRIER_SCHEMAS = {
  carrier: {
    type: 'string',
    enum: ['auto', 'image-volume', 'init-container', 'share-process-namespace'],
    description:
      'How tini gets into the container; auto takes an image volume where the target version has it for good (1.36), else an init container. 1.35 has image volumes too, unless somebody switched them off: name them to use them there.',
  },
  image: {
    type: 'string',
    description:
      'The image that holds the static tini (and, for an init container, what copies it). Without it nothing is injected by those two carriers.',
  },
  binary: { type: 'string', pattern: '^/.+', description: 'The path of tini inside that image.' },
  copyCommand: {
    type: 'array',
    minItems: 1,
    items: { type: 'string' },
    description: 'What the init container runs; the binary and the place to copy it to are appended.',
  },
  copyResources: {
    type: 'object',
    additionalProperties: false,
    required: ['cpu', 'memory'],
    properties: {
      cpu: cpuOption('Request and limit of the init container.'),
      memory: bytesOption('Request and limit of the init container.'),
    },
    description: 'Given to the init container unless the Pod is BestEffort, which it then stays.',
  },
} as const;
