/** `--images` and what belongs to it: asking registries what images start, and how they stop. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '../../files/cache-folder.ts';
import { parsePlatform, type Platform } from '../../images/platform.ts';
import type { RegistryCredentials } from '../../images/registry-credentials.ts';
import type { ReadImages } from '../../offline/images.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../exit-code.ts';
import { Progress } from '../output/transient-line.ts';
import { listOf } from './option-values.ts';
import { readOptionFile } from './policy-options.ts';

export interface ImageOptions {
  readonly images?: boolean;
  readonly imagesPlatform?: Platform;
  readonly imagesAuth?: string;
  readonly imagesRegistry?: readonly string[];
}

export function addImageOptions(command: Command): void {
  command
    .option('--images', 'ask registries what images start and which signal stops them, for containers without a command')
    .addOption(
      new Option('--images-platform <os/arch>', 'the platform, where an image is made for several; linux/amd64 unless given').argParser(
        platform,
      ),
    )
    .addOption(new Option('--images-auth <file>', 'credentials for registries, as in the config.json of Docker; without it, none are used'))
    .addOption(
      new Option('--images-registry <host>', 'ask no other registry than this; may be given several times').argParser(registryNames()),
    );
}

const DEFAULT_PLATFORM: Platform = { os: 'linux', architecture: 'amd64', variant: undefined };

/** For a command that always knows one. */
export function platformOption(): Option {
  return new Option('--images-platform <os/arch>', 'the platform, where an image is made for several')
    .argParser(platform)
    .default(DEFAULT_PLATFORM, 'linux/amd64');
}

/** The values of an option that names registries, as images do. */
export function registryNames(): (value: string, previous?: readonly string[]) => string[] {
  return listOf((value) => {
    if (!/^[\w.[\]:-]+$/.test(value))
      throw new InvalidArgumentError('It must be a host, as images name it: docker.io or registry.example.com:5000.');
    // Images that are named so count as those of docker.io: nothing would ever be asked.
    if (value === 'index.docker.io') throw new InvalidArgumentError('Docker Hub is docker.io.');
  });
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined) throw new InvalidArgumentError('It must be like linux/amd64 or linux/arm/v7.');
  return parsed;
}

/**
 * @returns undefined where nobody asked for images
 * @throws {UsageError} for options that need --images, and a file that cannot be read
 */
export async function imagesFor(
  { images = false, imagesPlatform, imagesAuth, imagesRegistry }: ImageOptions,
  { env, transient }: Pick<CliContext, 'env' | 'transient'>,
): Promise<ReadImages | undefined> {
  if (!images) {
    if (imagesPlatform !== undefined) throw new UsageError('--images-platform is for --images');
    if (imagesAuth !== undefined) throw new UsageError('--images-auth is for --images');
    if (imagesRegistry !== undefined) throw new UsageError('--images-registry is for --images');
    return undefined;
  }
  const { ImageConfigurations } = await import('../../images/image-configurations.ts');
  const credentials = imagesAuth === undefined ? undefined : await credentialsIn(imagesAuth);
  const folder = cacheFolder(env, process.platform, homedir());
  const progress = new Progress(transient, 'images');
  const configurations = new ImageConfigurations({
    platform: imagesPlatform ?? DEFAULT_PLATFORM,
    ...(credentials !== undefined && { credentials }),
    ...(imagesRegistry !== undefined && { registries: imagesRegistry }),
    cacheFolder: folder === undefined ? undefined : join(folder, 'images'),
    onAnswer: () => {
      progress.step();
    },
  });
  return async (names) => {
    const value = await configurations.read(names);
    progress.done();
    return { isKnown: true, value };
  };
}

async function credentialsIn(file: string): Promise<RegistryCredentials> {
  const { RegistryCredentials } = await import('../../images/registry-credentials.ts');
  const text = await readOptionFile(file, '--images-auth');
  try {
    return RegistryCredentials.parse(text);
  } catch (error) {
    if (error instanceof Error) throw new UsageError(`--images-auth: ${file} ${error.message}`, { cause: error });
    throw error;
  }
}
