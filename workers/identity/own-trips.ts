import { and, desc, eq, isNotNull, lt, or } from "drizzle-orm";
import { parseSessionId, type SessionId } from "../../protocol/ids.ts";
import type { OwnTrips, Principal } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { accountOf } from "./accounts.ts";
import { sessionLinks } from "./entities-schema.ts";
import type { Room } from "./room.ts";

/** Trips a page: whoever joins them with receipts reads one object each. */
const TRIPS_A_PAGE = 20;

/**
 * The trips that a person is linked to, the newest first: what their receipts are found by. A trip that was unlinked is
 * not among them. The join is audited before a row is read.
 * @param before the last page's `next`; null begins
 */
export async function ownTrips(
  room: Room,
  person: Principal,
  before: string | null,
): Promise<Result<OwnTrips, "unavailable" | "erased" | "invalid">> {
  const place = before === null ? undefined : parseCursor(before);
  if (before !== null && place === undefined) return fail("invalid");
  const account = await accountOf(room, person, "receipts_show", "session");
  if (!account.ok) return account;
  const own = and(eq(sessionLinks.customer, account.value.key.person), isNotNull(sessionLinks.linked));
  const rows = await room.entities
    .select({ session: sessionLinks.session, linked: sessionLinks.linked })
    .from(sessionLinks)
    .where(
      place === undefined
        ? own
        : and(
            own,
            or(
              lt(sessionLinks.linked, place.linked),
              and(eq(sessionLinks.linked, place.linked), lt(sessionLinks.session, place.session)),
            ),
          ),
    )
    .orderBy(desc(sessionLinks.linked), desc(sessionLinks.session))
    .limit(TRIPS_A_PAGE + 1);
  const page = rows.slice(0, TRIPS_A_PAGE);
  const last = page.at(-1);
  const more = rows.length > TRIPS_A_PAGE && last !== undefined;
  return ok({
    sessions: page.map(({ session }) => session as SessionId),
    next: more ? cursorOf(last.linked ?? 0, last.session) : null,
  });
}

/**
 * Where a page ends: the time in 12 hexadecimal digits and the session in 32, written with the letters a to p. Digits in
 * a URL could be taken for a card number.
 */
function cursorOf(linked: number, session: string): string {
  const digits = linked.toString(16).padStart(12, "0") + session.replaceAll("-", "");
  return digits.replaceAll(/[0-9a-f]/g, (digit) => LETTERS.charAt(Number.parseInt(digit, 16)));
}

const LETTERS = "abcdefghijklmnop";

function parseCursor(text: string): { readonly linked: number; readonly session: SessionId } | undefined {
  if (!/^[a-p]{44}$/.test(text)) return undefined;
  const digits = text.replaceAll(/[a-p]/g, (letter) => LETTERS.indexOf(letter).toString(16));
  const [, a, b, c, d, e] = /^.{12}(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(digits) ?? [];
  const session = parseSessionId([a, b, c, d, e].join("-"));
  return session === undefined ? undefined : { linked: Number.parseInt(digits.slice(0, 12), 16), session };
}
