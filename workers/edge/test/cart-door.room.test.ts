import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromHex, hex } from "../../../protocol/bytes.ts";
import { encodeCbor } from "../../../protocol/cart/cbor.ts";
import { decodeAnswer, encodeHello } from "../../../protocol/cart/codec.ts";
import type { CartBodies } from "../../../protocol/cart/messages.ts";
import type { SessionId } from "../../../protocol/ids.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { bytes, neighbour, neighbours, type Neighbour } from "./neighbours.ts";
import { SESSION, STORE, pathOf, testCart, type TestCart } from "./cart-under-test.ts";

const PAN = "4111 1111 1111 1111";
const SCAN: CartBodies["events"] = {
  events: [{ kind: "scan", code: "4006381333931", quantity: 1, at: null, grams: null }],
};
const scanOf = (code: string): CartBodies["events"] => ({
  events: [{ kind: "scan", code, quantity: 1, at: null, grams: null }],
});
const ANSWER = "a101182a";
const POST = "cartwright/1 POST ";

let room: RoomUnderTest;
let fleet: Neighbour;
let sessions: Neighbour;

beforeAll(async () => {
  room = await startRoom("edge", { neighbours });
  fleet = neighbour(room, "fleet");
  sessions = neighbour(room, "sessions");
});
afterAll(() => room.stop());

async function enrolled(change: Parameters<TestCart["record"]>[0] = {}): Promise<TestCart> {
  const cart = await testCart();
  await fleet.tell({
    [`ForEdge.cart ${cart.kid}`]: cart.record(change),
    "ForEdge.cart": { ok: false, reason: "unknown" },
    "ForEdge.refused": { ok: true },
  });
  await sessions.tell({ "ShoppingSession.events": { ok: true, status: 200, body: bytes(ANSWER) } });
  return cart;
}

const post = (path: string, body: BodyInit): Promise<Response> => room.fetch(path, { method: "POST", body });
const bodyOf = async (response: Response): Promise<string> => hex(new Uint8Array(await response.arrayBuffer()));
async function codeOf(response: Response): Promise<string> {
  const decoded = decodeAnswer("error", new Uint8Array(await response.arrayBuffer()));
  return decoded.ok ? decoded.value.code : "not an error";
}
const refusedBy = async (cart: TestCart): Promise<unknown[]> =>
  (await fleet.asked("ForEdge.refused"))
    .map(({ args }) => args[0] as { cart: string | null; code: string; route: string })
    .filter((each) => each.cart === cart.serial);

describe("a scan", () => {
  it("is one call to the session, whose bytes come back with no header that the cart does not need", async () => {
    const cart = await enrolled();
    await sessions.forget();
    await sessions.tell({ "ShoppingSession.events": { ok: true, status: 200, body: bytes(ANSWER) } });
    const frame = await cart.frame("events", SCAN);
    const response = await post(pathOf("events"), frame);
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toBe(ANSWER);
    expect(Object.fromEntries(response.headers)).toEqual({ "content-type": "application/cbor", "content-length": "4" });
    const asked = await sessions.asked();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      method: "ShoppingSession.events",
      object: SESSION,
      args: [{ frame: bytes(hex(frame)), cart: cart.serial, envelope: { session: SESSION, seq: 1, body: SCAN } }],
    });
  });

  it("asks the registry for the cart's record once, not at every scan", async () => {
    const cart = await enrolled();
    for (let scan = 0; scan < 3; scan += 1)
      expect((await post(pathOf("events"), await cart.frame("events", SCAN))).status).toBe(200);
    const asked = (await fleet.asked("ForEdge.cart")).filter(({ args }) => args[0] === cart.kid);
    expect(asked).toHaveLength(1);
  });

  it("with a German EAN that has a card number's check digit is no card number", async () => {
    const cart = await enrolled();
    expect((await post(pathOf("events"), await cart.frame("events", scanOf("4006381333931")))).status).toBe(200);
    expect((await post(pathOf("events"), await cart.frame("events", scanOf("36000000000006")))).status).toBe(200);
  });
});

describe("what the door refuses", () => {
  const vectors = (name: string): readonly Record<string, string>[] =>
    JSON.parse(readFileSync(new URL(`../../../protocol/vectors/${name}`, import.meta.url), "utf8"));
  const key = vectors("keys.json").find(({ name }) => name === "cart");

  it("is every published malformed frame, with its code and never a 500", async () => {
    const cart = await testCart();
    const record = cart.record() as { value: object };
    await fleet.tell({
      "ForEdge.refused": { ok: true },
      "ForEdge.cart": { ok: false, reason: "unknown" },
      [`ForEdge.cart ${key?.["kid"]}`]: {
        ok: true,
        value: { ...record.value, kid: key?.["kid"], publicKey: bytes(key?.["point"] ?? "") },
      },
    });
    // The door takes the key that the kid names: a frame "checked with another key" can't come to it.
    const refused = vectors("frames.json").filter(
      ({ result, key: name, purpose }) => result !== "accepted" && name === "cart" && purpose?.startsWith(POST),
    );
    expect(refused.length).toBeGreaterThan(50);
    for (const { name, frame = "", result, purpose = "" } of refused) {
      const response = await post(purpose.slice(POST.length), fromHex(frame) as Uint8Array<ArrayBuffer>);
      expect([name, await codeOf(response)]).toEqual([name, result]);
    }
  });

  it("is a frame for another path", async () => {
    const cart = await enrolled();
    const response = await post(pathOf("events"), await cart.frame("events", SCAN, { path: pathOf("close") }));
    expect(response.status).toBe(401);
    expect(await codeOf(response)).toBe("signature");
  });

  it("is a path with a query, which no signature names", async () => {
    const cart = await enrolled();
    const response = await post(`${pathOf("events")}?x=1`, await cart.frame("events", SCAN));
    expect(response.status).toBe(404);
  });

  it("is an unknown kid, with the same bytes as a wrong signature", async () => {
    const cart = await enrolled();
    const stranger = await testCart();
    const unknown = await post(pathOf("events"), await stranger.frame("events", SCAN));
    const wrong = await post(pathOf("events"), await cart.frame("events", SCAN, { path: "/elsewhere" }));
    expect([unknown.status, await bodyOf(unknown)]).toEqual([401, await bodyOf(wrong)]);
  });

  it("is a revoked cart", async () => {
    const cart = await enrolled({ status: "revoked" });
    const response = await post(pathOf("events"), await cart.frame("events", SCAN));
    expect(response.status).toBe(403);
    expect(await codeOf(response)).toBe("cart_revoked");
  });

  it("is an envelope that names another session than the path, or one where none may be", async () => {
    const cart = await enrolled();
    const other = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eb0" as SessionId;
    const elsewhere = await post(pathOf("events"), await cart.frame("events", SCAN, { session: other }));
    expect([elsewhere.status, await codeOf(elsewhere)]).toEqual([400, "malformed"]);
    const open = await post(pathOf("open"), await cart.frame("open", { eat: cart.eat }, { session: SESSION }));
    expect([open.status, await codeOf(open)]).toEqual([400, "malformed"]);
  });

  it("is a body beyond 16 KiB, announced or not", async () => {
    const announced = await post(pathOf("events"), new Uint8Array(16 * 1024 + 1));
    expect([announced.status, await codeOf(announced)]).toEqual([413, "too_large"]);
    const stream = new ReadableStream({
      start(controller) {
        for (let chunk = 0; chunk < 20; chunk += 1) controller.enqueue(new Uint8Array(1024));
        controller.close();
      },
    });
    const streamed = await room.fetch(pathOf("events"), {
      method: "POST",
      body: stream,
      duplex: "half",
    } as RequestInit);
    expect([streamed.status, await codeOf(streamed)]).toEqual([413, "too_large"]);
  });

  it("is a card number in any text of a frame, and nothing reaches a session", async () => {
    const cart = await enrolled();
    const tried: Promise<Uint8Array<ArrayBuffer>>[] = [
      cart.frame("events", scanOf(PAN)),
      cart.frame("checkout", { lastSeq: 1, terminal: PAN }),
      cart.frame("payment", { handoff: SESSION as never, reference: PAN, basketDigest: new Uint8Array(32) }),
      cart.frame("identity", { kind: "pairing", value: PAN }),
      cart.frame("open", { eat: { ...cart.eat, version: PAN } }),
      cart.frame("open", { eat: { ...cart.eat, reader: PAN } }),
      cart.frame("events", SCAN, { time: 4_111_111_111_111_111 }),
    ];
    const paths = ["events", "checkout", "payment", "identity", "open", "open", "events"] as const;
    await sessions.forget();
    for (const [index, frame] of tried.entries()) {
      const response = await post(pathOf(paths[index] ?? "open"), await frame);
      expect([index, response.status, await codeOf(response)]).toEqual([index, 422, "pan_detected"]);
    }
    expect(await sessions.asked()).toEqual([]);
  });

  it("is an identity of a kind that no cart may send", async () => {
    const cart = await enrolled();
    const face = new Map<number, Uint8Array | number>([
      [1, 9],
      [2, new Uint8Array(64)],
    ]);
    const envelope = new Map<number, unknown>([
      [1, fromHex(SESSION.replaceAll("-", ""))],
      [2, 7],
      [3, 1],
      [4, 0],
      [5, face],
    ]);
    const response = await post(pathOf("identity"), await cart.raw(pathOf("identity"), encodeCbor(envelope as never)));
    expect([response.status, await codeOf(response)]).toEqual([422, "identity_kind_not_allowed"]);
  });

  it("leaves one audit event that holds the cart and the route's template, and nothing of the input", async () => {
    const cart = await enrolled();
    await post(pathOf("events"), await cart.frame("events", scanOf(PAN)));
    await expect.poll(() => refusedBy(cart)).toHaveLength(1);
    expect(await refusedBy(cart)).toMatchObject([
      { code: "pan_detected", route: "POST /cart/v1/sessions/{id}/events", cart: cart.serial, kid: cart.kid },
    ]);
    expect(JSON.stringify(await fleet.asked("ForEdge.refused"))).not.toContain("1111");
  });

  it("fills no log: of a flood of one cart's refusals thirty a minute are recorded", async () => {
    const cart = await enrolled();
    for (let time = 0; time < 100; time += 1)
      await post(pathOf("checkout"), await cart.frame("checkout", { lastSeq: 1, terminal: PAN }));
    await expect.poll(async () => (await refusedBy(cart)).length).toBeGreaterThanOrEqual(30);
    // Sixty where the limiter's minute turns meanwhile.
    expect((await refusedBy(cart)).length).toBeLessThanOrEqual(60);
  });

  it("is what a cart sends beyond its share of the minute, and not what another sends", async () => {
    const cart = await enrolled();
    const other = await enrolled();
    const frame = await cart.frame("events", SCAN);
    let limited: Response | undefined;
    // 300 that the isolate lets through unasked and 600 of the limiter's, and as many again if a minute turns meanwhile.
    for (let batch = 0; batch < 91 && limited === undefined; batch += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => post(pathOf("events"), frame)));
      limited = answers.find(({ status }) => status !== 200);
    }
    expect([limited?.status, limited?.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await post(pathOf("events"), await other.frame("events", SCAN))).status).toBe(200);
  });

  it("answers 503 with Retry-After when a room fails, and says nothing of why", async () => {
    const cart = await enrolled();
    await sessions.forget();
    const response = await post(pathOf("events"), await cart.frame("events", SCAN));
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await codeOf(response)).toBe("unavailable");
  });
});

describe("a session that is not there", () => {
  it("is 410 to the cart whose it was, and the same 404 to any other whatever the reason", async () => {
    const mine = await enrolled();
    const other = await enrolled();
    await sessions.tell({ "ShoppingSession.events": { ok: false, error: { code: "no_session" } } });
    await sessions.tell({ "Cart.whyNoSession": "session_over" });
    const over = await post(pathOf("events"), await mine.frame("events", SCAN));
    expect([over.status, await codeOf(over)]).toEqual([410, "session_over"]);
    await sessions.tell({ "Cart.whyNoSession": "no_session" });
    const strange = await post(pathOf("events"), await other.frame("events", SCAN));
    const impossible = await post("/cart/v1/sessions/nothing/events", new Uint8Array(1));
    expect([strange.status, impossible.status]).toEqual([404, 404]);
    expect(await bodyOf(strange)).toBe(await bodyOf(impossible));
  });
});

describe("hello", () => {
  it("answers an unknown kid in the shape of a known one, without an object for it", async () => {
    const cart = await enrolled({ store: null });
    const stranger = await testCart();
    await sessions.forget();
    await sessions.tell({ "Cart.hello": { nonce: bytes("11".repeat(16)) } });
    const known = await post("/cart/v1/hello", encodeHello({ kid: fromHex(cart.kid) }));
    const unknown = await post("/cart/v1/hello", encodeHello({ kid: fromHex(stranger.kid) }));
    const answers = [known, unknown].map(async (each) =>
      decodeAnswer("hello", new Uint8Array(await each.arrayBuffer())),
    );
    expect(await answers[0]).toMatchObject({ ok: true, value: { nonce: new Uint8Array(16).fill(0x11), store: null } });
    expect(await answers[1]).toMatchObject({ ok: true, value: { nonce: expect.any(Uint8Array), store: null } });
    expect((await sessions.asked()).map(({ object }) => object)).toEqual([cart.serial]);
  });

  it("refuses what is no kid", async () => {
    for (const body of [new Uint8Array(0), new Uint8Array([0xa0]), encodeHello({ kid: new Uint8Array(7) })])
      expect((await post("/cart/v1/hello", body as Uint8Array<ArrayBuffer>)).status).toBe(400);
  });
});

describe("an attestation", () => {
  const beacon = new Uint8Array([1, 2, 3]);
  const attestation = { statement: bytes("aa"), cellKey: bytes("bb"), expires: 1 };

  it("is appraised, its nonce spent, its store attested, and the cart's object makes the answer", async () => {
    const cart = await enrolled();
    await fleet.tell({ "ForEdge.attestStore": { ok: true, value: attestation } });
    await sessions.tell({
      "Cart.spend": { ok: true, value: { answered: null } },
      "Cart.attested": { body: bytes("a0") },
    });
    const response = await post(pathOf("attestation"), await cart.frame("attestation", { eat: cart.eat, beacon }));
    expect([response.status, await bodyOf(response)]).toEqual([200, "a0"]);
    const attested = (await sessions.asked("Cart.attested")).at(-1);
    expect(attested?.args.slice(1)).toEqual([STORE, attestation]);
  });

  it("that was answered before gets the first answer, without a second statement", async () => {
    const cart = await enrolled();
    await fleet.forget();
    await fleet.tell({ [`ForEdge.cart ${cart.kid}`]: cart.record() });
    await sessions.tell({ "Cart.spend": { ok: true, value: { answered: bytes("a102") } } });
    const response = await post(pathOf("attestation"), await cart.frame("attestation", { eat: cart.eat, beacon }));
    expect([response.status, await bodyOf(response)]).toEqual([200, "a102"]);
    expect(await fleet.asked("ForEdge.attestStore")).toEqual([]);
  });

  it("is refused for an image, a counter, a debug state, a boot or a serial that the policy does not allow", async () => {
    const cart = await enrolled();
    const other = await testCart();
    const changes: Partial<TestCart["eat"]>[] = [
      { digest: new Uint8Array(32) },
      { securityCounter: 4 },
      { debug: 0 },
      { boot: 8 },
      { serial: other.serial },
    ];
    for (const change of changes) {
      const eat = { ...cart.eat, ...change };
      for (const [message, body] of [
        ["attestation", { eat, beacon }],
        ["open", { eat }],
      ] as const) {
        const response = await post(pathOf(message), await cart.frame(message, body as never));
        expect([change, response.status, await codeOf(response)]).toEqual([change, 403, "attestation"]);
      }
    }
  });

  it("of a cart that belongs to no store is refused, and so is a session", async () => {
    const cart = await enrolled({ store: null });
    for (const [message, body] of [
      ["attestation", { eat: cart.eat, beacon }],
      ["open", { eat: cart.eat }],
    ] as const) {
      const response = await post(pathOf(message), await cart.frame(message, body as never));
      expect([response.status, await codeOf(response)]).toEqual([403, "wrong_store"]);
    }
  });
});

describe("opening a session", () => {
  it("answers 201 with the cart object's bytes", async () => {
    const cart = await enrolled();
    await sessions.tell({ "Cart.open": { ok: true, status: 201, body: bytes("a103") } });
    const response = await post(pathOf("open"), await cart.frame("open", { eat: cart.eat }));
    expect([response.status, await bodyOf(response)]).toEqual([201, "a103"]);
    expect((await sessions.asked("Cart.open")).at(-1)?.args[1]).toBe(STORE);
  });

  it("asks the registry anew, so that an assignment or a revocation counts from then on", async () => {
    const cart = await enrolled();
    expect((await post(pathOf("events"), await cart.frame("events", SCAN))).status).toBe(200);
    await fleet.tell({ [`ForEdge.cart ${cart.kid}`]: cart.record({ status: "revoked" }) });
    const response = await post(pathOf("open"), await cart.frame("open", { eat: cart.eat }));
    expect([response.status, await codeOf(response)]).toEqual([403, "cart_revoked"]);
    expect((await post(pathOf("events"), await cart.frame("events", SCAN))).status).toBe(403);
  });
});

describe("firmware", () => {
  const DIGEST = "ab".repeat(32);
  const image = (range: unknown, body: string) =>
    fleet.tell({ "ForEdge.firmwareImage": { ok: true, value: { size: 4, range, bytes: bytes(body) } } });
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    room.fetch(`/cart/v1/firmware/${DIGEST}`, { method, headers });
  const asked = async () => (await fleet.asked("ForEdge.firmwareImage")).at(-1)?.args;

  it("is asked of the registry with the claims, and the manifest comes back as it was signed", async () => {
    const cart = await enrolled();
    await sessions.tell({ "Cart.spend": { ok: true, value: { answered: null } } });
    await fleet.tell({ "ForEdge.firmwareFor": { ok: true, value: bytes("d862840102") } });
    const response = await post(pathOf("firmware"), await cart.frame("firmware", { eat: cart.eat }));
    expect([response.status, await bodyOf(response)]).toEqual([200, "d862840102"]);
    expect(response.headers.get("content-type")).toBe('application/cose; cose-type="cose-sign"');
    expect((await fleet.asked("ForEdge.firmwareFor")).at(-1)?.args).toMatchObject([{ serial: cart.eat.serial }]);
  });

  it("answers 204 without a body when there is none for the cart, to an outgrown image, too", async () => {
    const cart = await enrolled();
    await sessions.tell({ "Cart.spend": { ok: true, value: { answered: null } } });
    await fleet.tell({ "ForEdge.firmwareFor": { ok: true, value: null } });
    const eat = { ...cart.eat, digest: new Uint8Array(32) };
    const response = await post(pathOf("firmware"), await cart.frame("firmware", { eat }));
    expect([response.status, await bodyOf(response)]).toEqual([204, ""]);
  });

  it("is not asked for with a spent nonce or another cart's claims, and not answered without the registry", async () => {
    const cart = await enrolled();
    await fleet.tell({ "ForEdge.firmwareFor": { ok: false, reason: "unavailable" } });
    await sessions.tell({ "Cart.spend": { ok: true, value: { answered: null } } });
    const frame = await cart.frame("firmware", { eat: cart.eat });
    expect((await post(pathOf("firmware"), frame)).status).toBe(503);
    await sessions.tell({ "Cart.spend": { ok: false, reason: "attestation" } });
    expect(await codeOf(await post(pathOf("firmware"), frame))).toBe("attestation");
    const stranger = { ...cart.eat, serial: "9".repeat(32) as typeof cart.eat.serial };
    expect(await codeOf(await post(pathOf("firmware"), await cart.frame("firmware", { eat: stranger })))).toBe(
      "attestation",
    );
  });

  it("comes whole, named by its digest", async () => {
    await image("whole", "01020304");
    const response = await get();
    expect([response.status, await bodyOf(response)]).toEqual([200, "01020304"]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${DIGEST}"`,
      "accept-ranges": "bytes",
      "content-length": "4",
      "content-type": "application/octet-stream",
    });
    expect(response.headers.has("content-range")).toBe(false);
    expect(await asked()).toEqual([DIGEST, null]);
  });

  it("comes in parts", async () => {
    await image({ first: 1, last: 2 }, "0203");
    const response = await get({ range: "bytes=1-2" });
    expect([response.status, await bodyOf(response)]).toEqual([206, "0203"]);
    expect(response.headers.get("content-range")).toBe("bytes 1-2/4");
    expect(await asked()).toEqual([DIGEST, "bytes=1-2"]);
  });

  it("is refused in a range that it does not have, with its length", async () => {
    await image("unsatisfiable", "");
    const response = await get({ range: "bytes=9-" });
    expect([response.status, await bodyOf(response)]).toEqual([416, ""]);
    expect(response.headers.get("content-range")).toBe("bytes */4");
  });

  it("comes whole when If-Range names another image, and for HEAD without its bytes", async () => {
    await image("whole", "01020304");
    await get({ range: "bytes=1-2", "if-range": '"another"' });
    expect(await asked()).toEqual([DIGEST, null]);
    await get({ range: "bytes=1-2", "if-range": `"${DIGEST}"` });
    expect(await asked()).toEqual([DIGEST, "bytes=1-2"]);
    const head = await get({ range: "bytes=1-2" }, "HEAD");
    expect([head.status, await bodyOf(head)]).toEqual([200, ""]);
    expect(await asked()).toEqual([DIGEST, null]);
  });

  it("is not sent again to who has it", async () => {
    await image("whole", "01020304");
    const response = await get({ "if-none-match": `"x", W/"${DIGEST}"` });
    expect([response.status, await bodyOf(response)]).toEqual([304, ""]);
    expect((await get({ "if-none-match": '"x"' })).status).toBe(200);
  });

  it("that was never released is not there, and one that can't be read now is asked for later", async () => {
    await fleet.tell({ "ForEdge.firmwareImage": { ok: false, reason: "unknown" } });
    expect((await get()).status).toBe(404);
    await fleet.tell({ "ForEdge.firmwareImage": { ok: false, reason: "unavailable" } });
    const response = await get();
    expect([response.status, response.headers.has("retry-after")]).toEqual([503, true]);
  });

  it("is not written by a cart, and other methods are not for the signed paths", async () => {
    const put = await get({}, "PUT");
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await room.fetch("/cart/v1/sessions")).headers.get("allow")).toBe("POST");
  });
});

describe("telemetry", () => {
  it("goes to the cart's own object", async () => {
    const cart = await enrolled();
    await sessions.tell({ "Cart.telemetry": { ok: true, status: 200, body: bytes("a10101") } });
    const body: CartBodies["telemetry"] = { events: [{ kind: "health", batteryPercent: 80, rssiDbm: -90, at: null }] };
    const response = await post(pathOf("telemetry"), await cart.frame("telemetry", body));
    expect([response.status, await bodyOf(response)]).toEqual([200, "a10101"]);
    expect((await sessions.asked("Cart.telemetry")).at(-1)?.object).toBe(cart.serial);
  });
});
