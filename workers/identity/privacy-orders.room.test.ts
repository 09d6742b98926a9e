import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../../protocol/result.ts";
import type { Ordered } from "../../protocol/rooms/privacy.ts";
import { isolate } from "./isolate-under-test.ts";
import { createRequest } from "./privacy-orders.ts";
import type { Room } from "./room.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, person, startIdentity, valueOf } from "./test/room.ts";

const ORDER = { kind: "access", law: null, correction: null, key: null } as const;

let identity: IdentityUnderTest;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.room.stop());

/** The room, where so many acts wait for each other before the log has taken any of them. */
async function meeting(many: number): Promise<Room> {
  const keys = [7, 9].map((byte) => Buffer.alloc(32, byte).toString("base64"));
  const room = await isolate(identity, { IDENTITY_KEK: keys[0] ?? "", IDENTITY_INDEX_KEY: keys[1] ?? "" });
  const waiting: (() => void)[] = [];
  const record: Room["trail"]["record"] = async (kind, ...act) => {
    if (kind === "privacy_request")
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === many) for (const go of waiting) go();
      });
    return room.trail.record(kind, ...act);
  };
  return { ...room, trail: { ...room.trail, record } };
}
const ask = (who: string, over: object = {}) =>
  identity.edge<Result<Ordered, string>>("createPrivacyRequest", person(who), { ...ORDER, ...over });
const requestsOf = async (who: string) =>
  valueOf(await identity.edge<Result<readonly Ordered[], string>>("privacyRequests", person(who)));

describe("a privacy request under one idempotency key", () => {
  test("asked for ten times at once is one, and each of the ten is told so", async () => {
    valueOf(await identity.edge("profile", person("hasty")));
    // Each has seen that nothing is open, and is about to write.
    const together = await meeting(10);
    const order = { ...ORDER, key: "key-0001" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => createRequest(together, person("hasty"), order)),
    );
    expect(answers.filter(({ ok }) => !ok)).toEqual([]);
    const [first] = answers;
    expect(new Set(answers.map((each) => valueOf(each).request))).toEqual(
      new Set(first === undefined ? [] : [valueOf(first).request]),
    );
    expect(await requestsOf("hasty")).toHaveLength(1);
  });

  test("is open for whoever asks under another key", async () => {
    valueOf(await ask("other", { key: "key-0001" }));
    expect(await ask("other", { key: "key-0002" })).toEqual({ ok: false, reason: "open" });
  });
});

describe("a person whom an erasure has come to", () => {
  test("gets no new request, in the app or by letter", async () => {
    valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
    const loyalty = loyaltyNumber(71);
    valueOf(await identity.edge("addLoyaltyCard", person("erased"), loyalty));
    await identity.run("ENTITIES", "DELETE FROM customers WHERE id = (SELECT customer FROM loyalty_numbers)");
    expect(await ask("erased")).toEqual({ ok: false, reason: "erased" });
    const { key: _, ...order } = ORDER;
    expect(await identity.ops("createLetterRequest", loyalty, order, "2026-11-02", "pat")).toEqual({
      ok: false,
      reason: "unknown",
    });
    expect(await requestsOf("erased")).toEqual([]);
  });
});
