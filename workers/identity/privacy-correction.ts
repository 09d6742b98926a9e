import { and, eq } from "drizzle-orm";
import { dateIn } from "../../protocol/calendar/date.ts";
import { LAW_CALENDARS } from "../../protocol/calendar/deadlines.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Profile, ProfileField } from "../../protocol/rooms/identity.ts";
import type { Unfinished } from "../../protocol/rooms/privacy.ts";
import type { StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import { looks } from "./entities-schema.ts";
import { openField, readFields, sealFields } from "./person-fields.ts";
import { persons } from "./persons-schema.ts";
import { openRequest, type RequestRow } from "./privacy-rows.ts";
import { oweNotices } from "./recipient-notices.ts";
import type { Room } from "./room.ts";

/**
 * Applies what was asked (GDPR Art. 16), then owes every recipient the news of it. Done again it changes nothing more;
 * what is left is what reads otherwise afterwards. A field that the person has changed in the app since is what they
 * want it to be: a letter that waited, or a step that is done again, leaves it alone.
 */
export async function applyCorrection(room: Room, request: string): Promise<Result<StoreAnswer, Unfinished>> {
  const open = await openRequest(room, request, "correction");
  if (!open.ok) return open;
  const { row, key } = open.value;
  if (row.correction === null) return fail("unknown");
  const text = await openField(room, key, `correction:${request}`, row.correction);
  // Read before the looks: a change that comes after them makes the write below find another moment, and nothing to do.
  const record = await room.persons.select().from(persons).where(eq(persons.id, key.person)).get();
  if (record === undefined) return fail("unavailable");
  const later = await changedSince(room, row);
  const asked = Object.entries(JSON.parse(text) as Partial<Profile>);
  const change: Partial<Profile> = Object.fromEntries(asked.filter(([field]) => !later.has(field)));
  const fields = Object.keys(change) as ProfileField[];
  const on = `subject:${row.subject}`;
  if (!(await room.trail.join("privacy_correct", on, { fields: fields.join(" "), request })))
    return fail("unavailable");
  const written = await room.persons
    .update(persons)
    .set({ ...(await sealFields(room, key, change)), changed: room.now() })
    .where(and(eq(persons.id, key.person), eq(persons.changed, record.changed)));
  if (written.meta.changes !== 1) return fail("unavailable");
  await oweNotices(room, { customer: key.person, request, kind: "correction", fields });
  const now = await readFields(room, key, fields);
  const left = fields.filter((field) => now[field] !== change[field]).length;
  return ok({ store: "persons", outcome: "corrected", count: fields.length, left });
}

/** Fields that the person changed in the app after they had asked; a letter was written before the day that it came. */
async function changedSince(room: Room, { subject, law, received, receivedOn }: RequestRow): Promise<Set<string>> {
  const rows = await room.entities
    .select()
    .from(looks)
    .where(and(eq(looks.subject, subject), eq(looks.purpose, "profile_correct")));
  const { timeZone } = LAW_CALENDARS[law];
  const later = rows.filter(({ at }) => at > received || dateIn(timeZone, at) > receivedOn);
  return new Set(later.flatMap(({ fields }) => fields.split(" ")));
}
