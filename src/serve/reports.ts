/** What happens to the parts of a running server, in its log and its metrics. */
import type { Logger } from 'pino';
import type { PolicySourceListener } from '../config/policy-source.ts';
import type { Policy } from '../core/policy.ts';
import type { WatchedSurroundingsListener } from '../kube/watch/watched-surroundings.ts';
import type { ServingPair } from '../pki/serving-pair.ts';
import type { ClientAuthorityListener } from '../server/client-authority.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { CertificateListener } from './certificates.ts';
import type { ImagesListener } from './images.ts';

/** Writes into the log what the watches find, and why they fail. */
export function surroundingsReports(log: Logger): WatchedSurroundingsListener {
  return {
    onKnown: (surrounding, objects) => {
      log.info({ surrounding, objects }, 'surroundings known');
    },
    onError: (surrounding, error) => {
      log.warn({ surrounding, reason: error.message }, 'surroundings cannot be read, what was read last counts for two minutes');
    },
  };
}

/** Counts what registries answer, and writes into the log which of them are left alone. */
export function imagesReports(log: Logger, metrics: Metrics): ImagesListener {
  return {
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
  };
}

/** @param use takes a new pair into use */
export function certificateReports(log: Logger, metrics: Metrics, use: (pair: ServingPair) => void): CertificateListener {
  return {
    onChange: (pair) => {
      use(pair);
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
  };
}

/** @param use is told of a policy that is in force now */
export function policyReports(log: Logger, metrics: Metrics, use: (policy: Policy) => void): PolicySourceListener {
  return {
    onLoaded: (policy) => {
      metrics.recordPolicy(Date.now());
      use(policy);
      log.info({ policy: policy.name }, 'policy replaced');
    },
    onRefused: (error) => {
      metrics.recordPolicyError();
      log.error({ reason: error.message }, 'policy refused, the old one stays');
    },
    onUnwatched: (directory, cause) => {
      log.warn({ directory, reason: cause.message }, 'policy file not watched, it is read at intervals');
    },
  };
}

/** @param use takes a new authority of clients into use */
export function clientAuthorityReports(log: Logger, use: (pem: string) => void): ClientAuthorityListener {
  return {
    onChange: (pem) => {
      use(pem);
      log.info('authority of clients replaced');
    },
    onRefused: (error) => {
      log.error({ reason: error.message }, 'authority of clients not usable, the old one stays');
    },
    onUnwatched: (directory, cause) => {
      log.warn({ directory, reason: cause.message }, 'authority of clients not watched, it is read at intervals');
    },
  };
}
