/**
 * From the name of an image to its configuration: index, manifest, configuration, each by its digest. Mirrors what container runtimes
 * do before they pull the layers.
 */
import { CostlyJsonError, parseBoundedJson } from '../core/bounded-json.ts';
import { isObject, memberOf, type JsonObject } from '../core/json.ts';
import { shortened } from '../core/shortened.ts';
import type { ImageConfiguration } from '../core/surroundings.ts';
import { visibleLine } from '../core/visible-text.ts';
import type { ImageName } from './image-name.ts';
import { CONFIGURATION_TYPES, INDEX_TYPES, MANIFEST_TYPES } from './media-types.ts';
import type { Platform } from './platform.ts';
import { platformText } from './platform.ts';
import type { Registry } from './registry.ts';
import { signalNameOf } from './signal-name.ts';
import { UnknownImageError } from './unknown-image.ts';

/** An index may list others; nobody nests them deeper. */
const MOST_INDEXES = 3;

/** @throws {UnknownImageError} */
export async function readConfiguration(name: ImageName, platform: Platform, registry: Registry): Promise<ImageConfiguration> {
  const { path } = name;
  let isPlatformTold = true;
  let manifest = await readManifest(path, await digestOfName(name, registry), registry);
  for (let indexes = 0; manifest.kind === 'index'; indexes++) {
    if (indexes === MOST_INDEXES) throw new UnknownImageError(`the image has more than ${MOST_INDEXES} indexes, one in the other`);
    const of = descriptorFor(platform, manifest.descriptors);
    if (of === undefined) throw isNotMadeFor(platform);
    isPlatformTold = memberOf(of, 'platform') != null;
    manifest = await readManifest(path, digestIn(of), registry);
  }
  const type = memberOf(manifest.configuration, 'mediaType');
  if (typeof type !== 'string' || !CONFIGURATION_TYPES.includes(type))
    throw new UnknownImageError(
      `it is no image, as its configuration has ${typeof type === 'string' ? `the media type ${shown(type)}` : 'no media type'}`,
    );
  const configuration = parsed(await registry.content(path, 'blobs', digestIn(manifest.configuration)), 'configuration');
  if (!isPlatformTold && !isOf(platform, configuration)) throw isNotMadeFor(platform);
  return configurationIn(configuration);
}

function isNotMadeFor(platform: Platform): UnknownImageError {
  return new UnknownImageError(`the image is not made for ${platformText(platform)}`);
}

/** Of an index or an image: the one in the name, or the one that the registry gives for the tag. @throws {UnknownImageError} */
export async function digestOfName({ path, tag, digest }: ImageName, registry: Registry): Promise<string> {
  return digest ?? (await registry.digestOfTag(path, tag));
}

type Manifest =
  { readonly kind: 'index'; readonly descriptors: readonly JsonObject[] } | { readonly kind: 'image'; readonly configuration: JsonObject };

async function readManifest(path: string, digest: string, registry: Registry): Promise<Manifest> {
  const manifest = parsed(await registry.content(path, 'manifests', digest), 'manifest');
  const descriptors = memberOf(manifest, 'manifests');
  const configuration = memberOf(manifest, 'config');
  const type = memberOf(manifest, 'mediaType');
  const isIndex = Array.isArray(descriptors);
  // What is an index to one program and an image to another is neither (CVE-2021-41190).
  const isBoth = isIndex && (configuration !== undefined || memberOf(manifest, 'layers') !== undefined);
  const types = isIndex ? INDEX_TYPES : MANIFEST_TYPES;
  const isOfType = type === undefined || (typeof type === 'string' && types.includes(type));
  if (isBoth || !isOfType || memberOf(manifest, 'schemaVersion') !== 2)
    throw new UnknownImageError('its manifest has no format of images that is known');
  if (isIndex) return { kind: 'index', descriptors: descriptors.filter(isObject) };
  if (!isObject(configuration)) throw new UnknownImageError('its manifest names no configuration');
  return { kind: 'image', configuration };
}

function digestIn(descriptor: JsonObject): string {
  const digest = memberOf(descriptor, 'digest');
  if (typeof digest !== 'string') throw new UnknownImageError('its manifest names something without a digest');
  return digest;
}

/**
 * The image for a platform, else the first that names none, which an index need not do (image-index.md): then its configuration tells
 * (containerd `images.LimitManifests`, `images.Manifest`).
 */
function descriptorFor(wanted: Platform, descriptors: readonly JsonObject[]): JsonObject | undefined {
  const platformOf = (descriptor: JsonObject): unknown => memberOf(descriptor, 'platform');
  return (
    descriptors.find((descriptor) => isOf(wanted, platformOf(descriptor))) ??
    descriptors.find((descriptor) => platformOf(descriptor) == null)
  );
}

/** The variant of arm64 is v8 whether or not it is written (containerd `platforms.Normalize`). */
function isOf({ os, architecture, variant }: Platform, platform: unknown): boolean {
  if (!isObject(platform) || memberOf(platform, 'os') !== os || memberOf(platform, 'architecture') !== architecture) return false;
  const usual = architecture === 'arm64' ? 'v8' : undefined;
  const wanted = variant ?? usual;
  return wanted === undefined || (memberOf(platform, 'variant') ?? usual) === wanted;
}

function parsed(content: Uint8Array, what: string): JsonObject {
  let value: unknown;
  try {
    value = parseBoundedJson(Buffer.from(content).toString('utf8'));
  } catch (error) {
    if (error instanceof CostlyJsonError) throw new UnknownImageError(`its ${what} ${error.message}`);
    throw new UnknownImageError(`its ${what} is no JSON`);
  }
  if (!isObject(value)) throw new UnknownImageError(`its ${what} is no JSON object`);
  return value;
}

/** `config` of the image configuration (config.md): every part may be missing or null. */
function configurationIn(configuration: JsonObject): ImageConfiguration {
  const config = memberOf(configuration, 'config') ?? {};
  if (!isObject(config)) throw new UnknownImageError("its configuration has a 'config' that is no object");
  return {
    entrypoint: textsIn(config, 'Entrypoint'),
    cmd: textsIn(config, 'Cmd'),
    user: textIn(config, 'User'),
    stopSignal: stopSignalIn(config),
    labels: labelsIn(config),
  };
}

function stopSignalIn(config: JsonObject): string | undefined {
  const written = textIn(config, 'StopSignal');
  if (written === '') return undefined;
  const name = signalNameOf(written);
  if (name === undefined) throw new UnknownImageError(`its STOPSIGNAL ${shown(written)} is no signal`);
  return name === 'SIGTERM' ? undefined : name;
}

function textIn(config: JsonObject, key: string): string {
  const value = memberOf(config, key) ?? '';
  if (typeof value !== 'string') throw new UnknownImageError(`its configuration has a '${key}' that is no text`);
  return value;
}

function textsIn(config: JsonObject, key: string): readonly string[] {
  const value = memberOf(config, key) ?? [];
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    throw new UnknownImageError(`its configuration has a '${key}' that is no list of texts`);
  return value;
}

function labelsIn(config: JsonObject): ImageConfiguration['labels'] {
  const value = memberOf(config, 'Labels') ?? {};
  if (!isObject(value) || !Object.values(value).every((each) => typeof each === 'string'))
    throw new UnknownImageError("its configuration has 'Labels' that are no texts");
  return value as ImageConfiguration['labels'];
}

function shown(text: string): string {
  return shortened(visibleLine(text));
}
