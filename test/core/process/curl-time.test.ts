import t from 'tap';
import { longestOfCurl } from '../../../src/core/process/curl-time.ts';

function of(line: string): number | undefined {
  return longestOfCurl(line.split(' '));
}

void t.test('the time of a request is bounded by an option, however it is written', (t) => {
  t.equal(of('-m 10 localhost:8080/drain'), 10);
  t.equal(of('--max-time 2.5 -sSf -X POST http://localhost/drain'), 2.5);
  t.equal(of('-sfm5 http://localhost/drain'), 5);
  t.equal(of('-sm 5 -XPOST --url http://localhost/drain'), 5);
  t.equal(of('-o /dev/null -H Host:web -d a=b -m 7 localhost'), 7);
  t.end();
});

void t.test('nothing bounds several requests, repeated ones, and what is not understood', (t) => {
  for (const line of [
    'localhost/drain',
    '--connect-timeout 5 localhost/drain',
    '-m 5 localhost/a localhost/b',
    '-m 5 localhost/[1-9]',
    '-m 5 --retry 3 localhost/drain',
    '-m 5 localhost/a --next localhost/b',
    '-m 5 localhost/a -: localhost/b',
    '-m 5 -K /etc/curl localhost',
    '-m 5 --of-another-version localhost',
    '-m 0 localhost',
    '-m',
    '-m 5',
    '-m x localhost',
  ])
    t.equal(of(line), undefined, line);
  t.equal(longestOfCurl(['-m', '5', undefined]), undefined);
  t.equal(longestOfCurl(['-m', undefined, 'localhost']), undefined);
  t.end();
});
