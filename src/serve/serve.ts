/** `podgrace serve`: connects policy, certificates, log, metrics and servers, and stops them at a signal. */
import type { Logger } from 'pino';
import { catalogue } from '../config/catalogue.ts';
import { fixedPolicy, PolicyError, PolicyFile, UnreadableFileError, type PolicySource } from '../config/policy-source.ts';
import { presetPolicy } from '../config/presets.ts';
import { SettingError, type ServeSettings, type ServingAt } from '../config/serve-settings.ts';
import { VERSION } from '../config/version.ts';
import { ClientAuthority, ClientAuthorityError } from '../server/client-authority.ts';
import { ListenError, RunningServer, type ServerAddresses, type ServerPorts } from '../server/running-server.ts';
import type { ServingPairPem } from '../server/webhook.ts';
import { createLogger, logOutput, type LogOutput } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { openCertificates } from './certificates.ts';
import { openImages } from './images.ts';
import { certificateReports, clientAuthorityReports, imagesReports, policyReports, surroundingsReports } from './reports.ts';
import { serverPorts, type ServingParts } from './server-ports.ts';
import { openSurroundings } from './surroundings.ts';

/** A ConfigMap in a volume is a minute behind anyway; a file that somebody edits is noticed by the watch at once. */
const POLICY_POLL_MS = 5_000;

/**
 * Runs until a stop signal has been obeyed.
 *
 * @param onServing told once, when both ports are listened on
 * @throws {SettingError} for settings with which it cannot run; nothing is left running then
 */
export async function serve(settings: ServeSettings, onServing: (at: ServingAt) => void): Promise<void> {
  // First of all: a signal that comes while everything starts must not kill the process half-way.
  const stopRequested = stopSignal();
  const output = logOutput();
  const log = createLogger(settings.logLevel, output);
  exitAtBug(log, output);
  const metrics = new Metrics();
  const parts = await openParts(settings, log, metrics);
  const { policy, certificates, clientAuthority, surroundings, images } = parts;
  metrics.recordPolicy(Date.now());
  if (certificates.current !== undefined) metrics.recordCertificate(certificates.current.notAfter.getTime());

  const server = await startServer(serverPorts(parts), certificates.current, settings, clientAuthority?.pem);
  log.info({ version: VERSION, port: server.port, opsPort: server.opsPort, policy: policy.current.name }, 'serving');
  watch(parts, server);
  onServing({ port: server.port, opsPort: server.opsPort });

  const signal = await stopRequested;
  const { drainSeconds } = settings;
  log.info({ signal, drainSeconds }, 'stopping');
  await server.stop(drainSeconds * 1000);
  policy.close();
  clientAuthority?.close();
  await Promise.all([certificates.close(), surroundings?.close(), images?.close()]);
  log.info('stopped');
  await output.end();
}

interface OpenParts extends ServingParts {
  /** Undefined where everybody may call. */
  readonly clientAuthority: ClientAuthority | undefined;
}

/** @throws {SettingError} for a setting that cannot be used */
async function openParts(settings: ServeSettings, log: Logger, metrics: Metrics): Promise<OpenParts> {
  return {
    log,
    metrics,
    certificates: await openCertificates(settings.certificates, settings.namespace),
    policy: await openPolicy(settings),
    clientAuthority: await openClientAuthority(settings),
    surroundings: await openSurroundings(settings.certificates, surroundingsReports(log)),
    images: await openImages(settings.images, imagesReports(log, metrics)),
  };
}

/** What changes outside is taken up while the server runs. */
function watch({ log, metrics, policy, certificates, clientAuthority, surroundings }: OpenParts, server: RunningServer): void {
  certificates.watch(
    certificateReports(log, metrics, (pair) => {
      server.useCertificate(pair);
    }),
  );
  surroundings?.need(policy.current.needs);
  if (policy instanceof PolicyFile) {
    policy.watch(
      POLICY_POLL_MS,
      policyReports(log, metrics, ({ needs }) => surroundings?.need(needs)),
    );
  }
  clientAuthority?.watch(
    clientAuthorityReports(log, (pem) => {
      server.useClientAuthority(pem);
    }),
  );
}

/** @throws {SettingError} for an address that cannot be listened on */
async function startServer(
  ports: ServerPorts,
  pair: ServingPairPem | undefined,
  addresses: ServerAddresses,
  clientAuthorityPem: string | undefined,
): Promise<RunningServer> {
  try {
    return await RunningServer.start(ports, pair, addresses, { clientAuthorityPem });
  } catch (error) {
    if (error instanceof ListenError) throw new SettingError(error.address, error.message, { cause: error });
    throw error;
  }
}

/** @throws {SettingError} for a file that holds no authority */
async function openClientAuthority({ clientAuthorityFile }: ServeSettings): Promise<ClientAuthority | undefined> {
  if (clientAuthorityFile === undefined) return undefined;
  try {
    return await ClientAuthority.open(clientAuthorityFile);
  } catch (error) {
    if (error instanceof ClientAuthorityError) throw new SettingError('clientAuthorityFile', error.message, { cause: error });
    throw error;
  }
}

/** @throws {SettingError} for a file that cannot be read, or holds no policy */
async function openPolicy({ policy, namespace }: ServeSettings): Promise<PolicySource> {
  if ('preset' in policy) return fixedPolicy(presetPolicy(policy.preset, namespace));
  try {
    return await PolicyFile.open(policy.file, catalogue, namespace);
  } catch (error) {
    if (error instanceof PolicyError || error instanceof UnreadableFileError)
      throw new SettingError('policyFile', error.message, { cause: error });
    throw error;
  }
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    // SIGHUP comes from a terminal that closes, and from those who expect that it reads files anew, which needs no signal here. Its default
    // action would end the process at once, with all calls in flight.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, resolve);
  });
}

/** What is left of the process is not to be trusted with decisions: it says so, and the kubelet starts a new one. */
function exitAtBug(log: Logger, output: LogOutput): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'bug: exiting');
    void output.end().finally(() => process.exit(1));
  });
}
