import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import type { RoomUnderTest } from "../../tools/platform/room-under-test.ts";
import { BEER, remembered, startSessions, TestCart } from "./fixture.ts";

let room: RoomUnderTest;
beforeAll(async () => {
  room = await startSessions();
});
afterAll(() => room.stop());

describe("an override by staff", () => {
  test("is in the log with the staff member, the session and what was done, each in its own name", async () => {
    const cart = new TestCart(room);
    await cart.open();
    await cart.scan(BEER);
    const override = (act: string, ...args: unknown[]) => room.call("ForOps", "ops", act, cart.session, ...args);
    expect(await override("clearHold", 1, { staff: "till-7", reason: "age_verified" })).toMatchObject({ ok: true });
    expect(await override("voidTrip", { staff: "lead-2", reason: "shopper_left" })).toMatchObject({ ok: true });
    expect(await room.call("ForOps", "ops", "releaseCart", cart.serial, "lead-3")).toMatchObject({ ok: true });
    const acts = await remembered<AuditEntry[]>(room, "audit");
    const overrides = acts.filter(({ kind }) => kind === "staff_override");
    expect(overrides.map(({ who, on, detail }) => [who, on, detail])).toEqual([
      ["staff:till-7", `session:${cart.session}`, { hold: "age check", reason: "age_verified" }],
      ["staff:lead-2", `session:${cart.session}`, { act: "void", reason: "shopper_left" }],
      ["staff:lead-3", `cart:${cart.serial}`, { act: "release" }],
    ]);
  });

  test("of a hold that is not there leaves no entry that says it was cleared", async () => {
    const cart = new TestCart(room, "2".repeat(32) as never);
    await cart.open();
    expect(
      await room.call("ForOps", "ops", "clearHold", cart.session, 9, { staff: "till-8", reason: "age_verified" }),
    ).toMatchObject({ ok: false });
    const acts = await remembered<AuditEntry[]>(room, "audit");
    expect(acts.filter(({ who }) => who === "staff:till-8")).toEqual([]);
  });
});
