import t from 'tap';
import { readHook, type Duration } from '../../../src/core/process/hook.ts';

function printed({ certainty, seconds }: Duration): string {
  return { exact: `${seconds}`, 'at most': `≤${seconds}`, open: `${seconds}+`, endless: `${seconds}…` }[certainty];
}

function command(...argv: string[]): string {
  const { duration, delay, stopsServer } = readHook({ exec: { command: argv } }, { isOnWindows: true });
  return printed(duration) + (printed(duration) !== printed(delay) || stopsServer ? `, delays ${printed(delay)}` : '');
}

void t.test('PowerShell and cmd have sleeps of their own', (t) => {
  t.equal(command('powershell', '-Command', 'Start-Sleep -Seconds 15'), '15');
  t.equal(command('powershell.exe', '-NoProfile', '-ExecutionPolicy', 'Bypass', '-c', 'Start-Sleep', '15'), '15');
  t.equal(command('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\PowerShell.exe', 'Start-Sleep -s 15'), '15');
  t.equal(command('pwsh', '-Command', 'sleep 10; Start-Sleep -Milliseconds 2500'), '13');
  t.equal(command('cmd', '/c', 'ping -n 16 127.0.0.1 > nul'), '15');
  t.equal(command('cmd.exe', '/C', 'ping -n 6 localhost >nul && powershell Start-Sleep 5'), '10');
  t.equal(command('ping', '-n', '11', '127.0.0.1'), '10');
  t.end();
});

void t.test('what else a command takes is not known', (t) => {
  t.equal(command('sleep', '15'), '0+', 'there is no program of that name');
  t.equal(command('sh', '-c', 'sleep 15'), '0+');
  t.equal(command('cmd', '/c', 'timeout /t 15'), '0+', 'without a console it fails');
  t.equal(command('powershell', '-Command', 'Start-Sleep $env:DRAIN'), '0+');
  t.equal(command('powershell', '-File', 'C:\\stop.ps1'), '0+');
  t.equal(command('powershell', '-EncodedCommand', 'UwA='), '0+');
  t.equal(command('powershell', 'Start-Sleep 15; & C:\\drain.exe'), '15+');
  t.equal(command('powershell', 'while ($true) { Start-Sleep 1 }'), '0+');
  t.equal(command('ping', '-n', '11', 'gateway'), '0+');
  t.equal(command('powershell Start-Sleep 15'), '0+');
  t.equal(command(), '0');
  t.end();
});

void t.test('what speaks of a stop may stop the server', (t) => {
  t.equal(command('powershell', 'Start-Sleep 15; iisreset /stop'), '15+');
  t.equal(command('cmd', '/c', 'iisreset /stop && ping -n 16 127.0.0.1'), '15+, delays 0+');
  t.end();
});
