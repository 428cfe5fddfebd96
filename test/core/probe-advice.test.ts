import t from 'tap';
import type { Container, Probe, ProbeKind } from '../../src/core/pod.ts';
import {
  correctionOfOneFailure,
  correctionOfTimeout,
  correctionOfTolerances,
  killsAtOnce,
  whatToLower,
} from '../../src/core/probe-advice.ts';

const BOUNDS = { maxReadinessDetectionSeconds: 90, maxLivenessDetectionSeconds: 600 };

function probe(timing: Partial<Probe> = {}): Probe {
  return { tcpSocket: { port: 80 }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...timing };
}

function timeoutAdvice(kind: ProbeKind, probes: Partial<Pick<Container, ProbeKind>>): string {
  return correctionOfTimeout(kind, probes[kind] ?? probe(), { name: 'web', ...probes }, BOUNDS);
}

void t.test('what kills gets a longer period, and never a shorter timeout', (t) => {
  t.equal(timeoutAdvice('livenessProbe', { livenessProbe: probe({ timeoutSeconds: 20 }) }), 'raise `periodSeconds` to 20');
  t.equal(
    timeoutAdvice('livenessProbe', { livenessProbe: probe({ timeoutSeconds: 250 }) }),
    'raise `periodSeconds` to 250, and set `failureThreshold: 2`',
    'within the bound of the policy',
  );
  t.end();
});

void t.test('a readinessProbe gets a longer period only where that does no harm', (t) => {
  const readinessProbe = probe({ timeoutSeconds: 20 });
  t.equal(timeoutAdvice('readinessProbe', { readinessProbe }), 'raise `periodSeconds` to 20, or lower `timeoutSeconds` to 10');
  const lower = 'lower `timeoutSeconds` to 10';
  t.equal(timeoutAdvice('readinessProbe', { readinessProbe: probe({ timeoutSeconds: 31 }) }), lower, 'it would be in service for too long');
  t.equal(timeoutAdvice('readinessProbe', { readinessProbe, livenessProbe: probe() }), lower, 'it would be killed while in service');
  t.end();
});

void t.test('one failure kills at once, unless the probe waits long for the answer', (t) => {
  t.equal(killsAtOnce(probe({ failureThreshold: 1, timeoutSeconds: 4 })), true);
  t.equal(killsAtOnce(probe({ failureThreshold: 1, timeoutSeconds: 5 })), false);
  t.equal(killsAtOnce(probe({ failureThreshold: 2 })), false);
  t.equal(correctionOfOneFailure(probe(), BOUNDS), 'set `failureThreshold: 3`');
  t.equal(correctionOfOneFailure(probe({ periodSeconds: 300 }), BOUNDS), 'set `failureThreshold: 2`');
  t.equal(correctionOfOneFailure(probe({ periodSeconds: 301 }), BOUNDS), 'raise `timeoutSeconds` to 5', 'two would take too long');
  t.end();
});

void t.test('a livenessProbe is told to be as patient as the readinessProbe, and one second more where both ask the same', (t) => {
  const asked = { readinessSeconds: 60, isTwin: false };
  const advice = 'the livenessProbe tolerate 60 s (set `failureThreshold: 6` or higher)';
  t.equal(correctionOfTolerances(probe(), asked, BOUNDS), advice);
  t.equal(
    correctionOfTolerances(probe(), { ...asked, isTwin: true }, BOUNDS),
    'the livenessProbe tolerate 61 s (set `failureThreshold: 7` or higher)',
  );
  t.equal(
    correctionOfTolerances(probe({ failureThreshold: 9 }), { ...asked, readinessSeconds: 120 }, BOUNDS),
    'the readinessProbe give up after 90 s or sooner',
    'one that itself is too patient is no measure',
  );
  t.end();
});

void t.test('what is lowered of a slow probe is what can be', (t) => {
  t.equal(whatToLower(probe(), 90), '`periodSeconds` or `failureThreshold`');
  t.equal(whatToLower(probe({ failureThreshold: 1 }), 90), '`periodSeconds`');
  t.equal(whatToLower(probe({ failureThreshold: 1, timeoutSeconds: 100 }), 90), '`periodSeconds` and `timeoutSeconds`');
  t.end();
});
