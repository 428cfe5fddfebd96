/** Reads files of a few kilobytes: one that is larger, or never ends, was not meant to be one. */
import { createReadStream, readFileSync, statSync } from 'node:fs';

/** A file that somebody named, which may be a pipe (`<(…)`). @throws {Error} of the file system, or for what is larger */
export async function readNamedFile(file: string, limitBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  // `end` is the last byte that is read: one more than may be there.
  for await (const part of createReadStream(file, { end: limitBytes })) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  if (bytes.length > limitBytes) throw tooLarge(limitBytes);
  return bytes;
}

/** A file that was found by its name: to open a pipe or a device may wait for ever. @throws {Error} likewise */
export function readFoundFile(file: string, limitBytes: number): Buffer {
  const stats = statSync(file);
  // Of a folder, the system says itself what is wrong.
  if (!stats.isFile() && !stats.isDirectory()) throw new Error('it must be a file, but is a pipe or a device');
  if (stats.size > limitBytes) throw tooLarge(limitBytes);
  return readFileSync(file);
}

function tooLarge(limitBytes: number): Error {
  return new Error(`it has more than ${limitBytes} bytes`);
}
