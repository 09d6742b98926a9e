import { fail, ok, type Result } from "../../protocol/result.ts";
import { tripRef, type Desk } from "./desk.ts";

/**
 * The shopper is erased while the trip goes on: the one-trip number dies in the identity room first, then no row of the
 * journal has it any more, and the trip goes on to payment as if nobody had ever been known on it.
 * @returns rows that had the number, and those that still have it, counted anew
 */
export async function forgetShopper(
  desk: Desk,
): Promise<Result<{ readonly count: number; readonly left: number }, "unavailable">> {
  const { ledger } = desk;
  if (ledger.trip === null) return ok({ count: 0, left: 0 });
  const unlinked = await desk.env.IDENTITY.unlink(tripRef(ledger.trip));
  if (!unlinked.ok) return fail("unavailable");
  const count = ledger.journal.countCustomers();
  ledger.forgetCustomers();
  return ok({ count, left: ledger.journal.countCustomers() });
}
