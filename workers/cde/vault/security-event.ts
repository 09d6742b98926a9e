import type { DataKeys } from "./data-key.ts";
import { SealBroken, unseal, type Place } from "./seal.ts";

interface Where {
  readonly database: D1Database;
  readonly now: number;
}

/**
 * Opens a stored value. One that does not open where it stands (swapped, moved from another cell, under another key
 * version) fails closed and leaves a security event.
 * @throws SealBroken
 */
export async function openSealed(
  vault: Where & { readonly dataKeys: DataKeys },
  place: Place & { readonly keyVersion: number },
  sealed: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await unseal(await vault.dataKeys.get(place.keyVersion), place, sealed);
  } catch (error) {
    if (error instanceof SealBroken) await securityEvent(vault, place).run();
    throw error;
  }
}

/** The statement that records a value that does not open; the same place again is counted. */
export function securityEvent({ database, now }: Where, place: Place): D1PreparedStatement {
  console.error(JSON.stringify({ event: "seal_broken", field: place.field }));
  return database
    .prepare(
      `INSERT INTO security_events (kind, object, field, key_version, first, last, times)
       VALUES ('seal_broken', ?, ?, ?, ?, ?, 1)
       ON CONFLICT (kind, object, field, key_version) DO UPDATE SET last = excluded.last, times = times + 1`,
    )
    .bind(place.record, place.field, String(place.keyVersion), now, now);
}
