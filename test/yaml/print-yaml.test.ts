import fc from '../fast-check.ts';
import t from 'tap';
import { parseDocument, splitDocuments } from '../../src/yaml/kubernetes-yaml.ts';
import { printFlowYaml, printYaml } from '../../src/yaml/print-yaml.ts';
import { runs } from '../long-tests.ts';

void t.test('maps and lists of maps are blocks, short lists of scalars stay on one line', (t) => {
  const value = {
    command: ['sh', '-c', 'exec app'],
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    volumes: [{ name: 'cache', emptyDir: {} }, { name: 'logs' }],
    args: [],
  };
  t.same(printYaml(value), [
    'command: [sh, -c, exec app]',
    'lifecycle:',
    '  preStop:',
    '    sleep:',
    '      seconds: 5',
    'volumes:',
    '  - name: cache',
    '    emptyDir: {}',
    '  - name: logs',
    'args: []',
  ]);
  t.equal(printFlowYaml(value.lifecycle), '{preStop: {sleep: {seconds: 5}}}');
  t.end();
});

void t.test('text that YAML would read as something else is in quotes', (t) => {
  t.equal(
    printFlowYaml(['on', '010', '1e3', '', '~', 'a: b', '- a', '# a', ' a', 'a ', '2026-11-28', '<<', 'null', '12:30']),
    '["on", "010", "1e3", "", "~", "a: b", "- a", "# a", " a", "a ", "2026-11-28", "<<", "null", "12:30"]',
  );
  t.end();
});

void t.test('every JSON value is read back as it was', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('y', 'no', '0x1', '.5', '=', '-1', 'a b', '%', '\u0085', '\ufeff'),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(value, (json) => {
      const expected = JSON.stringify(json);
      for (const printed of [printYaml({ json }).join('\n'), `json: ${printFlowYaml(json)}`]) {
        const [document] = splitDocuments(printed);
        if (document === undefined || JSON.stringify((parseDocument(document) as { json: unknown }).json) !== expected) return false;
      }
      return true;
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});
