/** The example of the tutorial: its manifests, and its server in Node.js as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { parsedReport, podgrace, ROOT } from '../cli/command-line.ts';
import { eventually } from '../files/eventually.ts';

const EXAMPLE = join(ROOT, 'examples/graceful-httpserver');

for (const language of ['node', 'go']) {
  void t.test(`the manifests of the server in ${language} are clean under strict, and nothing is left to repair`, async (t) => {
    const { code, stdout } = await podgrace(['check', '--preset', 'strict', join(EXAMPLE, language)]);
    t.equal(code, 0, stdout);
    t.match(stdout, 'findings: 0 enforced, 0 warned, 0 repaired at admission, 0 recorded');
  });
}

void t.test('the two servers are deployed alike', (t) => {
  const manifests = (language: string): string => readFileSync(join(EXAMPLE, language, 'manifests.yaml'), 'utf8');
  const asGo = manifests('node').replaceAll('hello-node', 'hello-go').replace('node/manifests', 'go/manifests');
  const differs = (a: string, b: string): string[] => a.split('\n').filter((line, index) => line !== b.split('\n')[index]);
  t.same(
    differs(manifests('go'), asGo).map((line) => line.trim().split(' ')[0]),
    ['command:', 'requests:', 'limits:'],
  );
  t.end();
});

void t.test('the poor ones draw every rule that a manifest can draw', async (t) => {
  const drawn = new Set<string>();
  // Under `strict`, memory limits are added, and with them no Pod is BestEffort any more.
  for (const preset of ['strict', 'production']) {
    const { code, stdout } = await podgrace(['check', '--preset', preset, '-o', 'json', join(EXAMPLE, 'poor')]);
    t.equal(code, 1, preset);
    const { results } = parsedReport('check', stdout) as { results: { findings: { rule: string }[] }[] };
    for (const { findings } of results) for (const { rule } of findings) drawn.add(rule);
  }
  const ids = catalogue.rules.map(({ meta }) => meta.id);
  const undrawn = ids.filter((id) => !drawn.has(id)).sort();
  t.same(undrawn, Object.keys(NOT_IN_A_MANIFEST).sort(), 'a file of `poor` draws each rule, or NOT_IN_A_MANIFEST says why none does');
});

/** Why no manifest draws them under these presets. */
const NOT_IN_A_MANIFEST: Readonly<Record<string, string>> = {
  'no-force-delete': 'it is about the deletion of a Pod',
  'qos-stays': 'it is about containers that other webhooks add, which only a Pod in the cluster has',
  'readiness-gates': 'it is silent until a policy names the conditions that the controllers of the cluster set',
};

interface Served {
  readonly port: number;
  readonly stop: () => void;
  readonly exit: Promise<unknown[]>;
  readonly log: () => string;
}

async function serve(t: Test, config: object, level = 'info'): Promise<Served> {
  const file = join(t.testdir(), 'config.json');
  writeFileSync(file, JSON.stringify({ port: 0, greeting: 'hello', workMilliseconds: 0, drainSeconds: 60, ...config }));
  const child = spawn(process.execPath, [join(EXAMPLE, 'node/server.mjs')], {
    env: { CONFIG_FILE: file, LOG_LEVEL: level },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exit = once(child, 'exit');
  await eventually('it serves', () => /serving on \d+/.test(log));
  return { port: Number(/serving on (\d+)/.exec(log)?.[1]), stop: () => child.kill('SIGTERM'), exit, log: () => log };
}

async function ask(port: number, path: string, agent: Agent | false = false): Promise<IncomingMessage> {
  const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
  response.resume();
  return response;
}

void t.test('it is alive and ready once it serves, and has its configuration from a file', async (t) => {
  const { port, stop, exit, log } = await serve(t, {});
  t.same([(await ask(port, '/livez')).statusCode, (await ask(port, '/readyz')).statusCode], [200, 200]);
  t.equal((await ask(port, '/')).statusCode, 200);
  t.notMatch(log(), 'GET /', 'requests are logged at level debug alone');
  stop();
  t.same(await exit, [0, null]);
});

void t.test('a request that is under way at SIGTERM is answered, and its connection ends with it', async (t) => {
  const { port, stop, exit, log } = await serve(t, { workMilliseconds: 500 }, 'debug');
  // Clients that keep their connections must not hold it up until `drainSeconds` have passed.
  const agent = new Agent({ keepAlive: true });
  t.teardown(() => {
    agent.destroy();
  });
  const answer = ask(port, '/', agent);
  await eventually('the request is under way', () => log().includes('GET /'));
  stop();
  const { statusCode, headers } = await answer;
  t.same([statusCode, headers.connection], [200, 'close']);
  t.same(await exit, [0, null]);
  t.match(log(), /"message":"stopped"/);
});

void t.test('it does not start with a log level that it does not know', async (t) => {
  const file = join(t.testdir(), 'config.json');
  writeFileSync(file, '{"port":0}');
  const child = spawn(process.execPath, [join(EXAMPLE, 'node/server.mjs')], { env: { CONFIG_FILE: file, LOG_LEVEL: 'loud' } });
  t.teardown(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  t.same(await once(child, 'close'), [1, null]);
  t.match(errors, "LOG_LEVEL must be one of debug, info, warn, error, but is 'loud'");
});

void t.test('a request that takes longer than there is time for does not hold it up for ever', async (t) => {
  const { port, stop, exit, log } = await serve(t, { workMilliseconds: 600_000, drainSeconds: 0 }, 'debug');
  get({ port, path: '/', agent: false }).on('error', () => undefined);
  await eventually('the request is under way', () => log().includes('GET /'));
  stop();
  t.same(await exit, [1, null]);
});
