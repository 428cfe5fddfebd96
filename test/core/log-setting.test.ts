import t from 'tap';
import { boundsLogs, detailOfFlag, detailOfVariable, flagAt, isLogFile, logFileOf } from '../../src/core/log-setting.ts';

const flag = (...words: (string | undefined)[]): unknown => {
  const found = flagAt(words, 0);
  return found && detailOfFlag(found);
};
const variable = (name: string, value: string): unknown => detailOfVariable({ name, value });

void t.test('a flag has its value behind = or in the next word', (t) => {
  t.same(flagAt(['--log-level=a=b'], 0), { name: '--log-level', value: 'a=b' });
  t.same(flagAt(['--log-level', 'debug'], 0), { name: '--log-level', value: 'debug' });
  t.equal(flagAt(['--log-level', '--quiet'], 0), undefined);
  t.equal(flagAt(['--log-level', undefined], 0), undefined);
  t.equal(flagAt(['--log-level'], 0), undefined);
  t.equal(flagAt(['log-level=debug'], 0), undefined);
  t.equal(flagAt([`--${'x'.repeat(300)}=1`], 0), undefined, 'no flag is as long');
  t.end();
});

void t.test('flags that set a level are known by their names', (t) => {
  for (const name of ['--log-level', '-log-level', '--loglevel', '--log.level', '--log_level', '--zap-log-level', '--proxyLogLevel'])
    t.same(flag(`${name}=Debug`), { level: 'debug' }, name);
  t.same(flag('-Dlogging.level.root=TRACE'), { level: 'trace' });
  t.same(flag('--log_output_level=ads:error,default:debug'), { level: 'debug' });
  t.equal(flag('--log_output_level=ads:debug'), undefined, 'a part of the program');
  t.equal(flag('--log-format=debug'), undefined);
  t.equal(flag('--log-level=$(LEVEL)'), undefined);
  t.end();
});

void t.test('only the verbosity of klog and zap is a number', (t) => {
  t.same(flag('--v=10'), { verbosity: 10 });
  t.same(flag('-v', '6'), { verbosity: 6 });
  t.same(flag('--zap-log-level=4'), { verbosity: 4 });
  t.equal(flag('--log-level=7'), undefined);
  t.equal(flag('-v', 'host'), undefined);
  t.equal(flag('--v=debug'), undefined);
  t.end();
});

void t.test('variables that set a level are known by their names', (t) => {
  for (const name of ['LOG_LEVEL', 'LOGLEVEL', 'DD_LOG_LEVEL', 'LOGGING_LEVEL_ROOT', 'FELIX_LOGSEVERITYSCREEN', 'logLevel', 'RUST_LOG'])
    t.same(variable(name, 'debug'), { level: 'debug' }, name);
  t.same(variable('RUST_LOG', 'info,app=debug'), { level: 'info' });
  for (const name of ['CATALOG_LEVEL', 'DIALOG_LEVEL', 'BLOG_LEVEL', 'my-blog-level', 'changelogLevel'])
    t.equal(variable(name, 'debug'), undefined, name);
  t.same(variable('FELIX_BPFLOGLEVEL', 'debug'), { level: 'debug' });
  t.equal(variable('RUST_LOG', 'app=debug'), undefined);
  t.equal(variable('LOG_LEVEL', '10'), undefined);
  t.equal(variable('LOG_LEVELS', 'debug'), undefined);
  t.equal(variable('LOG_LEVEL', 'debug,'.repeat(100)), undefined, 'no level is as long');
  t.end();
});

void t.test('files for logs are known by the names of their settings, and are on a disk', (t) => {
  for (const name of ['--log-file', '--log_file', '--audit-log-path', '--access-logfile', 'LOG_DIR', 'AWS_VPC_K8S_CNI_LOG_FILE'])
    t.equal(logFileOf({ name, value: '/var/log/app' }), '/var/log/app', name);
  for (const value of ['none', 'stdout', '/dev/stdout', '/proc/1/fd/1', 'app.log'])
    t.equal(logFileOf({ name: '--log-file', value }), undefined, value);
  t.equal(logFileOf({ name: '--log-file-max-size', value: '/x' }), undefined);
  for (const name of ['--catalog-file-type', '--catalog-file', 'CATALOG_DIR', 'BLOG_PATH'])
    t.equal(logFileOf({ name, value: '/x' }), undefined, name);
  t.end();
});

void t.test('a file that a script writes is a log by its name', (t) => {
  for (const file of ['/a.log', '/var/log/app', '/opt/logs/all', '/tmp/app.out']) t.equal(isLogFile(file), true, file);
  for (const file of ['/etc/app.conf', '/run/app.pid', 'a.log', '/dev/log/x', '/catalog/x']) t.equal(isLogFile(file), false, file);
  t.end();
});

void t.test('words that bound logs', (t) => {
  for (const word of ['--audit-log-maxsize=100', '--log-file-max-size', 'logrotate -f /x', '--log-max-backups=3'])
    t.equal(boundsLogs(word), true, word);
  for (const word of ['--log-file=/x', '--max-connections=3']) t.equal(boundsLogs(word), false, word);
  t.end();
});
