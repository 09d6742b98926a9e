import { fail, ok, type Result } from "../../protocol/result.ts";
import { tripRef, type Desk } from "./desk.ts";
import { isLookDue, nextLook, type Outstanding } from "./outstanding.ts";
import type { Trip } from "./trip.ts";

/** Looks at the hand-offs of a trip that goes on, where it is time; what is settled becomes a row. */
export async function lookAround(desk: Desk, trip: Trip): Promise<void> {
  for (const each of trip.outstanding) {
    if (!isLookDue(each, desk.now())) continue;
    if (each.release !== null) await release(desk, each, each.release);
    else if ((await look(desk, trip, each)).ok)
      desk.ledger.outcome({ type: "handoff_settled", handoff: each.id, how: "nothing" }, desk.now());
  }
}

/** Looks at all hand-offs of a trip that is over. @returns when to look again; null when none holds any money */
export async function lookAtEach(desk: Desk, trip: Trip): Promise<number | null> {
  let next: number | null = null;
  for (const each of trip.outstanding) {
    if (each.release !== null && !(await release(desk, each, each.release)))
      next = earlier(next, nextLook(each, desk.now()));
    else {
      const open = { ...each, release: null };
      const done = isLookDue(open, desk.now()) && (await look(desk, trip, open)).ok;
      if (!done) next = earlier(next, nextLook(open, desk.now()));
    }
  }
  return next;
}

/** Gives back what did not match. The row that owes it is written already; without an answer the alarm comes again. */
export async function release(
  desk: Desk,
  { id }: Outstanding,
  { authorization, why }: NonNullable<Outstanding["release"]>,
): Promise<boolean> {
  const given = await desk.env.PAYMENTS.release(id, authorization, why);
  if (!given.ok || given.value.state !== "voided") return false;
  desk.ledger.outcome({ type: "handoff_settled", handoff: id, how: "released" }, desk.now());
  return true;
}

/**
 * Asks the processor about a hand-off that is paid or laid aside, and gives back what it holds. `open`: there was no
 * answer, something is still under way, or a terminal may still take the hand-off up.
 */
async function look(desk: Desk, trip: Trip, outstanding: Outstanding): Promise<Result<undefined, "open">> {
  const { id, terminal, amount, until } = outstanding;
  const claim = { trip: tripRef(trip), handoff: id, terminal, amount, reference: null };
  const asked = await desk.env.PAYMENTS.authorization(claim);
  if (!asked.ok) return fail("open");
  const { state, surplus, processor_reference: reference } = asked.value;
  const isLast = desk.now() >= until && surplus !== "open";
  switch (state) {
    case "captured":
    case "declined":
    case "voided":
      return isLast ? ok() : fail("open");
    case "pending":
      return isLast && reference === null ? ok() : fail("open");
    case "unknown":
      return fail("open");
    case "approved": {
      const why = trip.endedAt === null ? "basket_changed" : "session_over";
      const given = await desk.env.PAYMENTS.release(id, asked.value.id, why);
      return isLast && given.ok && given.value.state === "voided" ? ok() : fail("open");
    }
  }
}

function earlier(a: number | null, b: number): number {
  return a === null ? b : Math.min(a, b);
}
