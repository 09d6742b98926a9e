import { describe, expect, it } from "vitest";
import { emvBlock } from "./emv.ts";
import { fromProcessor, toProcessor } from "./exponent.ts";
import { readPayment, simulatorProcessor } from "./simulator.ts";

const EMV = {
  scheme: "visa",
  last4: "4242",
  aid: "A0000000031010",
  applicationName: "VISA CREDIT",
  tvr: "0000008000",
  tsi: "E800",
  cryptogram: "0123456789ABCDEF",
  arc: "00",
  approvalCode: "012345",
  cvm: "none",
  entry: "contactless",
  terminal: "T-1",
  merchant: "EU-DEMO",
};
const PAYMENT = {
  reference: "PSP-00AA",
  handoff: "5f0c2a34-6b7a-4c55-9a39-0f7a3f1c9f10",
  state: "authorized",
  authorized_minor: 1299,
  captured_minor: 0,
  currency: "EUR",
  terminal: "T-1",
  store: "eu-demo",
  emv: EMV,
  created: 1,
};

describe("an amount", () => {
  it("is counted as the processor counts it, and back", () => {
    const table = { ISK: 2, KWD: 2, EUR: 2 };
    expect(toProcessor({ minor: 1299, currency: "EUR" }, table)).toBe(1299);
    expect(toProcessor({ minor: 500, currency: "ISK" }, table)).toBe(50_000);
    expect(fromProcessor(50_000, "ISK", table)).toEqual({ minor: 500, currency: "ISK" });
    expect(toProcessor({ minor: 1_230, currency: "KWD" }, table)).toBe(123);
  });

  it("that has no exact value there is an error, never rounded", () => {
    expect(() => toProcessor({ minor: 1_234, currency: "KWD" }, { KWD: 2 })).toThrow(RangeError);
    expect(() => fromProcessor(50_001, "ISK", { ISK: 2 })).toThrow(RangeError);
    expect(() => toProcessor({ minor: 1, currency: "JPY" }, {})).toThrow("does not take JPY");
    expect(() => toProcessor({ minor: Number.MAX_SAFE_INTEGER, currency: "ISK" }, { ISK: 2 })).toThrow(RangeError);
  });
});

describe("receipt data", () => {
  it("is taken member by member", () => {
    expect(emvBlock({ ...EMV, pan: "4242424242424242" })).toEqual(EMV);
  });

  it.each([
    ["last4", "4242424242424242"],
    ["applicationName", "4242424242424242"],
    ["cryptogram", "4242"],
    ["merchant", "4242424242424242"],
    ["cvm", "maybe"],
    ["tvr", undefined],
  ])("is refused with %s as %j", (name, value) => {
    expect(emvBlock({ ...EMV, [name]: value })).toBeUndefined();
  });
});

describe("the processor's answer", () => {
  it("is read into the normal form", () => {
    expect(readPayment(PAYMENT)).toMatchObject({
      state: "approved",
      amount: { minor: 1299, currency: "EUR" },
      emv: EMV,
    });
    expect(readPayment({ ...PAYMENT, state: "processing", emv: null })).toMatchObject({ state: "pending", emv: null });
  });

  it.each([
    ["state", "toString"],
    ["currency", "XXX"],
    ["authorized_minor", 12.5],
    ["authorized_minor", -1],
    ["captured_minor", "0"],
    ["handoff", ""],
    ["reference", null],
    ["emv", {}],
  ])("is not believed with %s as %j", (name, value) => {
    expect(readPayment({ ...PAYMENT, [name]: value })).toBeUndefined();
  });

  const answering = (status: number, body: string) =>
    simulatorProcessor(async () => new Response(body, { status }), "key");
  const euro = { minor: 1299, currency: "EUR" } as const;

  it.each([400, 404, 409, 422])("of status %i to a capture is a refusal", async (status) => {
    expect(await answering(status, "{}").capture("P", euro, "k")).toEqual({ ok: false, reason: "refused" });
  });

  it.each([
    [401, "{}"],
    [408, "{}"],
    [429, "{}"],
    [500, "{}"],
    [504, ""],
    [302, ""],
    [200, "{"],
    [200, "{}"],
    [200, "null"],
  ])("of status %i with body %j to a capture is no answer", async (status, body) => {
    expect(await answering(status, body).capture("P", euro, "k")).toEqual({ ok: false, reason: "no_answer" });
  });

  it("that never comes is no answer, and no account reference", async () => {
    const silent = simulatorProcessor(() => Promise.reject(new Error("time-out")), "key");
    expect(await silent.ofHandoff("h")).toEqual({ ok: false, reason: "no_answer" });
    expect(await silent.payment("p")).toEqual({ ok: false, reason: "no_answer" });
    expect(await silent.paymentAccountReference("4242424242424242")).toBeUndefined();
  });
});
