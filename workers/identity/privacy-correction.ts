import { eq } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Profile, ProfileField } from "../../protocol/rooms/identity.ts";
import type { StoreAnswer, Unfinished } from "../../protocol/rooms/privacy.ts";
import { openField, readFields, sealFields } from "./person-fields.ts";
import { persons } from "./persons-schema.ts";
import { openRequest } from "./privacy-rows.ts";
import { oweNotices } from "./recipient-notices.ts";
import type { Room } from "./room.ts";

/**
 * Applies what was asked (GDPR Art. 16), then owes every recipient the news of it. Done again it changes nothing more;
 * what is left is what reads otherwise afterwards.
 */
export async function applyCorrection(room: Room, request: string): Promise<Result<StoreAnswer, Unfinished>> {
  const open = await openRequest(room, request, "correction");
  if (!open.ok) return open;
  const { row, key } = open.value;
  if (row.correction === null) return fail("unknown");
  const text = await openField(room, key, `correction:${request}`, row.correction);
  const change = JSON.parse(text) as Partial<Profile>;
  const fields = Object.keys(change) as ProfileField[];
  const on = `subject:${row.subject}`;
  if (!(await room.trail.join("privacy_correct", on, { fields: fields.join(" "), request })))
    return fail("unavailable");
  await room.persons
    .update(persons)
    .set({ ...(await sealFields(room, key, change)), changed: room.now() })
    .where(eq(persons.id, key.person));
  await oweNotices(room, { customer: key.person, request, kind: "correction", fields });
  const now = await readFields(room, key, fields);
  const left = fields.filter((field) => now[field] !== change[field]).length;
  return ok({ store: "persons", outcome: "corrected", count: fields.length, left });
}
