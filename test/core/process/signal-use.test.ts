import t from 'tap';
import { signalUseOf } from '../../../src/core/process/signal-use.ts';

function says(name: string, ...args: (string | undefined)[]): boolean {
  return signalUseOf(name, args) === 'no handler';
}

void t.test('code that stays and sets no handler', (t) => {
  t.ok(says('python3', '-c', 'import time; time.sleep(60)'));
  t.ok(says('python3.12', '-u', '-c', 'import os, time\nwhile True:\n  time.sleep(1)'));
  t.ok(says('python', '-W', 'ignore', '-m', 'http.server', '8080'));
  t.ok(says('python3', '-c', 'from http.server import *; HTTPServer(("", 80), SimpleHTTPRequestHandler).serve_forever()'));
  t.ok(says('python3', '-c', 'import signal, time; time.sleep(60)'), 'to take a module in sets none');
  t.ok(says('perl', '-MSocket', '-e', 'sleep'));
  t.ok(says('node', '-e', 'setInterval(() => {}, 1000)'));
  t.ok(says('node', '--eval', 'require("node:http").createServer().listen(8080)'));
  t.end();
});

void t.test('nothing is said of code that may set one', (t) => {
  t.notOk(says('python3', '-c', 'import signal, time; signal.signal(15, f); time.sleep(60)'));
  t.notOk(says('python3', '-c', 'import uvicorn; uvicorn.run("app"); time.sleep(1)'), 'a package may');
  t.notOk(says('python3', '-c', 'from flask import Flask; Flask("a").run(); time.sleep(1)'));
  t.notOk(says('perl', '-e', '$SIG{TERM} = sub { exit }; sleep'));
  t.notOk(says('perl', '-e', 'use Mojolicious::Lite; app->start; sleep'));
  t.notOk(says('node', '-e', 'process.on("SIGTERM", () => process.exit()); setInterval(f, 1)'));
  t.notOk(says('node', '-e', 'require("./server").listen(80)'));
  t.notOk(says('node', '-e', 'eval(x); setInterval(f, 1)'));
  t.end();
});

void t.test('nor of code that pauses for a moment, or fails at a module that it does not take in', (t) => {
  const use = (name: string, ...args: string[]): string | undefined => signalUseOf(name, args);
  t.equal(use('python3', '-c', 'import time; time.sleep(1); time.sleep(.5)'), 'own');
  t.equal(use('perl', '-e', 'sleep 2'), 'own');
  t.equal(use('node', '-e', 'setTimeout(() => {}, 700)'), 'own');
  t.equal(use('python3', '-c', 'time.sleep(60)'), 'own');
  t.ok(says('python3', '-c', 'import time\nwhile True: time.sleep(1)'), 'goes round');
  t.ok(says('perl', '-e', 'sleep 600'));
  t.ok(says('node', '-e', 'setTimeout(() => {}, 70000)'));
  t.end();
});

void t.test('nor of code that ends, of files and of what is not known', (t) => {
  t.notOk(says('python3', '-c', 'print(1)'));
  t.notOk(says('python3', 'app.py', '-c', 'time.sleep(60)'));
  t.notOk(says('python3', '-m', 'gunicorn'));
  t.notOk(says('python3', '-c', undefined));
  t.notOk(says('python3', '-c'));
  t.notOk(says('python3'));
  t.notOk(says('ruby', '-e', 'sleep'), 'ruby ends at the signal');
  t.notOk(says('perl', '-e', `sleep ${' '.repeat(5000)}`));
  t.end();
});

void t.test('code that ignores SIGTERM, or handles it with a function that does nothing', (t) => {
  const use = (name: string, code: string): string | undefined => signalUseOf(name, [name.startsWith('python') ? '-c' : '-e', code]);
  const python = 'import signal, time; ';
  for (const code of [
    'signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)',
    'signal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(1)',
    'signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()',
    'signal.signal(signal.SIGTERM, lambda *a: None); time.sleep(60)',
  ])
    t.equal(use('python3', python + code), 'ignored', code);
  t.equal(use('python3', 'from signal import *\nfrom time import sleep\nsignal(SIGTERM, SIG_IGN)\nsleep(60)'), 'ignored');
  t.equal(use('perl', "$SIG{TERM} = 'IGNORE'; sleep 60"), 'ignored');
  t.equal(use('perl', `$SIG{"TERM"}="IGNORE"; sleep 1 while 1`), 'ignored');
  t.equal(use('node', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"), 'ignored');
  t.equal(use('node', 'process.once("SIGTERM", function () {}); setInterval(() => {}, 1000)'), 'ignored');
  t.equal(use('nodejs', "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000)"), 'ignored');
  t.end();
});

void t.test('whether it ends is not known of code that may handle the signal in a way of its own', (t) => {
  const python = (code: string): string | undefined => signalUseOf('python3', ['-c', `import signal, time, os\n${code}`]);
  const node = (code: string): string | undefined => signalUseOf('node', ['-e', `${code}; setInterval(f, 1000)`]);
  t.equal(python('signal.signal(15, lambda *a: None); signal.pause()'), 'own', 'a handler ends the pause');
  t.equal(python('signal.signal(15, signal.SIG_IGN); signal.signal(15, signal.SIG_DFL); time.sleep(60)'), 'own');
  t.equal(python('if os.environ.get("A"): signal.signal(15, signal.SIG_IGN)\ntime.sleep(60)'), 'own', 'behind a condition');
  t.equal(python('def f():\n  signal.signal(15, signal.SIG_IGN)\ntime.sleep(60)'), 'own', 'in a function');
  t.equal(python('if A: time.sleep(1); signal.signal(15, signal.SIG_IGN)\ntime.sleep(60)'), 'own');
  t.equal(signalUseOf('perl', ['-e', "$SIG{TERM} = 'IGNORE' if $ENV{A}; sleep"]), 'own');
  t.equal(signalUseOf('perl', ['-e', "sub f { 1; $SIG{TERM} = 'IGNORE'; } sleep"]), 'own');
  t.equal(signalUseOf('perl', ['-e', '$SIG{TERM} = sub {}; sleep 60']), 'own', 'a handler ends the sleep');
  t.equal(node("process.on('SIGTERM', () => process.exit())"), undefined, 'it ends, as a server does');
  t.equal(node("process.on('SIGTERM', () => process.exit()); fs.readFileSync('/dev/stdin')"), 'own', 'where it is held up');
  t.equal(node("process.on('SIGTERM', () => {}); process.on('SIGTERM', stop)"), 'own');
  t.equal(node("function f() { a(); process.on('SIGTERM', () => {}); }"), 'own');
  t.equal(signalUseOf('python3', ['-c', 'import signal; signal.signal(15, signal.SIG_IGN)']), undefined, 'it ends by itself');
  t.equal(python('import subprocess\nsubprocess.run(["app"])'), 'no handler', 'it waits for what it has started, as xargs does');
  t.equal(python('signal.signal(15, stop); subprocess.run(["app"])'), 'own');
  t.equal(python('signal.signal(15, stop)\nos.system("app")'), 'own');
  t.end();
});
