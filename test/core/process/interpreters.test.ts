import t from 'tap';
import { runsWithoutHandler } from '../../../src/core/process/interpreters.ts';

function says(name: string, ...args: (string | undefined)[]): boolean {
  return runsWithoutHandler(name, args);
}

void t.test('code that stays and sets no handler', (t) => {
  t.ok(says('python3', '-c', 'import time; time.sleep(60)'));
  t.ok(says('python3.12', '-u', '-c', 'import os, time\nwhile True:\n  time.sleep(1)'));
  t.ok(says('python', '-W', 'ignore', '-m', 'http.server', '8080'));
  t.ok(says('python3', '-c', 'from http.server import *; HTTPServer(("", 80), SimpleHTTPRequestHandler).serve_forever()'));
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
