import { eq } from "drizzle-orm";
import { accessParts } from "./persons-schema.ts";
import type { RequestRow } from "./privacy-rows.ts";
import type { Room } from "./room.ts";

/** An access file is there for its owner so long after the request is done, ms. */
const FETCH_MS = 30 * 86_400_000;
/**
 * A part stays so long while its request goes on, ms: what the first store gave must be there when the last has answered,
 * and no law gives more than three months (GDPR Art. 12(3)).
 */
export const OPEN_FILE_MS = 180 * 86_400_000;

/** The end of an access request: its file can be fetched for 30 days from now on; of one that was refused nothing stays. */
export async function settleFile({ persons }: Room, { id, kind, outcome, ended }: RequestRow): Promise<void> {
  if (kind !== "access" || ended === null) return;
  const own = eq(accessParts.request, id);
  if (outcome === "refused") await persons.delete(accessParts).where(own);
  // Counted from the end that the request has, which is set once: asked again, it is the same day.
  else
    await persons
      .update(accessParts)
      .set({ expires: ended + FETCH_MS })
      .where(own);
}
