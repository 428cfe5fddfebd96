import t from 'tap';
import { lacksImport, withHandlersInPlace } from '../../../src/core/process/python-code.ts';

const handled = (body: string): string => withHandlersInPlace(`def stop(*a):${body}\nsignal.signal(15, stop)\n`).trim();

void t.test('a handler that ends or does nothing takes the place of its name', (t) => {
  t.equal(handled(' sys.exit(0)'), 'signal.signal(15, lambda *a: sys.exit(0))');
  t.equal(handled('\n  print("bye")\n  raise SystemExit(0)'), 'signal.signal(15, lambda *a: sys.exit(0))');
  t.equal(handled('\n  # later\n  pass'), 'signal.signal(15, lambda *a: None)');
  t.equal(handled('\n  return\n  sys.exit(0)'), 'signal.signal(15, lambda *a: None)');
  t.end();
});

void t.test('any other function stays', (t) => {
  for (const body of ['\n  global done\n  done = True', '\n  if a: sys.exit(0)', '\n  server.stop()'])
    t.match(handled(body), /signal\(15, stop\)$/, body);
  t.match(withHandlersInPlace('def stop(*a): pass\nsignal.signal(15, stop)\nstop()'), /^def/, 'it is called too');
  t.match(withHandlersInPlace('signal.signal(15, stop)\ndef stop(*a): pass'), /\ndef/, 'it is not there yet');
  t.end();
});

void t.test('a module that is not taken in', (t) => {
  t.equal(lacksImport('time.sleep(1)'), true);
  t.equal(lacksImport('import os\nos.wait(); sys.exit()'), true);
  for (const code of ['import os, time; time.sleep(1)', 'import x as time; time.sleep(1)', 'from os import sys\nsys.exit()', 'a.time.b()'])
    t.equal(lacksImport(code), false, code);
  t.equal(lacksImport('with open(x) as sys: sys.exit()'), false);
  t.equal(lacksImport('import timeit\ntime.sleep(1)'), true, 'another module');
  t.end();
});
