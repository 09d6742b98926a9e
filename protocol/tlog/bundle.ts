import { fail, ok, type Result } from "../result.ts";
import { concat, type Bytes } from "../bytes.ts";

/** The longest entry in bytes: its length is a uint16. */
export const MAX_ENTRY = 65_535;

/**
 * Entries one after another, each behind its length in two bytes, big-endian (C2SP tlog-tiles, Log entries).
 * @throws RangeError when an entry is longer than MAX_ENTRY
 */
export function encodeBundle(entries: readonly Uint8Array[]): Bytes {
  if (entries.some(({ length }) => length > MAX_ENTRY)) throw new RangeError(`an entry is over ${MAX_ENTRY} bytes`);
  return concat(...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]));
}

/** @param width how many entries it must hold */
export function decodeBundle(bytes: Uint8Array, width: number): Result<readonly Bytes[], "malformed"> {
  const entries: Bytes[] = [];
  for (let at = 0; at < bytes.length;) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) return fail("malformed");
    const end = at + 2 + high * 256 + low;
    if (end > bytes.length) return fail("malformed");
    entries.push(Uint8Array.from(bytes.subarray(at + 2, end)));
    at = end;
  }
  return entries.length === width ? ok(entries) : fail("malformed");
}
