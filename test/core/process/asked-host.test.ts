import t from 'tap';
import { otherHostAskedBy } from '../../../src/core/process/asked-host.ts';

void t.test('a command that fails without the answer of another host asks that host', (t) => {
  const cases: readonly [readonly string[], string, string][] = [
    [['curl', '-f', 'http://db:8080/health'], 'curl', 'db'],
    [['/usr/bin/wget', '-q', '--spider', 'https://user@api.shop.svc/'], 'wget', 'api.shop.svc'],
    [['busybox', 'wget', '-qO-', 'http://[2001:db8::1]:80/'], 'wget', '2001:db8::1'],
    [['timeout', '2', 'nc', '-zv', '-w', '1', '10.0.0.7', '5432'], 'nc', '10.0.0.7'],
    [['redis-cli', '-h', 'cache', 'ping'], 'redis-cli', 'cache'],
    [['redis-cli', '-h', '127.0.0.1', '-h', 'cache', 'ping'], 'redis-cli', 'cache'],
    [['mysqladmin', '-hdb', 'ping'], 'mysqladmin', 'db'],
    [['mysqladmin', 'ping', '--host=db'], 'mysqladmin', 'db'],
    [['grpc_health_probe', '-addr=orders:50051'], 'grpc_health_probe', 'orders'],
    [['sh', '-c', 'test -e /tmp/up && curl -f http://db/ | grep -q ok'], 'curl', 'db'],
    [['busybox', 'sh', '-c', 'date; exec curl -f http://db/'], 'curl', 'db'],
    [['bash', '-ec', 'nc -z db 5432 || exit 1'], 'nc', 'db'],
  ];
  for (const [command, program, host] of cases) t.same(otherHostAskedBy(command), { program, host }, command.join(' '));
  t.end();
});

void t.test('its own host is no other, and nothing is said of what does not decide or is not known', (t) => {
  const commands: readonly (readonly string[])[] = [
    [],
    ['curl'],
    ['curl', '-f', 'http://localhost:8080/'],
    ['curl', '-f', 'http://[::1]:8080/'],
    ['curl', '-f', 'http://0.0.0.0:8080/'],
    ['curl', '--unix-socket', '/run/app.sock', 'http://app/'],
    ['curl', '--resolve', 'app:80:127.0.0.1', 'http://app/'],
    ['curl', '-f', 'http://$(POD_IP):8080/'],
    ['curl', '-f', 'http://a/', 'http://b/'],
    ['nc', '-z', '127.1.2.3', '80'],
    ['nc', '-l', '-p', '80'],
    ['nc', '-w', '3', '80'],
    ['nc', '-z', 'localhost', '8080', '8081'],
    ['nc', '-z', '-G', '1', '80'],
    ['curl', '-f', 'http://127.1/'],
    ['curl', '-f', 'http://app.localhost/'],
    ['curl', '-sf', '-d', 'http://db/', 'localhost:8080'],
    ['curl', '-sfe', 'http://db/', 'localhost:8080'],
    ['curl', '--data', 'http://db/', 'localhost:8080'],
    ['pg_isready'],
    ['pg_isready', '-h', '/run/postgresql'],
    ['grpc_health_probe', '-addr=:50051'],
    ['grpc_health_probe', '-addr=unix:///run/app.sock'],
    ['grpc_health_probe', '-addr=unix:run/app.sock'],
    ['echo', 'http://db/'],
    ['sh', '-c'],
    ['sh', '-c', 'curl -f http://db/ || true'],
    ['sh', '-c', 'curl -f http://db/; exit 0'],
    ['sh', '-c', '! curl -f http://db/'],
    ['sh', '-c', 'curl -f http://db/ | cat'],
    ['sh', '-c', 'curl -f http://db/ | tee /tmp/answer'],
    ['sh', '-c', 'curl -f http://db/ | grep ok | wc -l'],
    ['sh', '-c', 'curl -f http://$HOST/'],
    ['sh', '-c', 'curl -f http://db/ &'],
    ['sh', '-c', 'curl -f http://db/ | cat'],
    ['sh', '-c', 'if curl -f http://db/; then true; fi'],
    ['sh', '-c', 'curl -f http://db/ ('],
  ];
  for (const command of commands) t.equal(otherHostAskedBy(command), undefined, command.join(' '));
  t.end();
});
