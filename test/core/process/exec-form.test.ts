import t from 'tap';
import { execFormFaultOf } from '../../../src/core/process/exec-form.ts';
import { MAX_SCRIPT_LENGTH } from '../../../src/core/process/step-budget.ts';

/** `one word: sleep 10 → ["sleep","10"]` */
function of(...argv: string[]): string | undefined {
  const fault = execFormFaultOf(argv);
  if (fault === undefined) return undefined;
  return `${fault.kind}: ${fault.word}${fault.spelling === undefined ? '' : ` → ${JSON.stringify(fault.spelling)}`}`;
}

void t.test('a program is needed', (t) => {
  t.equal(of(), 'no program: ');
  t.equal(of('', 'sleep', '5'), 'no program:  → ["sleep","5"]');
  t.end();
});

void t.test('one word names one program', (t) => {
  t.equal(of('sleep 10'), 'one word: sleep 10 → ["sleep","10"]');
  t.equal(of('/bin/ls /var/log'), 'one word: /bin/ls /var/log → ["/bin/ls","/var/log"]');
  t.equal(of('"sleep 10"'), 'one word: "sleep 10" → ["sleep","10"]');
  t.equal(of('"sleep"', '"10"'), 'one word: "sleep" → ["sleep","10"]');
  t.equal(of('redis-cli ping | grep PONG'), 'one word: redis-cli ping | grep PONG → ["sh","-c","redis-cli ping | grep PONG"]');
  t.equal(of('/bin/sh -c sleep 10'), 'one word: /bin/sh -c sleep 10 → ["/bin/sh","-c","sleep 10"]');
  t.equal(of("bash -ec 'a; b'"), `one word: bash -ec 'a; b' → ["bash","-ec","a; b"]`);
  t.equal(of('/app/run'), undefined);
  t.end();
});

void t.test('the kubelet puts in what stands in $( ), except in hooks; the rest is left to a shell', (t) => {
  const variable = (expands: boolean, ...argv: string[]): string | undefined => {
    const fault = execFormFaultOf(argv, expands);
    return fault && `${fault.kind}: ${fault.word} → ${JSON.stringify(fault.spelling)}`;
  };
  t.equal(variable(true, '$APP', '--flag'), 'variable: $APP → ["sh","-c","\\"$APP\\" --flag"]');
  t.equal(
    variable(true, '${JAVA_HOME}/bin/java', '-jar', 'a.jar'),
    'variable: ${JAVA_HOME}/bin/java → ["sh","-c","\\"${JAVA_HOME}/bin/java\\" -jar a.jar"]',
  );
  t.equal(variable(true, 'sleep', '$DRAIN'), 'variable: $DRAIN → ["sh","-c","sleep \\"$DRAIN\\""]');
  t.equal(variable(false, 'sleep', '$(DRAIN)'), 'variable: $(DRAIN) → ["sh","-c","sleep \\"${DRAIN}\\""]');
  t.equal(variable(false, 'nice', 'sleep', '$(DRAIN)'), 'variable: $(DRAIN) → ["nice","sh","-c","sleep \\"${DRAIN}\\""]');
  t.equal(variable(false, 'sleep', '$(A)$(B)'), 'variable: $(A)$(B) → ["sh","-c","sleep \\"${A}${B}\\""]');
  t.equal(variable(true, '$APP --flag'), 'one word: $APP --flag → ["sh","-c","$APP --flag"]', 'in quotes it would be one word again');
  t.equal(variable(true, '$APP;true', 'x'), 'one word: $APP;true → ["sh","-c","$APP;true x"]');
  t.equal(variable(true, 'sleep', '$(DRAIN)'), undefined);
  t.equal(variable(true, '$(APP)', '--flag'), undefined);
  t.equal(variable(true, '/app/run', '$HOME'), undefined, 'a program may do so itself');
  t.equal(variable(true, 'sh', '-c', 'sleep $DRAIN'), undefined);
  t.end();
});

void t.test('operators are arguments like any other', (t) => {
  t.equal(of('sleep', '10', '&&', 'app'), 'operators: && → ["sh","-c","sleep 10 && app"]');
  t.equal(of('sh', '/entrypoint.sh', '&&', 'app'), 'operators: && → ["sh","-c","sh /entrypoint.sh && app"]');
  t.equal(of('bash', '-e', '/start.sh', '2>&1'), 'operators: 2>&1 → ["sh","-c","bash -e /start.sh 2>&1"]');
  t.equal(of('sh', '/entrypoint.sh', 'a&&b'), undefined);
  t.equal(of('sh', '/entrypoint.sh', 'find', '.', '-exec', 'rm', '{}', ';'), undefined, 'a script may start what it is given');
  t.equal(of('sh', '/entrypoint.sh', 'sort', '-t', '|', 'names'), undefined);
  t.equal(of('app', '--note', "it's", '2>&1'), `operators: 2>&1 → ["sh","-c","app --note 'it'\\\\''s' 2>&1"]`);
  t.equal(of('find', '.', '-exec', 'rm', '{}', ';'), undefined);
  t.equal(of('expr', '1', '>', '0'), undefined);
  t.equal(of('app', 'a && b'), undefined, 'within a word they may mean anything');
  t.end();
});

void t.test('words of the shell are no programs', (t) => {
  t.equal(of('exit', '0'), 'builtin: exit → ["sh","-c","exit 0"]');
  t.equal(of('source', '/env', '&&', 'app'), 'builtin: source → ["sh","-c",". /env && app"]');
  t.equal(of('cd', '/srv'), 'builtin: cd → ["sh","-c","cd /srv"]');
  t.equal(of('test', '-f', '/x'), undefined);
  t.end();
});

void t.test('an assignment is no program, nor is what only a shell knows at the beginning of a line', (t) => {
  t.equal(of('A=b', 'app', '--flag'), 'builtin: A=b → ["sh","-c","A=b app --flag"]');
  t.equal(of('A=b app'), 'one word: A=b app → ["sh","-c","A=b app"]');
  t.equal(of('! test -f /x'), 'one word: ! test -f /x → ["sh","-c","! test -f /x"]');
  t.equal(of('nice', 'A=b', 'app'), 'builtin: A=b → ["nice","sh","-c","A=b app"]');
  t.equal(of('env', 'A=b', 'app'), undefined);
  t.equal(of('sudo', '-u', 'web', 'A=b', 'app'), undefined);
  t.end();
});

void t.test('a piece with blanks is one argument, or a command behind another one', (t) => {
  t.equal(of('exec', 'sh', '-c', 'a; b'), `builtin: exec → ["sh","-c","exec sh -c 'a; b'"]`);
  t.equal(of('trap', '', 'TERM'), `builtin: trap → ["sh","-c","trap '' TERM"]`);
  t.equal(of('while', 'true;', 'do', 'sleep', '1;', 'done'), 'builtin: while → ["sh","-c","while true; do sleep 1; done"]');
  t.equal(of('nginx -g', 'daemon off;'), 'one word: nginx -g → ["nginx","-g","daemon off;"]');
  t.equal(of('sleep 10', '&&', 'nginx -s quit'), 'one word: sleep 10 → ["sh","-c","sleep 10 && nginx -s quit"]');
  t.equal(of('sleep 10', 'nginx -s quit'), 'one word: sleep 10 → ["sh","-c","sleep 10; nginx -s quit"]');
  t.equal(of('sh', '-c', 'sleep 10;', 'app -s quit'), 'words after the script: app -s quit → ["sh","-c","sleep 10; app -s quit"]');
  t.equal(of('sh', '-c', 'cd /srv', 'app serve'), 'words after the script: app serve → ["sh","-c","cd /srv; app serve"]');
  t.equal(of('sh', '-c', 'psql', '-c', 'a; b'), `words after the script: -c a; b → ["sh","-c","psql -c 'a; b'"]`);
  t.equal(of('sh', '-c', 'app run', '--name', 'a b'), `words after the script: --name a b → ["sh","-c","app run --name 'a b'"]`);
  t.equal(of('sh', '-c', 'echo', '$A b'), 'words after the script: $A b → ["sh","-c","echo \\"$A b\\""]');
  t.equal(of('sh', '-c', 'curl', 'h/?a=1&b=2'), `words after the script: h/?a=1&b=2 → ["sh","-c","curl 'h/?a=1&b=2'"]`);
  t.equal(of('kill', '$(pidof app)'), 'argument: $(pidof app) → ["sh","-c","kill $(pidof app)"]', 'there may be several');
  t.end();
});

void t.test('a long word of brackets that are never closed is read in one pass', (t) => {
  const word = '$('.repeat(200_000);
  t.equal(of('kill', word), undefined);
  t.equal(of('exec', word), `builtin: exec → ["sh","-c","exec '${word}'"]`);
  t.end();
});

void t.test('a shell without -c runs a file', (t) => {
  t.equal(of('/bin/sh', 'sleep 10'), 'no -c: sleep 10 → ["/bin/sh","-c","sleep 10"]');
  t.equal(of('bash', '-e', 'a && b', 'c'), 'no -c: a && b → ["bash","-e","-c","a && b c"]');
  t.equal(of('busybox', 'sh', 'a; b'), 'no -c: a; b → ["busybox","sh","-c","a; b"]');
  t.equal(of('sh', '/entrypoint.sh', 'a b'), undefined);
  t.equal(of('sh'), undefined);
  t.equal(of('sh', '-c'), 'no script: -c');
  t.match(of('sh', '-c sleep 10'), /^option and script: -c sleep 10/);
  t.equal(of('sh', 'sleep', '10'), 'no -c: sleep → ["sh","-c","sleep 10"]');
  t.equal(of('/bin/sh', '-e', 'exit', '0'), 'no -c: exit → ["/bin/sh","-e","-c","exit 0"]');
  t.equal(of('sh', 'run', '10'), undefined, 'a file of the working directory');
  t.equal(of('sh', '&&', 'app'), 'no -c: &&', 'what stands before the operator, nobody knows');
  t.equal(of('bash', '-e', '|', 'cat'), 'no -c: |');
  t.equal(of('sh', 'a', '&&', 'app'), 'operators: && → ["sh","-c","sh a && app"]');
  t.end();
});

void t.test('operators that hang on a word are operators too', (t) => {
  t.equal(of('sleep', '10;'), 'operators: 10; → ["sh","-c","sleep 10;"]');
  t.equal(of('nginx', '-s', 'quit;', 'sleep', '10'), 'operators: quit; → ["sh","-c","nginx -s quit; sleep 10"]');
  t.equal(of('curl', 'localhost', '2>/tmp/log'), 'operators: 2>/tmp/log → ["sh","-c","curl localhost 2>/tmp/log"]');
  t.equal(of('psql', '-c', 'commit;', 'shop'), undefined, 'a statement of SQL');
  t.equal(of('app', '--end', 'a;'), undefined);
  t.equal(of('app', '--range', '>1.2'), undefined);
  t.equal(of('true;', 'sleep', '5'), 'one word: true; → ["sh","-c","true; sleep 5"]');
  t.end();
});

void t.test('a program that takes single signs takes no && and no redirection', (t) => {
  t.equal(of('find', '/x', '-mmin', '-1', '|', 'grep', '.'), 'operators: | → ["sh","-c","find /x -mmin -1 | grep ."]');
  t.equal(of('echo', 'a', '|', 'cat'), 'operators: | → ["sh","-c","echo a | cat"]');
  t.equal(of('echo', 'a', '>', '/run/state'), 'operators: > → ["sh","-c","echo a > /run/state"]');
  t.equal(of('env', 'A=1', 'printf', 'a', '>', '/run/state'), 'operators: > → ["env","A=1","sh","-c","printf a > /run/state"]');
  t.equal(of('echo', '>', '/run/state', 'is', 'written'), undefined);
  t.equal(of('echo', 'a', '>', 'b'), undefined);
  t.equal(of('grep', '>', '/var/log/app'), undefined);
  t.equal(of('test', '-f', '/x', '&&', 'echo', 'y'), 'operators: && → ["sh","-c","test -f /x && echo y"]');
  t.equal(of('grep', 'x', '/y', '>/dev/null'), 'operators: >/dev/null → ["sh","-c","grep x /y >/dev/null"]');
  t.equal(of('cut', '-d', '|', '-f', '1', '/x'), undefined);
  t.end();
});

void t.test('a script in quotes of its own is the name of a program', (t) => {
  t.equal(of('sh', '-c', "'sleep 10'"), 'one word: sleep 10 → ["sh","-c","sleep 10"]');
  t.equal(of('/bin/sh', '-ec', '"sleep 10"'), 'one word: sleep 10 → ["/bin/sh","-ec","sleep 10"]');
  t.equal(of('sh', '-c', '"/app"'), undefined);
  t.equal(of('sh', '-c', "'a b' c"), undefined, 'that may well be there');
  t.end();
});

void t.test('what a launcher or an init starts is in exec form as well', (t) => {
  t.equal(of('timeout', '5', 'sh', '-c', 'sleep', '5'), 'words after the script: 5 → ["timeout","5","sh","-c","sleep 5"]');
  t.equal(of('tini', '-g', '--', 'app server'), 'one word: app server → ["tini","-g","--","app","server"]');
  t.equal(of('env', 'A=b', 'exit', '1'), 'builtin: exit → ["env","A=b","sh","-c","exit 1"]');
  t.equal(of('env', '-S', 'app --flag'), undefined);
  t.equal(of('gosu', 'app', 'app', '--flag'), undefined);
  t.equal(of(...Array.from({ length: 10_000 }, () => 'nice'), 'a b'), undefined, 'to a depth');
  t.end();
});

void t.test('what follows the script is for the script', (t) => {
  t.equal(of('sh', '-c', 'sleep', '10'), 'words after the script: 10 → ["sh","-c","sleep 10"]');
  t.equal(of('bash', '-ec', 'a;', 'b c'), 'words after the script: b c → ["bash","-ec","a; b c"]');
  t.equal(of('sh', '-c', 'pg_isready', '-U', 'postgres'), 'words after the script: -U postgres → ["sh","-c","pg_isready -U postgres"]');
  for (const script of [
    'exec "$@"',
    'app $1',
    'app "${2}"',
    'shift; app',
    'for i; do app; done',
    'app $*',
    'echo $#',
    'while getopts a o; do b; done',
  ])
    t.equal(of('sh', '-c', script, 'a', 'b'), undefined, script);
  for (const name of ['--', '-', '_', 'sh', '/bin/bash']) t.equal(of('sh', '-c', 'exec app', name), undefined, name);
  t.equal(of('sh', '-c', 'cd /srv; exec app', 'start-app'), undefined, 'a name for $0');
  t.end();
});

void t.test('a script that is longer than what is read is not judged by the words after it', (t) => {
  const script = (length: number): string => 'a;'.repeat(length / 2);
  t.match(of('sh', '-c', script(MAX_SCRIPT_LENGTH), 'b', 'c'), /^words after the script/);
  t.equal(of('sh', '-c', script(MAX_SCRIPT_LENGTH + 2), 'b', 'c'), undefined);
  t.end();
});

void t.test('no more of a very long word is spelled than anybody reads', (t) => {
  for (const word of ['app ', 'app;', 'sh -c app; ']) {
    const spelling = execFormFaultOf([word.repeat(50_000)])?.spelling ?? [];
    const length = spelling.join(' ').length;
    t.ok(length > 160 && length < 5_000, `${word}: ${length}`);
  }
  t.end();
});
