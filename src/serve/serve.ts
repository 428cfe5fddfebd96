/** `podgrace serve`: wires policy, certificates, log, metrics and the servers together, and ends them at a signal. */
import { join } from 'node:path';
import { UsageError } from '../cli/exit-code.ts';
import { DEFAULT_DRAIN_SECONDS, type ServeOptions } from '../cli/commands/serve.ts';
import { DEFAULT_PRESET } from '../cli/policy-options.ts';
import { catalogue } from '../config/catalogue.ts';
import { fixedPolicy, PolicyFile, type PolicySource } from '../config/policy-source.ts';
import { presetPolicy } from '../config/presets.ts';
import { VERSION } from '../config/version.ts';
import type { ReadinessCheck } from '../server/ops.ts';
import { ListenError, RunningServer } from '../server/running-server.ts';
import { createLogger, logDecision, logOutput } from '../telemetry/logger.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { openCertificates } from './certificates.ts';

/** A ConfigMap in a volume is a minute behind anyway; a file that somebody edits is noticed by the watch at once. */
const POLICY_POLL_MS = 5_000;

/** Runs until a stop signal has been obeyed. */
export async function serve(options: ServeOptions): Promise<void> {
  // First of all: a signal that comes while everything starts must not kill the process half-way.
  const stopRequested = stopSignal();
  const output = logOutput();
  const log = createLogger(options.logLevel, output);
  process.on('uncaughtException', (error) => {
    // What is left of the process is not to be trusted with decisions: say so and let the kubelet start a new one.
    log.fatal({ err: error }, 'bug: exiting');
    void output.end().finally(() => process.exit(1));
  });
  const metrics = new Metrics();
  const certificates = await openCertificates(options);
  const policy = await openPolicy(options);
  metrics.recordPolicy(Date.now());
  if (certificates.current !== undefined) metrics.recordCertificate(certificates.current.notAfter.getTime());

  const server = await startServer(
    {
      policy: () => policy.current,
      record: (record, elapsedMs) => {
        metrics.recordDecision(record, elapsedMs);
        logDecision(log, record, elapsedMs);
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
      readiness: () => [policyCheck(policy), certificates.readiness],
      metrics: () => {
        metrics.recordAuthority(certificates.authorityNotAfter?.getTime());
        return metrics.text();
      },
      metricsContentType: metrics.contentType,
    },
    certificates.current,
    options,
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
  if (policy instanceof PolicyFile) {
    policy.watch(POLICY_POLL_MS, {
      onLoaded: ({ name }) => {
        metrics.recordPolicy(Date.now());
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
  if (options.selfSigned !== undefined) process.stderr.write(nextSteps(server.port, options.selfSigned));

  const signal = await stopRequested;
  const drainSeconds = options.drainSeconds ?? (options.selfSigned === undefined ? DEFAULT_DRAIN_SECONDS : 0);
  log.info({ signal, drainSeconds }, 'stopping');
  await server.stop(drainSeconds * 1000);
  policy.close();
  await certificates.close();
  log.info('stopped');
  await output.end();
}

type Start = Parameters<typeof RunningServer.start>;

/** @throws {UsageError} for an address that cannot be listened on */
async function startServer(ports: Start[0], pair: Start[1], addresses: Start[2]): Promise<RunningServer> {
  try {
    return await RunningServer.start(ports, pair, addresses);
  } catch (error) {
    if (error instanceof ListenError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** @throws {UsageError} for a file that cannot be read, or holds no policy */
async function openPolicy({ policy, preset, namespace }: ServeOptions): Promise<PolicySource> {
  if (policy === undefined) return fixedPolicy(presetPolicy(preset ?? DEFAULT_PRESET, namespace));
  try {
    return await PolicyFile.open(policy, catalogue, namespace);
  } catch (error) {
    throw new UsageError(`--policy: ${(error as Error).message}`, { cause: error });
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

function nextSteps(port: number, folder: string): string {
  return [
    '',
    `podgrace answers on https://localhost:${port}. In another terminal, send it the sample reviews:`,
    '',
    `  npm run -s podgrace -- replay samples/reviews --url https://localhost:${port} --ca ${join(folder, 'ca.crt')}`,
    '',
    'and stop it here with Ctrl-C.',
    '',
    '',
  ].join('\n');
}
