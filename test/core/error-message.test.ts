import t from 'tap';
import { messageOf } from '../../src/core/error-message.ts';

void t.test('of an error its message, of anything else its text', (t) => {
  t.equal(messageOf(new TypeError('it is no list')), 'it is no list');
  t.equal(messageOf('thrown'), 'thrown');
  t.equal(messageOf(undefined), 'undefined');
  t.end();
});
