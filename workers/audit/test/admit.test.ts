import { describe, expect, it } from "vitest";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import { admit } from "../admit.ts";

const ACT: AuditAct = {
  who: "sessions",
  kind: "tier_join",
  when: 1_763_764_543_000,
  success: true,
  from: "POST /cart/v1/sessions/{id}/identity",
  on: "session:0d3b0f7e-8d1c-4a52-9f5e-0a1b2c3d4e5f",
  detail: { fields: "nickname", lines: 3, late: false, reason: null, empty: "" },
};

describe("what the audit log takes in", () => {
  it("is an act with its fields as they are", () => {
    expect(admit(ACT, "sessions")).toEqual({ ok: true, value: ACT });
  });

  it("carries the calling room in front of whoever the room says it was", () => {
    const forged = admit({ ...ACT, who: "ops" }, "sessions");
    expect(forged.ok && forged.value.who).toBe("sessions/ops");
    const cart = admit({ ...ACT, who: "cart:000102030405060708090a0b0c0d0e0f" }, "sessions");
    expect(cart.ok && cart.value.who).toBe("sessions/cart:000102030405060708090a0b0c0d0e0f");
    const prefixed = admit({ ...ACT, who: "fleet/staff:1" }, "sessions");
    expect(prefixed.ok && prefixed.value.who).toBe("sessions/fleet/staff:1");
  });

  it.each<[string, unknown]>([
    ["an unknown kind", { ...ACT, kind: "gossip" }],
    ["a kind that is on no list but on every object", { ...ACT, kind: "constructor" }],
    ["an unknown field", { ...ACT, email: "x" }],
    ["an email address", { ...ACT, on: "subject:jane@example.org" }],
    ["an email address in the detail", { ...ACT, detail: { subject: "jane@example.org" } }],
    ["a card number", { ...ACT, on: "card:4111 1111 1111 1111" }],
    ["a card number in the detail", { ...ACT, detail: { note: "4111111111111111" } }],
    ["a card number as a number", { ...ACT, detail: { note: 4111111111111111 } }],
    ["a card number that JSON has rounded", { ...ACT, detail: { note: Number("4000000000000000006") } }],
    ["text outside ASCII", { ...ACT, on: "subject:Zoë" }],
    ["a line break", { ...ACT, from: "x\ny" }],
    ["an overlong text", { ...ACT, on: "x".repeat(201) }],
    ["an overlong detail", { ...ACT, detail: { note: "x".repeat(201) } }],
    ["too many details", { ...ACT, detail: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`a${i}`, i])) }],
    ["a nested detail", { ...ACT, detail: { note: { deep: 1 } } }],
    ["a list as detail", { ...ACT, detail: ["x"] }],
    ["a detail's name with a card number", { ...ACT, detail: { "4111111111111111": 1 } }],
    ["a time that is no integer", { ...ACT, when: 1.5 }],
    ["a time before the epoch", { ...ACT, when: -1 }],
    ["a time as text", { ...ACT, when: "now" }],
    ["no success", { ...ACT, success: undefined }],
    ["an empty who", { ...ACT, who: "" }],
    ["not a number", { ...ACT, detail: { lines: Number.NaN } }],
    ["nothing", null],
    ["a text", "act"],
  ])("is not %s", (_, act) => {
    expect(admit(act, "sessions")).toEqual({ ok: false, reason: "invalid" });
  });
});
