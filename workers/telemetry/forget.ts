import type { D1Database, R2Bucket } from "@cloudflare/workers-types";
import type { SessionId } from "../../protocol/ids.ts";
import type { StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import { inBucket } from "./store-failure.ts";

/** Every name that a line of a segment has (protocol/rooms/telemetry.ts): numbers, closed names, catalogue keys. */
const OF_TIER_1 = new Set(
  (
    "cart session kind at firmware item quantity grams batteryPercent rssiDbm code detail hold totalMinor currency how " +
    "lines rowsWritten rowsRead"
  ).split(" "),
);
/** Segments that are read at once. */
const AT_ONCE = 8;

/**
 * A person's erasure: Tier 1 holds no person, and here each segment of the person's trips is searched for anything
 * else. The events stay as events of a cart; the way to them is the link that the identity room destroys.
 */
export async function forgetTrips(
  database: D1Database,
  bucket: R2Bucket,
  sessions: readonly SessionId[],
): Promise<StoreAnswer> {
  const found = await database
    .prepare("SELECT object FROM segments WHERE key IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(sessions))
    .all<{ object: string }>();
  const objects = found.results.map(({ object }) => object);
  let left = 0;
  for (let from = 0; from < objects.length; from += AT_ONCE) {
    const some = objects.slice(from, from + AT_ONCE);
    const texts = await inBucket(() => Promise.all(some.map(async (object) => (await bucket.get(object))?.text())));
    left += texts.filter((text) => text !== undefined && isMoreThanTier1(text)).length;
  }
  return { store: "telemetry", outcome: "none", count: objects.length, left };
}

/** Whether a stored segment has a name, or a text, that Tier 1 has no place for; one that can't be read has. */
export function isMoreThanTier1(ndjson: string): boolean {
  return ndjson
    .split("\n")
    .filter((line) => line !== "")
    .some((line) => {
      try {
        return Object.keys(JSON.parse(line) as object).some((name) => !OF_TIER_1.has(name));
      } catch {
        return true;
      }
    });
}
