import { WorkerEntrypoint } from "cloudflare:workers";
import { type Cell, type SessionId, type StoreId, parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import { type CallerProps, requireCaller } from "../../protocol/rooms/boot.ts";
import { type Result, ok } from "../../protocol/result.ts";
import type { PrivacyRequestId } from "../../protocol/rooms/privacy.ts";
import type { TelemetryForRights } from "../../protocol/rooms/privacy-doors.ts";
import type { StoreAnswer, TripEvent } from "../../protocol/rooms/privacy-stores.ts";
import type { DailyRollup, Segment, TelemetryForOps, TelemetryForSessions } from "../../protocol/rooms/telemetry.ts";
import { admitSegment } from "./admit.ts";
import type { Purged, Purger } from "../../protocol/rooms/retention.ts";
import { type Env, bootedEnv } from "./env.ts";
import { forgetTrips } from "./forget.ts";
import { tripEvents } from "./trip-events.ts";
import { countOnce, isCounted, readDay } from "./ledger.ts";
import { firstDay, objectKey, rollUp, toNdjson } from "./roll-up.ts";
import { purge } from "./retention.ts";
import { answering, inBucket } from "./store-failure.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export class ForSessions
  extends WorkerEntrypoint<Env, CallerProps>
  implements TelemetryForSessions, TelemetryForRights, Purger
{
  /**
   * Keeps a segment and counts it, once, however often it is delivered. `invalid` is final: the content is not Tier 1.
   * `unavailable`: the sender keeps it in its outbox and delivers again.
   */
  async deliver(segment: Segment): Promise<Result<undefined, "invalid" | "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    const env = bootedEnv(this.env);
    const admitted = admitSegment(segment);
    if (!admitted.ok) return admitted;
    const kept = await answering("deliver", () => keep(admitted.value, env));
    return kept.ok ? ok() : kept;
  }

  /** For an access request: what was scanned on these trips. */
  async tripEvents(sessions: readonly SessionId[]): Promise<Result<readonly TripEvent[], "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    const env = bootedEnv(this.env);
    if (!sessions.every((each) => parseSessionId(each) !== undefined)) throw new TypeError("not sessions");
    return answering("trip_events", () => tripEvents(env.TELEMETRY_DB, env.SEGMENTS, sessions));
  }

  /** For an erasure: searches the segments of these trips for anything that is not Tier 1. */
  async forgetTrips(
    request: PrivacyRequestId,
    sessions: readonly SessionId[],
  ): Promise<Result<StoreAnswer, "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    const env = bootedEnv(this.env);
    if (![request, ...sessions].every((each) => parseSessionId(each) !== undefined)) throw new TypeError("not trips");
    return answering("forget_trips", () => forgetTrips(env.TELEMETRY_DB, env.SEGMENTS, sessions));
  }

  /** For the retention object: one class of the policy, by its clock. */
  async purge(purgeClass: string, now: number): Promise<Result<Purged, "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    const env = bootedEnv(this.env);
    if (typeof purgeClass !== "string" || !Number.isSafeInteger(now)) throw new RangeError("purge is malformed");
    return answering("purge", () => purge(env.TELEMETRY_DB, env.SEGMENTS, purgeClass, now));
  }
}

export class ForOps extends WorkerEntrypoint<Env, CallerProps> implements TelemetryForOps {
  /** @param day `yyyy-mm-dd`, UTC; null for a day or store without events */
  async daily(store: StoreId, day: string): Promise<Result<DailyRollup | null, "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    const env = bootedEnv(this.env);
    const known = typeof store === "string" ? parseStoreId(store) : undefined;
    if (known === undefined || typeof day !== "string" || !DAY.test(day)) return ok(null);
    return answering("daily", () => readDay(env.TELEMETRY_DB, env.CELL as Cell, known, day));
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };

/**
 * The object first, the count after it: a delivery that broke off between the two is completed by the next one.
 * A key that was counted stays as it was: the sender's own row meter may have moved on when it delivers again.
 */
async function keep(segment: Segment, env: Env): Promise<void> {
  const { key, store, events } = segment;
  if (await isCounted(env.TELEMETRY_DB, key)) return;
  const object = objectKey(segment);
  await inBucket(() => env.SEGMENTS.put(object, toNdjson(segment)));
  await countOnce(env.TELEMETRY_DB, { key, object, day: firstDay(segment), store }, rollUp(events));
}
