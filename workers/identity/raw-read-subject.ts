import { base64url } from "jose";
import { eq, inArray } from "drizzle-orm";
import { type CustomerId, parseSessionId } from "../../protocol/ids.ts";
import { RAW_READ_ID, type RawReadId, type RawSubject, SUBJECT_KINDS } from "../../protocol/rooms/raw-read.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { canonical, utf8 } from "./bytes.ts";
import { loyaltyNumbers, privacyRequests, sessionLinks } from "./entities-schema.ts";
import { parseLoyaltyNumber } from "./loyalty-format.ts";
import type { RawReadDesk } from "./raw-read-desk.ts";
import type { Room } from "./room.ts";

const NONCE_BYTES = 12;

/**
 * A subject as ops may keep it: AES-256-GCM under a key of this room's that is for nothing else, bound to the request
 * and the cell. Two requests about one person share no value.
 */
export async function sealSubject(
  desk: RawReadDesk,
  id: RawReadId,
  subject: RawSubject,
): Promise<Result<string, "invalid">> {
  if (!RAW_READ_ID.test(id) || !isSubject(subject)) return fail("invalid");
  const nonce = desk.room.random(NONCE_BYTES);
  const { kind, value, salt } = subject;
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce, additionalData: place(desk, id) },
    desk.sealing,
    utf8(JSON.stringify({ kind, value, salt })),
  );
  return ok(`rs1.${base64url.encode(nonce)}.${base64url.encode(new Uint8Array(sealed))}`);
}

/** `invalid`: sealed for another request or cell, under another key, or changed. */
export async function openSubject(
  desk: RawReadDesk,
  id: RawReadId,
  sealed: string,
): Promise<Result<RawSubject, "invalid">> {
  const match = /^rs1\.([\w-]{16})\.([\w-]{22,400})$/.exec(sealed);
  if (match?.[1] === undefined || match[2] === undefined) return fail("invalid");
  try {
    const plain = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: new Uint8Array(base64url.decode(match[1])),
        additionalData: place(desk, id),
      },
      desk.sealing,
      new Uint8Array(base64url.decode(match[2])),
    );
    const subject = JSON.parse(new TextDecoder().decode(plain)) as RawSubject;
    return isSubject(subject) ? ok(subject) : fail("invalid");
  } catch {
    return fail("invalid");
  }
}

/** Whom a subject leads to; undefined when it leads to nobody. */
export async function customerOf(room: Room, { kind, value }: RawSubject): Promise<CustomerId | undefined> {
  const found = await RESOLVERS[kind](room, value);
  return (found?.customer ?? undefined) as CustomerId | undefined;
}

type Found = { readonly customer: string | null } | undefined;

const RESOLVERS: Readonly<Record<RawSubject["kind"], (room: Room, value: string) => Promise<Found>>> = {
  loyalty: async (room, value) => {
    const number = parseLoyaltyNumber(value);
    if (number === undefined) return undefined;
    return room.entities
      .select({ customer: loyaltyNumbers.customer })
      .from(loyaltyNumbers)
      .where(inArray(loyaltyNumbers.blindIndex, [...(await room.index.all("loyalty", number))]))
      .get();
  },
  session: (room, value) =>
    room.entities
      .select({ customer: sessionLinks.customer })
      .from(sessionLinks)
      .where(eq(sessionLinks.session, value))
      .get(),
  privacy_request: (room, value) =>
    room.entities
      .select({ customer: privacyRequests.customer })
      .from(privacyRequests)
      .where(eq(privacyRequests.id, value))
      .get(),
};

function isSubject(subject: unknown): subject is RawSubject {
  if (typeof subject !== "object" || subject === null) return false;
  const { kind, value, salt } = subject as Record<string, unknown>;
  if (typeof value !== "string" || typeof salt !== "string" || !/^[\w-]{22}$/.test(salt)) return false;
  if (!SUBJECT_KINDS.some((each) => each === kind)) return false;
  return kind === "loyalty" ? value.length >= 1 && value.length <= 64 : parseSessionId(value) !== undefined;
}

function place(desk: RawReadDesk, id: RawReadId) {
  return canonical("cartwright/raw-read-subject", desk.room.cell, id);
}
