import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { p256 } from "@noble/curves/nist.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeCbor } from "../../protocol/cart/cbor.ts";
import { encodeEnvelope } from "../../protocol/cart/codec.ts";
import { CART_STATUS, type CartCode } from "../../protocol/cart/codes.ts";
import { kidOf } from "../../protocol/cart/cose.ts";
import type { CartMessage } from "../../protocol/cart/messages.ts";
import { CBOR_TYPE } from "../../protocol/cart/paths.ts";
import { fromHex, uuidBytes, type HandoffId, type SessionId, type StoreId } from "../../protocol/ids.ts";
import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import frames from "../../protocol/vectors/frames.json" with { type: "json" };
import items from "../../protocol/vectors/items.json" with { type: "json" };
import payloads from "../../protocol/vectors/payloads-refused.json" with { type: "json" };
import { StoreBeacon } from "../../tools/cart/beacon.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { DEMO_STORES } from "../../tools/platform/seed-store.ts";
import { cellState } from "../../tools/platform/state.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { frameVectors } from "../../tools/vectors/frames.ts";
import { testKey } from "../../tools/vectors/keys.ts";
import { filesBelow, sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { RawCart, type Heard } from "./raw-cart.ts";
import { findCardNumbers } from "./traces.ts";

const CELL = "us";
const CARTS = 8;
/** The edge forgets what it knows of a cart after a minute. */
const CACHE_MS = 60_000;
const NOBODYS_SESSION = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf" as SessionId;
const OTHER_STORE = "us-other" as StoreId;
const CODE = [...sampleCatalogue(CELL).keys()][0] ?? "";

let platform: CellUnderTest;
let staff: RawCart["here"]["staff"];
/** Every answer of the cart API in this file. */
const heard: Heard[] = [];
/** Every answer of the app API in this file, as text. */
const told: string[] = [];

const cart = (index: number) => RawCart.switchedOn(platform.place, index, heard);
const cardNumbers = Object.values(TEST_CARDS).map(({ pan }) => pan);

let revoked: RawCart;
let revokedAt = 0;

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

const scan = (code: string, at: number | null = null) => ({
  events: [{ kind: "scan", code, quantity: 1, at, grams: null } as const],
});

async function auditLog(): Promise<AuditEntry[]> {
  const all: AuditEntry[] = [];
  for (;;) {
    const page = await staff.get<{ entries: AuditEntry[]; size: number }>(
      `/admin/v1/audit/entries?from=${all.length}&limit=500`,
    );
    all.push(...page.entries);
    if (page.entries.length === 0 || all.length >= page.size) return all;
  }
}

describe("each kind of refusal", () => {
  const refusals = async (code: string) =>
    (await auditLog()).filter(
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
    expect(JSON.stringify(await auditLog())).not.toContain(CODE);
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

/** An identity frame of the cart's session with a kind that no protocol knows, and a picture. */
function biometric(of: RawCart): Uint8Array {
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

describe("a card number", () => {
  const GROUPINGS: readonly (readonly [string, (pan: string) => string])[] = [
    ["in one run", (pan) => pan],
    ["in fours", (pan) => pan.replaceAll(/(.{4})(?=.)/g, "$1 ")],
    ["with hyphens", (pan) => pan.replaceAll(/(.{4})(?=.)/g, "$1-")],
    ["with points", (pan) => pan.replaceAll(/(.{4})(?=.)/g, "$1.")],
    ["as American Express prints it", (pan) => `${pan.slice(0, 4)} ${pan.slice(4, 10)} ${pan.slice(10)}`],
    ["in full-width digits", (pan) => pan.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
    ["in words", (pan) => `no ${pan}.`],
  ];
  const written = (limit: number) =>
    cardNumbers.flatMap((pan) =>
      GROUPINGS.filter(([name]) => !name.startsWith("as American") || pan.length === 15)
        .map(([, group]) => group(pan))
        .filter((text) => Buffer.byteLength(text) <= limit),
    );
  const inToken = cardNumbers.map((pan) => `${"Ab".repeat(6).slice(0, 24 - pan.length)}${pan}`);

  /** Fields with text, by how long they may be. */
  const FIELDS: readonly (readonly [
    field: string,
    texts: readonly string[],
    say: (cart: RawCart, text: string) => Promise<Heard>,
  ])[] = [
    ["a scanned code", written(100), (a, text) => a.say("events", scan(text))],
    ["a loyalty number", written(32), (a, text) => a.say("identity", { kind: "loyalty", value: text })],
    ["a card token", [...inToken, ...cardNumbers], (a, text) => a.say("identity", { kind: "card", value: text })],
    ["a pairing code", written(64), (a, text) => a.say("identity", { kind: "pairing", value: text })],
    ["a terminal id", written(32), (a, text) => a.say("checkout", { lastSeq: 0, terminal: text })],
    [
      "an authorization reference",
      written(64),
      (a, reference) =>
        a.say("payment", { handoff: crypto.randomUUID() as HandoffId, reference, basketDigest: new Uint8Array(32) }),
    ],
    ["a reader's serial", written(32), (a, reader) => a.say("open", { eat: a.claims({ reader }) }, { seq: 0 })],
    ["a firmware version", written(32), (a, version) => a.say("open", { eat: a.claims({ version }) }, { seq: 0 })],
    [
      "a reader's serial in an attestation",
      cardNumbers,
      async (a, reader) => {
        const eat = a.claims({ reader });
        return a.say("attestation", { eat, beacon: await a.here.beacon.state(eat.nonce) }, { seq: 0 });
      },
    ],
    [
      "a reader's serial in a question for firmware",
      cardNumbers,
      (a, reader) => a.say("firmware", { eat: a.claims({ reader }) }, { seq: 0 }),
    ],
    ["the cart's clock", safe(cardNumbers), (a, text) => a.say("events", scan(CODE), { time: Number(text) })],
    ["an event's time", safe(cardNumbers), (a, text) => a.say("events", scan(CODE, Number(text)))],
  ];

  test.each(FIELDS)("as %s is refused", async (field, texts, say) => {
    const a = await cart(4);
    await a.open();
    expect(texts.length).toBeGreaterThan(0);
    const answers: [string, unknown][] = [];
    for (const text of texts) answers.push([text, (await say(a, text)).error?.code]);
    expect(answers.filter(([, code]) => code !== "pan_detected")).toEqual([]);
    // Nothing was taken: the first number of the session is still free.
    expect(await a.say("events", scan(CODE)), field).toMatchObject({ status: 200 });
  });

  test("in bytes that are no text is refused for what it pretends to be", async () => {
    const a = await cart(4);
    await a.open();
    for (const pan of cardNumbers) {
      const basketDigest = new Uint8Array(Buffer.from(pan.padEnd(32, " ")));
      const payment = { handoff: crypto.randomUUID() as HandoffId, reference: "none", basketDigest };
      expect(await a.say("payment", payment)).toMatchObject({ error: { code: "state" } });
      const digest = new Uint8Array(Buffer.from(pan.padEnd(32, " ")));
      expect(await a.say("open", { eat: a.claims({ digest }) }, { seq: 0 })).toMatchObject({
        error: { code: "attestation" },
      });
    }
  });

  test("in the app API is refused in every field, name, path and query", async () => {
    const bearer = async (claims: Record<string, string> = {}) => {
      const form = new URLSearchParams({ username: "card-number-writer", ...claims });
      const response = await fetch(`${platform.place.origins.issuer}/token`, { method: "POST", body: form });
      return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
    };
    const authorization = await bearer();
    const ask = async (method: string, path: string, body?: string, token = authorization) => {
      const response = await fetch(platform.place.origins.api + path, {
        method,
        headers: { authorization: token, "content-type": "application/json" },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      told.push(text);
      const code = text.startsWith("{") ? (JSON.parse(text) as { code?: string }).code : undefined;
      return `${method} ${response.status} ${code}`;
    };
    const expectRefused = async (method: string, path: string, body?: string, token?: string) =>
      expect(await ask(method, path, body, token), `${method} ${path}`).toBe(`${method} 422 pan_detected`);

    const [visa, amex, jcb] = [TEST_CARDS.visa.pan, "3782 822463 10005", TEST_CARDS.jcb.pan];
    for (const field of ["email", "name", "phone", "address", "nickname", "never-heard-of"])
      for (const value of [visa, amex, Number(jcb), [visa], { deep: { in: amex } }])
        await expectRefused("PATCH", "/v1/me", JSON.stringify({ [field]: value }));
    await expectRefused("PATCH", "/v1/me", JSON.stringify({ [visa]: "a name" }));
    await expectRefused("POST", "/v1/pairing-codes", JSON.stringify({ store: visa }));
    await expectRefused("POST", "/v1/pairing-codes", JSON.stringify({ store: "us-demo", note: amex }));
    for (const number of cardNumbers) await expectRefused("POST", "/v1/me/loyalty-cards", JSON.stringify({ number }));
    await expectRefused("POST", "/v1/me/loyalty-cards", JSON.stringify({ number: "9810000000017", card: visa }));
    await expectRefused("GET", `/v1/pairing-codes/${visa}`);
    await expectRefused("POST", `/v1/pairing-codes/${visa}/confirm`);
    await expectRefused("DELETE", `/v1/me/loyalty-cards/${visa}`);
    await expectRefused("GET", `/v1/me?card=${encodeURIComponent(amex)}`);
    await expectRefused("GET", `/r/${visa}`);
    await expectRefused("GET", `/nowhere/${visa}`);
    await expectRefused("GET", "/v1/me", undefined, await bearer({ name: amex }));
    expect(told.join("\n")).not.toMatch(/\d{12}/);
    const recorded = (await auditLog()).filter(({ detail }) => detail?.["code"] === "pan_detected");
    expect(recorded.map(({ from }) => from).join("\n")).not.toMatch(/\d{12}/);
  });

  test("is nowhere in the cell's state or logs afterwards, however it is written", () => {
    const folder = mkdtempSync(join(tmpdir(), "cartwright-cards-"));
    const [pan = ""] = cardNumbers;
    for (const [i, [, group]] of GROUPINGS.slice(0, 4).entries()) {
      writeFileSync(join(folder, `${i}`), `a ${group(pan)} b`);
      writeFileSync(join(folder, `${i}-wide`), Buffer.from(`a ${group(pan)} b`, "utf16le"));
    }
    expect(new Set(findCardNumbers(folder, [pan]).map(({ path }) => path)).size).toBe(8);
    rmSync(folder, { recursive: true });
    expect(findCardNumbers(cellState(CELL, platform.root), cardNumbers)).toEqual([]);
  });
});

/** Numbers that CBOR and JSON carry whole. */
function safe(numbers: readonly string[]): string[] {
  return numbers.filter((text) => Number.isSafeInteger(Number(text)));
}

describe("the protocol's vectors, sent to the edge", () => {
  test("frames of a cart that nobody enrolled are refused by their form or their signature", async () => {
    const a = await cart(5);
    const wrong: string[] = [];
    for (const { name, purpose, frame, result } of frames) {
      const path = purpose.split(" ")[2] ?? "";
      const { error, status } = await a.post(path, Uint8Array.from(fromHex(frame)));
      const code = result === "accepted" ? "signature" : (result as CartCode);
      if (error?.code !== code || status !== CART_STATUS[code]) wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("frames of an enrolled cart are refused the same, and only the right ones get past the signature", async () => {
    const a = await cart(5);
    const unit = platform.store.carts[5];
    const secret = Buffer.from(unit?.privateJwk.d ?? "", "base64url");
    const key = {
      name: "cart",
      point: p256.getPublicKey(secret, false).slice(),
      kid: await kidOf(Buffer.from(unit?.certificate ?? "", "base64")),
      sign: (message: Uint8Array) => p256.sign(message, secret, { lowS: true }).slice(),
    };
    const eat = a.claims();
    const payload = encodeEnvelope("open", { session: null, boot: eat.boot, seq: 0, time: Date.now(), body: { eat } });
    const vectors = frameVectors(key, await testKey("stranger"), payload);
    const wrong: string[] = [];
    for (const { name, key: checkedWith, frame, result } of vectors) {
      const { error, status } = await a.post("/cart/v1/sessions", Uint8Array.from(fromHex(frame)));
      const isGood = result === "accepted" || checkedWith !== "cart";
      // A good frame is judged by what it says: a nonce that nobody gave, or 16 KiB of zeros.
      const code = !isGood ? result : name.startsWith("exactly") ? "malformed" : "attestation";
      if (error?.code !== code) wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(vectors.length).toBe(frames.length);
    expect(wrong).toEqual([]);
  });

  test("payloads in rightly signed frames are refused with their code", async () => {
    const a = await cart(6);
    const wrong: string[] = [];
    for (const { name, message, payload, result } of payloads) {
      const path = a.pathOf(message as CartMessage, NOBODYS_SESSION);
      const { error, status } = await a.sayPayload(path, fromHex(payload));
      if (error?.code !== result || status !== CART_STATUS[result as CartCode])
        wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("items in place of a greeting are malformed", async () => {
    const a = await cart(6);
    const wrong: string[] = [];
    for (const { name, item, reason } of items) {
      const { error, status } = await a.post("/cart/v1/hello", Uint8Array.from(fromHex(item)), CBOR_TYPE);
      const code = reason === "size" ? "too_large" : "malformed";
      if (error?.code !== code) wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("an identity of another kind changes nothing in a trip", async () => {
    const a = await cart(6);
    await a.open();
    expect(await a.sayPayload(a.pathOf("identity"), biometric(a))).toMatchObject({
      status: 422,
      error: { code: "identity_kind_not_allowed" },
    });
    expect(await a.say("events", scan(CODE))).toMatchObject({ status: 200 });
  });
});

describe("the doors of staff and of the pay origin", () => {
  const SESSION = `/staff/v1/sessions/${NOBODYS_SESSION}`;

  test.each([
    ["PUT", "/admin/v1/stores/us-demo"],
    ["POST", "/admin/v1/members"],
    ["POST", "/admin/v1/fleet/enrolments"],
    ["PUT", "/admin/v1/fleet/policy"],
    ["GET", "/admin/v1/audit/entries?from=0&limit=1"],
    ["GET", SESSION],
    ["POST", `${SESSION}/holds/1/clear`],
    ["POST", `${SESSION}/void`],
  ])("%s %s needs a token of staff", async (method, path) => {
    const ask = (headers: Record<string, string>) =>
      fetch(platform.place.origins.ops + path, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
    const form = new URLSearchParams({ username: "no-staff" });
    const shopper = await fetch(`${platform.place.origins.issuer}/token`, { method: "POST", body: form });
    const { access_token: token } = (await shopper.json()) as { access_token: string };
    for (const headers of [{}, { authorization: "Bearer made.up.token" }, { authorization: `Bearer ${token}` }])
      expect((await ask(headers)).status).toBe(401);
  });

  test.each([
    ["POST", "/v1/authorizations"],
    ["GET", `/v1/authorizations/${NOBODYS_SESSION}`],
    ["POST", `/v1/authorizations/${NOBODYS_SESSION}/capture`],
    ["POST", `/v1/authorizations/${NOBODYS_SESSION}/void`],
    ["POST", `/v1/authorizations/${NOBODYS_SESSION}/refunds`],
  ])("%s %s takes nothing but the forwarder's envelope", async (method, path) => {
    const ask = async (headers: Record<string, string>, body?: string) => {
      const response = await fetch(platform.place.origins.pay + path, {
        method,
        headers: { "idempotency-key": "a-key-of-nobody", ...headers },
        ...(body === undefined ? {} : { body }),
      });
      return response.status;
    };
    if (method === "GET") {
      expect(await ask({})).toBe(401);
      return;
    }
    expect(await ask({ "content-type": "application/json" }, "{}")).toBe(415);
    for (const body of ["", "a.b.c.d.e", "e30.e30.e30.e30.e30"])
      expect(await ask({ "content-type": "application/jose" }, body)).toBe(401);
  });
});

describe("after all of it", () => {
  test("no answer was a failure of the platform, and none but the code was in a refusal", () => {
    expect(heard.length).toBeGreaterThan(300);
    expect(heard.filter(({ status }) => status >= 500)).toEqual([]);
    expect(heard.filter(({ status, error }) => status >= 400 && error === null)).toEqual([]);
  });

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
    const publicKey = Buffer.from(await beacon.publicPoint()).toString("base64");
    await staff.put(`/admin/v1/stores/${OTHER_STORE}/beacons/side-door`, { publicKey });
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
    expect(await verify(platform)).toMatchObject({ code: 0, text: expect.stringContaining("is whole") });

    await platform.stop();
    expect(findCardNumbers(cellState(CELL, platform.root), cardNumbers)).toEqual([]);
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
  const file = files.find(({ path, bytes }) => path.endsWith(".sqlite") && bytes.includes("leaves_stay"));
  if (file === undefined) throw new Error("the audit log's database is not there");
  const database = new DatabaseSync(file.path);
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
