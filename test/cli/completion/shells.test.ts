/** The completion scripts in real interactive shells: they complete, and nothing that is typed before TAB is ever run. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { VERSION } from '../../../src/config/version.ts';
import { IS_LONG } from '../../long-tests.ts';
import { podgrace } from '../command-line.ts';
import { BASH, FISH, skipWithout, type, ZSH } from './shell-session.ts';

/** What was typed, and not run: each would leave a file behind, or take what is in `kept`. */
const ALL_TRAPS = [
  'podgrace check x > kept ⇥',
  'podgrace check x > kept --pre⇥',
  'podgrace check $(touch ran) ⇥',
  'podgrace check "$(touch ran)" --o⇥',
  'podgrace check `touch ran` ⇥',
  'podgrace check x; touch ran; podgrace check ⇥',
  'podgrace check --policy "a;touch ran" ⇥',
];
/** Each starts a program for every TAB: but in the long tests, one of each sort. */
const TRAPS = IS_LONG ? ALL_TRAPS : ALL_TRAPS.filter((_, index) => index % 3 === 0);

for (const shell of [BASH, ZSH, FISH]) {
  const skip = skipWithout(shell);

  void t.test(`${shell.name} completes commands, options and values`, { skip }, async (t) => {
    const folder = t.testdir({});
    const { stdout: script } = await podgrace(['complete', shell.name]);
    const shown = await type(shell, folder, script, ['podgrace vers⇥\n', 'podgrace rules --outp⇥ json pre-stop-d⇥ > rule.json\n']);
    t.match(shown, new RegExp(`^${VERSION.replaceAll('.', '\\.')}\\r?$`, 'm'));
    t.match(JSON.parse(readFileSync(join(folder, 'rule.json'), 'utf8')), [{ id: 'pre-stop-delay' }]);
  });

  void t.test(`${shell.name} completes files where podgrace knows no words`, { skip }, async (t) => {
    const folder = t.testdir({ 'manifest-of-web.yaml': 'kind: [' });
    const { stdout: script } = await podgrace(['complete', shell.name]);
    const shown = await type(shell, folder, script, ['podgrace check manif⇥\n']);
    t.match(shown, 'manifest-of-web.yaml:2: ');
  });

  void t.test(`in ${shell.name} nothing that is typed before TAB is run`, { skip }, async (t) => {
    const folder = t.testdir({ kept: 'mine\n' });
    const { stdout: script } = await podgrace(['complete', shell.name]);
    await type(shell, folder, script, TRAPS);
    t.equal(readFileSync(join(folder, 'kept'), 'utf8'), 'mine\n');
    t.notOk(existsSync(join(folder, 'ran')), readdirSync(folder).join(' '));
  });
}

void t.test('a script that evaluates words is caught by these traps', { skip: skipWithout(BASH) }, async (t) => {
  const folder = t.testdir({});
  writeFileSync(join(folder, 'kept'), 'mine\n');
  const unsafe = `_unsafe() { eval "podgrace complete -- \${COMP_WORDS[*]:1}" >/dev/null 2>&1; }\ncomplete -F _unsafe podgrace\n`;
  await type(BASH, folder, unsafe, TRAPS);
  t.not(readFileSync(join(folder, 'kept'), 'utf8'), 'mine\n');
  t.ok(existsSync(join(folder, 'ran')));
});
