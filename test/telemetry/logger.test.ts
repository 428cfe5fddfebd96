import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import type { DecisionRecord } from '../../src/admission/record.ts';
import { visibleLine } from '../../src/core/visible-text.ts';
import { LOG_LEVELS, type LogLevel } from '../../src/telemetry/log-level.ts';
import { createLogger, logDecision } from '../../src/telemetry/logger.ts';
import { buildWebhook } from '../../src/server/webhook.ts';
import { finding, forbidLatest, policyOf, requireGrace, throwing } from '../admission/made-up-rules.ts';
import { containerOf, latestPod, podOf, reviewOf, workloadOf, type Review } from '../admission/reviews.ts';
import { pair, rememberingPorts } from '../server/serving.ts';
import type { Policy } from '../../src/core/policy.ts';

type Line = Readonly<Record<string, unknown>>;

/** The log as it is written, in pieces as they come. */
class Lines {
  text = '';

  write(piece: string): void {
    this.text += piece;
  }

  get parsed(): Line[] {
    return this.text
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }
}

/** Sends reviews through the webhook, as `serve` wires it to the log. */
async function logOf(level: LogLevel, policy: Policy, payloads: readonly (Review | string)[]): Promise<Lines> {
  const lines = new Lines();
  const log = createLogger(level, lines);
  const { app } = buildWebhook(
    {
      ...rememberingPorts(policy),
      isDraining: () => false,
      record: (record, elapsedMs) => {
        logDecision(log, record, elapsedMs);
      },
      recordFailure: (error) => {
        log.error({ err: error }, 'request failed');
      },
    },
    pair,
  );
  for (const payload of payloads) {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    for (const url of ['/mutate', '/validate'])
      await app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body });
  }
  return lines;
}

const policy = policyOf([forbidLatest(), requireGrace()]);

void t.test('a denial is one line at info: who, what, which rules and fields', async (t) => {
  const { parsed } = await logOf('info', policyOf([forbidLatest()]), [reviewOf(latestPod(), { dryRun: true })]);
  t.equal(parsed.length, 1);
  const { time, elapsedMs, ...line } = parsed[0] ?? {};
  t.same(line, {
    level: 'info',
    webhook: 'validate',
    outcome: 'denied',
    operation: 'CREATE',
    dryRun: true,
    uid: 'c0ffee00-0000-4000-8000-000000000001',
    kind: 'Pod',
    namespace: 'shop',
    name: 'web',
    username: 'alice',
    findings: [{ rule: 'no-latest', mode: 'enforce', field: 'spec.containers[0].image' }],
    msg: 'request denied',
  });
  t.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.type(elapsedMs, 'number');
});

void t.test('a mutation is one line at info, with the rules that changed the Pod', async (t) => {
  const { parsed } = await logOf('info', policyOf([requireGrace('off'), requireGraceAsWell()]), [reviewOf(podOf())]);
  t.same(
    parsed.map(({ msg, webhook, rules }) => ({ msg, webhook, rules })),
    [{ msg: 'pod mutated', webhook: 'mutate', rules: ['minute-of-grace-too'] }],
  );
});

/** The same repair under another id, whose findings are recorded only. */
function requireGraceAsWell(): ReturnType<typeof requireGrace> {
  const { meta, ...rest } = requireGrace('audit');
  return { ...rest, meta: { ...meta, id: 'minute-of-grace-too' } };
}

void t.test('what is allowed, warned of or not judged is a line at debug', async (t) => {
  const reviews = [reviewOf(podOf()), reviewOf({ ...podOf(), kind: 'ConfigMap' })];
  const quiet = policyOf([finding(1, 'x', 'warn'), requireGrace('audit', 'would')]);
  t.equal((await logOf('info', quiet, reviews)).text, '');
  const { parsed } = await logOf('debug', quiet, reviews);
  t.same(
    parsed.map(({ level, msg, wouldMutate, skipped }) => ({ level, msg, wouldMutate, skipped })),
    [
      { level: 'debug', msg: 'request allowed', wouldMutate: ['minute-of-grace'], skipped: undefined },
      { level: 'debug', msg: 'request allowed with warnings', wouldMutate: undefined, skipped: undefined },
      { level: 'debug', msg: 'request not judged', wouldMutate: undefined, skipped: 'no-template' },
      { level: 'debug', msg: 'request not judged', wouldMutate: undefined, skipped: 'no-template' },
    ],
  );
});

void t.test('a request that is no review is no line', async (t) => {
  t.equal((await logOf('trace', policy, ['{}', 'no JSON', 'null'])).text, '');
});

for (const level of LOG_LEVELS) {
  void t.test(`values of env, annotations and commands are not logged at ${level}`, async (t) => {
    const canary = 'CANARY-7f3a';
    const env = [{ name: 'PASSWORD', value: canary }];
    const metadata = {
      labels: { note: canary },
      annotations: {
        note: canary,
        'podgrace.dev/drain-seconds': canary,
        'kubectl.kubernetes.io/last-applied-configuration': `{"a":"${canary}"}`,
      },
    };
    const secretive = {
      image: `registry.example/${canary}:latest`,
      env,
      args: ['--password', canary],
      command: ['sh', '-c', `sleep 1; echo ${canary}`],
    };
    const pod = latestPod({ metadata, spec: { containers: [containerOf(secretive)] } });
    const wrong = podOf({
      metadata: { annotations: { note: 7 } },
      spec: { containers: [containerOf({ env: canary, args: canary, resources: { limits: { cpu: canary } } })] },
    });
    const payloads = [
      reviewOf(pod),
      reviewOf(workloadOf('apps/v1', 'Deployment', pod)),
      reviewOf(podOf(), { operation: 'UPDATE', oldObject: pod }),
      reviewOf(wrong),
      JSON.stringify(reviewOf(pod)).replace('"PASSWORD"', 'PASSWORD'),
      `{"${canary}`,
    ];
    for (const rules of [policy, presetPolicy('strict'), policyOf([throwing(canary), finding(2, canary), forbidLatest()])]) {
      const { text, parsed } = await logOf(level, rules, payloads);
      t.notMatch(text, canary);
      // There is something that could have held it.
      if (['info', 'debug', 'trace'].includes(level)) t.ok(parsed.length >= 2, `${parsed.length} lines`);
      else t.equal(text, '');
    }
  });
}

const HOSTILE = 'a\r\n{"level":"info","msg":"all is well"}\u001b[2J\u009b31m\u2028b\u2029c\u0000';

void t.test('line ends and control characters of a user stay inside of one JSON line', async (t) => {
  const review = reviewOf(latestPod({ metadata: { name: HOSTILE, labels: { [HOSTILE]: 1 } } }), {
    namespace: HOSTILE,
    username: HOSTILE,
    subResource: 'resize',
    kind: { group: '', version: 'v1', kind: 'Pod' },
  });
  const { text, parsed } = await logOf('trace', policy, [{ ...review, request: { ...review.request, uid: HOSTILE } }]);
  t.equal(text.split(/\r\n|[\n\r\u2028\u2029\u0085]/).filter((line) => line !== '').length, 2);
  t.notMatch(text.replaceAll('\n', ''), /\p{Cc}|\u2028|\u2029/u);
  for (const { name, namespace, username, uid } of parsed) {
    for (const value of [name, namespace, username, uid]) t.equal(value, visibleLine(HOSTILE));
  }
});

void t.test('the reason of an error of others stays inside of one JSON line, and says the same', (t) => {
  let text = '';
  createLogger('error', { write: (line) => (text += line) }).error({ reason: HOSTILE }, 'refused');
  t.notMatch(text.replace(/\n$/, ''), /[\p{Cc}\u2028\u2029\u202e]/u);
  t.match(JSON.parse(text), { reason: HOSTILE });
  t.end();
});

void t.test('what a user can make endless is cut', (t) => {
  const endless = 'x'.repeat(1_000_000);
  const record: DecisionRecord = {
    webhook: 'validate',
    outcome: 'denied',
    uid: endless,
    operation: 'CREATE',
    kind: endless,
    namespace: endless,
    name: endless,
    subResource: endless,
    username: endless,
    dryRun: false,
    skipped: undefined,
    findings: Array.from({ length: 20 }, () => ({
      rule: 'r',
      messageId: 'm',
      mode: 'enforce',
      message: endless,
      field: endless,
      excuse: undefined,
    })),
    findingCounts: [],
    rules: [],
    suggestingRules: [],
  };
  const lines = new Lines();
  logDecision(createLogger('info', lines), record, 1);
  t.equal(lines.parsed.length, 1);
  t.ok(lines.text.length < 20_000, `${lines.text.length} characters`);
  t.end();
});

void t.test('a failure of ours is a line at error with the stack', (t) => {
  const lines = new Lines();
  createLogger('error', lines).error({ err: new Error('fell over') }, 'request failed');
  t.match(lines.parsed, [{ level: 'error', msg: 'request failed', err: { type: 'Error', message: 'fell over', stack: /fell over/ } }]);
  t.end();
});
