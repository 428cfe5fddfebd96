import t from 'tap';
import { addressesOfCurl, curlOption } from '../../../src/core/process/curl-words.ts';

void t.test('what is no option and no value of one is an address', (t) => {
  t.same(addressesOfCurl(['-sf', '-m', '2', '-o/dev/null', 'db:8080', '--url', 'http://api/']), ['db:8080', 'http://api/']);
  t.same(addressesOfCurl(['-H', 'Host: app', '--header', 'A: b']), []);
  t.equal(addressesOfCurl(['--unheard-of', 'db']), undefined);
  t.equal(addressesOfCurl(['-f', undefined]), undefined);
  t.end();
});

void t.test('the last of several letters takes the word, and what stands behind it in the same word', (t) => {
  t.same(curlOption('-sfm3'), { name: '-m', takesWord: true, attached: '3' });
  t.same(curlOption('-sf'), { name: '-sf', takesWord: false, attached: '' });
  t.match(curlOption('--unheard-of'), { takesWord: undefined });
  t.equal(curlOption('http://db/'), undefined);
  t.end();
});
