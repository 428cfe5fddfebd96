/** `podgrace serve`: makes settings from options. The server is passed in from outside. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SettingError, type CertificateSettings, type ServeSettings, type SettingName } from '../../../config/serve-settings.ts';
import { INSTALLED } from '../../../files/installed.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { DEFAULT_PRESET } from '../../options/policy-options.ts';
import { DEFAULT_DRAIN_SECONDS, type ServeOptions } from './options.ts';
import { shownPath } from '../../output/shown-path.ts';

/** The sample reviews that come with podgrace. */
const SAMPLES = fileURLToPath(new URL('samples/reviews', INSTALLED));

/** @throws {UsageError} naming the option with which the server cannot run */
export async function serve({ options }: Invocation<ServeOptions>, { env, serve, stderr }: CliContext): Promise<ExitCode> {
  const settings = settingsOf(options);
  try {
    await serve(settings, ({ port }) => {
      if (options.selfSigned !== undefined) stderr.write(nextSteps(port, options.selfSigned, env));
    });
    return EXIT.clean;
  } catch (error) {
    if (error instanceof SettingError) throw new UsageError(messageOf(error), { cause: error });
    throw error;
  }
}

function settingsOf(options: ServeOptions): ServeSettings {
  const { host, port, opsPort, namespace, policy, preset = DEFAULT_PRESET, selfSigned, logLevel } = options;
  return {
    host,
    port,
    opsPort,
    namespace,
    logLevel,
    policy: policy === undefined ? { preset } : { file: policy },
    certificates: certificatesOf(options),
    clientAuthorityFile: options.clientCa,
    images: imagesOf(options),
    drainSeconds: options.drainSeconds ?? (selfSigned === undefined ? DEFAULT_DRAIN_SECONDS : 0),
  };
}

/** Whoever creates Pods chooses the names of their images, so a server asks only registries that its options name. */
function imagesOf({ imagesRegistry: registries, imagesPlatform: platform, imagesAuth: authFile }: ServeOptions): ServeSettings['images'] {
  if (registries !== undefined) return { registries, platform, authFile };
  if (authFile !== undefined) throw new UsageError('--images-auth needs --images-registry, which names the registries that are asked');
  return undefined;
}

function certificatesOf(options: ServeOptions): CertificateSettings {
  const { tlsCert, tlsKey, tlsSecret, selfSigned, service, webhookConfiguration } = options;
  if (tlsSecret !== undefined)
    return { from: 'secret', secretName: tlsSecret, service, webhookConfiguration: webhookConfiguration ?? 'podgrace' };
  if (selfSigned !== undefined) return { from: 'folder', folder: selfSigned };
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError(
      '--tls-cert and --tls-key must name a certificate and its key (`podgrace certs` makes them), or --tls-secret a Secret, or --self-signed a folder, in which podgrace makes them',
    );
  }
  return { from: 'files', certFile: tlsCert, keyFile: tlsKey, webhookConfiguration };
}

const OPTIONS: Readonly<Record<SettingName, string | undefined>> = {
  host: '--host',
  port: '--port',
  opsPort: '--ops-port',
  policyFile: '--policy',
  certFile: '--tls-cert',
  keyFile: '--tls-key',
  folder: '--self-signed',
  clientAuthorityFile: '--client-ca',
  imagesAuthFile: '--images-auth',
  cluster: undefined,
};

const VARIABLES: Partial<Readonly<Record<SettingName, string>>> = { port: 'PODGRACE_PORT', opsPort: 'PODGRACE_OPS_PORT' };

function messageOf({ setting, message }: SettingError): string {
  const option = OPTIONS[setting];
  const variable = VARIABLES[setting];
  if (option === undefined) return message;
  return `${option}: ${message}${variable === undefined ? '' : `; to choose another, use ${option} or ${variable}`}`;
}

function nextSteps(port: number, folder: string, env: NodeJS.ProcessEnv): string {
  // The executable comes without them.
  const words = [
    existsSync(SAMPLES) ? shownPath(SAMPLES) : 'REVIEW.json',
    '--url',
    `https://localhost:${port}`,
    '--ca',
    join(folder, 'ca.crt'),
  ];
  return [
    '',
    `podgrace answers on https://localhost:${port}. In another terminal, send it the sample reviews:`,
    '',
    `  ${programOf(env)} replay ${words.map(shellWord).join(' ')}`,
    '',
    'To stop the server, press Ctrl-C here.',
    '',
    '',
  ].join('\n');
}

/** How whoever started this process starts podgrace: by an npm script of a checkout, or as an installed command. */
function programOf({ npm_package_name: startedFrom }: NodeJS.ProcessEnv): string {
  return startedFrom === 'podgrace' ? 'npm run -s podgrace --' : 'podgrace';
}

function shellWord(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
