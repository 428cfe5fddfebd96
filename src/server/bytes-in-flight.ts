/**
 * A limit on the bytes of all long bodies in memory at one time.
 *
 * Above the limit, the peer with the most bytes loses its longest body. So a peer with one ordinary review is served, however many
 * bytes another peer sends, and an ordinary review never waits for a long one.
 */
import { entryOf } from '../core/map-entry.ts';

/** One body, while it is here. */
export interface HeldBytes {
  add(bytes: number): void;
  /** What to do where this one has to go; undefined while it must not. */
  evict: (() => void) | undefined;
  /** It is here no longer. */
  free(): void;
}

/** The bodies that are here. */
export class BytesInFlight {
  readonly #limitBytes: number;
  readonly #held = new Set<Held>();
  #totalBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** @param peer the address that the body comes from */
  hold(peer: string, evict: () => void): HeldBytes {
    const held: Held = {
      peer,
      bytes: 0,
      evict,
      add: (bytes) => {
        held.bytes += bytes;
        this.#totalBytes += bytes;
        this.#makeRoom();
      },
      free: () => {
        if (this.#held.delete(held)) this.#totalBytes -= held.bytes;
      },
    };
    this.#held.add(held);
    return held;
  }

  #makeRoom(): void {
    while (this.#totalBytes > this.#limitBytes) {
      const victim = this.#longestOfTheHeaviestPeer();
      if (victim === undefined) return;
      victim.free();
      victim.evict?.();
    }
  }

  #longestOfTheHeaviestPeer(): Held | undefined {
    const byPeer = new Map<string, { bytes: number; longest: Held }>();
    for (const held of this.#held) {
      if (held.evict === undefined) continue;
      const peer = entryOf(byPeer, held.peer, () => ({ bytes: 0, longest: held }));
      peer.bytes += held.bytes;
      if (held.bytes > peer.longest.bytes) peer.longest = held;
    }
    let heaviest: { bytes: number; longest: Held } | undefined;
    for (const peer of byPeer.values()) if (heaviest === undefined || peer.bytes > heaviest.bytes) heaviest = peer;
    return heaviest?.longest;
  }
}

interface Held extends HeldBytes {
  readonly peer: string;
  bytes: number;
}
