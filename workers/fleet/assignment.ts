import { CompactSign, compactVerify } from "jose";
import { hex } from "../../protocol/bytes.ts";
import type { CartSerial, Cell, StoreId } from "../../protocol/ids.ts";
import type { StatementKey } from "./statement-key.ts";

/** A cart belongs to this store of this cell from this moment on (RULING-08). */
export interface Assignment {
  readonly cell: Cell;
  readonly serial: CartSerial;
  readonly store: StoreId;
  /** Milliseconds since the epoch. */
  readonly from: number;
}

/** Names what the JWS is for (RFC 8725, 3.11), so that no other token passes for an assignment. */
const TYPE = "cartwright-assignment+jws";

/** How far two machines' clocks may be apart before a fresh assignment looks like one of the future. */
const CLOCK_SKEW_MS = 60_000;

/** The assignment as a JWS (RFC 7515, compact) by the cell's statement key. */
export function signAssignment(assignment: Assignment, key: StatementKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(claims(assignment)))
    .setProtectedHeader({ alg: "ES256", kid: hex(key.kid), typ: TYPE })
    .sign(key.privateKey);
}

/**
 * Whether the statement says exactly this assignment, was signed by this key, and has begun. A row that
 * someone wrote into the database without the key is worth nothing.
 */
export async function assignmentHolds(
  statement: string,
  assignment: Assignment,
  key: StatementKey,
  now: number,
): Promise<boolean> {
  if (assignment.from > now + CLOCK_SKEW_MS) return false;
  try {
    const { payload, protectedHeader } = await compactVerify(statement, key.publicKey, { algorithms: ["ES256"] });
    return protectedHeader.typ === TYPE && new TextDecoder().decode(payload) === claims(assignment);
  } catch {
    // Not a JWS, another algorithm, or another key's signature: jose throws on each.
    return false;
  }
}

/** One spelling for one assignment: members in this order, nothing else. */
function claims({ cell, serial, store, from }: Assignment): string {
  return JSON.stringify({ cell, serial, store, from });
}
