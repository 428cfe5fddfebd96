/** The process that runs in a container, while its files change and it is stopped, beside somebody hostile. */
import { renameSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { verifyAnswer } from '../admission/contract.ts';
import { podOf, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { attack } from '../server/hostile-requests.ts';
import { getOps, issuePair, pair, post } from '../server/serving.ts';
import { ServeProcess } from './serve-process.ts';

const CLIENTS = 4;
const PAUSE_MS = 5;
/** Of each change; the first is what the process started with. */
const CHANGES = 3;
const PRESETS = ['production', 'baseline'];

const review = reviewOf(podOf());
const body = JSON.stringify(review);

function policyText(change: number): string {
  return `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: change-${change}}\nspec:\n  preset: ${PRESETS[change % 2] ?? ''}\n`;
}

/** Ordinary clients, on kept connections; what of their calls failed. */
class Callers {
  readonly failures: string[] = [];
  answered = 0;
  #goOn = true;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #ended: Promise<unknown>;

  constructor(port: number) {
    this.#ended = Promise.all(Array.from({ length: CLIENTS }, () => this.#call(port)));
  }

  async #call(port: number): Promise<void> {
    while (this.#goOn) {
      try {
        const { status, text } = await post(port, '/validate?timeout=10s', body, { agent: this.#agent });
        if (status !== 200) this.failures.push(`HTTP ${status}`);
        verifyAnswer('validate', review, text);
        this.answered += 1;
      } catch (error) {
        this.failures.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
      await sleep(PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    this.#goOn = false;
    await this.#ended;
    this.#agent.destroy();
  }
}

void t.test('policies, certificates and SIGTERM cost no ordinary call, beside somebody hostile', async (t) => {
  const folder = t.testdir({ 'tls.crt': pair.certPem, 'tls.key': pair.keyPem, 'policy.yaml': policyText(0) });
  const [cert, key, policy] = [join(folder, 'tls.crt'), join(folder, 'tls.key'), join(folder, 'policy.yaml')];
  const replace = (file: string, text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const served = new ServeProcess(t, [
    ...['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '3'],
    ...['--tls-cert', cert, '--tls-key', key, '--policy', policy],
  ]);
  const { port, opsPort } = await served.ports();
  let attacks = true;
  t.teardown(() => (attacks = false));
  const attacked = attack(port, () => attacks);
  const callers = new Callers(port);
  const times = (message: string): number => served.log.filter(({ msg }) => msg === message).length;
  const more = (calls: number): Promise<void> => {
    const atLeast = callers.answered + calls;
    return eventually('calls are answered', () => callers.answered >= atLeast || callers.failures.length > 0);
  };
  for (let change = 1; change <= CHANGES; change++) {
    replace(policy, policyText(change));
    await eventually('the policy is taken', () => times('policy replaced') === change);
    const next = await issuePair();
    replace(key, next.keyPem);
    replace(cert, next.certPem);
    await eventually('the certificate is taken', () => times('certificate taken into use') === change);
    await more(CLIENTS);
  }
  served.child.kill('SIGTERM');
  await served.said('stopping');
  t.equal((await getOps(opsPort, '/readyz')).status, 503);
  // Endpoints still lead to it.
  await more(2 * CLIENTS);
  await callers.stop();
  t.same(callers.failures, []);
  t.ok(callers.answered > CHANGES * CLIENTS, `${callers.answered} calls`);
  t.same(await served.exited, { code: 0, signal: null });
  attacks = false;
  await attacked;
  t.equal(served.stderr, '');
});
