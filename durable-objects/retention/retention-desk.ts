import { DurableObject } from "cloudflare:workers";
import { unreachable, type Result } from "../../protocol/result.ts";
import type { RotationStep } from "../../protocol/rooms/key-rotation.ts";
import type { Purged, RetentionDeskObject } from "../../protocol/rooms/retention.ts";
import { checkEnv, type Env } from "../env.ts";
import { MissedDays } from "./missed-days.ts";
import { dayOf, SCHEDULE, sumOf, type Scheduled } from "./schedule.ts";
import { TombstoneWalk } from "./tombstone-walk.ts";

/** Pause before a class that did not come to its end is tried again. */
const AGAIN_MS = 15 * 60_000;
/** Calls of one class in one run: each does a bounded amount, and the next run goes on. */
const CALLS = 50;
/** Of a walk over the keys. */
const STEPS = 400;

/**
 * The cell's retention: once a day (UTC) every class of the policy is purged by the room that holds it, and each purge is
 * proved in the audit log. A cron runs anywhere in the world, so it only nudges this one object, which lives where the
 * cell does. Idempotent: a class that is done is done for the day; one that failed is tried again, the others are not, and
 * when the day ends with one not done, that is proved as well.
 */
export class RetentionDesk extends DurableObject<Env> implements RetentionDeskObject {
  readonly #missed: MissedDays;
  readonly #tombstones: TombstoneWalk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, checkEnv(env));
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS work (class TEXT PRIMARY KEY, day TEXT NOT NULL, owed TEXT) WITHOUT ROWID",
    );
    this.#missed = new MissedDays(ctx.storage);
    this.#tombstones = new TombstoneWalk(ctx.storage);
  }

  async nudge(): Promise<void> {
    const day = dayOf(Date.now());
    const open = this.#open(day).length > 0 || this.#tombstones.isOpen(day);
    if (open && (await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now());
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#missed.begin(dayOf(now), (day) => this.#undone(day));
    let failed = !(await this.#missed.prove(this.env.AUDIT).catch(() => false));
    for (const each of this.#open(dayOf(now))) {
      try {
        if (!(await this.#run(each, now))) failed = true;
      } catch (error) {
        failed = true;
        tellFailed(each.class, error instanceof Error ? error.name : "");
      }
    }
    if (!(await this.#buryAgain(dayOf(now)).catch(() => false))) failed = true;
    if (!(await this.#moveKeys().catch(() => false))) failed = true;
    if (failed) await this.ctx.storage.setAlarm(Date.now() + AGAIN_MS);
  }

  /** Who was erased and is back after a restore. */
  async #buryAgain(day: string): Promise<boolean> {
    return !this.#tombstones.isOpen(day) || this.#tombstones.run(day, this.env.RIGHTS, this.env.AUDIT);
  }

  /** What is under an older version of identity's keys goes under the newest (decision 0019); most days there is none. */
  async #moveKeys(): Promise<boolean> {
    let from: string | null = null;
    for (let steps = 0; steps < STEPS; steps += 1) {
      const step: Result<RotationStep, "unavailable"> = await this.env.RIGHTS.rotateKeys(from);
      if (!step.ok) return false;
      from = step.value.next;
      if (from === null) return true;
    }
    // More than one run does: the alarm goes on, over what was moved at once.
    return false;
  }

  /** @returns whether the class is done for the day, and proved */
  async #run(scheduled: Scheduled, now: number): Promise<boolean> {
    if (!(await this.#proveOwed(scheduled.class))) return false;
    const done = await this.#purgeAll(scheduled, now);
    return (await this.#proveOwed(scheduled.class)) && done;
  }

  /**
   * What went is stored after each call: one that breaks off, or a crash before the proof, leaves the counts, which are
   * proved first of all next time.
   * @returns whether nothing overdue is left
   */
  async #purgeAll(scheduled: Scheduled, now: number): Promise<boolean> {
    let sum: Purged | undefined;
    for (let calls = 0; calls < CALLS; calls += 1) {
      const some = await this.#purge(scheduled, now);
      if (!some.ok) {
        tellFailed(scheduled.class, some.reason);
        return false;
      }
      sum = sum === undefined ? some.value : sumOf(sum, some.value);
      this.#write(scheduled.class, sum.overdueLeft === 0 ? dayOf(now) : "", sum);
      if (sum.overdueLeft === 0) return true;
    }
    return false;
  }

  async #purge({ class: name, by }: Scheduled, now: number): Promise<Result<Purged, "unavailable">> {
    switch (by) {
      case "identity":
        return this.env.RIGHTS.purge(name, now);
      case "stores":
        return this.env.STORES.purge(name, now);
      case "telemetry":
        return this.env.TELEMETRY.purge(name, now);
      case "audit": {
        const pruned = await this.env.AUDIT.prune(now);
        if (!pruned.ok) return pruned;
        const { from, to, oldestLeft } = pruned.value;
        // A call takes a bounded prefix and does not count what lies behind it: only one that took nothing is the last.
        return { ok: true, value: { class: name, purged: to - from, overdueLeft: to - from, oldestLeft } };
      }
      default:
        return unreachable(by);
    }
  }

  /** The proof of a purge: what class, how many, the oldest that is left (PERSONS-103). */
  async #proveOwed(name: string): Promise<boolean> {
    const owed = this.#owed(name);
    if (owed === null) return true;
    const { purged, overdueLeft, oldestLeft } = owed;
    const logged = await this.env.AUDIT.append({
      who: "retention",
      kind: "purge",
      when: Date.now(),
      success: overdueLeft === 0,
      from: "retention",
      on: `class:${name}`,
      detail: { purged, overdue_left: overdueLeft, oldest_left: oldestLeft },
    });
    if (logged.ok) this.ctx.storage.sql.exec("UPDATE work SET owed = NULL WHERE class = ?", name);
    return logged.ok;
  }

  /** Classes that this day has not seen done, or whose proof is owed. */
  #open(day: string): Scheduled[] {
    return this.#without("SELECT class FROM work WHERE day = ? AND owed IS NULL", day);
  }

  /** Classes that a day has not seen purged to the end. */
  #undone(day: string): string[] {
    return this.#without("SELECT class FROM work WHERE day = ?", day).map((each) => each.class);
  }

  #without(doneOn: string, day: string): Scheduled[] {
    const rows = this.ctx.storage.sql.exec<{ class: string }>(doneOn, day).toArray();
    const done = new Set(rows.map((row) => row.class));
    return SCHEDULE.filter((each) => !done.has(each.class));
  }

  #owed(name: string): Purged | null {
    const [row] = this.ctx.storage.sql
      .exec<{ owed: string | null }>("SELECT owed FROM work WHERE class = ?", name)
      .toArray();
    return row?.owed == null ? null : (JSON.parse(row.owed) as Purged);
  }

  #write(name: string, day: string, owed: Purged): void {
    this.ctx.storage.sql.exec(
      "INSERT INTO work (class, day, owed) VALUES (?, ?, ?) ON CONFLICT (class) DO UPDATE SET day = excluded.day, owed = excluded.owed",
      name,
      day,
      JSON.stringify(owed),
    );
  }
}

/** For operators; the error's name or the room's reason, and no more of it. */
function tellFailed(name: string, error: string): void {
  console.error(JSON.stringify({ event: "retention_failed", class: name, error }));
}
