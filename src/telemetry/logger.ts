/** The log: one JSON object a line, constant messages, never the body of an object. */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { DecisionRecord } from '../admission/record.ts';
import { singleLine } from '../admission/warnings.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Standard output, written to while the process goes on: lines that come meanwhile are written together, and a reader that
 * is slow holds up no answer. Flush it before the process ends.
 */
export function logOutput(): ReturnType<typeof pino.destination> {
  return pino.destination({ fd: 1, sync: false });
}

/** @param destination where the lines go */
export function createLogger(level: LogLevel, destination: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}

/**
 * One line for each denial and mutation at `info`, and for anything else at `debug`. Names, rules and field paths only:
 * values of fields are the user's, and env values and annotations may be secrets.
 */
export function logDecision(log: Logger, record: DecisionRecord): void {
  const level = record.outcome === 'denied' || record.outcome === 'mutated' ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const { findings, rules, suggestingRules, skipped, uid, kind, namespace, name, subResource, username, ...rest } = record;
  log[level](
    {
      ...rest,
      uid: readable(uid),
      kind: readable(kind),
      namespace: readable(namespace),
      name: readable(name),
      subResource: readable(subResource),
      username: readable(username),
      ...(skipped !== undefined && { skipped }),
      ...(rules.length > 0 && { rules }),
      ...(suggestingRules.length > 0 && { wouldMutate: suggestingRules }),
      ...(findings.length > 0 && {
        findings: findings
          .slice(0, MAX_LOGGED_FINDINGS)
          .map(({ rule, mode, field, excuse }) => ({ rule, mode, field: readable(field), excuse })),
      }),
    },
    MESSAGES[record.outcome],
  );
}

/** A Pod of 100,000 containers must not write a line of megabytes, nor one whose name is as long. */
const MAX_LOGGED_FINDINGS = 20;
/** No name in Kubernetes is longer than 253. */
const MAX_LOGGED_RUNES = 256;

/** JSON leaves U+2028 and the C1 controls as they are; to some readers those end a line, or steer a terminal. */
function readable(text: string): string {
  return singleLine(text, MAX_LOGGED_RUNES);
}

const MESSAGES = {
  allowed: 'request allowed',
  warned: 'request allowed with warnings',
  denied: 'request denied',
  mutated: 'pod mutated',
  skipped: 'request not judged',
} as const;
