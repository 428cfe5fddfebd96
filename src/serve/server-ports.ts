/** What the two servers ask of the other parts of a process, and what they tell them. */
import type { Logger } from 'pino';
import type { PolicySource } from '../config/policy-source.ts';
import { NOTHING_KNOWN } from '../core/surroundings.ts';
import type { BackgroundImages } from '../images/background-images.ts';
import type { WatchedSurroundings } from '../kube/watch/watched-surroundings.ts';
import type { ReadinessCheck } from '../server/ops.ts';
import type { ServerPorts } from '../server/running-server.ts';
import { logDecision } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Certificates } from './certificates.ts';
import { imagesCheck } from './images.ts';
import { surroundingsCheck } from './surroundings.ts';

export interface ServingParts {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly policy: PolicySource;
  readonly certificates: Certificates;
  /** Undefined where there is no cluster to watch. */
  readonly surroundings: WatchedSurroundings | undefined;
  /** Undefined where no registry may be asked. */
  readonly images: BackgroundImages | undefined;
}

/** What the server asks for at each request and tells after it, taken from the parts that are current then. */
export function serverPorts({ log, metrics, policy, certificates, surroundings, images }: ServingParts): ServerPorts {
  return {
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
  };
}

function policyCheck({ refusal }: PolicySource): ReadinessCheck {
  return { name: 'policy', note: refusal === undefined ? undefined : `the old one is in force: ${refusal.message.replaceAll('\n', '; ')}` };
}
