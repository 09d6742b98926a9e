import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../../../protocol/result.ts";
import type { Principal } from "../../../protocol/rooms/identity.ts";
import { exportOwn } from "../access-export.ts";
import { collectPart, readFile } from "../access-parts.ts";
import { isolate } from "./isolate-under-test.ts";
import { createRequest } from "../privacy-orders.ts";
import { markEnded } from "../privacy-rows.ts";
import { purge } from "../retention.ts";
import type { Room } from "../room.ts";
import { type IdentityUnderTest, person, startIdentity, valueOf } from "../test/room.ts";

const DAY = 86_400_000;
const START = Date.parse("2026-11-02T09:00:00Z");
const ORDER = { kind: "access", law: null, correction: null, key: null } as const;

let identity: IdentityUnderTest;
let room: Room;
let now = START;
let people = 0;
let who: Principal;

beforeAll(async () => {
  identity = await startIdentity();
  const keys = { IDENTITY_KEK: Buffer.alloc(32, 7).toString("base64"), IDENTITY_INDEX_KEY: "" };
  keys.IDENTITY_INDEX_KEY = Buffer.alloc(32, 9).toString("base64");
  room = await isolate(identity, keys, { now: () => now });
});
afterAll(() => identity.room.stop());

async function asked(): Promise<string> {
  now = START;
  who = person(`file-${++people}`);
  return valueOf(await createRequest(room, who, ORDER)).request;
}
const give = (request: string, part: number, content: object) =>
  collectPart(room, request, "receipts", part, JSON.stringify(content));
async function file(request: string): Promise<Record<string, unknown>> {
  return JSON.parse(valueOf(await readFile(room, who, request))) as Record<string, unknown>;
}
const partsOf = (request: string) => parts("SELECT count(*) AS n FROM access_parts WHERE request = ?", request);
async function parts(query: string, request: string): Promise<number> {
  const db = await identity.room.miniflare.getD1Database("PERSONS", identity.room.worker);
  return (await db.prepare(query).bind(request).first<{ n: number }>())?.n ?? 0;
}

describe("the time to fetch an access file", () => {
  test("begins when the request is done, for all of it, however long the stores took", async () => {
    const request = await asked();
    valueOf(await give(request, 0, { receipts: ["first"] }));
    now = START + 40 * DAY;
    valueOf(await purge(room, "access_files", now));
    valueOf(await exportOwn(room, request, "persons"));
    now = START + 80 * DAY;
    valueOf(await markEnded(room, request, "done"));
    expect(await file(request)).toMatchObject({ receipts: ["first"], until: now + 30 * DAY });
    now = START + 110 * DAY - 1;
    // Said once more after a crash, it is no later.
    valueOf(await markEnded(room, request, "done"));
    valueOf(await purge(room, "access_files", now));
    expect(await file(request)).toMatchObject({ receipts: ["first"], until: START + 110 * DAY });
    now = START + 110 * DAY + 1;
    expect(await readFile(room, who, request)).toEqual({ ok: false, reason: "unknown" });
    valueOf(await purge(room, "access_files", now));
    expect(await partsOf(request)).toBe(0);
  });

  test("never begins for a request that is refused: nothing of it stays", async () => {
    const request = await asked();
    valueOf(await give(request, 0, { receipts: ["first"] }));
    valueOf(await markEnded(room, request, "refused"));
    expect(await partsOf(request)).toBe(0);
  });
});

describe("an access file that is put together again", () => {
  test("has nothing of a longer try before", async () => {
    const request = await asked();
    for (const part of [0, 1, 2]) valueOf(await give(request, part, { receipts: [`old ${part}`] }));
    valueOf(await collectPart(room, request, "sessions", 0, JSON.stringify({ scans: ["kept"] })));
    for (const part of [0, 1]) valueOf(await give(request, part, { receipts: [`new ${part}`] }));
    valueOf(await markEnded(room, request, "done"));
    expect(await file(request)).toMatchObject({ receipts: ["new 0", "new 1"], scans: ["kept"] });
  });

  test("has nothing of what is not there any more at all", async () => {
    const request = await asked();
    for (const part of [0, 1]) valueOf(await give(request, part, { receipts: [`old ${part}`] }));
    valueOf(await give(request, 0, {}));
    valueOf(await markEnded(room, request, "done"));
    expect(await file(request)).not.toHaveProperty("receipts");
  });
});

test("nothing is put into a file of somebody who was erased since the key was read", async () => {
  const request = await asked();
  valueOf(await give(request, 0, { receipts: ["before"] }));
  await identity.run(
    "PERSONS",
    "DELETE FROM persons WHERE id = (SELECT person FROM access_parts WHERE request = ?)",
    request,
  );
  await identity.run("PERSONS", "DELETE FROM access_parts WHERE request = ?", request);
  const after: Result<unknown, string>[] = [await give(request, 0, { receipts: ["after"] })];
  expect(after).toEqual([{ ok: false, reason: "unavailable" }]);
  expect(valueOf(await exportOwn(room, request, "entities")).left).toBeGreaterThan(0);
  expect(await partsOf(request)).toBe(0);
});

test("a file that has no room for every look says how many it leaves out", async () => {
  const request = await asked();
  const looked = async (many: number) => {
    const db = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
    const row = db.prepare("SELECT subject FROM privacy_requests WHERE id = ?").bind(request);
    const subject = (await row.first<{ subject: string }>())?.subject ?? "";
    for (let i = 0; i < many; i += 1)
      await identity.run(
        "ENTITIES",
        "INSERT INTO looks VALUES (?, ?, ?, 'edge', 'x', 'profile_show', '')",
        i,
        subject,
        i,
      );
  };
  await looked(5);
  expect(valueOf(await exportOwn(room, request, "entities", 5))).toMatchObject({ left: 0 });
  expect(await looksIn(request)).toEqual([5, undefined]);
  expect(valueOf(await exportOwn(room, request, "entities", 2))).toMatchObject({ left: 0 });
  expect(await looksIn(request)).toEqual([2, 3]);
  expect(valueOf(await exportOwn(room, request, "entities"))).toMatchObject({ left: 0 });
  expect(await looksIn(request)).toEqual([5, undefined]);
});

async function looksIn(request: string): Promise<unknown[]> {
  valueOf(await markEnded(room, request, "done"));
  const { looks, looksLeftOut } = await file(request);
  return [(looks as unknown[]).length, looksLeftOut];
}
