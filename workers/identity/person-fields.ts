import { eq } from "drizzle-orm";
import type { Profile, ProfileField } from "../../protocol/rooms/identity.ts";
import type { PersonKey } from "./person-key.ts";
import { NOBODY } from "./person-keys.ts";
import { persons } from "./persons-schema.ts";
import type { Room } from "./room.ts";
import { open, seal, type SealedName } from "./sealed-field.ts";
import { StoreFailure } from "./store-failure.ts";

/**
 * Opens a person's fields; a person without a record has none. The caller has audited it before.
 * @param key undefined asks for nobody's, at the same cost
 */
export async function readFields<Field extends ProfileField>(
  room: Room,
  key: PersonKey | undefined,
  fields: readonly Field[],
): Promise<Record<Field, string | null>> {
  const id = key?.person ?? NOBODY;
  const row = await room.persons.select().from(persons).where(eq(persons.id, id)).get();
  const opened = await Promise.all(
    fields.map(async (field) => {
      const sealed = row?.[field] ?? null;
      return [field, sealed === null || key === undefined ? null : await openField(room, key, field, sealed)] as const;
    }),
  );
  return Object.fromEntries(opened) as Record<Field, string | null>;
}

/** Seals what is given; null stays null, a field that is not named stays out. */
export async function sealFields(room: Room, key: PersonKey, fields: Partial<Profile>): Promise<Partial<Profile>> {
  const sealed = await Promise.all(
    Object.entries(fields).map(async ([name, value]) => {
      const field = name as ProfileField;
      if (value === null) return [field, null] as const;
      return [field, await seal(key, { cell: room.cell, person: key.person, field }, value, room.random)] as const;
    }),
  );
  return Object.fromEntries(sealed);
}

/** @throws StoreFailure when the value was moved or changed: an outage, never a wrong person's data. */
export async function openField(room: Room, key: PersonKey, field: SealedName, sealed: string): Promise<string> {
  try {
    return await open(key, { cell: room.cell, person: key.person, field }, sealed);
  } catch {
    throw new StoreFailure("a sealed field does not open");
  }
}
