/**
 * Inputs that came out wrong once, and what is right. They lie beside the repository, or where PODGRACE_CASES says; without them
 * every test here is skipped. Each row also has a fixture or a test of its own kind in this repository.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import type { Policy } from '../../src/core/policy.ts';
import { uncheckedText } from '../../src/cli/reporters/text/unjudged-text.ts';
import { checkManifest, type CheckOutcome } from '../../src/offline/check.ts';
import { documentsIn } from '../../src/offline/input/documents.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CASES = resolve(ROOT, process.env['PODGRACE_CASES'] ?? '../shared/cases', 'manifests');
const skip = existsSync(CASES) ? false : `no cases at ${CASES}; set PODGRACE_CASES to their folder`;
const NOW_MS = Date.parse('2026-12-01T00:00:00Z');

interface Case {
  readonly manifest: string;
  /** A file beside the manifests, or a preset; both production and strict where it is left out. */
  readonly policy?: string;
  /** Lines `kind/name rule message; fix`, of which one must match each. */
  readonly says?: readonly RegExp[];
  /** What no line may match. */
  readonly never?: readonly RegExp[];
  /** Objects that are judged, skipped or refused, in the order of the file. */
  readonly outcomes?: readonly ('allowed' | 'denied' | 'skipped' | 'error')[];
}

/** Each manifest and what is said of it. */
const TABLE: readonly Case[] = [
  {
    manifest: '01-sleep-in-sh.yaml',
    policy: 'strict',
    says: [
      /sleeper0 stoppable-sleep .*`sleep` is PID 1/,
      /sleeper1 stoppable-sleep .*`sh` or `sleep` is PID 1/,
      /sleeper3 stoppable-sleep .*`sleep`/,
    ],
    never: [/sleeper5 (?:stoppable-sleep|init-process)/],
  },
  { manifest: '04-gpu-job-shm.yaml', never: [/64Mi/, /memory of its node/, /evict/], outcomes: ['allowed'] },
  {
    manifest: '05-exec-not-last.yaml',
    says: [/exechook pre-stop-delay .*the hook ends after 0 s/],
    never: [/exec[03] (?:repair )?init-process/],
  },
  { manifest: '06-s6-share-pid.yaml', policy: '06-policy.yaml', never: [/shareProcessNamespace/, /repair init-process/] },
  {
    manifest: '07-nginx-quit-then-sleep.yaml',
    says: [/ng0 pre-stop-delay .*the hook itself stops it after 0 s/],
    never: [/ng3 pre-stop-delay/],
  },
  {
    manifest: '08-nginx-wait-loop.yaml',
    says: [/nl0 shutdown-budget .*cannot tell how long/],
    never: [/whole grace period/, /nl1 shutdown-budget/],
  },
  { manifest: '09-for-loop-hook.yaml', says: [/fl0 (?:repair )?shutdown-budget .*300 s preStop/] },
  {
    manifest: '10-hook-not-a-command.yaml',
    says: [
      /hk0 exec-form .*`\["sh","-c","sleep 10"\]`/,
      /hk1 exec-form .*`\["sleep","10"\]`/,
      /hk3 exec-form .*`\["\/bin\/sh","-c","sleep 10"\]`/,
      /hk4 exec-form .*gets `&&` as an argument/,
      ...['hk0', 'hk1', 'hk3', 'hk4', 'hk7'].map((name) => new RegExp(`${name} pre-stop-delay .*the hook ends after 0 s`)),
      /hk9 pre-stop-delay .*the hook itself stops it after 1 s/,
    ],
    outcomes: Array.from({ length: 6 }, () => 'denied' as const),
  },
  {
    manifest: '11-memory-milli.yaml',
    says: [/mm0 sane-quantities .*3500m is 4 bytes.*`3500Mi`/, /mm3 sane-quantities .*500 is 500 cores.*`500m`/],
    outcomes: ['denied', 'denied'],
  },
  {
    manifest: '12-memory-request-milli.yaml',
    says: [/mr sane-quantities .*100m is 1 byte/],
    never: [/the policy suggests/, /repair memory-limit/],
  },
  {
    manifest: '13-medium-lowercase.yaml',
    says: [/ml empty-dir-size-limit .*the Pod never starts.*`medium: Memory`/],
    outcomes: ['denied'],
  },
  { manifest: '15-rollout-workloadref.yaml', policy: '15-policy.yaml', outcomes: ['skipped'] },
  { manifest: '17-knative-nameless.yaml', policy: '15-policy.yaml', says: [/kn minimum-qos-class/], outcomes: ['denied'] },
  {
    manifest: '18-ray-templates.yaml',
    policy: '18-policy.yaml',
    says: [/RayCluster skipped .*spec\.headGroupSpec\.template.*workloadKinds/, /pt .*Master\.template/, /pt .*Worker\.template/],
  },
  { manifest: '21-windows-affinity.yaml', never: [/init-process/, /stoppable-sleep/], outcomes: ['allowed'] },
  {
    manifest: '22-probe-port-name.yaml',
    says: [/pn declared-probe-port .*none is called web: the probe can only fail/],
    outcomes: ['denied'],
  },
  {
    manifest: '23-exec-probe-one-word.yaml',
    says: [/ep0 exec-form .*`\["\/bin\/ls","\/var\/log\/app\.log"\]`/, /ep1 exec-form .*gets `\|` as an argument/],
  },
  { manifest: '24-http-hook-long.yaml', says: [/es pre-stop-delay .*is not known/, /es shutdown-budget .*cannot tell how long/] },
  { manifest: '25-sidecar-hook-budget.yaml', never: [/shutdown-budget/], outcomes: ['allowed'] },
  { manifest: '26-job-native-sidecar.yaml', says: [/init-process .*no handler for it/] },
  { manifest: '31-liveness-delay.yaml', never: [/probe-timing/], outcomes: ['allowed', 'allowed'] },
];

function policiesOf({ policy }: Case): Policy[] {
  if (policy === 'strict') return [presetPolicy(policy)];
  if (policy === undefined) return [presetPolicy('production'), presetPolicy('strict')];
  return [readPolicy(readFileSync(resolve(CASES, policy), 'utf8'), policy, { catalogue, nowMs: NOW_MS })];
}

function outcomesIn(file: string, policy: Policy): CheckOutcome[] {
  return [...documentsIn(file, readFileSync(resolve(CASES, file), 'utf8'))].map((document) => {
    if ('message' in document) return { outcome: 'error', errors: [document] };
    return checkManifest(document, { policy, namespace: 'default', nowMs: NOW_MS });
  });
}

function linesOf(outcome: CheckOutcome): string[] {
  if (outcome.outcome === 'skipped') {
    const { file, kind, reason, unjudged } = outcome.skip;
    return [`${kind} skipped ${unjudged === undefined ? reason : uncheckedText(unjudged, file)}`];
  }
  if (outcome.outcome === 'error') return outcome.errors.map(({ message }) => `error ${message}`);
  const { kind, name, findings } = outcome.result;
  return findings.map(
    ({ mode, rule, field, message, fix }) => `${kind}/${name} ${mode === 'repair' ? 'repair ' : ''}${rule} ${field}: ${message}; ${fix}`,
  );
}

function wordOf(outcome: CheckOutcome): string {
  return outcome.outcome === 'judged' ? (outcome.result.allowed ? 'allowed' : 'denied') : outcome.outcome;
}

for (const row of TABLE) {
  void t.test(row.manifest, { skip }, (t) => {
    for (const policy of policiesOf(row)) {
      const outcomes = outcomesIn(row.manifest, policy);
      const lines = outcomes.flatMap(linesOf);
      for (const said of row.says ?? [])
        t.ok(
          lines.some((line) => said.test(line)),
          `${policy.name} says ${said.source}`,
          { lines },
        );
      for (const wrong of row.never ?? [])
        t.same(
          lines.filter((line) => wrong.test(line)),
          [],
          `${policy.name} never says ${wrong.source}`,
        );
      if (row.outcomes !== undefined) t.same(outcomes.map(wordOf), row.outcomes, policy.name);
    }
    t.end();
  });
}
