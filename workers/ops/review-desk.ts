import { DurableObject } from "cloudflare:workers";
import type { Result } from "../../protocol/result.ts";
import { stubOf } from "../../protocol/rooms/objects.ts";
import type { Env } from "./env.ts";
import { countNew, openReview, tellOverdue, tidy, weeksToOpen } from "./review-open.ts";
import { purgeStaff } from "./retention.ts";
import type { Week } from "./review-week.ts";
import { type StaffDesk, staffDesk } from "./staff-desk.ts";

/** Pause before work that failed, or that is not done, goes on. */
const AGAIN_MS = 60_000;

/**
 * Opens each week's review, says which is late, and purges the staff database once a day. A cron trigger runs anywhere in the world, so the cron only nudges
 * this object, which is pinned to the cell (decision 0010); its alarm does the work. One turn at a time: the log's
 * cursor has one reader.
 */
export class ReviewDesk extends DurableObject<Env> {
  #turn: Promise<unknown> = Promise.resolve();

  /** @param now milliseconds since the epoch */
  async nudge(now: number): Promise<void> {
    await this.ctx.storage.setAlarm(now);
  }

  override async alarm(): Promise<void> {
    if (!(await this.run(Date.now()))) await this.ctx.storage.setAlarm(Date.now() + AGAIN_MS);
  }

  /** All that is owed at a time. @returns whether nothing is left to do now */
  async run(now: number): Promise<boolean> {
    return this.#next(async () => {
      const desk = await staffDesk(this.env, "ReviewDesk.run", now);
      const reviewed = await review(desk);
      // Whatever became of the reviews: what is overdue goes.
      return (await purgeStaff(desk)) && reviewed;
    });
  }

  /** Opens the review of one week that is over. */
  async open(week: Week, now: number): Promise<Result<undefined, "not_over" | "unavailable">> {
    return this.#next(async () => openReview(await staffDesk(this.env, "ReviewDesk.open", now), week));
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

async function review(desk: StaffDesk): Promise<boolean> {
  try {
    let done = await countNew(desk);
    for (const week of await weeksToOpen(desk)) done = (await openReview(desk, week)).ok && done;
    await tellOverdue(desk);
    await tidy(desk);
    return done;
  } catch (error) {
    console.error("ops: the review desk's work failed:", (error as Error).name);
    return false;
  }
}

/** The cell's one desk. */
export function reviewDesk(env: Env): Pick<ReviewDesk, "nudge" | "open"> {
  return stubOf(env.REVIEW_DESK, "reviews", env);
}
