import { X509Certificate } from "node:crypto";
import { drizzle } from "drizzle-orm/d1";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  STORE_ATTESTATION,
  STORE_BEACON,
  importPublicKey,
  kidOf,
  parseFrame,
  signFrame,
  verifyFrame,
} from "../../../protocol/cart/cose.ts";
import { hex } from "../../../protocol/bytes.ts";
import type { EatClaims } from "../../../protocol/cart/messages.ts";
import { decodeCellKey, decodeStoreAttestation, encodeBeaconStatement } from "../../../protocol/cart/statements.ts";
import type { CartSerial, Kid, StoreId } from "../../../protocol/ids.ts";
import type { Result } from "../../../protocol/result.ts";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import type { CartRecord, StoreAttestation } from "../../../protocol/rooms/fleet.ts";
import { certificationRequest, makeUnit, manifestEntry, type CartUnit } from "../../../tools/factory/cart-unit.ts";
import { makeAuthority, type Authority } from "../../../tools/platform/authority.ts";
import { makeFirmwareSigners } from "../../../tools/platform/firmware-signers.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { cartQuery } from "../registry.ts";

/** The audit room as its callers see it: keeps acts, and is down while `down` was appended last. */
const AUDIT = `
import { WorkerEntrypoint } from "cloudflare:workers";
const acts = []; let down = false;
export class ForFleet extends WorkerEntrypoint {
  append(act) { if (down) return { ok: false, reason: "unavailable" }; acts.push(act); return { ok: true, value: { index: acts.length - 1 } }; }
}
export default { async fetch(request) {
  const url = new URL(request.url);
  if (url.pathname === "/down") down = true;
  if (url.pathname === "/up") down = false;
  return Response.json(acts);
} };`;

const STORE = "eu-demo" as StoreId;
const OTHER = "eu-other" as StoreId;
const DIGEST = "ab".repeat(32);
const NONCE = new Uint8Array(16).fill(7);

let authority: Authority;
let room: RoomUnderTest;
let beacon: { kid: Uint8Array; point: Uint8Array; sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array> };

const ops = <T>(method: string, ...args: unknown[]) => room.call<T>("ForOps", "ops", method, ...args);
const edge = <T>(method: string, ...args: unknown[]) => room.call<T>("ForEdge", "edge", method, ...args);
type Enrolled = Result<{ certificate: Uint8Array; chain: Uint8Array[] }, string>;

async function audit(path = "/"): Promise<AuditAct[]> {
  const worker = await room.miniflare.getWorker("cartwright-audit-eu");
  return (await (await worker.fetch(`http://audit.test${path}`)).json()) as AuditAct[];
}

async function listed(): Promise<CartUnit> {
  const unit = await makeUnit();
  await ops("importManifest", [await manifestEntry(unit)]);
  return unit;
}

async function enrolled(): Promise<CartUnit & { kid: Kid }> {
  const unit = await listed();
  const answer = await ops<Enrolled>("enrol", await certificationRequest(unit));
  if (!answer.ok) throw new Error(answer.reason);
  return { ...unit, kid: hex(await kidOf(answer.value.certificate)) as Kid };
}

async function makeBeacon() {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  return {
    kid: await kidOf(point),
    point,
    sign: async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, bytes)),
  };
}

function eatOf(serial: CartSerial, nonce = NONCE): EatClaims {
  const digest = new Uint8Array(32);
  return { nonce, serial, debug: 4, boot: 1, version: "1.0.0", digest, securityCounter: 1, reader: "R-1" };
}

const beaconFrame = (store: StoreId, by = beacon, nonce = NONCE, purpose = STORE_BEACON) =>
  signFrame(encodeBeaconStatement({ store, nonce }), by.kid, purpose, by.sign);

beforeAll(async () => {
  authority = await makeAuthority("eu");
  const secrets = { ...authority.secrets, ...(await makeFirmwareSigners()).secrets };
  room = await startRoom("fleet", { secrets, neighbours: { audit: AUDIT } });
  beacon = await makeBeacon();
  await ops("registerBeacon", STORE, "entrance", beacon.point);
});
afterAll(() => room.stop());

describe("enrolling a cart", () => {
  test("gives a listed serial with its listed key a device certificate that chains to the pinned root", async () => {
    const unit = await listed();
    const answer = await ops<Enrolled>("enrol", await certificationRequest(unit));
    if (!answer.ok) throw new Error(answer.reason);
    const [device, intermediate, root] = [answer.value.certificate, ...answer.value.chain].map(
      (der) => new X509Certificate(der),
    );
    if (device === undefined || intermediate === undefined || root === undefined) throw new Error("chain is short");
    expect(device.checkIssued(intermediate) && device.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.verify(root.publicKey)).toBe(true);
    expect(device.ca).toBe(false);
    expect(device.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(device.subject).toContain(`serialNumber=${unit.serial}`);
    expect(device.validToDate < intermediate.validToDate).toBe(true);
    const { x, y } = await unit.element.save();
    expect(device.publicKey.export({ format: "jwk" })).toMatchObject({ x, y });
    const fingerprint = device.fingerprint256.replaceAll(":", "").toLowerCase();
    expect(await audit()).toContainEqual(
      expect.objectContaining({ kind: "certificate_issued", on: `cart:${unit.serial}`, detail: { fingerprint } }),
    );
  });

  test("answers the same certificate to the same key, even to ten requests at once", async () => {
    const unit = await listed();
    const request = await certificationRequest(unit);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ops<Enrolled>("enrol", request)));
    const certificates = new Set(answers.map((each) => (each.ok ? hex(each.value.certificate) : each.reason)));
    expect(certificates.size).toBe(1);
    const later = await ops<Enrolled>("enrol", await certificationRequest(unit));
    expect(later.ok && certificates.has(hex(later.value.certificate))).toBe(true);
  });

  test("refuses a serial that the factory did not list", async () => {
    expect(await ops("enrol", await certificationRequest(await makeUnit()))).toEqual({
      ok: false,
      reason: "not_in_manifest",
    });
  });

  test("refuses another key for a listed serial", async () => {
    const unit = await listed();
    const thief = { ...(await makeUnit()), serial: unit.serial };
    expect(await ops("enrol", await certificationRequest(thief))).toEqual({ ok: false, reason: "key_mismatch" });
  });

  test("refuses a request that does not prove possession of its key, is cut, or has bytes after its end", async () => {
    const request = await certificationRequest(await listed());
    const forged = request.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    for (const bad of [forged, request.slice(0, -1), Uint8Array.of(...request, 0), new Uint8Array(0), NONCE])
      expect(await ops("enrol", bad)).toEqual({ ok: false, reason: "bad_request" });
  });

  test("issues nothing while the audit log is down", async () => {
    const unit = await listed();
    const request = await certificationRequest(unit);
    await audit("/down");
    expect(await ops("enrol", request)).toEqual({ ok: false, reason: "unavailable" });
    await audit("/up");
    const db = await room.miniflare.getD1Database("FLEET", room.worker);
    const row = await db.prepare("SELECT count(*) AS n FROM carts WHERE serial = ?").bind(unit.serial).first();
    expect(row).toEqual({ n: 0 });
    expect((await ops<Enrolled>("enrol", request)).ok).toBe(true);
  });
});

describe("the factory's manifest", () => {
  test("counts new and known lines and names each refused one by its row", async () => {
    const [one, two] = [await manifestEntry(await makeUnit()), await manifestEntry(await makeUnit())];
    await ops("importManifest", [one]);
    const report = await ops("importManifest", [
      one,
      two,
      { ...two, serial: "not hex" },
      { ...one, publicKeyHash: "00" },
      { ...one, publicKeyHash: "cd".repeat(32) },
      { serial: "ef".repeat(16), publicKeyHash: one.publicKeyHash },
      { ...two, publicKeyHash: "ab".repeat(32) },
    ]);
    expect(report).toEqual({
      ok: true,
      value: {
        added: 1,
        known: 1,
        refused: [
          { row: 3, reason: "bad_serial" },
          { row: 4, reason: "bad_key_hash" },
          { row: 5, reason: "serial_taken" },
          { row: 6, reason: "key_taken" },
          { row: 7, reason: "serial_taken" },
        ],
      },
    });
  });

  test("takes a list that is longer than one batch", async () => {
    const lines = Array.from({ length: 120 }, () => ({
      serial: hex(crypto.getRandomValues(new Uint8Array(16))),
      publicKeyHash: hex(crypto.getRandomValues(new Uint8Array(32))),
    }));
    expect(await ops("importManifest", lines)).toMatchObject({ value: { added: 120, known: 0, refused: [] } });
    const acts = await audit();
    expect(acts.at(-1)).toMatchObject({ kind: "settings_changed", on: "manifest", detail: { lines: 120 } });
    expect(await ops("importManifest", lines)).toMatchObject({ value: { added: 0, known: 120, refused: [] } });
    expect(await audit()).toEqual(acts);
  });
});

describe("what the door learns of a cart", () => {
  test("is its key, status, store and policy, by certificate", async () => {
    const cart = await enrolled();
    await ops("setPolicy", { digests: [DIGEST], minimumSecurityCounter: 3 }, "ada");
    await ops("assign", cart.serial, STORE, "ada");
    const record = await edge<Result<CartRecord, string>>("cart", cart.kid);
    expect(record).toMatchObject({
      ok: true,
      value: {
        serial: cart.serial,
        kid: cart.kid,
        status: "active",
        store: STORE,
        policy: { digests: [DIGEST], minimumSecurityCounter: 3 },
      },
    });
    expect(record.ok && record.value.publicKey.length).toBe(65);
  });

  test("is unknown for a certificate that was never issued", async () => {
    expect(await edge("cart", "0123456789abcdef")).toEqual({ ok: false, reason: "unknown" });
  });

  test("follows the newest policy and the newest assignment", async () => {
    const cart = await enrolled();
    await ops("assign", cart.serial, STORE, "ada");
    await ops("assign", cart.serial, OTHER, "ada");
    await ops("setPolicy", { digests: [DIGEST], minimumSecurityCounter: 9 }, "ada");
    expect(await edge("cart", cart.kid)).toMatchObject({
      value: { store: OTHER, policy: { minimumSecurityCounter: 9 } },
    });
    const db = await room.miniflare.getD1Database("FLEET", room.worker);
    const rows = await db
      .prepare("SELECT store, until_at IS NULL AS current FROM assignments WHERE serial = ? ORDER BY id")
      .bind(cart.serial)
      .all();
    expect(rows.results).toEqual([
      { store: STORE, current: 0 },
      { store: OTHER, current: 1 },
    ]);
  });

  test("is no store when someone moved the cart in the database without the statement key", async () => {
    const cart = await enrolled();
    await ops("assign", cart.serial, STORE, "ada");
    const db = await room.miniflare.getD1Database("FLEET", room.worker);
    await db.prepare("UPDATE assignments SET store = ? WHERE serial = ?").bind(OTHER, cart.serial).run();
    expect(await edge("cart", cart.kid)).toMatchObject({ ok: true, value: { store: null } });
  });

  test("comes from one query that scans no table", async () => {
    const db = await room.miniflare.getD1Database("FLEET", room.worker);
    const { sql, params } = cartQuery(drizzle({} as never), { kid: "0123456789abcdef" as Kid }).toSQL();
    const plan = await db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    expect(plan.results.length).toBeGreaterThan(3);
    expect(plan.results.filter(({ detail }) => detail.startsWith("SCAN"))).toEqual([]);
  });
});

describe("attesting a cart's store", () => {
  let cart: Awaited<ReturnType<typeof enrolled>>;
  const attest = (frame: Uint8Array, serial = cart.serial, nonce = NONCE) =>
    edge<Result<StoreAttestation, string>>("attestStore", serial, nonce, eatOf(serial, nonce), frame);
  beforeAll(async () => {
    cart = await enrolled();
    await ops("assign", cart.serial, STORE, "ada");
  });

  test("signs store, serial and nonce for twelve hours with a key that the pinned root vouches for", async () => {
    const answer = await attest(await beaconFrame(STORE));
    if (!answer.ok) throw new Error(answer.reason);
    const cellKey = parseFrame(answer.value.cellKey);
    const statement = parseFrame(answer.value.statement);
    if (!cellKey.ok || !statement.ok) throw new Error("not frames");
    const pinned = await importPublicKey(Buffer.from(authority.rootPublicKey, "base64"));
    expect(await verifyFrame(cellKey.value, pinned, "cartwright/1 cell-key")).toBe(true);
    const cell = decodeCellKey(cellKey.value.payload);
    if (!cell.ok) throw new Error(cell.reason);
    expect(statement.value.kid).toEqual(await kidOf(cell.value.publicKey));
    const key = await importPublicKey(cell.value.publicKey);
    expect(await verifyFrame(statement.value, key, STORE_ATTESTATION)).toBe(true);
    const claims = decodeStoreAttestation(statement.value.payload);
    if (!claims.ok) throw new Error(claims.reason);
    expect(claims.value).toMatchObject({ serial: cart.serial, store: STORE, nonce: NONCE });
    expect(claims.value.expires - claims.value.notBefore).toBe(12 * 60 * 60 * 1000);
    expect(answer.value.expires).toBe(claims.value.expires);
  });

  test("refuses a beacon statement made for another nonce, for another purpose or by an unknown key", async () => {
    const stranger = await makeBeacon();
    for (const frame of [
      await beaconFrame(STORE, beacon, new Uint8Array(16)),
      await beaconFrame(STORE, beacon, NONCE, STORE_ATTESTATION),
      await beaconFrame(STORE, stranger),
      await beaconFrame(STORE, { ...stranger, kid: beacon.kid }),
      new Uint8Array([1, 2, 3]),
    ])
      expect(await attest(frame)).toEqual({ ok: false, reason: "attestation" });
  });

  test("refuses a beacon that names a store which it was not registered for", async () => {
    expect(await attest(await beaconFrame(OTHER))).toEqual({ ok: false, reason: "attestation" });
  });

  test("refuses a cart that is in another store than its own, or in none", async () => {
    const elsewhere = await makeBeacon();
    await ops("registerBeacon", OTHER, "entrance", elsewhere.point);
    expect(await attest(await beaconFrame(OTHER, elsewhere))).toEqual({ ok: false, reason: "wrong_store" });
    const homeless = await enrolled();
    expect(await attest(await beaconFrame(STORE), homeless.serial)).toEqual({ ok: false, reason: "wrong_store" });
  });

  test("refuses claims of another cart", async () => {
    const other = await enrolled();
    const answer = await edge("attestStore", cart.serial, NONCE, eatOf(other.serial), await beaconFrame(STORE));
    expect(answer).toEqual({ ok: false, reason: "attestation" });
  });

  test("refuses a revoked cart", async () => {
    const lost = await enrolled();
    await ops("assign", lost.serial, STORE, "ada");
    expect((await attest(await beaconFrame(STORE), lost.serial)).ok).toBe(true);
    await ops("revoke", lost.serial, "ada");
    expect(await attest(await beaconFrame(STORE), lost.serial)).toEqual({ ok: false, reason: "cart_revoked" });
  });
});

describe("changes by staff", () => {
  test("revoke a cart for good, once in the log however often they are sent", async () => {
    const cart = await enrolled();
    expect(await ops("revoke", cart.serial, "ada")).toEqual({ ok: true });
    expect(await ops("revoke", cart.serial, "ada")).toEqual({ ok: true });
    expect(await edge("cart", cart.kid)).toMatchObject({ ok: true, value: { status: "revoked" } });
    expect(await ops("assign", cart.serial, STORE, "ada")).toEqual({ ok: false, reason: "revoked" });
    expect(await ops("enrol", await certificationRequest(cart))).toEqual({ ok: false, reason: "revoked" });
    const acts = (await audit()).filter((act) => act.kind === "cart_revoked" && act.on === `cart:${cart.serial}`);
    expect(acts).toMatchObject([{ who: "staff:ada", success: true, from: "ForOps.revoke" }]);
  });

  test("may revoke a listed serial before it is ever enrolled", async () => {
    const unit = await listed();
    expect(await ops("revoke", unit.serial, "ada")).toEqual({ ok: true });
    expect(await ops("enrol", await certificationRequest(unit))).toEqual({ ok: false, reason: "revoked" });
  });

  test("do not know a cart that was never listed", async () => {
    const { serial } = await makeUnit();
    expect(await ops("revoke", serial, "ada")).toEqual({ ok: false, reason: "unknown" });
    expect(await ops("assign", serial, STORE, "ada")).toEqual({ ok: false, reason: "unknown" });
  });

  test("are not made while the audit log is down", async () => {
    const cart = await enrolled();
    await ops("assign", cart.serial, STORE, "ada");
    const before = await edge("cart", cart.kid);
    await audit("/down");
    const down = { ok: false, reason: "unavailable" };
    expect(await ops("assign", cart.serial, OTHER, "ada")).toEqual(down);
    expect(await ops("revoke", cart.serial, "ada")).toEqual(down);
    expect(await ops("setPolicy", { digests: [DIGEST], minimumSecurityCounter: 77 }, "ada")).toEqual(down);
    expect(await ops("registerBeacon", STORE, "exit", (await makeBeacon()).point)).toEqual(down);
    expect(await ops("importManifest", [await manifestEntry(await makeUnit())])).toEqual(down);
    await audit("/up");
    expect(await edge("cart", cart.kid)).toEqual(before);
  });

  test("refuse a policy that allows nothing, names no digest, or counts below zero", async () => {
    for (const policy of [
      { digests: [], minimumSecurityCounter: 0 },
      { digests: ["ABCD"], minimumSecurityCounter: 0 },
      { digests: [DIGEST], minimumSecurityCounter: -1 },
      { digests: [DIGEST], minimumSecurityCounter: 0.5 },
    ])
      expect(await ops("setPolicy", policy, "ada")).toEqual({ ok: false, reason: "invalid" });
  });

  test("can be read back: none allows nothing, then the one that was set last", async () => {
    const db = await room.miniflare.getD1Database("FLEET", room.worker);
    await db.prepare("DELETE FROM policies").run();
    expect(await ops("policy")).toEqual({ ok: true, value: { digests: [], minimumSecurityCounter: 0 } });
    await ops("setPolicy", { digests: [DIGEST], minimumSecurityCounter: 5 }, "ada");
    expect(await ops("policy")).toEqual({ ok: true, value: { digests: [DIGEST], minimumSecurityCounter: 5 } });
  });

  test("set twice are one version of the policy and one act in the log", async () => {
    const policy = { digests: [DIGEST, "cd".repeat(32)], minimumSecurityCounter: 4 };
    await ops("setPolicy", policy, "ada");
    const acts = await audit();
    expect(await ops("setPolicy", { ...policy, digests: policy.digests.toReversed() }, "bob")).toEqual({ ok: true });
    expect(await audit()).toEqual(acts);
  });

  test("refuse a beacon key off the curve, and one that speaks for another beacon", async () => {
    const invalid = { ok: false, reason: "invalid" };
    expect(await ops("registerBeacon", STORE, "side", new Uint8Array(65).fill(4))).toEqual(invalid);
    expect(await ops("registerBeacon", STORE, "side", new Uint8Array(64))).toEqual(invalid);
    expect(await ops("registerBeacon", STORE, "Not A Name", (await makeBeacon()).point)).toEqual(invalid);
    expect(await ops("registerBeacon", OTHER, "exit", beacon.point)).toEqual(invalid);
    expect(await ops("registerBeacon", STORE, "entrance", beacon.point)).toEqual({ ok: true });
  });

  test("replace a beacon's key: what the old one signs is worth nothing", async () => {
    const cart = await enrolled();
    await ops("assign", cart.serial, STORE, "ada");
    const [old, fresh] = [await makeBeacon(), await makeBeacon()];
    await ops("registerBeacon", STORE, "north", old.point);
    await ops("registerBeacon", STORE, "north", fresh.point);
    const attest = async (by: typeof old) =>
      edge("attestStore", cart.serial, NONCE, eatOf(cart.serial), await beaconFrame(STORE, by));
    expect(await attest(old)).toEqual({ ok: false, reason: "attestation" });
    expect(await attest(fresh)).toMatchObject({ ok: true });
  });
});

describe("a refusal at the cart's door", () => {
  const refusal = { code: "signature", route: "POST /cart/v1/sessions/{id}/events", cart: null, kid: null, when: 5 };

  test("is one audit event with code, route and cart", async () => {
    const before = (await audit()).length;
    const serial = "0a".repeat(16);
    expect(await edge("refused", { ...refusal, cart: serial, note: "extra" })).toEqual({ ok: true });
    expect((await audit()).slice(before)).toEqual([
      {
        who: `cart:${serial}`,
        kind: "refusal",
        when: 5,
        success: false,
        from: refusal.route,
        on: `cart:${serial}`,
        detail: { code: "signature" },
      },
    ]);
  });

  test("by an unknown signer logs no more than half of the kid that was sent", async () => {
    await edge("refused", { ...refusal, kid: "4111111111111111" });
    expect((await audit()).at(-1)).toMatchObject({ who: "edge", on: "kid:41111111" });
  });

  test("is not logged with a code or a route that a client could have chosen", async () => {
    await expect(edge("refused", { ...refusal, code: "4111 1111" })).rejects.toThrow("not a cart code");
    await expect(edge("refused", { ...refusal, route: "POST /cart/v1/sessions/4111/x" })).rejects.toThrow(
      "not a route",
    );
  });

  test("answers unavailable while the audit log is down", async () => {
    await audit("/down");
    expect(await edge("refused", refusal)).toEqual({ ok: false, reason: "unavailable" });
    await audit("/up");
  });
});

test("the Worker has no page of its own", async () => {
  expect((await room.fetch("/")).status).toBe(404);
});
