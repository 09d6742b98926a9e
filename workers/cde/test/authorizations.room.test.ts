import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PaymentAnswer, RefundAnswer } from "../../../protocol/pay/contract.ts";
import { envelopeKey, sealRequest } from "../../../protocol/pay/envelope.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest, STORE, cdeKeys } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(async () => {
  await pay.stop();
});

const SESSION = "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a";
const AMOUNT = 4_290;
const handoffOf = () => crypto.randomUUID() as string;

const atTerminal = (handoff: string, amount = AMOUNT, terminal = "T-1") =>
  pay.terminal(terminal).pay({ handoff, amount, currency: "EUR", card: TEST_CARDS.mastercard });
const claimed = (handoff: string, reference: string | null = null, change: object = {}) => ({
  handoff,
  session: SESSION,
  store: STORE,
  terminal: "T-1",
  amount_minor: AMOUNT,
  currency: "EUR",
  reference,
  ...change,
});
const authorize = (handoff: string, reference: string | null = null, change: object = {}) =>
  pay.post<PaymentAnswer>("/v1/authorizations", handoff, claimed(handoff, reference, change));
const capture = (id: string, handoff: string, amount = AMOUNT, key = `${handoff}:capture`) =>
  pay.post<PaymentAnswer>(`/v1/authorizations/${id}/capture`, key, { amount_minor: amount, currency: "EUR" });
const release = (id: string, handoff: string) =>
  pay.post<PaymentAnswer>(`/v1/authorizations/${id}/void`, `${handoff}:void`, { reason: "amount_mismatch" });
const refund = (id: string, amount: number, key: string = crypto.randomUUID()) =>
  pay.post<RefundAnswer>(`/v1/authorizations/${id}/refunds`, key, { amount_minor: amount, currency: "EUR" });
const captures = async (handoff: string) =>
  (await pay.books(handoff)).reduce((sum, payment) => sum + payment.captures, 0);

describe("asking what became of a hand-off", () => {
  it("answers what the processor says: amount, terminal, store and receipt data, the reference masked", async () => {
    const handoff = handoffOf();
    const paid = await atTerminal(handoff);
    const { status, body } = await authorize(handoff, paid.reference);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: "approved",
      amount_minor: AMOUNT,
      currency: "EUR",
      terminal: "T-1",
      store: STORE,
      handoff,
      emv: paid.emv,
      processor_reference: `…${paid.reference?.slice(-6)}`,
    });
    expect((await pay.get<PaymentAnswer>(`/v1/authorizations/${body.id}`)).body).toEqual(body);
  });

  it("gives one authorization however often and however concurrently it is asked", async () => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    const answers = await Promise.all(Array.from({ length: 8 }, () => authorize(handoff)));
    expect(new Set(answers.map((each) => JSON.stringify(each.body))).size).toBe(1);
  });

  it("is pending while the terminal has not reached the processor, and approved after", async () => {
    const handoff = handoffOf();
    expect((await authorize(handoff)).body).toMatchObject({ state: "pending", amount_minor: null, emv: null });
    await atTerminal(handoff);
    expect((await authorize(handoff)).body.state).toBe("approved");
  });

  it("does not believe a reference that belongs to another hand-off", async () => {
    const [mine, other] = [handoffOf(), handoffOf()];
    const paid = await atTerminal(other);
    const { body } = await authorize(mine, paid.reference);
    expect(body).toMatchObject({ state: "pending", amount_minor: null, processor_reference: null });
    expect(await pay.rows(`SELECT outcome FROM access_log WHERE object = '${mine}'`)).toEqual([
      { outcome: "foreign_reference" },
    ]);
  });

  it("reports what was authorized, not what was claimed", async () => {
    const handoff = handoffOf();
    await atTerminal(handoff, 1_000_010);
    const { body } = await authorize(handoff, null, { amount_minor: 1_000_010 });
    expect(body).toMatchObject({ state: "approved", amount_minor: 500_005 });
  });

  it("reports a decline, and the approval of the second card after it", async () => {
    const handoff = handoffOf();
    await pay.arm(handoff, "payment", "decline");
    await atTerminal(handoff, AMOUNT, "T-2");
    expect((await authorize(handoff)).body).toMatchObject({ state: "declined", amount_minor: null });
    await atTerminal(handoff);
    expect((await authorize(handoff)).body).toMatchObject({ state: "approved", terminal: "T-1" });
  });

  it("refuses the hand-off with another claim, a key that is not the hand-off, and a wrong body", async () => {
    const handoff = handoffOf();
    await authorize(handoff);
    const other = await authorize(handoff, null, { amount_minor: 1 });
    expect(other).toMatchObject({ status: 422, body: { code: "idempotency_mismatch" } });
    const wrongKey = await pay.post("/v1/authorizations", handoffOf(), claimed(handoff));
    expect(wrongKey).toMatchObject({ status: 400, body: { code: "idempotency_key" } });
    const wrongBody = await authorize(handoffOf(), null, { amount_minor: 12.5 });
    expect(wrongBody).toMatchObject({ status: 422, body: { code: "field" } });
    expect((await pay.get(`/v1/authorizations/${handoffOf()}`)).status).toBe(404);
  });

  it("gives the second of two approvals back", async () => {
    const handoff = handoffOf();
    await atTerminal(handoff, AMOUNT, "T-2");
    await atTerminal(handoff, AMOUNT, "T-1");
    expect((await authorize(handoff)).body).toMatchObject({ state: "approved", terminal: "T-1" });
    expect((await pay.books(handoff)).map((each) => each.state).sort()).toEqual(["authorized", "voided"]);
  });
});

describe("taking the money", () => {
  const approved = async () => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    return { handoff, id: (await authorize(handoff)).body.id };
  };

  it("captures once, however often and however concurrently it is asked", async () => {
    const { handoff, id } = await approved();
    const answers = await Promise.all(Array.from({ length: 8 }, () => capture(id, handoff)));
    expect(new Set(answers.map((each) => `${each.status} ${each.body.state}`))).toEqual(new Set(["200 captured"]));
    expect(await captures(handoff)).toBe(1);
  });

  it("never takes more than was authorized, nor another currency", async () => {
    const { handoff, id } = await approved();
    expect(await capture(id, handoff, AMOUNT + 1)).toMatchObject({ status: 422, body: { code: "amount" } });
    const dollars = { amount_minor: AMOUNT, currency: "USD" };
    const other = await pay.post(`/v1/authorizations/${id}/capture`, `${handoff}:capture`, dollars);
    expect(other).toMatchObject({ status: 422, body: { code: "amount" } });
    expect(await captures(handoff)).toBe(0);
  });

  it("refuses the key with another amount and a capture under a second key", async () => {
    const { handoff, id } = await approved();
    await capture(id, handoff);
    expect((await capture(id, handoff, AMOUNT - 1)).body.code).toBe("idempotency_mismatch");
    expect((await capture(id, handoff, AMOUNT, `${handoff}:again`)).body.code).toBe("state");
    expect(await captures(handoff)).toBe(1);
  });

  it("does either a capture or a void when both are asked at the same time", async () => {
    const { handoff, id } = await approved();
    const both = await Promise.all([capture(id, handoff), release(id, handoff)]);
    expect(both.map((each) => String(each.status)).sort()).toEqual(["200", "409"]);
    const [payment] = await pay.books(handoff);
    expect(["captured", "voided"]).toContain(payment?.state);
    const settled = both.find((each) => each.status === 200)?.body.state;
    expect(settled).toBe(payment?.state);
  });

  it("voids once, and nothing can be captured after", async () => {
    const { handoff, id } = await approved();
    expect((await release(id, handoff)).body.state).toBe("voided");
    expect((await release(id, handoff)).body.state).toBe("voided");
    expect((await capture(id, handoff)).body.code).toBe("state");
    expect((await authorize(handoff)).body.state).toBe("voided");
  });

  it("can still give back what the processor refused to capture", async () => {
    const { handoff, id } = await approved();
    await pay.arm(handoff, "capture", "decline");
    expect(await capture(id, handoff)).toMatchObject({ status: 409, body: { code: "refused" } });
    expect((await release(id, handoff)).body.state).toBe("voided");
  });

  it("refunds up to what was captured, and no further, even all at once", async () => {
    const { handoff, id } = await approved();
    expect((await refund(id, 100)).body.code).toBe("state");
    await capture(id, handoff);
    const answers = await Promise.all(Array.from({ length: 6 }, () => refund(id, 1_000)));
    expect(answers.filter((each) => each.status === 200)).toHaveLength(4);
    expect(answers.filter((each) => each.body.code === "amount")).toHaveLength(2);
    expect((await pay.books(handoff))[0]?.refunded_minor).toBe(4_000);
  });

  it("makes one refund of one key", async () => {
    const { handoff, id } = await approved();
    await capture(id, handoff);
    const key = crypto.randomUUID();
    const first = await refund(id, 500, key);
    expect(first.body).toMatchObject({ state: "refunded", amount_minor: 500, authorization: id });
    expect((await refund(id, 500, key)).body).toEqual(first.body);
    expect((await refund(id, 501, key)).body.code).toBe("idempotency_mismatch");
    expect((await pay.books(handoff))[0]?.refunded_minor).toBe(500);
  });
});

describe("a payment of which nothing is heard", () => {
  const BEHAVIOURS = ["time_out", "lose_answer", "answer_late"];

  it.each(BEHAVIOURS)("ends in one state with one capture when the terminal's answer is %s", async (behaviour) => {
    const handoff = handoffOf();
    await pay.arm(handoff, "payment", behaviour);
    expect((await atTerminal(handoff)).outcome).toBe("unknown");
    const first = (await authorize(handoff)).body;
    expect(["pending", "approved"]).toContain(first.state);
    // The terminal asks again with its own key, as it does when it has no answer.
    await expect.poll(async () => (await atTerminal(handoff)).outcome, { timeout: 20_000 }).toBe("approved");
    await expect.poll(async () => (await authorize(handoff)).body.state, { timeout: 20_000 }).toBe("approved");
    await capture(first.id, handoff);
    await capture(first.id, handoff);
    expect(await captures(handoff)).toBe(1);
    expect(await pay.books(handoff)).toHaveLength(1);
  });

  it.each(["time_out", "lose_answer"])(
    "is unknown while the processor's status is %s, then known",
    async (behaviour) => {
      const handoff = handoffOf();
      await atTerminal(handoff);
      await pay.arm(handoff, "status", behaviour);
      const first = (await authorize(handoff)).body;
      expect(first).toMatchObject({ state: "unknown", amount_minor: null });
      expect((await authorize(handoff)).body).toMatchObject({ id: first.id, state: "approved" });
    },
  );

  it("keeps what the processor had said when it falls silent later", async () => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    const { id } = (await authorize(handoff)).body;
    await pay.arm(handoff, "status", "lose_answer");
    expect((await pay.get<PaymentAnswer>(`/v1/authorizations/${id}`)).body.state).toBe("approved");
  });

  it.each(BEHAVIOURS)("is captured once when the answer to the capture is %s", async (behaviour) => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    const { id } = (await authorize(handoff)).body;
    await pay.arm(handoff, "capture", behaviour);
    expect((await capture(id, handoff)).body.state).toBe("unknown");
    expect((await release(id, handoff)).status).toBe(409);
    expect((await capture(id, handoff)).body.state).toBe("captured");
    expect(await captures(handoff)).toBe(1);
  });

  it.each(BEHAVIOURS)("is voided, never captured, when the answer to the void is %s", async (behaviour) => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    const { id } = (await authorize(handoff)).body;
    await pay.arm(handoff, "void", behaviour);
    expect((await release(id, handoff)).body.state).toBe("unknown");
    expect((await capture(id, handoff)).status).toBe(409);
    await expect.poll(async () => (await authorize(handoff)).body.state, { timeout: 15_000 }).toBe("voided");
    expect(await captures(handoff)).toBe(0);
  });

  it("is refunded once when the answer to the refund is lost", async () => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    const { id } = (await authorize(handoff)).body;
    await capture(id, handoff);
    await pay.arm(handoff, "refund", "lose_answer");
    const key = crypto.randomUUID();
    expect((await refund(id, 290, key)).body.state).toBe("unknown");
    expect((await refund(id, AMOUNT, crypto.randomUUID())).body.code).toBe("amount");
    expect((await refund(id, 290, key)).body.state).toBe("refunded");
    expect((await pay.books(handoff))[0]?.refunded_minor).toBe(290);
  });

  it("is carried on after the CDE went down between meaning to capture and doing it", async () => {
    const handoff = handoffOf();
    await atTerminal(handoff);
    const { id } = (await authorize(handoff)).body;
    await pay.arm(handoff, "capture", "lose_answer");
    await capture(id, handoff);
    await pay.restart();
    expect((await pay.get<PaymentAnswer>(`/v1/authorizations/${id}`)).body.state).toBe("captured");
    expect(await captures(handoff)).toBe(1);
  });
});

describe("the forwarder's door", () => {
  const refused = async (response: Response) => {
    expect(response.status).toBe(401);
    return response.text();
  };

  it("takes an envelope once, even when it comes twice at the same time", async () => {
    const handoff = handoffOf();
    const { sealed } = await pay.seal("/v1/authorizations", handoff, claimed(handoff));
    const both = await Promise.all([
      pay.postSealed("/v1/authorizations", handoff, sealed),
      pay.postSealed("/v1/authorizations", handoff, sealed),
    ]);
    expect(both.map((each) => String(each.status)).sort()).toEqual(["200", "401"]);
  });

  it("refuses with the same bytes whatever is wrong, and does nothing", async () => {
    const handoff = handoffOf();
    const path = "/v1/authorizations";
    const stranger = await sealedByStranger();
    const { sealed } = await pay.seal(path, handoff, claimed(handoff));
    const texts = [
      await refused(await pay.postSealed(`${path}/${handoff}/capture`, handoff, sealed)),
      await refused(await pay.postSealed(path, handoffOf(), sealed)),
      await refused(await pay.postSealed(path, handoff, `${sealed.slice(0, -4)}AAAA`)),
      await refused(await pay.postSealed(path, handoff, await stranger(path, handoff, claimed(handoff)))),
      await refused(await pay.cde.fetch(`/v1/authorizations/${handoff}`)),
    ];
    expect(new Set(texts).size).toBe(1);
    expect(await pay.rows(`SELECT id FROM authorizations WHERE handoff = '${handoff}'`)).toEqual([]);
  });

  it("accepts no clear JSON", async () => {
    const response = await pay.cde.fetch("/v1/authorizations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(claimed(handoffOf())),
    });
    expect(response.status).toBe(415);
  });

  it("knows no other path", async () => {
    const response = await pay.cde.fetch("/v1/cards");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });
});

/** Seals to this CDE with a signing key that it does not know. */
async function sealedByStranger() {
  const other = await cdeKeys();
  const keys = {
    sign: await envelopeKey(other.forwarder["FORWARDER_SIGNING_JWK"] ?? "", "ES256"),
    encrypt: await envelopeKey(pay.keys.forwarder["CDE_ENCRYPTION_JWK"] ?? "", "ECDH-ES"),
  };
  return (path: string, idempotencyKey: string, body: unknown) =>
    sealRequest(keys, { method: "POST", path, idempotencyKey }, body, crypto.randomUUID(), Date.now());
}
