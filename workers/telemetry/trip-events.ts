import type { SessionId } from "../../protocol/ids.ts";
import type { TripEvent } from "../../protocol/rooms/privacy-stores.ts";
import { inBucket } from "./store-failure.ts";

/** Segments that are read at once. */
const AT_ONCE = 8;

/** What was taken and put back on these trips, as their segments have it; a trip whose term is over has none. */
export async function tripEvents(
  database: D1Database,
  bucket: R2Bucket,
  sessions: readonly SessionId[],
): Promise<readonly TripEvent[]> {
  const found = await database
    .prepare("SELECT object FROM segments WHERE key IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(sessions))
    .all<{ object: string }>();
  const objects = found.results.map(({ object }) => object);
  const events: TripEvent[] = [];
  for (let from = 0; from < objects.length; from += AT_ONCE) {
    const some = objects.slice(from, from + AT_ONCE);
    const texts = await inBucket(() => Promise.all(some.map(async (object) => (await bucket.get(object))?.text())));
    for (const text of texts) events.push(...eventsIn(text ?? ""));
  }
  return events;
}

/** The scans and removals of a segment's lines (NDJSON). @throws Error when a line can't be read */
export function eventsIn(ndjson: string): readonly TripEvent[] {
  return ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TripEvent & { readonly kind: string })
    .filter(({ kind }) => kind === "scan" || kind === "remove")
    .map(({ session, at, kind, item, quantity }) => ({ session, at, kind, item, quantity }));
}
