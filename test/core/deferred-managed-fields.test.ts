import t from 'tap';
import { DeferredManagedFields } from '../../src/core/deferred-managed-fields.ts';

const ENTRIES = [{ manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:tolerations': {} } } }];

void t.test('the entries are those of the text', (t) => {
  const deferred = new DeferredManagedFields(JSON.stringify(ENTRIES));
  t.same(deferred.entries, ENTRIES);
  t.equal(JSON.stringify({ managedFields: deferred }), JSON.stringify({ managedFields: ENTRIES }));
  t.end();
});

void t.test('a word that does not stand in the text is not held, unless it may be escaped', (t) => {
  const plain = new DeferredManagedFields(JSON.stringify(ENTRIES));
  t.equal(plain.mayHold('f:tolerations'), true);
  t.equal(plain.mayHold('Update'), false);
  t.equal(new DeferredManagedFields('[{"operation":"\\u0041pply"}]').mayHold('Apply'), true);
  t.end();
});

void t.test('a list without entries is empty, blanks or not', (t) => {
  for (const text of ['[]', '[ ]', '[\n]']) t.equal(new DeferredManagedFields(text).isEmpty, true);
  for (const text of ['[{}]', JSON.stringify(ENTRIES)]) t.equal(new DeferredManagedFields(text).isEmpty, false);
  t.end();
});

void t.test('what is no JSON, or too costly, has no entries', (t) => {
  for (const text of ['[{]', '[,]', `[${'['.repeat(100_000)}`, '{}', '[1, null, "text"]'])
    t.same(new DeferredManagedFields(text).entries, []);
  t.end();
});
