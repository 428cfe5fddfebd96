/** Ends a connection in the middle of what has come on it. */
import type { IncomingMessage } from 'node:http';

/** What was answered on the connection before is sent; what has arrived is looked at as little as Node can be kept from it. */
export function cutOff(request: IncomingMessage): void {
  // Node takes bytes past its HTTP parser as soon as somebody listens for them: of up to four records of TLS that were read at once,
  // the parser works on the first alone.
  request.socket.on('data', ignore);
  request.destroy();
}

function ignore(): void {
  // Nobody reads it.
}
