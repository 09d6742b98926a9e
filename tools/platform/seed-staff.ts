import { decodeJwt } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { staffClient } from "../staff/client.ts";
import { DEMO_STAFF, publicHalf, signRecord } from "../staff/demo-staff.ts";
import type { CellKeys } from "./keys.ts";

/** Seconds before a record's end from which on a start signs a new one. */
const RENEWS = 7 * 86_400;

/**
 * Puts the demo identities on a cell's roster, as the staff authority signs them. Records that hold for another week
 * stay as they are.
 * @throws OpsError when the cell refuses or does not answer
 */
export async function enlistDemoStaff(
  target: { readonly cell: Cell; readonly origins: { readonly ops: string } },
  keys: CellKeys,
): Promise<void> {
  const { cell, origins } = target;
  const { staffSigningJwk: signingJwk, staffKeys } = keys.outside;
  const admin = staffClient({ cell, origin: origins.ops, signingJwk, staff: "staff-4", roles: ["people_admin"] });
  const { staff } = await admin.get<{ staff: readonly { account: string; statement: string }[] }>("/admin/v1/roster");
  const soon = Date.now() / 1000 + RENEWS;
  for (const person of DEMO_STAFF) {
    const kept = staff.find(({ account }) => account === person.account)?.statement;
    const key = staffKeys.byAccount[person.account];
    if (key === undefined || (kept !== undefined && (decodeJwt(kept).exp ?? 0) > soon)) continue;
    const record = await signRecord(cell, { authorityJwk: staffKeys.authorityJwk, key: publicHalf(key) }, person);
    await admin.put(`/admin/v1/roster/${person.account}`, { statement: record });
  }
}
