import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentifyResult } from "../../../protocol/rooms/identity.ts";
import type { PaymentResult } from "../../../protocol/rooms/payments.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { httpDoor } from "../../../tools/terminal/http-door.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest, STORE } from "../../cde/test/cde-under-test.ts";

/** Answers with what it was asked, so a test sees what identity would see. */
const IDENTITY = `
import { WorkerEntrypoint } from "cloudflare:workers";
export class ForPayments extends WorkerEntrypoint {
  async byCard(trip, reference) { return { ok: true, value: { status: "linked", customer: reference, nickname: trip.store } }; }
}
export class ForSessions extends WorkerEntrypoint {}
export class ForEdge extends WorkerEntrypoint {}
export class ForOps extends WorkerEntrypoint {}
export default { fetch: () => new Response(null, { status: 404 }) };`;

const TRIP = { session: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a", store: STORE, cart: "ab".repeat(16) };

let pay: CdeUnderTest;
let room: RoomUnderTest;
const forwarderAt = (origin: string) =>
  startRoom("payments", {
    secrets: pay.keys.forwarder,
    vars: { PAY_ORIGIN: origin },
    neighbours: { identity: IDENTITY },
  });
beforeAll(async () => {
  pay = await CdeUnderTest.start();
  room = await forwarderAt(pay.door.origin);
});
afterAll(async () => {
  await room.stop();
  await pay.stop();
});

const ask = (method: string, ...args: unknown[]) =>
  room.call<PaymentResult>("ForSessions", "sessions", method, ...args);
const identify = (token: string, trip: object = TRIP) =>
  room.call<IdentifyResult>("ForSessions", "sessions", "identifyByCard", trip, token);
const claim = (handoff: string, reference: string | null = null) => ({
  trip: TRIP,
  handoff,
  terminal: "T-1",
  amount: { minor: 2_599, currency: "EUR" },
  reference,
});
const valueOf = (result: PaymentResult) => {
  if (!result.ok) throw new Error(`not answered: ${result.reason}`);
  return result.value;
};

describe("identifying by card", () => {
  it("gives identity a keyed reference, the same at every tap, and never the token", async () => {
    const tokens = [await pay.reader.tap(TEST_CARDS.visa, STORE), await pay.reader.tap(TEST_CARDS.visa, STORE)];
    const answers = await Promise.all(tokens.map((each) => identify(each.token)));
    expect(answers[0]).toMatchObject({ ok: true, value: { status: "linked", nickname: STORE } });
    expect(answers[1]).toEqual(answers[0]);
    expect(JSON.stringify(answers)).not.toContain(tokens[0]?.token);
  });

  it("links nobody for a token that is unknown, malformed or of another store", async () => {
    const { token } = await pay.reader.tap(TEST_CARDS.amex, "eu-other");
    for (const each of [token, "A".repeat(24), "short"])
      expect(await identify(each)).toEqual({ ok: true, value: { status: "not_linked" } });
    expect(await identify(token, { ...TRIP, store: "eu-other" })).toMatchObject({ value: { status: "linked" } });
  });
});

describe("a payment", () => {
  it("goes from the terminal through the CDE to captured, once", async () => {
    const handoff = crypto.randomUUID();
    const paid = await pay.terminal().pay({ handoff, amount: 2_599, currency: "EUR", card: TEST_CARDS.visa });
    const approved = valueOf(await ask("authorization", claim(handoff, paid.reference)));
    expect(approved).toMatchObject({ state: "approved", amount_minor: 2_599, handoff, emv: paid.emv });
    const amount = { minor: 2_599, currency: "EUR" };
    const captured = await Promise.all([
      ask("capture", handoff, approved.id, amount),
      ask("capture", handoff, approved.id, amount),
    ]);
    expect(captured.map((each) => valueOf(each).state)).toEqual(["captured", "captured"]);
    expect(await pay.books(handoff)).toMatchObject([{ captures: 1, captured_minor: 2_599 }]);
    expect(await ask("release", handoff, approved.id, "session_over")).toEqual({ ok: false, reason: "refused" });
  });

  it("is given back on a mismatch, once", async () => {
    const handoff = crypto.randomUUID();
    await pay.terminal().pay({ handoff, amount: 100, currency: "EUR", card: TEST_CARDS.visa });
    const { id, amount_minor } = valueOf(await ask("authorization", claim(handoff)));
    expect(amount_minor).toBe(100);
    expect(valueOf(await ask("release", handoff, id, "amount_mismatch")).state).toBe("voided");
    expect(valueOf(await ask("release", handoff, id, "session_over")).state).toBe("voided");
    expect(await pay.books(handoff)).toMatchObject([{ state: "voided", captures: 0 }]);
  });

  it("is unknown, not refused, while the processor is silent", async () => {
    const handoff = crypto.randomUUID();
    await pay.terminal().pay({ handoff, amount: 2_599, currency: "EUR", card: TEST_CARDS.visa });
    await pay.arm(handoff, "status", "lose_answer");
    expect(valueOf(await ask("authorization", claim(handoff))).state).toBe("unknown");
    expect(valueOf(await ask("authorization", claim(handoff))).state).toBe("approved");
  });

  it("is refused at the door with arguments that are not in their form", async () => {
    const refused = { ok: false, reason: "refused" };
    expect(await ask("authorization", claim("not-a-handoff"))).toEqual(refused);
    const id = crypto.randomUUID();
    expect(await ask("capture", id, "../../v1/card-references", { minor: 1, currency: "EUR" })).toEqual(refused);
    expect(await ask("capture", id, id, { minor: -1, currency: "EUR" })).toEqual(refused);
    expect(await ask("release", id, id, "because")).toEqual(refused);
    expect(await ask("capture", id, id, { minor: 1, currency: "EUR" })).toEqual(refused);
  });
});

describe("a CDE that can't be believed", () => {
  it.each([
    ["is not there", undefined],
    ["answers in the clear", () => Response.json({ state: "approved" })],
    ["answers an unsigned refusal", () => Response.json({ code: "refused" }, { status: 409 })],
    ["answers with an error", () => new Response("x", { status: 500 })],
  ])("makes every call unavailable when it %s", async (_what, answer) => {
    const door = await httpDoor(async () => answer?.() ?? new Response());
    if (answer === undefined) await door.close();
    const other = await forwarderAt(door.origin);
    try {
      const handoff = crypto.randomUUID();
      const unavailable = { ok: false, reason: "unavailable" };
      expect(await other.call("ForSessions", "sessions", "authorization", claim(handoff))).toEqual(unavailable);
      expect(await other.call("ForSessions", "sessions", "identifyByCard", TRIP, "A".repeat(24))).toEqual(unavailable);
    } finally {
      await other.stop();
      if (answer !== undefined) await door.close();
    }
  });

  it("can't pass an answer to one request off as the answer to another", async () => {
    const kept: { first?: ArrayBuffer } = {};
    const door = await httpDoor(async (path, init) => {
      const response = await pay.cde.fetch(path, init);
      kept.first ??= await response.arrayBuffer();
      return new Response(kept.first, { status: response.status });
    });
    const other = await forwarderAt(door.origin);
    try {
      const handoff = crypto.randomUUID();
      const asked = () => other.call<PaymentResult>("ForSessions", "sessions", "authorization", claim(handoff));
      expect(await asked()).toMatchObject({ ok: true });
      expect(await asked()).toEqual({ ok: false, reason: "unavailable" });
    } finally {
      await other.stop();
      await door.close();
    }
  });
});

it("answers nothing over HTTP", async () => {
  expect((await room.fetch("/v1/authorizations")).status).toBe(404);
});

describe("forgetting a person's cards", () => {
  const forget = (request: string, tokens: readonly string[]) =>
    room.call<unknown>("ForSessions", "sessions", "forgetCards", request, tokens);

  it("is the vault's own answer, added up over as many calls as the tokens need", async () => {
    const card = { pan: TEST_CARDS.jcb.pan, exp: "12/34" };
    const tokens = await Promise.all(Array.from({ length: 52 }, () => pay.token(card)));
    const request = crypto.randomUUID();
    const answer = { ok: true, value: { store: "vault", outcome: "erased", count: 52 + 52 + 1, left: 0 } };
    expect(await forget(request, tokens)).toEqual(answer);
    expect(await forget(request, tokens)).toEqual(answer);
    expect(await forget(crypto.randomUUID(), [])).toEqual({
      ok: true,
      value: { store: "vault", outcome: "none", count: 0, left: 0 },
    });
  });
});
