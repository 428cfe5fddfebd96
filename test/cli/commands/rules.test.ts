import t from 'tap';
import { catalogue } from '../../../src/config/catalogue.ts';
import { podgrace } from '../command-line.ts';

const IDS = catalogue.rules.map(({ meta }) => meta.id).sort();

void t.test('the list has every rule, in alphabetical order, with what the presets make of it', async (t) => {
  const { code, stdout } = await podgrace(['rules']);
  const lines = stdout.trimEnd().split('\n');
  t.match(lines[0], /^RULE +BASELINE +PRODUCTION +STRICT +ASKS FOR$/);
  t.same(
    lines.slice(1).map((line) => line.split(' ')[0]),
    IDS,
  );
  const columns = lines[0]?.indexOf('ASKS FOR') ?? 0;
  for (const [index, line] of lines.slice(1).entries())
    t.equal(line.slice(columns), catalogue.get(IDS[index] ?? '')?.meta.docs.summary, 'the columns stand below each other');
  t.equal(code, 0);
});

void t.test('one rule tells all about itself', async (t) => {
  for (const id of IDS) {
    const { stdout, code } = await podgrace(['rules', id]);
    const meta = catalogue.get(id)?.meta;
    for (const part of [
      id,
      meta?.docs.harm,
      meta?.docs.why,
      meta?.docs.remediation,
      ...(meta?.docs.references ?? []),
      ...(meta?.reads ?? []),
    ])
      t.ok(part !== undefined && stdout.includes(part), `${id} ${part?.slice(0, 40) ?? ''}`);
    t.equal(code, 0);
  }
});

void t.test('a preset that sets options of its own is shown with them', async (t) => {
  const { stdout } = await podgrace(['rules', 'disruption-budget']);
  t.match(
    stdout,
    /^ {2}baseline {4}mode warn, mutation off, options \{"requiredFrom":0,"alwaysAllowUnhealthy":false\}\n {2}production {2}mode warn, mutation off\n/m,
  );
});

void t.test('JSON has what the rules say of themselves', async (t) => {
  const all = JSON.parse((await podgrace(['rules', '-o', 'json'])).stdout) as { id: string }[];
  t.same(
    all.map(({ id }) => id),
    IDS,
  );
  const [one] = JSON.parse((await podgrace(['rules', 'pre-stop-delay', '-o', 'json'])).stdout) as { presets: unknown; schema: unknown }[];
  t.same([one?.presets, one?.schema], [catalogue.get('pre-stop-delay')?.meta.presets, catalogue.get('pre-stop-delay')?.meta.schema]);
});

void t.test('an id that no rule has: what was meant, or where they are listed', async (t) => {
  t.match(await podgrace(['rules', 'memory_limit']), {
    code: 2,
    stdout: '',
    stderr: 'podgrace: there is no rule memory_limit; did you mean memory-limit?\n',
  });
  t.match(await podgrace(['rules', 'nonsense']), { code: 2, stderr: 'podgrace: there is no rule nonsense; podgrace rules lists them\n' });
});
