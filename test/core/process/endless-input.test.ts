import t from 'tap';
import { isInput, mayReadForEver, readsForEver, withEndlessInput, writesForEver } from '../../../src/core/process/endless-input.ts';

const words = (text: string): string[] => text.split(' ');

void t.test('who reads a whole file of no end never ends', (t) => {
  for (const command of ['wc -c /dev/zero', 'cat /dev/urandom', 'tr a b /dev/zero', 'od /dev/random'])
    t.equal(readsForEver(words(command)), true, command);
  t.end();
});

void t.test('a limit, another file and another use end', (t) => {
  for (const command of [
    'head -c 16 /dev/urandom',
    'od -An -N4 /dev/urandom',
    'grep -m1 x /dev/zero',
    'sed 5q /dev/urandom',
    'sed /a/q /dev/urandom',
    'head /dev/urandom',
    'tail -c 16 /dev/zero',
    'sort -c /dev/urandom',
    'wc /etc/hosts',
  ])
    t.equal(readsForEver(words(command)), false, command);
  t.equal(readsForEver(words('ls /dev/zero')), false);
  t.end();
});

void t.test('who writes without an end ends with its reader', (t) => {
  for (const command of ['yes', 'yes y', 'cat /dev/urandom', 'base64 /dev/urandom']) t.equal(writesForEver(words(command)), true, command);
  for (const command of ['wc /dev/zero', 'sort /dev/zero', 'cat file', 'grep x file'])
    t.equal(writesForEver(words(command)), false, command);
  t.end();
});

void t.test('how long grep reads what is no text depends on which grep it is', (t) => {
  t.equal(mayReadForEver(words('grep x /dev/urandom')), true);
  t.equal(mayReadForEver(words('grep x /etc/hosts')), false);
  t.end();
});

void t.test('an input without an end is one more file to who reads it', (t) => {
  t.strictSame(withEndlessInput(['wc', '-c']), ['wc', '-c', '/dev/zero']);
  t.strictSame(withEndlessInput(['app']), ['app']);
  t.end();
});

void t.test('words that stand for standard input or for the terminal', (t) => {
  for (const word of ['-', '/dev/stdin', '/dev/tty', '/dev/fd/0']) t.equal(isInput(word), true, word);
  for (const word of ['/dev/null', 'file', undefined]) t.equal(isInput(word), false, String(word));
  t.end();
});
