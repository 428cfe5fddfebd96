/** The settings of `podgrace serve` as values. They do not say whether an option, a file or the environment set them. */
import type { PresetName } from '../core/rule.ts';
import type { LogLevel } from '../telemetry/log-level.ts';

export interface ServeSettings {
  readonly host: string;
  /** 0: one that the system chooses. */
  readonly port: number;
  readonly opsPort: number;
  /** Where the server runs, with its Secret and its Service; the policy leaves it alone. */
  readonly namespace: string;
  readonly policy: { readonly file: string } | { readonly preset: PresetName };
  readonly certificates: CertificateSettings;
  /** The authority of the clients that may call; undefined where everybody may. */
  readonly clientAuthorityFile: string | undefined;
  /** How long answering goes on after a stop signal. */
  readonly drainSeconds: number;
  readonly logLevel: LogLevel;
  /** Undefined where no registry is asked what images start. */
  readonly images: ImageSettings | undefined;
}

export interface ImageSettings {
  /** As images name them; no others are asked. */
  readonly registries: readonly string[];
  /** Of an image that is made for several, in the words of Go: `linux`, `arm64`, `v8`. */
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant: string | undefined };
  /** Credentials, in the form of docker's `config.json`; undefined where none are used. */
  readonly authFile: string | undefined;
}

export type CertificateSettings =
  | {
      readonly from: 'files';
      readonly certFile: string;
      readonly keyFile: string;
      /** The webhook configurations whose caBundle must verify the certificate; undefined outside of a cluster. */
      readonly webhookConfiguration: string | undefined;
    }
  /** Made, renewed and published by podgrace itself. */
  | {
      readonly from: 'secret';
      readonly secretName: string;
      readonly service: string;
      readonly webhookConfiguration: string;
    }
  /** For trying out: made in a folder, for localhost. */
  | { readonly from: 'folder'; readonly folder: string };

/** Where a server listens. */
export interface ServingAt {
  readonly port: number;
  readonly opsPort: number;
}

/** What a setting may be called, for whoever reads it from an option of its own name. */
export type SettingName =
  'host' | 'port' | 'opsPort' | 'policyFile' | 'certFile' | 'keyFile' | 'folder' | 'clientAuthorityFile' | 'imagesAuthFile' | 'cluster';

/** A setting with which the server cannot run. The message says why, and which file or address, but not where it was set. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly setting: SettingName;

  constructor(setting: SettingName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.setting = setting;
  }
}
