import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeCbor } from "../../protocol/cart/cbor.ts";
import { CART_STATUS, type CartCode } from "../../protocol/cart/codes.ts";
import type { StoreId } from "../../protocol/ids.ts";
import { StoreBeacon } from "../../tools/cart/beacon.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { DEMO_STORES } from "../../tools/platform/seed-store.ts";
import { cellState } from "../../tools/platform/state.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { auditLog, biometric, NOBODYS_SESSION, scan } from "./attempts.ts";
import { filesBelow, sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { RawCart, type Heard } from "./raw-cart.ts";
import { findCardNumbers } from "./traces.ts";

const CELL = "us";
const CARTS = 5;
/** The edge forgets what it knows of a cart after a minute. */
const CACHE_MS = 60_000;
/** Entries of a full bundle (C2SP tlog-tiles); one that is not full is written anew as the log grows. */
const BUNDLE = 256;
const OTHER_STORE = "us-other" as StoreId;
const CODE = [...sampleCatalogue(CELL).keys()][0] ?? "";

let platform: CellUnderTest;
let staff: RawCart["here"]["staff"];
let revoked: RawCart;
let revokedAt = 0;

/** The other store's one beacon, in the place of the one before. */
const registerBeacon = async (beacon: StoreBeacon) => {
  const publicKey = Buffer.from(await beacon.publicPoint()).toString("base64");
  await staff.put(`/admin/v1/stores/${OTHER_STORE}/beacons/side-door`, { publicKey });
};
const cart = (index: number) => RawCart.switchedOn(platform.place, index);

beforeAll(async () => {
  platform = await startCellUnderTest(CELL, { seed: { carts: CARTS } });
  revoked = await cart(CARTS - 1);
  ({ staff } = revoked.here);
  // The edge must know the cart when it is revoked, and it takes a minute until the last test may look again.
  await revoked.open();
  await staff.post(`/admin/v1/fleet/carts/${revoked.serial}/revocation`);
  revokedAt = Date.now();
  const other = { ...DEMO_STORES[CELL], name: "Other Market", posUrl: platform.place.origins.pos };
  await staff.put(`/admin/v1/stores/${OTHER_STORE}`, other);
});
afterAll(() => platform.end());

describe("each kind of refusal", () => {
  const refusals = async (code: string) =>
    (await auditLog(staff)).filter(
      ({ kind, detail }) => ["refusal", "pan_detected"].includes(kind) && detail?.["code"] === code,
    ).length;

  test("leaves one audit event, and nothing else of itself", async () => {
    const a = await cart(0);
    await a.open();
    const b = await cart(1);
    await b.attest();
    const reassigned = await cart(2);
    await reassigned.attest();
    await staff.put(`/admin/v1/fleet/carts/${reassigned.serial}/assignment`, { store: OTHER_STORE });
    const path = a.pathOf("events");
    const flipped = async () => {
      const frame = await a.client.sign(path, encodeCbor(0));
      frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
      return frame;
    };
    const closed = await cart(3);
    const over = await closed.open();
    const ended = { lastSeq: 0 };

    const acts: readonly (readonly [CartCode, () => Promise<Heard>])[] = [
      ["malformed", () => a.sayPayload(path, encodeCbor(new Map()))],
      ["signature", async () => a.post(path, await flipped())],
      ["pan_detected", () => a.say("events", scan(TEST_CARDS.visa.pan))],
      ["identity_kind_not_allowed", () => a.sayPayload(a.pathOf("identity"), biometric(a))],
      ["invalid_field", () => a.say("events", scan(""))],
      ["no_session", () => a.say("events", scan(CODE), { session: NOBODYS_SESSION })],
      ["seq", () => a.say("checkout", { lastSeq: 8, terminal: "T1" }, { seq: 9 })],
      ["state", () => a.say("checkout", { lastSeq: 0, terminal: "T1" })],
      ["too_large", () => a.post(path, new Uint8Array(17 * 1024))],
      ["attestation", () => b.say("open", { eat: b.claims() }, { seq: 0 })],
      ["wrong_store", async () => openAnswer(reassigned)],
      [
        "session_over",
        async () => {
          expect(await closed.say("close", ended)).toMatchObject({ status: 200 });
          return closed.say("events", scan(CODE), { seq: 2, session: over });
        },
      ],
      ["equivocation", async () => equivocate(a)],
      ["cart_quarantined", () => a.say("events", scan(CODE), { seq: 2 })],
      ["cart_revoked", () => revoked.say("open", { eat: revoked.claims() }, { seq: 0 })],
    ];
    for (const [code, act] of acts) {
      const before = await refusals(code);
      const answer = await act();
      expect(answer, code).toMatchObject({ status: CART_STATUS[code], error: { code } });
      await expect.poll(() => refusals(code), { message: code, timeout: 5_000 }).toBe(before + 1);
    }
    const all = await Promise.all(acts.map(async ([code]) => [code, await refusals(code)] as const));
    expect(all).toEqual(acts.map(([code]) => [code, 1]));
    expect(JSON.stringify(await auditLog(staff))).not.toContain(CODE);
  });

  /** Two scans under one number; the second one is the refusal. */
  async function equivocate(a: RawCart): Promise<Heard> {
    expect(await a.say("events", scan(CODE))).toMatchObject({ status: 200 });
    return a.say("events", { events: [{ kind: "weight", grams: 1, at: null }] });
  }

  /** Claims with the nonce that the cart carries, so that only the store is wrong. */
  async function openAnswer(moved: RawCart): Promise<Heard> {
    const opened = await moved.client.open();
    expect(opened).toMatchObject({ ok: false, reason: "wrong_store" });
    const error = { code: "wrong_store", expected: null } as const;
    return { status: opened.status ?? 0, error, body: new Uint8Array() };
  }
});

describe("after those refusals", () => {
  test("a revoked cart is refused everything once the edge's minute is over", async () => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, revokedAt + CACHE_MS + 500 - Date.now())));
    const refused = { status: 403, error: { code: "cart_revoked" } };
    expect(await revoked.say("events", scan(CODE))).toMatchObject(refused);
    expect(await revoked.say("telemetry", { events: [{ kind: "fault", code: 2, detail: 0, at: null }] })).toMatchObject(
      refused,
    );
  });

  test("a beacon of another store doesn't open this one", async () => {
    const a = await cart(1);
    const beacon = await StoreBeacon.make(OTHER_STORE);
    const nobodys = await a.client.attest(beacon);
    expect(nobodys).toMatchObject({ ok: false, reason: "attestation" });
    await registerBeacon(beacon);
    expect(await a.client.attest(beacon)).toMatchObject({ ok: false, reason: "wrong_store" });
  });

  test("the audit log verifies, and does not once a byte of it is another", async () => {
    const verify = async (of: CellUnderTest) => {
      const args = ["tools/audit.ts", "verify", "--cell", CELL, "--origin", of.place.origins.ops, "--state", of.root];
      try {
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
        return { code: 0, text: stdout };
      } catch (error) {
        const { code, stderr } = error as { code?: number; stderr?: string };
        return { code, text: stderr ?? "" };
      }
    };
    for (let entries = 0; entries < BUNDLE; entries += 1) await registerBeacon(await StoreBeacon.make(OTHER_STORE));
    const whole = async () => Number(/the log of (\d+) entries is whole/.exec((await verify(platform)).text)?.[1]);
    await expect.poll(whole, { timeout: 60_000 }).toBeGreaterThan(BUNDLE);

    await platform.stop();
    expect(findCardNumbers(cellState(CELL, platform.root), [TEST_CARDS.visa.pan])).toEqual([]);
    const root = mkdtempSync(join(tmpdir(), "cartwright-flipped-"));
    cpSync(platform.root, root, { recursive: true });
    rmSync(join(cellState(CELL, root), "audit-checkpoint-platform.txt"));
    flipByteOfAuditLog(cellState(CELL, root));
    const copy = await startCellUnderTest(CELL, { root, seed: { carts: CARTS - 1 } });
    try {
      expect(await verify(copy)).toMatchObject({ code: 1, text: expect.stringContaining("BROKEN") });
    } finally {
      await copy.end();
    }
  });
});

/** Turns one bit of a published entry's time, as a stray write on the disk would. */
function flipByteOfAuditLog(state: string): void {
  const files = filesBelow(state);
  // Its schema is in the database's file or, until that is written, in the log beside it.
  const file = files.find(({ path, bytes }) => /\.sqlite(?:-wal)?$/.test(path) && bytes.includes("leaves_stay"));
  if (file === undefined) throw new Error("the audit log's database is not there");
  const database = new DatabaseSync(file.path.replace(/-wal$/, ""));
  const row = database.prepare("SELECT entry FROM leaves WHERE i = 9").get();
  database.close();
  const entry = Buffer.from(String(row?.["entry"]));
  const bundles = files.filter(({ path, bytes }) => !path.includes(".sqlite") && bytes.includes(entry));
  expect(bundles.length).toBeGreaterThan(0);
  for (const { path, bytes } of bundles) {
    const digit = bytes.indexOf(entry) + entry.indexOf('"when":') + '"when":'.length + 12;
    bytes.writeUInt8(bytes.readUInt8(digit) ^ 1, digit);
    writeFileSync(path, bytes);
  }
}
