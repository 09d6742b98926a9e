import { afterAll, beforeAll, expect, it } from "vitest";
import { type RoomUnderTest, startRoom } from "../../../tools/platform/room-under-test.ts";

let room: RoomUnderTest;
beforeAll(async () => {
  room = await startRoom("telemetry");
});
afterAll(() => room.stop());

const sessions = (method: string, ...args: unknown[]) => room.call("ForSessions", "sessions", method, ...args);

it("tells what was scanned on the trips that are asked for, and on no other", async () => {
  const [own, other] = [crypto.randomUUID(), crypto.randomUUID()];
  const at = Date.parse("2026-11-20T10:00:00Z");
  for (const [session, item] of [
    [own, "04006381333931"],
    [other, "09521234543213"],
  ])
    await sessions("deliver", {
      store: "eu-test",
      cart: "0123456789abcdef0123456789abcdef",
      session,
      key: session,
      events: [
        { kind: "scan", at, item, quantity: 2 },
        { kind: "weight", at, grams: 900 },
        { kind: "remove", at: at + 1, item, quantity: 1 },
      ],
    });
  expect(await sessions("tripEvents", [own, crypto.randomUUID()])).toEqual({
    ok: true,
    value: [
      { session: own, at, kind: "scan", item: "04006381333931", quantity: 2 },
      { session: own, at: at + 1, kind: "remove", item: "04006381333931", quantity: 1 },
    ],
  });
  expect(await sessions("tripEvents", [])).toEqual({ ok: true, value: [] });
  await expect(sessions("tripEvents", ["not a session"])).rejects.toThrow("not sessions");
});
