import type { Principal } from "../../protocol/rooms/identity.ts";

const WINDOW_MS = 60_000;

/** Whose calls are counted: a person by issuer and subject, or an address, which has an issuer that is no URL. */
export type Counted = Pick<Principal, "issuer" | "subject">;

export const atAddress = (address: string): Counted => ({ issuer: "address", subject: address });

/**
 * What a person's or an address's calls are counted under. Counters can't be pinned to the cell and can't be erased, so
 * their key names nobody: it is a digest that is another one every minute, which is the limiters' own period. Where the
 * minute turns, a limiter lets up to twice its limit through. Who holds the counters could try all IPv4 addresses
 * against a digest; what it gives them is that one called in that minute, and nothing that lasts.
 * @param now milliseconds since the epoch
 */
export async function limitKey({ issuer, subject }: Counted, now: number): Promise<string> {
  const text = JSON.stringify([issuer, subject, Math.floor(now / WINDOW_MS)]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
