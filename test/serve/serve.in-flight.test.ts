/** What happens to `podgrace serve` fails no request that has begun, however far it has come. */
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { containerOf, podOf, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { ONLY_LONG } from '../long-tests.ts';
import { authority, issuePair, pair } from '../server/serving.ts';
import { ServeProcess } from './serve-process.ts';

const requestOf = (body: string): string =>
  `POST /validate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const ORDINARY = requestOf(JSON.stringify(reviewOf(podOf())));
/** Judged in the thread for large reviews. */
const LONG = requestOf(JSON.stringify(reviewOf(podOf({ metadata: { annotations: { text: 'x'.repeat(2_000_000) } } }))));
/** Waits for a turn. */
const MEDIUM = requestOf(JSON.stringify(reviewOf(podOf({ metadata: { annotations: { text: 'x'.repeat(20_000) } } }))));
/** Takes the thread for large reviews a second, about. */
const HEAVY = requestOf(
  JSON.stringify(
    reviewOf(
      podOf({
        spec: {
          containers: Array.from({ length: 40 }, (_, at) =>
            containerOf({
              name: `c${at}`,
              ports: [{ containerPort: 8000 + at }],
              lifecycle: {
                preStop: { exec: { command: ['sh', '-c', `i=${at}; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done`] } },
              },
            }),
          ),
        },
      }),
    ),
  ),
);

/** How many bytes of a piece get through, of those that a connection sends one after the other. */
type Passes = (piece: number, length: number) => number;

/** A way to a port that lets a part of what a client sends through, and the rest when it is opened. */
class Gate {
  readonly #target: number;
  readonly #passes: Passes;
  readonly #held: (() => void)[] = [];
  #isOpen = false;

  constructor(target: number, passes: Passes) {
    this.#target = target;
    this.#passes = passes;
  }

  async listen(t: Test): Promise<number> {
    const server = createServer((client) => {
      const upstream = connectTcp(this.#target, '127.0.0.1');
      for (const socket of [client, upstream]) {
        socket.on('error', () => undefined);
        t.teardown(() => socket.destroy());
      }
      let piece = 0;
      client.on('data', (bytes) => {
        const now = this.#isOpen ? bytes.length : this.#passes(piece++, bytes.length);
        upstream.write(bytes.subarray(0, now));
        if (now < bytes.length) this.#held.push(() => upstream.write(bytes.subarray(now)));
      });
      upstream.pipe(client);
    });
    t.teardown(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  open(): void {
    this.#isOpen = true;
    for (const send of this.#held) send();
  }
}

/** A request that is on its way; `goOn` sends what is left of it. */
interface Begun {
  readonly goOn: () => void;
  readonly status: Promise<string>;
}

async function dial(t: Test, port: number): Promise<TLSSocket> {
  const socket = startTls(t, connectTcp(port, '127.0.0.1'));
  await once(socket, 'secureConnect');
  return socket;
}

function startTls(t: Test, over: Socket): TLSSocket {
  const socket = connect({ socket: over, servername: 'localhost', ca: authority.certPem });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
}

/** The first line of the answer; what there is where the connection ends without one. */
async function statusOn(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  let isClosed = false;
  socket.once('close', () => (isClosed = true));
  await eventually('an answer', () => isClosed || text.includes('\r\n'));
  return text.slice(0, text.indexOf('\r\n'));
}

type Begin = (t: Test, port: number) => Promise<Begun>;

/** Of a whole request, so many characters at first. */
const sent =
  (request: string, first: number): Begin =>
  async (t, port) => {
    const socket = await dial(t, port);
    const status = statusOn(socket);
    socket.write(request.slice(0, first));
    return { status, goOn: () => first < request.length && socket.write(request.slice(first)) };
  };

const gated =
  (passes: Passes): Begin =>
  async (t, port) => {
    const gate = new Gate(port, passes);
    const socket = startTls(t, connectTcp(await gate.listen(t), '127.0.0.1'));
    const status = statusOn(socket);
    socket.write(ORDINARY);
    return {
      status,
      goOn: () => {
        gate.open();
      },
    };
  };

const STATES: Readonly<Record<string, Begin>> = {
  'a connection is open': async (t, port) => {
    const over = connectTcp(port, '127.0.0.1');
    await once(over, 'connect');
    const answered = Promise.withResolvers<string>();
    const goOn = (): void => {
      const socket = startTls(t, over);
      socket.write(ORDINARY);
      statusOn(socket).then(answered.resolve, answered.reject);
    };
    return { status: answered.promise, goOn };
  },
  'half of the first record of a handshake has come': gated((piece, length) => (piece === 0 ? length >> 1 : 0)),
  'a handshake waits for its last record': gated((piece, length) => (piece === 0 ? length : 0)),
  'half a head has come': sent(ORDINARY, 40),
  'half a body has come': sent(ORDINARY, ORDINARY.length - 100),
  'half a long body has come': sent(LONG, LONG.length >> 1),
  'a long review has come': sent(LONG, LONG.length),
  'a review is judged in the other thread': sent(HEAVY, HEAVY.length),
  'a review waits for the other thread': sent(HEAVY, HEAVY.length),
  ...Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`review ${at} waits for its turn`, sent(MEDIUM, MEDIUM.length)])),
};

const policyText = (name: string, preset: string): string =>
  `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: ${name}}\nspec:\n  preset: ${preset}\n`;

interface Served {
  readonly process: ServeProcess;
  readonly replace: (file: 'tls.crt' | 'tls.key' | 'policy.yaml', text: string) => void;
}

/** Each is over when the log says so. */
const EVENTS: Readonly<Record<string, (t: Test, served: Served) => Promise<unknown>>> = {
  'a policy comes': async (t, { process, replace }) => {
    replace('policy.yaml', policyText('second', 'baseline'));
    t.match(await process.said('policy replaced'), { policy: 'second' });
  },
  'a policy comes that is none': async (t, { process, replace }) => {
    replace('policy.yaml', policyText('second', 'no-such-preset'));
    t.match((await process.said('policy refused, the old one stays'))['reason'], /policy\.yaml:5: spec\.preset must be one of/);
  },
  'a certificate comes': async (_, { process, replace }) => {
    const next = await issuePair();
    replace('tls.key', next.keyPem);
    replace('tls.crt', next.certPem);
    await process.said('certificate taken into use');
  },
  'a certificate comes that is none': async (t, { process, replace }) => {
    replace('tls.crt', 'none');
    t.match((await process.said('certificate not usable, the old one stays'))['reason'], /tls\.crt/);
  },
  ...Object.fromEntries(
    (['SIGTERM', 'SIGHUP'] as const).map((signal) => [
      `${signal} comes`,
      async (t: Test, { process }: Served): Promise<void> => {
        process.child.kill(signal);
        t.match(await process.said('stopping'), { signal });
      },
    ]),
  ),
};

/** A heavy review takes seconds of CPU time each time. These three leave most to go wrong. */
const ALWAYS = ['a policy comes', 'a certificate comes', 'SIGTERM comes'];

for (const [what, happen] of Object.entries(EVENTS)) {
  const skip = !ALWAYS.includes(what) && ONLY_LONG;
  void t.test(`${what}: every request that has begun is answered`, { skip }, async (t) => {
    const folder = t.testdir({ 'tls.crt': pair.certPem, 'tls.key': pair.keyPem, 'policy.yaml': policyText('first', 'production') });
    const process = new ServeProcess(t, [
      ...['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '3'],
      ...['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key'), '--policy', join(folder, 'policy.yaml')],
    ]);
    const { port } = await process.ports();
    const begun = await Promise.all(Object.entries(STATES).map(async ([state, begin]) => ({ state, ...(await begin(t, port)) })));
    const replace: Served['replace'] = (file, text) => {
      writeFileSync(join(folder, `${file}.new`), text);
      renameSync(join(folder, `${file}.new`), join(folder, file));
    };
    await happen(t, { process, replace });
    for (const { goOn } of begun) goOn();
    for (const { state, status } of begun) t.equal(await status, 'HTTP/1.1 200 OK', state);
    if (what.startsWith('SIG')) {
      t.same(await process.exited, { code: 0, signal: null });
      t.equal(process.log.at(-1)?.['msg'], 'stopped');
    }
    t.same(
      process.log.filter(({ level }) => level === 'fatal'),
      [],
    );
    t.equal(process.stderr, '');
  });
}
