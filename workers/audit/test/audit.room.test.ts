import { DatabaseSync } from "node:sqlite";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AuditAct, Appended } from "../../../protocol/rooms/audit.ts";
import { type RoomUnderTest, startRoom } from "../../../tools/platform/room-under-test.ts";
import { type Chain, EMPTY } from "../chain.ts";
import { type Page, verifyLog } from "../verify.ts";

const ACT: AuditAct = {
  who: "sessions",
  kind: "tier_join",
  when: 1_763_764_543_000,
  success: true,
  from: "identify",
  on: "session:0d3b0f7e-8d1c-4a52-9f5e-0a1b2c3d4e5f",
  detail: { fields: "nickname" },
};

let room: RoomUnderTest;
let state: string;
const read = (from: number, limit = 1000) => room.call<Page>("ForOps", "ops", "read", from, limit);
const append = (act: AuditAct) => room.call<Appended>("ForSessions", "sessions", "append", act);

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "cartwright-audit-"));
  room = await startRoom("audit", { state });
});
afterAll(async () => {
  await room.stop();
  rmSync(state, { recursive: true, force: true });
});

// One story, in order: each test goes on with the log that the ones before it made.
describe("the audit log of a cell", () => {
  let verified: Chain;

  it("is empty at first, and verifies", async () => {
    expect(await read(0)).toEqual({ entries: [], ...EMPTY, damagedCopies: [] });
  });

  it("answers with the entry's index and keeps the entry with its caller's name", async () => {
    expect(await append({ ...ACT, who: "cart:000102030405060708090a0b0c0d0e0f" })).toEqual({
      ok: true,
      value: { index: 0 },
    });
    expect(await room.call("ForIdentity", "identity", "append", { ...ACT, who: "identity" })).toEqual({
      ok: true,
      value: { index: 1 },
    });
    expect(await room.call("ForFleet", "fleet", "append", { ...ACT, who: "staff:7" })).toEqual({
      ok: true,
      value: { index: 2 },
    });
    expect(await room.call("ForOps", "ops", "append", { ...ACT, who: "staff:7" })).toEqual({
      ok: true,
      value: { index: 3 },
    });
    const { entries, size } = await read(0);
    expect(size).toBe(4);
    expect(entries.map((entry) => entry.who)).toEqual([
      "sessions/cart:000102030405060708090a0b0c0d0e0f",
      "identity",
      "fleet/staff:7",
      "ops/staff:7",
    ]);
    expect(entries[1]).toMatchObject({ ...ACT, who: "identity", index: 1 });
  });

  it("keeps nothing of an act that it refuses", async () => {
    expect(await append({ ...ACT, on: "jane@example.org" })).toEqual({ ok: false, reason: "invalid" });
    expect(await append({ ...ACT, kind: "gossip" as "refusal" })).toEqual({ ok: false, reason: "invalid" });
    expect((await read(0)).size).toBe(4);
  });

  it("makes one gapless chain of 100 appends at once", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => append({ ...ACT, detail: { n } })));
    const indices = answers.map((answer) => (answer.ok ? answer.value.index : -1)).sort((a, b) => a - b);
    expect(indices).toEqual(Array.from({ length: 100 }, (_, n) => n + 4));
    expect((await verifyLog(read)).fault).toBeNull();
    const details = (await read(4)).entries.map((entry) => entry.detail?.["n"]).sort((a, b) => Number(a) - Number(b));
    expect(details).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it("answers pages, and nothing for a place that is none", async () => {
    expect((await read(100)).entries.map((entry) => entry.index)).toEqual([100, 101, 102, 103]);
    expect((await read(2, 2)).entries.map((entry) => entry.index)).toEqual([2, 3]);
    expect((await read(-1, 1)).entries.map((entry) => entry.index)).toEqual([0]);
    expect((await read(1e9)).entries).toEqual([]);
    expect((await read(0, Number.NaN)).entries).toEqual([]);
  });

  it("copies each thousand entries to the bucket and notices a copy that was changed or taken away", async () => {
    for (let n = 104; n < 1001; n += 69)
      await Promise.all(
        Array.from({ length: Math.min(69, 1001 - n) }, (_, i) => append({ ...ACT, detail: { n: n + i } })),
      );
    const bucket = await room.miniflare.getR2Bucket("TILES", room.worker);
    const key = "v1/entries/000000000000.ndjson";
    const copy = await vi.waitFor(
      async () => {
        const text = await (await bucket.get(key))?.text();
        if (text === undefined) throw new Error("no copy yet");
        return text;
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(copy.trimEnd().split("\n")).toHaveLength(1000);
    const whole = await verifyLog(read);
    expect(whole).toMatchObject({ chain: { size: 1001 }, fault: null });
    verified = whole.chain;
    await bucket.put(key, copy.replace("nickname", "everything"));
    expect((await verifyLog(read)).fault).toEqual({ index: 0, what: "copy" });
    await bucket.delete(key);
    expect((await verifyLog(read)).fault).toEqual({ index: 0, what: "copy" });
    await bucket.put(key, copy);
    expect((await verifyLog(read)).fault).toBeNull();
  });

  it("goes on with the same chain after a restart", async () => {
    await room.stop();
    room = await startRoom("audit", { state });
    expect(await append(ACT)).toEqual({ ok: true, value: { index: 1001 } });
    expect((await verifyLog(read, verified)).fault).toBeNull();
  });

  it("refuses in its own store to change or remove an entry", async () => {
    await room.stop();
    withStore((store) => {
      expect(() => store.exec("UPDATE entries SET entry = '{}' WHERE i = 7")).toThrow("append-only");
      expect(() => store.exec("DELETE FROM entries WHERE i = 7")).toThrow("append-only");
    });
    room = await startRoom("audit", { state });
  });

  it("shows the index of an entry that was changed behind its back", async () => {
    await room.stop();
    withStore((store) => {
      store.exec("DROP TRIGGER entries_stay");
      store.exec("UPDATE entries SET entry = replace(entry, 'true', 'false') WHERE i = 1000");
    });
    room = await startRoom("audit", { state });
    expect((await verifyLog(read, verified)).fault).toEqual({ index: 1000, what: "hash" });
  });

  it("shows a tail that was cut behind its back", async () => {
    await room.stop();
    withStore((store) => {
      store.exec("DROP TRIGGER entries_last");
      store.exec("DELETE FROM entries WHERE i >= 1000");
    });
    room = await startRoom("audit", { state });
    expect((await verifyLog(read)).fault).toBeNull();
    expect((await verifyLog(read, verified)).fault).toEqual({ index: 1000, what: "rewritten" });
  });

  it("shows by its copies that it was rolled back, even to one who kept no head", async () => {
    await room.stop();
    withStore((store) =>
      store.exec("DROP TRIGGER entries_last; DELETE FROM entries WHERE i >= 990; DELETE FROM copied;"),
    );
    room = await startRoom("audit", { state });
    expect((await verifyLog(read)).fault).toEqual({ index: 0, what: "copy" });
  });
});

describe("the audit log's doors", () => {
  it("answer nothing over HTTP", async () => {
    expect((await room.fetch("/")).status).toBe(404);
  });
});

function withStore(work: (store: DatabaseSync) => void): void {
  const file = readdirSync(state, { recursive: true, encoding: "utf8" }).find(
    (name) => name.includes("AuditLog") && name.endsWith(".sqlite") && !name.endsWith("metadata.sqlite"),
  );
  if (file === undefined) throw new Error("the object's store is not there");
  const store = new DatabaseSync(join(state, file));
  try {
    work(store);
  } finally {
    store.close();
  }
}
