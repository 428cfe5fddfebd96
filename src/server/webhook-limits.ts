/** What bounds the connections of the webhook: their ciphers, their times, their number. */
import type { ConnectionLimits } from './connections.ts';

/**
 * What TLS 1.2 and 1.3 may use: forward secrecy and authenticated encryption. Node's own list for TLS 1.2 holds CBC suites,
 * which scanners report. kube-apiserver speaks TLS 1.3; clients that are limited to 1.2 have these suites (RFC 9325, 4.2).
 */
export const TLS_LIMITS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    // TLS 1.3; Node reads both lists from one text.
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
} as const;

/** How long a connection may take for what, and how many there may be. */
export interface WebhookLimits extends ConnectionLimits {
  /**
   * kube-apiserver keeps idle connections for 90 s and does not retry a POST that meets a connection which the server is
   * just closing (Go's net/http, `shouldRetryRequest`), so the server must be the one that waits longer.
   */
  readonly keepAliveTimeoutMs: number;
  /** For the first record of TLS, then for the rest of the handshake, then from the first byte of a request to the last of its headers; the API server sends all at once. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestTimeoutMs: number;
  /** How exact the two above are. */
  readonly timeoutCheckIntervalMs: number;
  /** Of all bodies together that are longer than an ordinary one. */
  readonly bytesInFlight: number;
}

/** With kube-apiserver on the other side. */
export const WEBHOOK_LIMITS: WebhookLimits = {
  keepAliveTimeoutMs: 120_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  timeoutCheckIntervalMs: 5_000,
  maxConnections: 1_000,
  // An API server has 200 changes in flight by default (`--max-mutating-requests-inflight`) and keeps 25 idle connections.
  maxConnectionsOfPeer: 500,
  // Four of the longest.
  bytesInFlight: 32 * 1024 * 1024,
};
