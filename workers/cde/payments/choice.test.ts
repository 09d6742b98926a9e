import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProcessorPayment } from "../processor/processor.ts";
import { chosen, surplus } from "./choice.ts";

const payment = (change: Partial<ProcessorPayment>): ProcessorPayment => ({
  reference: "P1",
  handoff: "H",
  state: "approved",
  amount: { minor: 100, currency: "EUR" },
  capturedMinor: 0,
  terminal: "T-1",
  store: "eu-demo",
  emv: null,
  decline: null,
  created: 1,
  ...change,
});

const payments = fc.uniqueArray(
  fc.record({
    reference: fc.string({ minLength: 1, maxLength: 4 }),
    handoff: fc.constantFrom("H", "OTHER"),
    state: fc.constantFrom("pending", "approved", "declined", "captured", "voided"),
    terminal: fc.constantFrom("T-1", "T-2"),
    created: fc.nat(5),
  }),
  { selector: (each) => each.reference },
);

describe("which of a hand-off's payments counts", () => {
  it("is the one furthest along, then the claimed terminal's, then the earliest", () => {
    const declined = payment({ reference: "P0", state: "declined", created: 0 });
    const elsewhere = payment({ reference: "P2", terminal: "T-2", created: 0 });
    const mine = payment({ reference: "P3", created: 5 });
    expect(chosen([declined, elsewhere, mine], "H", "T-1")).toBe(mine);
    expect(chosen([declined, elsewhere], "H", "T-1")).toBe(elsewhere);
    const captured = payment({ reference: "P4", state: "captured", terminal: "T-2", created: 9 });
    expect(chosen([mine, captured], "H", "T-1")).toBe(captured);
    expect(chosen([], "H", "T-1")).toBeUndefined();
  });

  it("never is a payment of another hand-off, and does not depend on the order of the list", () => {
    fc.assert(
      fc.property(payments, (listed) => {
        const all = listed.map(payment);
        const one = chosen(all, "H", "T-1");
        expect(one === undefined || one.handoff === "H").toBe(true);
        expect(chosen(all.toReversed(), "H", "T-1")?.reference).toBe(one?.reference);
      }),
    );
  });

  it("leaves every other approved one to be given back, and nothing of another hand-off", () => {
    fc.assert(
      fc.property(payments, (listed) => {
        const all = listed.map(payment);
        const one = chosen(all, "H", "T-1");
        if (one === undefined) return;
        const back = surplus(all, "H", one.reference);
        expect(back.every((each) => each.handoff === "H" && each !== one)).toBe(true);
        const approved = all.filter((each) => each.handoff === "H" && each.state === "approved");
        expect(approved.length - back.length).toBe(one.state === "approved" ? 1 : 0);
      }),
    );
  });
});
