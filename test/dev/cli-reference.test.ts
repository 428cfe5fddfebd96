import t from 'tap';
import { cliReference } from '../../src/dev/cli-reference.ts';
import { EXIT } from '../../src/cli/exit-code.ts';

const { path, content } = cliReference();

function sectionOf(command: string): string {
  const start = content.indexOf(`\n## podgrace ${command}\n`);
  const end = content.indexOf('\n## ', start + 1);
  return content.slice(start, end < 0 ? undefined : end);
}

void t.test('the reference has every command in its table and in a section', (t) => {
  t.equal(path, 'docs/cli.md');
  for (const command of ['certs', 'check', 'complete', 'replay', 'rules', 'serve']) {
    t.ok(content.includes(`| [\`${command}\`](#podgrace-${command}) |`), command);
    t.match(sectionOf(command), new RegExp(`\`\`\`sh\npodgrace ${command} \\[options\\]`), command);
  }
  t.end();
});

void t.test('an option has its meaning, its choices, its default and its variable', (t) => {
  const serve = sectionOf('serve');
  t.ok(serve.includes('| `--port <number>` | the port of the webhook | `8443` | `PODGRACE_PORT` |'));
  t.ok(
    serve.includes('| `--preset <name>` | a built-in policy: `baseline`, `production`, `strict` | "production" | `PODGRACE_PRESET` |'),
    'a default that is told in the description stands in its column',
  );
  t.match(
    serve,
    /\| `--drain-seconds <number>` \| how many seconds to go on answering after SIGTERM, SIGINT or SIGHUP \| 15, with --self-signed 0 \|/,
  );
  t.notOk(content.includes('--help'), 'which every command has');
  t.end();
});

void t.test('examples and exit codes are those of the help', (t) => {
  const check = sectionOf('check');
  t.match(
    check,
    /Examples:\n\n```sh\n\$ podgrace check \. .*\n\$ podgrace check .*\n\$ podgrace check -k .*\n\$ podgrace .*\n\$ cdk8s .*\n\$ podgrace .*\n\$ podgrace check --images .*\n\$ podgrace .*\n```\n\nExit codes: 0 /,
  );
  for (const code of Object.values(EXIT)) t.match(content, new RegExp(`^\\| ${code} \\| `, 'm'));
  t.end();
});
