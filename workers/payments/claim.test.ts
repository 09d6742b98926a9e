import { describe, expect, it } from "vitest";
import type { HandoffClaim } from "../../protocol/rooms/payments.ts";
import { referenceResult, paymentResult } from "./answer.ts";
import { authorizationRequest, isVoidReason } from "./claim.ts";

const CLAIM = {
  trip: { session: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a", store: "eu-demo", cart: "ab".repeat(16) },
  handoff: "5f0c2a34-6b7a-4c55-9a39-0f7a3f1c9f10",
  terminal: "T-1",
  amount: { minor: 1299, currency: "EUR" },
  reference: "PSP-1",
} as unknown as HandoffClaim;

describe("a claim", () => {
  it("becomes the request that the CDE publishes", () => {
    expect(authorizationRequest(CLAIM)).toEqual({
      handoff: CLAIM.handoff,
      session: CLAIM.trip.session,
      store: "eu-demo",
      terminal: "T-1",
      amount_minor: 1299,
      currency: "EUR",
      reference: "PSP-1",
    });
  });

  it("drops a reference that can't be one instead of carrying it on", () => {
    expect(authorizationRequest({ ...CLAIM, reference: "4242 4242" })?.reference).toBeNull();
  });

  it.each([
    { handoff: "x" },
    { terminal: "" },
    { terminal: "T 1" },
    { amount: { minor: 0, currency: "EUR" } },
    { amount: { minor: 1.5, currency: "EUR" } },
    { amount: { minor: 1, currency: "XXX" } },
    { trip: { ...CLAIM.trip, session: "s" } },
    { trip: { ...CLAIM.trip, store: "S" } },
    { trip: { ...CLAIM.trip, cart: "c" } },
  ])("is refused at the door with %j", (change) => {
    expect(authorizationRequest({ ...CLAIM, ...change } as HandoffClaim)).toBeUndefined();
  });

  it("is given back for one of the listed reasons only", () => {
    expect(isVoidReason("amount_mismatch")).toBe(true);
    expect(isVoidReason("toString")).toBe(false);
  });
});

describe("the CDE's answer", () => {
  const body = { id: "a", state: "approved", handoff: "h" };

  it("must speak of the hand-off that was asked about", () => {
    expect(paymentResult({ ok: true, value: { status: 200, body } }, "h")).toEqual({ ok: true, value: body });
    expect(paymentResult({ ok: true, value: { status: 200, body } }, "other")).toEqual({
      ok: false,
      reason: "unavailable",
    });
  });

  it.each([
    [409, body, "refused"],
    [422, null, "refused"],
    [200, null, "unavailable"],
    [200, { ...body, state: "constructor" }, "unavailable"],
    [302, body, "unavailable"],
  ])("of status %i with %j is %s", (status, answer, reason) => {
    expect(paymentResult({ ok: true, value: { status, body: answer } }, "h")).toEqual({ ok: false, reason });
  });

  it("gives a card reference, nobody, or nothing that can be used", () => {
    const reference = "A".repeat(43);
    const answered = (status: number, given: unknown) => referenceResult({ ok: true, value: { status, body: given } });
    expect(answered(200, { reference })).toEqual({ ok: true, value: reference });
    expect(answered(404, {})).toEqual({ ok: true, value: null });
    expect(answered(200, { reference: "short" })).toEqual({ ok: false, reason: "unavailable" });
    expect(answered(422, {})).toEqual({ ok: false, reason: "unavailable" });
  });
});
