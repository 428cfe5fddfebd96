/** The log: one JSON object on each line, with constant messages and never with the body of an object. */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { DecisionRecord, RecordedFinding } from '../admission/record.ts';
import { singleLine } from '../admission/warnings.ts';
import { visibleText } from '../core/visible-text.ts';
import type { LogLevel } from './log-level.ts';

/** Where the lines go. */
export interface LogOutput extends DestinationStream {
  /** Resolves when every line is written, or when the reader has stopped or is too slow. Lines that come later are dropped. */
  end(): Promise<void>;
}

/** A call of the system for every line costs as much as the rest of a decision; a busy server writes this many bytes in 5 ms. */
const WRITTEN_FROM_BYTES = 32 * 1024;
const MAX_WRITE_BYTES = 256 * 1024;
/** How long a line waits for others at the most. */
const WRITTEN_AFTER_MS = 100;
/** A reader that has stopped must not keep a process that is to be started anew; one that reads on gets the rest. */
const READ_WITHIN_MS = 1_000;
/** One that reads a little now and then must not keep it either. */
const ENDED_WITHIN_MS = 5_000;

/**
 * Standard output, written to while the process goes on: lines are written together, and a reader that is slow holds up no
 * answer. End it before the process ends: `flushSync` of the stream itself knows nothing of the write that is under way,
 * which is cut off then, or mixed with the lines that come after.
 */
export function logOutput(): LogOutput {
  const options = { fd: 1, sync: false, minLength: WRITTEN_FROM_BYTES, maxWrite: MAX_WRITE_BYTES, periodicFlush: WRITTEN_AFTER_MS };
  // Bytes, not text: pino's lines are made of dozens of pieces, and are flattened once here instead of at every turn.
  const output = pino.destination({ ...options, contentMode: 'buffer' }) as BufferDestination;
  let hasEnded = false;
  return {
    write: (line) => {
      if (!hasEnded) output.write(Buffer.from(line));
    },
    end: () => {
      hasEnded = true;
      return endOf(output);
    },
  };
}

type Destination = ReturnType<typeof pino.destination>;
/** What pino's types leave out: a destination whose content is bytes takes bytes. */
type BufferDestination = Destination & { write(bytes: Buffer): boolean };

function endOf(output: Destination): Promise<void> {
  return new Promise((resolve) => {
    // Otherwise pino writes the rest as the process exits, and waits for the reader.
    const giveUp = (): void => {
      output.destroy();
    };
    const stopped = setTimeout(giveUp, READ_WITHIN_MS);
    const deadline = setTimeout(giveUp, ENDED_WITHIN_MS);
    output.on('write', () => stopped.refresh());
    const done = (): void => {
      clearTimeout(stopped);
      clearTimeout(deadline);
      resolve();
    };
    output.once('close', done);
    output.once('error', done);
    output.end();
  });
}

/** @param destination where the lines go */
export function createLogger(level: LogLevel, destination: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: isoTimestamp(),
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, {
    write: (line) => {
      destination.write(visibleText(line));
    },
  });
}

/**
 * One line for each denial and mutation at `info`, and for anything else at `debug`. Names, rules and field paths only:
 * values of fields are the user's, and env values and annotations may be secrets.
 *
 * @param elapsedMs from the last byte of the body to the answer
 */
export function logDecision(log: Logger, record: DecisionRecord, elapsedMs: number): void {
  const level = record.outcome === 'denied' || record.outcome === 'mutated' ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const { findings, rules, suggestingRules, skipped, subResource } = record;
  const fields: Record<string, unknown> = {
    webhook: record.webhook,
    outcome: record.outcome,
    uid: readable(record.uid),
    operation: record.operation,
    kind: readable(record.kind),
    namespace: readable(record.namespace),
    name: readable(record.name),
    username: readable(record.username),
    dryRun: record.dryRun,
    elapsedMs: Math.round(elapsedMs * 1000) / 1000,
  };
  if (subResource !== '') fields['subResource'] = readable(subResource);
  if (skipped !== undefined) fields['skipped'] = skipped;
  if (rules.length > 0) fields['rules'] = rules;
  if (suggestingRules.length > 0) fields['wouldMutate'] = suggestingRules;
  if (findings.length > 0) fields['findings'] = findings.map(loggedFinding);
  log[level](fields, MESSAGES[record.outcome]);
}

function loggedFinding({ rule, mode, field, excuse }: RecordedFinding): object {
  return { rule, mode, field: readable(field), excuse };
}

/** RFC 3339 in UTC; a busy server writes many lines in the same millisecond. */
function isoTimestamp(): () => string {
  let lastMs = 0;
  let text = '';
  return () => {
    const nowMs = Date.now();
    if (nowMs !== lastMs) {
      lastMs = nowMs;
      text = `,"time":"${new Date(nowMs).toISOString()}"`;
    }
    return text;
  };
}

/** No name in Kubernetes is longer than 253; one of megabytes must not make a line as long. */
const MAX_LOGGED_RUNES = 256;

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
