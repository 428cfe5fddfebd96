import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { VERSION } from '../../src/config/version.ts';
import { problemOfId } from '../../src/dev/rule-scaffold.ts';
import { ONLY_LONG } from '../long-tests.ts';
import { copyProject, programOf } from './project-copy.ts';

const NEW_RULE = 'src/dev/new-rule.ts';
const FILES = [
  'src/rules/log-tail.ts',
  'test/rules/log-tail/accepted.minimal.yaml',
  'test/rules/log-tail/reported.default.yaml',
  'test/rules/log-tail.test.ts',
  'test/rules/ladders.ts',
];

void t.test(
  'a new rule begins with a rule, two fixtures, a test and steps that pass everything but what only its author can write',
  { skip: ONLY_LONG },
  (t) => {
    const copy = copyProject(t);
    const { output, status } = copy.run(NEW_RULE, 'log-tail');
    t.equal(status, 0, output);
    for (const path of FILES) t.ok(output.includes(`wrote ${path}\n`) && existsSync(join(copy.folder, path)), path);

    const tested = copy.run('test/rules/log-tail.test.ts');
    t.equal(tested.status, 0, tested.output);
    t.match(tested.output, /ok 1 - log-tail: accepted minimal/);
    t.match(tested.output, /ok 2 - log-tail: reported default/);

    const rule = readFileSync(join(copy.folder, 'src/rules/log-tail.ts'), 'utf8');
    t.ok(rule.includes(`since: '${VERSION}'`));
    const refused = copy.run('src/dev/generate.ts');
    t.equal(refused.status, 1);
    const problems = [
      'docs.summary',
      'docs.harm',
      'docs.why',
      'docs.remediation',
      'docs.worse',
      'schema.properties.policy.description',
    ].map((field) => `src/rules/log-tail.ts: meta.${field} must be written: it still says TODO\n`);
    problems.push('test/rules/ladders.ts: must have the steps of log-tail, from right to worst: they still say TODO\n');
    t.equal(refused.output, `${problems.join('')}nothing was written\n`);

    writeFileSync(
      join(copy.folder, 'src/rules/log-tail.ts'),
      rule.replaceAll('TODO: what', 'What').replaceAll('TODO: how', 'How').replaceAll('TODO: of', 'Of'),
    );
    const ladders = join(copy.folder, 'test/rules/ladders.ts');
    writeFileSync(ladders, readFileSync(ladders, 'utf8').replace('TODO: what', 'What'));
    const generated = copy.run('src/dev/generate.ts');
    t.equal(generated.status, 0, generated.output);
    t.match(generated.output, /wrote docs\/rules\/log-tail\.md/);
    t.end();
  },
);

void t.test('a new rule has nothing that the compiler, the linter and the formatter complain of', { skip: ONLY_LONG }, (t) => {
  const code = FILES.filter((path) => path.endsWith('.ts'));
  const copy = copyProject(t, code);
  copy.run(NEW_RULE, 'log-tail');
  const typed = copy.run(programOf('typescript/bin/tsc'), '-p', '.');
  t.equal(typed.status, 0, typed.output);
  const linted = copy.run(programOf('eslint/bin/eslint.js'), ...code);
  t.equal(linted.status, 0, linted.output);
  const formatted = copy.run(programOf('prettier/bin/prettier.cjs'), '--check', ...FILES);
  t.equal(formatted.status, 0, formatted.output);
  t.end();
});

void t.test('an id that is taken is refused, and nothing is written', (t) => {
  const copy = copyProject(t);
  const before = readFileSync(join(copy.folder, 'src/rules/pre-stop-delay.ts'), 'utf8');
  const { output, status } = copy.run(NEW_RULE, 'pre-stop-delay');
  t.same([output, status], ['pre-stop-delay is taken: there is src/rules/pre-stop-delay.ts, test/rules/pre-stop-delay.test.ts\n', 2]);
  t.equal(readFileSync(join(copy.folder, 'src/rules/pre-stop-delay.ts'), 'utf8'), before);
  t.notOk(existsSync(join(copy.folder, 'test/rules/pre-stop-delay/accepted.minimal.yaml')));
  t.end();
});

void t.test('no id, or more than one, is refused with the usage', (t) => {
  const copy = copyProject(t);
  for (const args of [[], ['one-rule', 'another-rule']]) {
    const { output, status } = copy.run(NEW_RULE, ...args);
    t.match(output, /^usage: npm run new-rule -- <id>/);
    t.equal(status, 2);
  }
  t.notOk(existsSync(join(copy.folder, 'src/rules/one-rule.ts')));
  t.end();
});

void t.test('a bad id is refused, with what it must be', (t) => {
  const copy = copyProject(t);
  const { output, status } = copy.run(NEW_RULE, 'PreStopDelay');
  t.same([output, status], ['PreStopDelay must be lower-case words with hyphens between them, as in pre-stop-delay\n', 2]);
  t.end();
});

void t.test('an id is lower-case words with hyphens, and a name that a variable can have', (t) => {
  for (const id of ['pre-stop-delay', 'replicas', 'no-host-path', 'http2-probe']) t.equal(problemOfId(id), undefined, id);
  for (const id of ['', 'Pre-stop', 'pre_stop', '-stop', 'stop-', 'pre--stop', '2-replicas', 'a/b', '../x', 'pre stop', 'prästop']) {
    t.match(problemOfId(id), /^must be lower-case words/, id);
  }
  t.match(problemOfId('a'.repeat(41)), /^must have at most 40 characters/);
  for (const id of ['default', 'class', 'await', 'rules', 'index']) t.match(problemOfId(id), /^must not be a word of JavaScript/, id);
  t.end();
});
