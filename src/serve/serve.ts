/** `podgrace serve`: connects policy, certificates, log, metrics and servers, and stops them at a signal. */
import { catalogue } from '../config/catalogue.ts';
import { fixedPolicy, PolicyError, PolicyFile, UnreadableFileError, type PolicySource } from '../config/policy-source.ts';
import { presetPolicy } from '../config/presets.ts';
import { SettingError, type ServeSettings, type ServingAt } from '../config/serve-settings.ts';
import { VERSION } from '../config/version.ts';
import type { ReadinessCheck } from '../server/ops.ts';
import { ClientAuthority, ClientAuthorityError } from '../server/client-authority.ts';
import { ListenError, RunningServer } from '../server/running-server.ts';
import { createLogger, logDecision, logOutput } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { NOTHING_KNOWN } from '../core/surroundings.ts';
import { imagesCheck, openImages } from './images.ts';
import { openCertificates } from './certificates.ts';
import { openSurroundings, surroundingsCheck } from './surroundings.ts';

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
  process.on('uncaughtException', (error) => {
    // What is left of the process is not to be trusted with decisions: say so and let the kubelet start a new one.
    log.fatal({ err: error }, 'bug: exiting');
    void output.end().finally(() => process.exit(1));
  });
  const metrics = new Metrics();
  const certificates = await openCertificates(settings.certificates, settings.namespace);
  const policy = await openPolicy(settings);
  const clientAuthority = await openClientAuthority(settings);
  const surroundings = await openSurroundings(settings.certificates, {
    onKnown: (surrounding, objects) => {
      log.info({ surrounding, objects }, 'surroundings known');
    },
    onError: (surrounding, error) => {
      log.warn({ surrounding, reason: error.message }, 'surroundings cannot be read, what was read last counts for two minutes');
    },
  });
  const images = await openImages(settings.images, {
    onAsked: (outcome) => {
      metrics.recordImageAsked(outcome);
    },
    onPaused: (registry, reason, forMs) => {
      log.warn({ registry, reason, seconds: Math.round(forMs / 1000) }, 'registry left alone, what it said last counts for a day');
    },
    onRefused: (error) => {
      log.error({ reason: error.message }, 'credentials for registries not usable, the old ones stay');
    },
    onFailure: (error) => {
      log.error({ err: error }, 'image not read');
    },
  });
  metrics.recordPolicy(Date.now());
  if (certificates.current !== undefined) metrics.recordCertificate(certificates.current.notAfter.getTime());

  const server = await startServer(
    {
      policy: () => policy.current,
      surroundings: (namespace) => {
        const around = surroundings?.around(namespace) ?? NOTHING_KNOWN;
        return images === undefined ? around : { ...around, images: { isKnown: true, value: images.known } };
      },
      record: (record, elapsedMs) => {
        metrics.recordDecision(record, elapsedMs);
        logDecision(log, record, elapsedMs);
      },
      wantImages: (names) => {
        images?.want(names);
      },
      recordUnreadable: (code) => {
        metrics.recordUnreadable(code);
      },
      recordEvicted: () => {
        metrics.recordEvicted();
      },
      recordFailure: (error) => {
        log.error({ err: error }, 'request failed');
      },
      readiness: () => [
        policyCheck(policy),
        certificates.readiness,
        ...(surroundings ? surroundingsCheck(surroundings) : []),
        ...(images ? [imagesCheck(images)] : []),
      ],
      metrics: () => {
        metrics.recordAuthority(certificates.authorityNotAfter?.getTime());
        metrics.recordSurroundings(surroundings?.kinds ?? []);
        metrics.recordImages(images?.count());
        return metrics.text();
      },
      metricsContentType: metrics.contentType,
    },
    certificates.current,
    settings,
    clientAuthority?.pem,
  );
  log.info({ version: VERSION, port: server.port, opsPort: server.opsPort, policy: policy.current.name }, 'serving');

  certificates.watch({
    onChange: (pair) => {
      server.useCertificate(pair);
      metrics.recordCertificate(pair.notAfter.getTime());
      log.info({ notAfter: pair.notAfter, serialNumber: pair.serialNumber }, 'certificate taken into use');
    },
    onRefused: (error) => {
      metrics.recordCertificateError();
      log.error({ reason: error.message }, 'certificate not usable, the old one stays');
    },
    onApiError: (error) => {
      log.error({ reason: error.message }, 'certificates cannot be looked after, serving goes on');
    },
    onWarning: (warning) => {
      log.warn({ reason: warning.message }, 'certificates need attention');
    },
    onStep: (step, reason) => {
      log.info({ step, ...(reason !== undefined && { reason }) }, 'certificate renewal');
    },
  });
  surroundings?.need(policy.current.needs);
  if (policy instanceof PolicyFile) {
    policy.watch(POLICY_POLL_MS, {
      onLoaded: ({ name, needs }) => {
        metrics.recordPolicy(Date.now());
        surroundings?.need(needs);
        log.info({ policy: name }, 'policy replaced');
      },
      onRefused: (error) => {
        metrics.recordPolicyError();
        log.error({ reason: error.message }, 'policy refused, the old one stays');
      },
      onUnwatched: (directory, cause) => {
        log.warn({ directory, reason: cause.message }, 'policy file not watched, it is read at intervals');
      },
    });
  }
  clientAuthority?.watch({
    onChange: (pem) => {
      server.useClientAuthority(pem);
      log.info('authority of clients replaced');
    },
    onRefused: (error) => {
      log.error({ reason: error.message }, 'authority of clients not usable, the old one stays');
    },
    onUnwatched: (directory, cause) => {
      log.warn({ directory, reason: cause.message }, 'authority of clients not watched, it is read at intervals');
    },
  });
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

type Start = Parameters<typeof RunningServer.start>;

/** @throws {SettingError} for an address that cannot be listened on */
async function startServer(
  ports: Start[0],
  pair: Start[1],
  addresses: Start[2],
  clientAuthorityPem: string | undefined,
): Promise<RunningServer> {
  try {
    return await RunningServer.start(ports, pair, addresses, {}, clientAuthorityPem);
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

function policyCheck({ refusal }: PolicySource): ReadinessCheck {
  return { name: 'policy', note: refusal === undefined ? undefined : `the old one is in force: ${refusal.message.replaceAll('\n', '; ')}` };
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve);
  });
}
