/** What a server asks registries in the background, where its settings name some. */
import { readFile } from 'node:fs/promises';
import { SettingError, type ImageSettings } from '../config/serve-settings.ts';
import { messageOf } from '../core/error-message.ts';
import { codeOf, reasonOf } from '../files/system-error.ts';
import type { BackgroundImages, BackgroundListener } from '../images/background-images.ts';
import { RegistryCredentials } from '../images/registry-credentials.ts';
import type { ReadinessCheck } from '../server/ops.ts';

export interface ImagesListener extends BackgroundListener {
  /** The file of credentials cannot be used now: those that were read before stay. Once for as long as it stays the same. */
  readonly onRefused: (error: Error) => void;
}

/**
 * Nothing is asked yet. The client is loaded only where it is used.
 *
 * @returns undefined where no registry may be asked
 * @throws {SettingError} for credentials that cannot be read
 */
export async function openImages(settings: ImageSettings | undefined, listener: ImagesListener): Promise<BackgroundImages | undefined> {
  if (settings === undefined) return undefined;
  const { registries, platform, authFile } = settings;
  const credentials = authFile === undefined ? noCredentials : await renewedCredentials(authFile, listener);
  const { BackgroundImages } = await import('../images/background-images.ts');
  return new BackgroundImages({ registries, platform, credentials }, listener);
}

function noCredentials(): Promise<RegistryCredentials> {
  return Promise.resolve(RegistryCredentials.NONE);
}

/** Read again whenever they are needed: tokens of cloud registries are good for some hours. */
async function renewedCredentials(file: string, { onRefused }: ImagesListener): Promise<() => Promise<RegistryCredentials>> {
  let last = await readCredentials(file);
  let refusal: string | undefined;
  return async () => {
    try {
      last = await readCredentials(file);
      refusal = undefined;
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      if (error.message !== refusal) onRefused(error);
      refusal = error.message;
    }
    return last;
  };
}

async function readCredentials(file: string): Promise<RegistryCredentials> {
  try {
    return RegistryCredentials.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const message = codeOf(error) === undefined ? messageOf(error) : `cannot be read: ${reasonOf(error)}`;
    throw new SettingError('imagesAuthFile', `${file} ${message}`, { cause: error });
  }
}

/** A registry that does not answer makes images unknown, and the server no less ready. */
export function imagesCheck({ paused }: Pick<BackgroundImages, 'paused'>): ReadinessCheck {
  return { name: 'images', note: paused.length === 0 ? undefined : paused.join('; ') };
}
