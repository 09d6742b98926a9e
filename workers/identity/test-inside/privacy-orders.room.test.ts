import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../../../protocol/result.ts";
import type { Ordered } from "../../../protocol/rooms/privacy.ts";
import type { ListedRequests } from "../../../protocol/rooms/privacy-doors.ts";
import { isolate } from "./isolate-under-test.ts";
import { createRequest } from "../privacy-orders.ts";
import type { Room } from "../room.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, person, startIdentity, valueOf } from "../test/room.ts";

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

describe("the list for staff", () => {
  const list = (after: string | null) => identity.ops<Result<ListedRequests, string>>("privacyRequestList", after);
  /** Older than any other, and over. */
  const over = (count: number) =>
    identity.run(
      "ENTITIES",
      `INSERT INTO privacy_requests (id, index_key_version, kind, law, subject, checked_by, received, received_on, digest, ended, outcome)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       SELECT printf('00000000-0000-4000-8000-%012x', i), 0, 'access', 'gdpr', '', 'token', i / 2, '2026-01-01', '', ?, 'done' FROM n`,
      count,
      Date.now(),
    );

  test("has what is open before what is over, however much that is, and goes on page by page", async () => {
    await over(450);
    const { request } = valueOf(await ask("newest"));
    const pages: ListedRequests[] = [];
    for (let next: string | null = null; pages.length === 0 || next !== null;) {
      const page: ListedRequests = valueOf(await list(next));
      pages.push(page);
      ({ next } = page);
    }
    expect(pages.map(({ requests }) => requests.length)).toEqual([
      200,
      200,
      50 + (pages[0]?.requests ?? []).filter(({ ended }) => ended === null).length,
    ]);
    const all = pages.flatMap(({ requests }) => requests);
    expect(new Set(all.map((each) => each.request)).size).toBe(all.length);
    const open = all.filter(({ ended }) => ended === null);
    expect(all.slice(0, open.length)).toEqual(open);
    expect(open.at(-1)?.request).toBe(request);
  });

  test("goes on where it was when the last one of a page has ended meanwhile", async () => {
    const open = valueOf(await list(null)).requests.filter(({ ended }) => ended === null);
    const [first, second] = open;
    await identity.run(
      "ENTITIES",
      "UPDATE privacy_requests SET ended = ?, outcome = 'done' WHERE id = ?",
      Date.now(),
      first?.request,
    );
    expect(valueOf(await list(`open.${first?.request}`)).requests[0]).toEqual(second);
  });

  test("takes no cursor but its own", async () => {
    for (const cursor of ["", "open.", `open.${crypto.randomUUID()}`, "over.00000000-0000-4000-8000-000000000001"])
      expect(await list(cursor)).toEqual({ ok: false, reason: "invalid" });
  });
});
