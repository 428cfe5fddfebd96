// A small HTTP server that starts and stops without losing a request. It needs Node.js and no package.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

// The ConfigMap is mounted as a folder: one file for each key.
const config = JSON.parse(readFileSync(process.env.CONFIG_FILE ?? '/etc/app/config.json', 'utf8'));
const LEVELS = ['debug', 'info', 'warn', 'error'];
const leastLevel = LEVELS.indexOf((process.env.LOG_LEVEL ?? 'info').toLowerCase());
if (leastLevel === -1) throw new Error(`LOG_LEVEL must be one of ${LEVELS.join(', ')}, but is '${process.env.LOG_LEVEL}'`);

function log(level, message) {
  if (LEVELS.indexOf(level) >= leastLevel) console.log(JSON.stringify({ level, message }));
}

let isReady = false;
let isStopping = false;

function answer(response, status, text = '') {
  // Whoever keeps its connection asks another Pod next time. Without it, a connection that is kept holds up the end of the process.
  if (isStopping) response.setHeader('connection', 'close');
  response.writeHead(status).end(text);
}

const server = createServer((request, response) => {
  log('debug', `${request.method} ${request.url}`);
  switch (request.url) {
    // Alive: the process answers. It asks no database and no other service, so their failures restart nothing.
    case '/livez':
      answer(response, 200, 'ok\n');
      break;
    // Ready: it is started, and does not stop.
    case '/readyz':
      answer(response, isReady && !isStopping ? 200 : 503);
      break;
    // Some work, so that a request is under way when the Pod stops.
    default:
      setTimeout(() => answer(response, 200, `${config.greeting}\n`), config.workMilliseconds);
  }
});

// Longer than proxies and load balancers keep a connection: the server is not the one that closes it under a request.
server.keepAliveTimeout = 75_000;

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    isStopping = true;
    log('info', `${signal}: finishing what is under way`);
    // Accepts nothing new, closes idle connections, and ends when the last answer is sent.
    server.close(() => {
      log('info', 'stopped');
      process.exit(0);
    });
    // Less than the grace period has left after the preStop hook: the end is ours, not SIGKILL's.
    setTimeout(() => {
      log('error', 'requests are still under way, stopping all the same');
      process.exit(1);
    }, config.drainSeconds * 1000).unref();
  });
}

server.listen(config.port, () => {
  isReady = true;
  log('info', `serving on ${server.address().port}`);
});
