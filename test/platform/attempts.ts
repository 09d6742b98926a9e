import { encodeCbor } from "../../protocol/cart/cbor.ts";
import { uuidBytes, type SessionId } from "../../protocol/ids.ts";
import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import type { RawCart } from "./raw-cart.ts";

/** A well-formed id of no trip. */
export const NOBODYS_SESSION = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf" as SessionId;

/** A signed scan of one piece, at a time of the cart's clock if one is given. */
export const scan = (code: string, at: number | null = null) => ({
  events: [{ kind: "scan", code, quantity: 1, at, grams: null } as const],
});

/** An identity frame of the cart's session with a kind that no protocol knows, and a picture. */
export function biometric(of: RawCart): Uint8Array {
  const body = new Map<number, Uint8Array | number>([
    [0, 4],
    [1, new Uint8Array(64).fill(0xd8)],
  ]);
  const envelope = [
    [1, uuidBytes(of.session)],
    [2, of.client.boot],
    [3, 1],
    [4, Date.now()],
    [5, body],
  ] as const;
  return encodeCbor(new Map<number, Uint8Array | number | typeof body>(envelope));
}

/** All of the audit log, first to last, as the ops door gives it. */
export async function auditLog(staff: RawCart["here"]["staff"]): Promise<AuditEntry[]> {
  const all: AuditEntry[] = [];
  for (;;) {
    const page = await staff.get<{ entries: AuditEntry[]; size: number }>(
      `/admin/v1/audit/entries?from=${all.length}&limit=500`,
    );
    all.push(...page.entries);
    if (page.entries.length === 0 || all.length >= page.size) return all;
  }
}
