import { eq } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Unfinished } from "../../protocol/rooms/privacy.ts";
import { openField } from "./person-fields.ts";
import { commitment } from "./person-key.ts";
import { paymentMethods } from "./persons-schema.ts";
import type { Room } from "./room.ts";

/** The card form's tokens that a person's payment methods hold, for the CDE to forget; none once the key is gone. */
export async function cardTokensOf(room: Room, customer: CustomerId): Promise<Result<readonly string[], Unfinished>> {
  const key = await room.keys.read(customer);
  if (key === undefined) return ok([]);
  const on = `subject:${await commitment(key)}`;
  if (!(await room.trail.join("privacy_card_tokens", on, { fields: "payment_method" }))) return fail("unavailable");
  const rows = await room.persons.select().from(paymentMethods).where(eq(paymentMethods.person, customer));
  const opened = await Promise.all(rows.map(({ id, sealed }) => openField(room, key, `payment_method:${id}`, sealed)));
  return ok(opened.map((text) => (JSON.parse(text) as { readonly token: string }).token));
}
