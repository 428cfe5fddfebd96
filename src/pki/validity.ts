/** How long certificates last, in days. */

export const DAY_MS = 86_400_000;

/** Whole days until a moment, RFC 3339; less than none for what has ended. */
export function daysLeft(expiresAt: string, now: Date): number {
  return Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY_MS);
}
