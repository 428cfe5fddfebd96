/**
 * The connections of one server: their limit, and which connection is closed when the limit is reached.
 *
 * Everybody who can reach the port can open connections. Node's `maxConnections` would then refuse the API server. Here a
 * new connection replaces another one: a connection of the peer that has the most, and first the oldest one on which no
 * review has been sent. `server.close()` ends idle connections, but waits for connections on which nothing was asked yet
 * (the API server opens more than it uses). So this module closes those too.
 *
 * A connection has one request at a time. Node would work on all that one piece of TLS holds (a thousand and more) before it looks at
 * another connection. Neither kube-apiserver nor a kubelet sends a request before the last one is answered (Go's net/http has no pipelining).
 */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { entryOf } from '../core/map-entry.ts';
import { cutOff, cutOffAfter, lingerAfterAnswers } from './lingering-close.ts';

export interface ConnectionLimits {
  readonly maxConnections: number;
  /** From one address. */
  readonly maxConnectionsOfPeer: number;
}

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #onEvicted: () => void;
  /** Oldest first, by the other side's address. */
  readonly #byPeer = new Map<string, Set<Connection>>();
  /**
   * By address and port: the TLS socket of a connection does not tell which one it wraps. The other side may have reset a connection that
   * nobody reads here, and have the port for another one: the last one stands here.
   */
  readonly #byRemote = new Map<string, Connection>();
  readonly #bySocket = new WeakMap<Socket, Connection>();
  #count = 0;
  #ending = false;
  /** Which turn of the event loop it is, as far as requests come. */
  #turn = 0;
  #isTurnEnding = false;

  /**
   * @param server with whoever answers its requests: they get the first one of each connection in a turn
   * @param onEvicted told of each connection that is closed to make room, and of each that finds none
   */
  constructor(server: HttpServer | HttpsServer, limits: ConnectionLimits, onEvicted: () => void) {
    this.#limits = limits;
    this.#onEvicted = onEvicted;
    server.on('connection', (socket: Socket) => {
      this.#admit(socket);
    });
    // Before Node's own, which hands it to the HTTP parser.
    server.prependListener('secureConnection', (socket: Socket) => {
      const connection = this.#byRemote.get(remoteOf(socket));
      if (connection === undefined) {
        // The other side has reset it, and so has no address any more. What it sent before that is not worked on.
        socket.destroy();
        return;
      }
      this.#bySocket.set(socket, connection);
      lingerAfterAnswers(socket, () => connection.request);
    });
    // Node would take it as a bad request, and an answer would wait for the end of the handshake. So this listener is the first.
    server.prependListener('tlsClientError', (_: Error, socket: Socket) => {
      socket.destroy();
    });
    const answerers = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request').on('request', (request, response) => {
      if (this.#mayAsk(request, response)) for (const answer of answerers) answer(request, response);
    });
    // Node would answer, and work on what else comes.
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      if (!this.#mayAsk(request, response)) return;
      response.writeHead(417, { connection: 'close', 'content-length': 0 }).end();
      cutOff(request);
    });
  }

  #mayAsk(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#bySocket.get(request.socket);
    if (connection === undefined) return false;
    // The body of the last one may be here, and wait for its turn.
    const isUnanswered = connection.answer?.writableEnded === false;
    if (isUnanswered || connection.askedInTurn === this.#turn) {
      cutOffAfter(connection.answer, request);
      return false;
    }
    connection.request = request;
    connection.answer = response;
    // What an idle connection kept would live through collections of garbage.
    response.once('close', () => {
      if (connection.answer !== response) return;
      connection.request = undefined;
      connection.answer = undefined;
    });
    connection.wasUsed = true;
    connection.askedInTurn = this.#turn;
    if (!this.#isTurnEnding) {
      this.#isTurnEnding = true;
      // Runs when all that has arrived is read.
      setImmediate(() => {
        this.#isTurnEnding = false;
        this.#turn += 1;
      });
    }
    return true;
  }

  get count(): number {
    return this.#count;
  }

  /** A request has come whole: until `answered`, its connection does not have to go. */
  asked(socket: Socket): void {
    const connection = this.#bySocket.get(socket);
    if (connection !== undefined) connection.isAnswering = true;
  }

  /**
   * @param sentReview whether the request was a review: such a connection is kept, and goes after all others
   * @returns whether it is kept: a review has come on it at some time, and nothing of a body is still to come, which would be read to its end
   */
  answered(socket: Socket, sentReview: boolean): boolean {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return false;
    connection.isAnswering = false;
    connection.isProven ||= sentReview;
    return connection.isProven && (connection.request === undefined || isWhole(connection.request));
  }

  /** @param wasLittle how much work the last review on the connection was */
  judged(socket: Socket, wasLittle: boolean): void {
    const connection = this.#bySocket.get(socket);
    if (connection !== undefined) connection.wasLittle = wasLittle;
  }

  /** Whether a review has come on the connection, and the last one was little work. */
  wasLittle(socket: Socket): boolean {
    return this.#bySocket.get(socket)?.wasLittle === true;
  }

  /** Closes those on which nothing was asked, and every one that still comes. */
  endUnused(): void {
    this.#ending = true;
    for (const ofPeer of this.#byPeer.values()) for (const { socket, wasUsed } of ofPeer) if (!wasUsed) socket.destroy();
  }

  /** Closes every one, whatever it waits for. Node itself knows only those that its HTTP parser reads. */
  endAll(): void {
    for (const ofPeer of this.#byPeer.values()) for (const { socket } of ofPeer) socket.destroy();
  }

  #admit(socket: Socket): void {
    const peer = socket.remoteAddress ?? '';
    const ofPeer = this.#byPeer.get(peer);
    const { maxConnections, maxConnectionsOfPeer } = this.#limits;
    if (ofPeer !== undefined && ofPeer.size >= maxConnectionsOfPeer) this.#evictOneOf(ofPeer);
    else if (this.#count >= maxConnections) this.#evictOneOf(this.#largestPeer());
    const hasRoom = this.#count < maxConnections && (this.#byPeer.get(peer)?.size ?? 0) < maxConnectionsOfPeer;
    if (this.#ending || !hasRoom) {
      if (!this.#ending) this.#onEvicted();
      socket.destroy();
      return;
    }
    const connection: Connection = {
      socket,
      peer,
      remote: remoteOf(socket),
      request: undefined,
      answer: undefined,
      wasUsed: false,
      isAnswering: false,
      isProven: false,
      wasLittle: false,
      askedInTurn: -1,
    };
    this.#bySocket.set(socket, connection);
    lingerAfterAnswers(socket, () => connection.request);
    this.#byRemote.set(connection.remote, connection);
    entryOf(this.#byPeer, peer, () => new Set<Connection>()).add(connection);
    this.#count += 1;
    socket.once('close', () => {
      this.#forget(connection);
    });
  }

  #largestPeer(): ReadonlySet<Connection> | undefined {
    let largest: ReadonlySet<Connection> | undefined;
    for (const ofPeer of this.#byPeer.values()) if (largest === undefined || ofPeer.size > largest.size) largest = ofPeer;
    return largest;
  }

  #evictOneOf(connections: ReadonlySet<Connection> | undefined): void {
    let victim: Connection | undefined;
    for (const connection of connections ?? []) {
      if (connection.isAnswering) continue;
      victim ??= connection;
      if (connection.isProven) continue;
      victim = connection;
      break;
    }
    if (victim === undefined) return;
    this.#onEvicted();
    this.#forget(victim);
    victim.socket.destroy();
  }

  #forget(connection: Connection): void {
    const ofPeer = this.#byPeer.get(connection.peer);
    if (ofPeer?.delete(connection) !== true) return;
    this.#count -= 1;
    if (ofPeer.size === 0) this.#byPeer.delete(connection.peer);
    if (this.#byRemote.get(connection.remote) === connection) this.#byRemote.delete(connection.remote);
  }
}

interface Connection {
  readonly socket: Socket;
  readonly peer: string;
  readonly remote: string;
  /** What is asked, and its answer, until that is sent. */
  request: IncomingMessage | undefined;
  answer: ServerResponse | undefined;
  wasUsed: boolean;
  /** A request has come whole and is not answered yet. */
  isAnswering: boolean;
  isProven: boolean;
  wasLittle: boolean;
  askedInTurn: number;
}

/** Whether all of it is here. Of what has no body, Node says so only after its listener. */
function isWhole({ complete, headers }: IncomingMessage): boolean {
  return complete || (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0);
}

function remoteOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
