/** The log: one JSON object a line, constant messages, never the body of an object. */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { DecisionRecord } from '../admission/record.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** @param destination where the lines go; standard output if left out */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * One line for each denial and mutation at `info`, and for anything else at `debug`. Names, rules and field paths only:
 * values of fields are the user's, and env values and annotations may be secrets.
 */
export function logDecision(log: Logger, record: DecisionRecord): void {
  const level = record.outcome === 'denied' || record.outcome === 'mutated' ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const { findings, rules, suggestingRules, skipped, ...rest } = record;
  log[level](
    {
      ...rest,
      ...(skipped !== undefined && { skipped }),
      ...(rules.length > 0 && { rules }),
      ...(suggestingRules.length > 0 && { wouldMutate: suggestingRules }),
      ...(findings.length > 0 && {
        findings: findings.slice(0, MAX_LOGGED_FINDINGS).map(({ rule, mode, field, excuse }) => ({ rule, mode, field, excuse })),
      }),
    },
    MESSAGES[record.outcome],
  );
}

/** A Pod of 100,000 containers must not write a line of megabytes. */
const MAX_LOGGED_FINDINGS = 20;

const MESSAGES = {
  allowed: 'request allowed',
  warned: 'request allowed with warnings',
  denied: 'request denied',
  mutated: 'pod mutated',
  skipped: 'request not judged',
} as const;
