import type { Principal } from "../../../protocol/rooms/identity.ts";

const WINDOW_MS = 60_000;

/**
 * What a person's calls are counted under. Counters can't be pinned to the cell and can't be erased, so their key names
 * nobody: it is a digest that is another one every minute.
 * @param now milliseconds since the epoch
 */
export async function limitKey({ issuer, subject }: Principal, now: number): Promise<string> {
  const text = JSON.stringify([issuer, subject, Math.floor(now / WINDOW_MS)]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
