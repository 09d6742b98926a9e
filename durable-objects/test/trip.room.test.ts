import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BasketView } from "../../protocol/rooms/sessions.ts";
import type { Result } from "../../protocol/result.ts";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { BEER, MILK, remembered, startSessions, taken, TestCart, UNKNOWN } from "./fixture.ts";

let room: RoomUnderTest;
let serials = 0;
const newCart = () => new TestCart(room, (++serials).toString(16).padStart(32, "0") as never);

beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

describe("a trip", () => {
  test("goes from the open to a receipt, and the cart gets its next nonce", async () => {
    const cart = newCart();
    const opened = await cart.open();
    expect(opened.settings).toMatchObject({ currency: "EUR", exponent: 2, storeName: "Test store" });
    const first = taken("events", await cart.scan(MILK, MILK));
    expect(first).toMatchObject({
      seq: 1,
      totalMinor: 238,
      holds: [],
      lines: [{ line: 1, name: "Milk", quantity: 2, totalMinor: 238 }],
    });
    const linked = taken("identity", await cart.next("identity", { kind: "loyalty", value: "9123456789012" }));
    expect(linked).toEqual({ status: "linked", customer: "ab".repeat(16), nickname: "Nick" });
    const handoff = await cart.checkout();
    expect(handoff.amount).toEqual({ minor: 238, currency: "EUR" });
    const paid = await cart.pay(handoff, "approve");
    expect(paid.outcome).toBe("approved");
    expect(paid.receipt).toHaveLength(22);
    const closed = taken("close", await cart.next("close", { lastSeq: cart.seq }));
    expect(closed.nonce).toHaveLength(16);
    expect(await remembered<string[]>(room, "identity")).toContain(cart.session);
    await cart.open(closed.nonce);
  });

  test("of 25 items writes 40 rows or fewer", async () => {
    const cart = newCart();
    const nonce = await cart.attest();
    const daily = (await room.object<{ written: number }>("Cart", cart.serial, "meter")).written;
    await cart.open(nonce);
    const session = cart.session ?? "";
    for (let i = 0; i < 25; i++) await cart.scan(MILK);
    await cart.next("identity", { kind: "loyalty", value: "9123456789012" });
    const handoff = await cart.checkout();
    await cart.pay(handoff, "approve");
    taken("close", await cart.next("close", { lastSeq: cart.seq }));
    const meter = await room.object<{ written: number; read: number }>("ShoppingSession", session, "meter");
    const cartRows = (await room.object<{ written: number }>("Cart", cart.serial, "meter")).written - daily;
    console.log(
      `a 25-item trip: ${meter.written} rows written and ${meter.read} read by its session, ${cartRows} written by its cart`,
    );
    expect(meter.written + cartRows).toBeLessThanOrEqual(40);
    expect(meter.written).toBeGreaterThanOrEqual(25);
  });
});

describe("delivery", () => {
  test("a repeated frame gets the same bytes and changes nothing", async () => {
    const cart = newCart();
    await cart.open();
    const frame = await cart.frame(
      "events",
      { events: [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] },
      1,
    );
    const [first, again] = [await cart.send("events", frame), await cart.send("events", frame)];
    expect(again).toEqual(first);
    cart.seq = 1;
    expect(taken("events", await cart.scan(MILK)).totalMinor).toBe(238);
  });

  test("a boot that was told nothing of the basket is told every line, once, and the same again on a repeat", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK, BEER);
    await cart.scan(UNKNOWN);
    // The battery was pulled; a frame that brings no lines comes first.
    cart.boot = 2;
    await cart.next("identity", { kind: "unlink" });
    const body = { events: [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] } as const;
    const frame = await cart.frame("events", body, (cart.seq += 1));
    const [first, again] = [await cart.send("events", frame), await cart.send("events", frame)];
    const lines = taken("events", first).lines.map(({ line, quantity }) => [line, quantity]);
    expect(lines).toEqual([
      [2, 1],
      [3, 1],
      [1, 2],
    ]);
    expect(again).toEqual(first);
    expect(taken("events", await cart.scan(BEER)).lines).toMatchObject([{ line: 2, quantity: 2 }]);
  });

  test("is told so as well where its first events came before the frame ahead of them", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK, BEER);
    cart.boot = 2;
    const body = { events: [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] } as const;
    const early = await cart.send("events", await cart.frame("events", body, cart.seq + 2));
    expect(taken("events", early).lines.map(({ line }) => line)).toEqual([1, 2]);
    await cart.next("identity", { kind: "unlink" });
    cart.seq += 1;
    expect(taken("events", await cart.scan(BEER)).lines).toMatchObject([{ line: 2, quantity: 2 }]);
  });

  test("a basket too long for a cart's buffer comes back after a power loss with its newest lines", async () => {
    const cart = newCart();
    await cart.open();
    // An unknown code is a line each time, and a hold.
    for (let scans = 0; scans < 5; scans += 1) await cart.scan(...Array<string>(30).fill(UNKNOWN));
    cart.boot = 2;
    const answer = await cart.scan(MILK);
    const lines = taken("events", answer).lines.map(({ line }) => line);
    expect(lines.at(-1)).toBe(151);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(150);
    expect(lines).toEqual(lines.map((_, index) => 151 - lines.length + 1 + index));
    expect(answer.ok && answer.body.length).toBeLessThanOrEqual(5_120);
    expect(answer.ok && answer.body.length).toBeGreaterThan(5_000);
  });

  test("an early frame waits; checkout with a gap names the first missing number", async () => {
    const cart = newCart();
    await cart.open();
    const scan = (seq: number) =>
      cart.frame("events", { events: [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] }, seq);
    await cart.send("events", await scan(1));
    const early = taken("events", await cart.send("events", await scan(3)));
    expect(early).toMatchObject({ seq: 1, totalMinor: 119, lines: [] });
    const gap = await cart.send("checkout", await cart.frame("checkout", { lastSeq: 3, terminal: "T1" }, 4));
    expect(gap).toEqual({ ok: false, error: { code: "seq", expected: 2 } });
    expect(taken("events", await cart.send("events", await scan(2)))).toMatchObject({ seq: 3, totalMinor: 357 });
  });

  test("a frame too far ahead is refused and not kept", async () => {
    const cart = newCart();
    await cart.open();
    const far = await cart.frame(
      "events",
      { events: [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] },
      66,
    );
    expect(await cart.send("events", far)).toEqual({ ok: false, error: { code: "seq", expected: 1 } });
  });

  test("one number with two contents is equivocation: both kept, the cart quarantined, the basket as it was", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const other = await cart.frame(
      "events",
      { events: [{ kind: "scan", code: BEER, quantity: 1, at: null, grams: null }] },
      1,
    );
    expect(await cart.send("events", other)).toEqual({ ok: false, error: { code: "equivocation" } });
    const view = await room.object<Result<BasketView, string>>("ShoppingSession", cart.session ?? "", "view");
    expect(view.ok && view.value.totalMinor).toBe(119);
    expect(await cart.scan(MILK)).toEqual({ ok: false, error: { code: "cart_quarantined" } });
    expect(
      (await remembered<{ kind: string; on: string }[]>(room, "audit")).some(
        (act) => act.kind === "cart_quarantined" && act.on === `session:${cart.session}`,
      ),
    ).toBe(true);
    expect(await cart.tryOpen(await cart.hello())).toEqual({ ok: false, error: { code: "cart_quarantined" } });
  });

  test("a session answers nobody but its own cart, and a session that never was answers alike", async () => {
    const cart = newCart();
    await cart.open();
    const stranger = newCart();
    stranger.session = cart.session;
    const toOther = await stranger.scan(MILK);
    stranger.session = crypto.randomUUID() as never;
    stranger.seq = 0;
    expect(toOther).toEqual({ ok: false, error: { code: "no_session" } });
    expect(await stranger.scan(MILK)).toEqual(toOther);
  });
});

describe("opening", () => {
  test("needs a nonce that was given and not spent", async () => {
    const cart = newCart();
    const nonce = await cart.attest();
    expect(await cart.tryOpen(new Uint8Array(16))).toEqual({ ok: false, error: { code: "attestation" } });
    await cart.open(nonce);
    cart.boot = 2;
    expect(await cart.tryOpen(nonce)).toEqual({ ok: false, error: { code: "attestation" } });
  });

  test("needs a store attestation that is valid now, for the store the cart is assigned to", async () => {
    const cart = newCart();
    expect(await cart.tryOpen(await cart.hello())).toEqual({ ok: false, error: { code: "attestation" } });
    await cart.attest("eu-other" as never);
    expect(await cart.tryOpen(await cart.hello())).toEqual({ ok: false, error: { code: "wrong_store" } });
    await cart.attest(undefined, Date.now() - 1);
    expect(await cart.tryOpen(await cart.hello())).toEqual({ ok: false, error: { code: "attestation" } });
  });

  test("again abandons the trip that was open, and its frames answer session_over", async () => {
    const cart = newCart();
    const first = await cart.open();
    await cart.scan(MILK);
    const left = { session: cart.session, seq: cart.seq };
    await cart.open(first.nonce);
    Object.assign(cart, left);
    const answer = await cart.scan(MILK);
    expect(answer.ok).toBe(false);
    if (!answer.ok) expect(["session_over", "no_session"]).toContain(answer.error.code);
    expect(await room.object("Cart", cart.serial, "whyNoSession", left.session)).toBe("session_over");
  });
});

describe("holds", () => {
  test("an age-restricted item holds the checkout until staff have looked", async () => {
    const cart = newCart();
    await cart.open();
    expect(taken("events", await cart.scan(BEER)).holds).toEqual([{ id: 1, kind: "age check", line: 1 }]);
    expect(await cart.next("checkout", { lastSeq: 1, terminal: "T1" })).toEqual({
      ok: false,
      error: { code: "state" },
    });
    cart.seq -= 1;
    await room.call("ForOps", "ops", "clearHold", cart.session, 1, { staff: "s1", reason: "age_verified" });
    expect(taken("events", await cart.scan(BEER)).holds).toEqual([]);
    expect((await cart.checkout()).amount.minor).toBe(198);
  });

  test("a scale that disagrees holds; taking the goods back clears it", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const weigh = (grams: number) => cart.next("events", { events: [{ kind: "weight", grams, at: null }] });
    expect(taken("events", await weigh(1040)).holds).toEqual([]);
    expect(taken("events", await weigh(1600)).holds.map((hold) => hold.kind)).toEqual(["weight"]);
    expect(taken("events", await weigh(1000)).holds).toEqual([]);
  });

  test("a difference that staff have accepted is not held again, a further one is", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const weigh = (grams: number) => cart.next("events", { events: [{ kind: "weight", grams, at: null }] });
    const [hold] = taken("events", await weigh(1600)).holds;
    await room.call("ForOps", "ops", "clearHold", cart.session, hold?.id, { staff: "s1", reason: "weight_checked" });
    expect(taken("events", await weigh(1610)).holds).toEqual([]);
    expect(taken("events", await weigh(2200)).holds.map(({ kind }) => kind)).toEqual(["weight"]);
  });

  test("an unknown item is a line of its own that must go before checkout", async () => {
    const cart = newCart();
    await cart.open();
    const answer = taken("events", await cart.scan(UNKNOWN, MILK));
    expect(answer.holds).toEqual([{ id: 1, kind: "unknown item", line: 1 }]);
    const without = taken(
      "events",
      await cart.next("events", { events: [{ kind: "remove", line: 1, quantity: null, at: null }] }),
    );
    expect(without).toMatchObject({ holds: [], totalMinor: 119, lines: [{ line: 1, quantity: 0 }] });
  });
});

describe("identity", () => {
  test("an unknown number answers as an unlinked trip does, byte for byte", async () => {
    const cart = newCart();
    await cart.open();
    const unknown = await cart.next("identity", { kind: "loyalty", value: "1123456789012" });
    const unlinked = await cart.next("identity", { kind: "unlink" });
    expect(unknown).toEqual(unlinked);
  });

  test("a trip that tries one number after another finds that all are unknown", async () => {
    const cart = newCart();
    await cart.open();
    const show = async (value: string) => taken("identity", await cart.next("identity", { kind: "loyalty", value }));
    for (let i = 0; i < 9; i++) await show(`112345678901${i}`);
    expect((await show("9123456789012")).status).toBe("linked");
    expect(await show("9123456789012")).toEqual({ status: "not_linked" });
    expect(taken("events", await cart.scan(MILK)).seq).toBe(12);
  });

  test("a late repeat of a loyalty frame does not undo the unlinking that followed it", async () => {
    const cart = newCart();
    await cart.open();
    const loyalty = await cart.frame("identity", { kind: "loyalty", value: "9123456789012" }, 1);
    expect(taken("identity", await cart.send("identity", loyalty)).status).toBe("linked");
    cart.seq = 1;
    await cart.next("identity", { kind: "unlink" });
    expect(taken("identity", await cart.send("identity", loyalty))).toEqual({ status: "not_linked" });
  });

  test("a card number as a loyalty number is refused, and its frame takes no place in the journal", async () => {
    const cart = newCart();
    await cart.open();
    expect(await cart.next("identity", { kind: "loyalty", value: "4242424242424242" })).toEqual({
      ok: false,
      error: { code: "pan_detected" },
    });
    cart.seq -= 1;
    expect(taken("events", await cart.scan(MILK)).seq).toBe(1);
  });

  test("a room that does not answer refuses the frame, and its repeat goes on where it stopped", async () => {
    const cart = newCart();
    await cart.open();
    expect(await cart.next("identity", { kind: "loyalty", value: "down" })).toEqual({
      ok: false,
      error: { code: "unavailable" },
    });
    expect(taken("events", await cart.scan(MILK)).seq).toBe(2);
  });

  test("a pairing waits for the person to confirm the two digits", async () => {
    const cart = newCart();
    await cart.open();
    expect(taken("identity", await cart.next("identity", { kind: "pairing", value: "12345678" }))).toEqual({
      status: "pending",
      confirmation: "47",
    });
  });
});

describe("paying", () => {
  const ready = async (reference: string) => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const handoff = await cart.checkout();
    return { cart, handoff, paid: await cart.pay(handoff, reference) };
  };

  test("a lost answer is unknown, and asking again settles it with one capture", async () => {
    const { cart, handoff, paid } = await ready("lost");
    expect(paid).toEqual({ outcome: "unknown", receipt: null });
    expect((await cart.pay(handoff, "lost")).outcome).toBe("approved");
    const { captures } = await remembered<{ captures: [string, number][] }>(room, "payments");
    expect(captures.filter(([id]) => id === handoff.handoff)).toEqual([[handoff.handoff, 1]]);
  });

  test("a declined card leaves the hand-off open for another", async () => {
    const { cart, handoff, paid } = await ready("decline");
    expect(paid.outcome).toBe("declined");
    expect((await cart.pay(handoff, "approve")).outcome).toBe("approved");
  });

  test.each(["partial", "other-store"])(
    "a %s authorization does not match: it is given back, flagged, and not captured",
    async (reference) => {
      const { handoff, paid } = await ready(reference);
      expect(paid.outcome).toBe("declined");
      const { captures, voided } = await remembered<{ captures: [string, number][]; voided: [string, string][] }>(
        room,
        "payments",
      );
      expect(captures.some(([id]) => id === handoff.handoff)).toBe(false);
      expect(voided.some(([id]) => id === handoff.handoff)).toBe(true);
    },
  );

  test("a repeat of the payment frame gets the same answer and captures once", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const handoff = await cart.checkout();
    const frame = await cart.frame(
      "payment",
      { handoff: handoff.handoff, reference: "approve", basketDigest: handoff.basketDigest },
      cart.seq + 1,
    );
    const answers = await Promise.all([
      cart.send("payment", frame),
      cart.send("payment", frame),
      cart.send("payment", frame),
    ]);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const { captures } = await remembered<{ captures: [string, number][] }>(room, "payments");
    expect(captures.filter(([id]) => id === handoff.handoff)).toEqual([[handoff.handoff, 1]]);
  });

  test("a digest of another basket, or another hand-off, is refused", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const handoff = await cart.checkout();
    const wrong = { handoff: handoff.handoff, reference: "approve", basketDigest: new Uint8Array(32) };
    expect(await cart.next("payment", wrong)).toEqual({ ok: false, error: { code: "state" } });
    cart.seq -= 1;
    const other = { handoff: crypto.randomUUID() as never, reference: "approve", basketDigest: handoff.basketDigest };
    expect(await cart.next("payment", other)).toEqual({ ok: false, error: { code: "state" } });
  });

  test("a scan at the terminal opens the basket again and drops the hand-off", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    const handoff = await cart.checkout();
    expect(taken("events", await cart.scan(MILK)).totalMinor).toBe(238);
    expect(
      await cart.next("payment", {
        handoff: handoff.handoff,
        reference: "approve",
        basketDigest: handoff.basketDigest,
      }),
    ).toEqual({ ok: false, error: { code: "state" } });
  });

  test("a POS that does not answer leaves the frame to be sent again, with the same hand-off", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan("pos-down");
    await cart.next("events", { events: [{ kind: "remove", line: 1, quantity: null, at: null }] });
    await cart.scan(MILK);
    const frame = await cart.frame("checkout", { lastSeq: 3, terminal: "T1" }, 4);
    expect(await cart.send("checkout", frame)).toEqual({ ok: false, error: { code: "unavailable" } });
    const handoff = taken("checkout", await cart.send("checkout", frame));
    cart.seq = 4;
    expect((await cart.pay(handoff, "approve")).outcome).toBe("approved");
  });

  test("a checkout that the POS refuses takes no number: the cart goes on with the same one", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan("pos-refuses");
    await cart.next("events", { events: [{ kind: "remove", line: 1, quantity: null, at: null }] });
    await cart.scan(MILK);
    expect(await cart.next("checkout", { lastSeq: 3, terminal: "T1" })).toEqual({
      ok: false,
      error: { code: "state" },
    });
    cart.seq -= 1;
    expect(taken("events", await cart.scan(MILK)).seq).toBe(4);
  });

  test("an unpaid trip with goods in it can't be closed", async () => {
    const cart = newCart();
    await cart.open();
    await cart.scan(MILK);
    expect(await cart.next("close", { lastSeq: 1 })).toEqual({ ok: false, error: { code: "state" } });
  });
});

test("a frame that waited behind an unanswered checkout is applied by the next one", async () => {
  const cart = newCart();
  await cart.open();
  await cart.scan("pos-down");
  await cart.next("events", { events: [{ kind: "remove", line: 1, quantity: null, at: null }] });
  await cart.scan(MILK);
  const milk = { events: [{ kind: "scan" as const, code: MILK, quantity: 1, at: null, grams: null }] };
  await cart.send("events", await cart.frame("events", milk, 5));
  const checkout = await cart.frame("checkout", { lastSeq: 3, terminal: "T1" }, 4);
  expect(await cart.send("checkout", checkout)).toEqual({ ok: false, error: { code: "unavailable" } });
  expect(taken("events", await cart.send("events", await cart.frame("events", milk, 6)))).toMatchObject({
    seq: 6,
    totalMinor: 357,
  });
});
