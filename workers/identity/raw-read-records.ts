import { and, eq, gt, or, sql } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Leaned } from "../../protocol/staff/grant.ts";
import { rawReadUses, recordVersions } from "./persons-schema.ts";
import type { Room } from "./room.ts";

/** Milliseconds after a request's end that its use is remembered: nothing that it signed is believed by then. */
const REMEMBERED = 86_400_000;

/**
 * Remembers the newest version of each record and refuses the older: who keeps an old record of an account that has
 * ended since can't make it count. The records are believed to be signed.
 */
export async function newestOnly(room: Room, records: readonly Leaned[]): Promise<Result<undefined, "ended">> {
  const [first, ...rest] = records.map(({ holder, version }) =>
    room.persons
      .insert(recordVersions)
      .values({ holder, version, seen: room.now() })
      .onConflictDoUpdate({
        target: recordVersions.holder,
        set: { version: sql`excluded.version`, seen: sql`excluded.seen` },
        setWhere: sql`excluded.version > record_versions.version`,
      }),
  );
  if (first === undefined) return ok();
  await room.persons.batch([first, ...rest]);
  const newer = await room.persons
    .select({ holder: recordVersions.holder })
    .from(recordVersions)
    .where(
      or(
        ...records.map(({ holder, version }) =>
          and(eq(recordVersions.holder, holder), gt(recordVersions.version, version)),
        ),
      ),
    );
  return newer.length === 0 ? ok() : fail("ended");
}

/** One conditional insert: of any number of calls at once, one is first. @param ends the request's, ms since the epoch */
export async function takeUse(room: Room, request: string, ends: number): Promise<boolean> {
  const taken = await room.persons
    .insert(rawReadUses)
    .values({ request, used: room.now(), expires: ends + REMEMBERED })
    .onConflictDoNothing();
  return taken.meta.changes === 1;
}

/** Gives a use back of which nothing was shown. */
export async function giveBack(room: Room, request: string): Promise<void> {
  await room.persons.delete(rawReadUses).where(eq(rawReadUses.request, request));
}
