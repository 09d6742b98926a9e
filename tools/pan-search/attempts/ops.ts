import { CALLS } from "../../../workers/ops/calls.ts";
import { DEMO_STORES } from "../../platform/seed-store.ts";
import { STAFF_ROLES } from "../../../protocol/rooms/staff.ts";
import { signStaffToken } from "../../staff/client.ts";
import { makeSessionKey } from "../../staff/proof.ts";
import type { Place } from "../../trip/party.ts";
import { attempt, waysToWrite, type Attempt } from "./attempt.ts";

/** Whole bodies with a card number in a field whose form alone would let it through. */
const BODIES: Partial<Record<keyof typeof CALLS, (pan: string, place: Place) => readonly object[]>> = {
  putStore: (pan, { store, origins }) =>
    [{ name: pan }, { legalName: pan }, { address: `1 Street ${pan}` }, { taxId: pan }, { terminals: [pan] }].map(
      (change) => ({
        ...DEMO_STORES[store.cell],
        posUrl: origins.pos,
        ...change,
      }),
    ),
  addLoyaltyFormat: (pan) => [{ retailer: pan, prefix: "98", length: 13, check: "none" }],
  importMembers: (pan) =>
    [{ loyalty: pan }, { name: pan }, { email: `${pan}@shop.example` }, { phone: pan }].map((change) => ({
      members: [{ loyalty: "9820000099992", email: null, name: null, phone: null, nickname: null, ...change }],
    })),
};
/** Parts of a path that have a form of their own. */
const PARTS: Readonly<Record<string, string>> = {
  ":serial": "00".repeat(16),
  ":account": "staff-1",
  ":request": "a".repeat(26),
  ":record": "scc-0001",
  ":week": "2026-W01",
  ":item": "2026-W01.r1",
};
/** These answer 200 and name the rows that they refuse. */
const BY_ROW = /"(?:added|imported)":0\b/;

/** Every call of the ops door, as staff with every role: bodies, the catalogue's file, path, query and headers. */
export async function tryOps(place: Place, pan: string): Promise<Attempt[]> {
  const { store, keys, origins } = place;
  const session = await makeSessionKey();
  const sign = { cell: store.cell, signingJwk: keys.outside.staffSigningJwk, boundTo: session.thumbprint };
  const token = await signStaffToken({ ...sign, roles: STAFF_ROLES });
  const made: Attempt[] = [];
  for (const [name, call] of Object.entries(CALLS)) {
    const route = `${call.method} ${call.path}`;
    const path = call.path
      .replace(":store", store.store)
      .replace(":day", "2026-11-21")
      .replaceAll(/:\w+/g, (part) => (part === ":session" ? crypto.randomUUID() : (PARTS[part] ?? "1")));
    const send = async (
      field: string,
      target: string,
      type: string | null,
      body?: string,
      more: Record<string, string> = {},
    ) =>
      attempt({
        origin: origins.ops,
        route,
        field,
        path: target,
        method: call.method,
        headers: {
          authorization: `DPoP ${token}`,
          dpop: await session.proof(call.method, new URL(target, origins.ops).href, token),
          ...(type === null ? {} : { "content-type": type }),
          ...more,
        },
        ...(body === undefined ? {} : { body }),
        taken: (status, text) => status < 400 && !BY_ROW.test(text),
      });
    made.push(await send("query", `${path}?note=${pan}`, null));
    made.push(await send("header", path, null, undefined, { "x-note": pan }));
    if (call.path.includes(":")) made.push(await send("path", call.path.replaceAll(/:\w+/g, pan), null));
    if (call.method === "GET") continue;
    const bodies = BODIES[name as keyof typeof CALLS];
    for (const written of waysToWrite(pan)) {
      if (name === "importCatalogue") {
        const row = `4006381333931,${written},299,${DEMO_STORES[store.cell].currency},food,`;
        made.push(
          await send("name", path, "text/csv", `gtin,name,price_minor,currency,tax_class,net_weight_g\n${row}\n`),
        );
        continue;
      }
      for (const body of bodies?.(written, place) ?? [])
        made.push(await send("a whole body", path, "application/json", JSON.stringify(body)));
      if (!/\/(?:revocation|release)$/.test(call.path))
        made.push(await send("note", path, "application/json", JSON.stringify({ note: written })));
    }
  }
  return made;
}
