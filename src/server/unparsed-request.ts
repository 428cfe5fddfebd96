/** What is answered to bytes that are no request, or that do not end. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { codeOf } from '../files/system-error.ts';
import { closeLingering, isCutOff } from './lingering-close.ts';

/** By the codes of Node's errors. */
const REFUSALS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [431, 'the headers are too long'],
};

/** @param error of the HTTP parser, or of the clock that watches requests */
export function refuseUnparsed(error: Error, socket: Socket): void {
  if (socket.destroyed || isCutOff(socket)) return;
  if (socket.writable) {
    const [status, message] = REFUSALS[codeOf(error) ?? ''] ?? [400, 'the request must be HTTP/1.1, and whole'];
    const body = JSON.stringify({ error: { code: status, message } });
    socket.write(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
        'connection: close',
        'content-type: application/json; charset=utf-8',
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  }
  closeLingering(socket);
}
