import t from 'tap';
import { healthOf } from '../../../src/kube/commands/health.ts';
import { daysLeft } from '../../../src/pki/validity.ts';
import type { CertificateStatus, InstallationStatus, ServerStatus } from '../../../src/kube/commands/installation-status.ts';

const NOW = new Date('2026-11-22T12:00:00Z');

function inDays(days: number): string {
  return new Date(NOW.getTime() + days * 86_400_000).toISOString();
}

const SERVER: ServerStatus = { wanted: 3, ready: 3, isComplete: true, troubles: [], replicas: { known: [] } };
const CERTIFICATES: CertificateStatus = {
  source: 'Secret a/b',
  leafExpiresAt: inDays(89.5),
  authorityExpiresAt: inDays(1800),
  distrust: undefined,
};
const WELL: InstallationStatus = {
  server: { known: SERVER },
  policy: { known: { source: 'ConfigMap a/b', name: 'cluster', preset: 'baseline', problem: undefined } },
  certificates: { known: CERTIFICATES },
  configurations: {
    known: [
      {
        kind: 'ValidatingWebhookConfiguration',
        name: 'podgrace',
        isThere: true,
        openSince: undefined,
        webhooks: [{ name: 'v', failurePolicy: 'Fail', hasBundle: true }],
      },
      {
        kind: 'MutatingWebhookConfiguration',
        name: 'podgrace',
        isThere: true,
        openSince: undefined,
        webhooks: [{ name: 'm', failurePolicy: 'Ignore', hasBundle: true }],
      },
    ],
  },
};

void t.test('an installation is healthy where nothing is wrong and what counts is seen', (t) => {
  t.same(healthOf(WELL, NOW), { isHealthy: true, problems: [] });
  const unseen = { unknown: 'forbidden' };
  t.equal(healthOf({ ...WELL, policy: unseen, certificates: unseen }, NOW).isHealthy, true, 'ready replicas prove both');
  t.equal(healthOf({ ...WELL, server: unseen }, NOW).isHealthy, undefined);
  t.equal(healthOf({ ...WELL, configurations: unseen }, NOW).isHealthy, undefined);
  t.equal(healthOf({ ...WELL, configurations: unseen, server: { known: undefined } }, NOW).isHealthy, false, 'what is seen is wrong');
  t.end();
});

void t.test('each thing that is wrong is said', (t) => {
  const problemOf = (changes: Partial<InstallationStatus>): readonly string[] =>
    healthOf({ ...WELL, ...changes }, NOW).problems.map((problem) => (problem.of === 'other' ? problem.text : problem.of));
  const server = (changes: Partial<ServerStatus>): Partial<InstallationStatus> => ({ server: { known: { ...SERVER, ...changes } } });
  const certificates = (changes: Partial<CertificateStatus>): Partial<InstallationStatus> => ({
    certificates: { known: { ...CERTIFICATES, ...changes } },
  });
  const [validating, mutating] = 'known' in WELL.configurations ? WELL.configurations.known : [];
  if (validating === undefined || mutating === undefined) throw new Error('two configurations');
  const replica = { name: 'a', isReady: false, image: 'i', troubles: ['a: CrashLoopBackOff'] };
  for (const [changes, problem] of [
    [{ server: { known: undefined } }, /^server-missing$/],
    [server({ wanted: 0, ready: 0 }), /scaled to 0: no replica answers/],
    [server({ ready: 2, isComplete: false }), /^2 of 3 replicas are ready$/],
    [server({ troubles: ['FailedCreate: quota'] }), /^FailedCreate: quota$/],
    [server({ replicas: { known: [{ ...replica, report: { unknown: 'x' } }] } }), /^a: a: CrashLoopBackOff$/],
    [
      server({
        replicas: {
          known: [
            {
              ...replica,
              troubles: [],
              report: {
                known: {
                  readiness: [{ check: 'certificate', ok: false, note: 'no CA' }],
                  policyLoadedAt: null,
                  certificateExpiresAt: null,
                },
              },
            },
          ],
        },
      }),
      /^a: certificate: no CA$/,
    ],
    [{ policy: { known: { source: 'ConfigMap a/b', name: '', preset: '', problem: 'wrong' } } }, /^ConfigMap a\/b is refused, .*: wrong$/],
    [certificates({ distrust: 'v: unknown authority' }), /does not trust the certificate: v: unknown authority/],
    [certificates({ leafExpiresAt: inDays(13.5) }), /^the certificate expires in 13 days and should have been renewed/],
    [certificates({ leafExpiresAt: inDays(-1) }), /^the certificate expired at .*; is the clock right/],
    [certificates({ authorityExpiresAt: inDays(100) }), /^the CA expires in 100 days/],
    [{ configurations: { known: [{ ...validating, isThere: false, webhooks: [] }, mutating] } }, /^configuration-missing$/],
    [{ configurations: { known: [{ ...validating, openSince: '2026-11-22' }, mutating] } }, /^open$/],
    [
      {
        configurations: {
          known: [validating, { ...mutating, webhooks: [{ name: 'm', failurePolicy: 'Ignore' as const, hasBundle: false }] }],
        },
      },
      /^m: no caBundle/,
    ],
  ] as const) {
    t.match(problemOf(changes), [problem]);
    t.equal(problemOf(changes).length, 1);
  }
  t.end();
});

void t.test('days left are whole days, and negative after the end', (t) => {
  t.same(
    [inDays(1.9), inDays(0), inDays(-0.1)].map((time) => daysLeft(time, NOW)),
    [1, 0, -1],
  );
  t.end();
});
