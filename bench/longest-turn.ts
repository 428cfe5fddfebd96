/**
 * Loaded into a server before its own code (`node --import`): the CPU time of the longest turn of its event loop, which is how long it
 * let everybody wait, whatever else the machine had to do. Answers a message of the parent with it, in milliseconds, and begins anew.
 *
 * A timer is due every few milliseconds. Between two of its calls lies at least one whole turn.
 */
const INTERVAL_MS = 2;

let longestMs = 0;
let before = process.threadCpuUsage();
setInterval(() => {
  const used = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  longestMs = Math.max(longestMs, (used.user + used.system) / 1000);
}, INTERVAL_MS).unref();

process.on('message', () => {
  process.send?.(longestMs);
  longestMs = 0;
});
// The server lives as long as it serves.
process.channel?.unref();
