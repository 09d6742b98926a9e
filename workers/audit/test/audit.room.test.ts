import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { AuditAct, Appended } from "../../../protocol/rooms/audit.ts";
import { cosign } from "../../../protocol/tlog/cosignature.ts";
import { COSIGNATURE, formatNote, parseNote, signerOf } from "../../../protocol/tlog/note.ts";
import { verifyProofFile } from "../../../protocol/tlog/proof-file.ts";
import { leafOf } from "../entry.ts";
import { AuditRoom } from "./audit-room.ts";

const ACT: AuditAct = {
  who: "sessions",
  kind: "tier_join",
  when: 1_763_764_543_000,
  success: true,
  from: "identify",
  on: "session:0d3b0f7e-8d1c-4a52-9f5e-0a1b2c3d4e5f",
  detail: { fields: "nickname" },
};

let state: string;
let here: AuditRoom;
const append = (act: AuditAct) => here.room.call<Appended>("ForSessions", "sessions", "append", act);
/** The size that is published once this entry is. */
const published = async (index: number): Promise<void> => {
  expect(await here.proof(index)).toMatchObject({ ok: true });
};

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "cartwright-audit-"));
  here = await AuditRoom.start(state);
});
afterAll(async () => {
  await here.room.stop();
  rmSync(state, { recursive: true, force: true });
});

// One story, in order: each test goes on with the log that the ones before it made.
describe("the audit log of a cell", () => {
  let verified: string;

  it("is empty at first", async () => {
    expect(await here.read(0)).toEqual({ entries: [], size: 0 });
    expect(await here.resource("checkpoint")).toEqual({ ok: false, reason: "unknown" });
    expect(await here.proof(0)).toEqual({ ok: false, reason: "unknown" });
  });

  it("answers with the entry's index and keeps the entry with its caller's name", async () => {
    const first = { ...ACT, who: "cart:000102030405060708090a0b0c0d0e0f" };
    expect(await append(first)).toEqual({ ok: true, value: { index: 0 } });
    const call = (door: string, who: string) =>
      here.room.call(`For${door}`, door.toLowerCase(), "append", { ...ACT, who });
    expect(await call("Identity", "identity")).toEqual({ ok: true, value: { index: 1 } });
    expect(await call("Fleet", "staff:7")).toEqual({ ok: true, value: { index: 2 } });
    expect(await call("Ops", "staff:7")).toEqual({ ok: true, value: { index: 3 } });
    const { entries, size } = await here.read(0);
    expect(size).toBe(4);
    expect(entries.map((entry) => entry.who)).toEqual([
      "sessions/cart:000102030405060708090a0b0c0d0e0f",
      "identity",
      "fleet/staff:7",
      "ops/staff:7",
    ]);
    expect(entries[1]).toEqual({ ...ACT, who: "identity", index: 1 });
  });

  it("keeps nothing of an act that it refuses", async () => {
    expect(await append({ ...ACT, on: "jane@example.org" })).toEqual({ ok: false, reason: "invalid" });
    expect(await append({ ...ACT, kind: "gossip" as "refusal" })).toEqual({ ok: false, reason: "invalid" });
    expect((await here.read(0)).size).toBe(4);
  });

  it("publishes a batch by itself, signed, and the whole verifies", async () => {
    await published(3);
    expect(await here.verified()).toMatchObject({ ok: true, value: { checkpoint: { size: 4 } } });
    expect(await here.checkpoint()).toMatch(/^ops\.eu\.cartwright\.example\/admin\/v1\/audit\n4\n/);
  });

  it("gives each room the proof of an entry, which holds without the platform", async () => {
    for (const [door, caller] of [
      ["ForSessions", "sessions"],
      ["ForIdentity", "identity"],
      ["ForFleet", "fleet"],
      ["ForOps", "ops"],
    ] as const) {
      const proof = await here.room.call<{ ok: true; value: string }>(door, caller, "proof", 1);
      expect(await verifyProofFile(proof.value, here.key, [])).toMatchObject({
        ok: true,
        value: { index: 1, entry: new TextEncoder().encode(leafOf({ ...ACT, who: "identity" })) },
      });
    }
    await expect(here.room.call("ForFleet", "fleet", "read", 0, 1)).rejects.toThrow("read");
  });

  it("makes gapless indices of 100 appends at once, and each one answered is provable", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => append({ ...ACT, detail: { n } })));
    const indices = answers.map((answer) => (answer.ok ? answer.value.index : -1));
    expect(indices.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 4));
    for (const [n, index] of indices.entries()) {
      const proof = await here.proof(index);
      expect(await verifyProofFile(proof.ok ? proof.value : "", here.key, [])).toMatchObject({
        ok: true,
        value: { index, entry: new TextEncoder().encode(leafOf({ ...ACT, detail: { n } })) },
      });
    }
    expect(await here.verified()).toMatchObject({ ok: true, value: { checkpoint: { size: 104 } } });
  });

  it("answers pages, and nothing for a place that is none", async () => {
    expect((await here.read(100)).entries.map((entry) => entry.index)).toEqual([100, 101, 102, 103]);
    expect((await here.read(2, 2)).entries.map((entry) => entry.index)).toEqual([2, 3]);
    expect((await here.read(-1, 1)).entries.map((entry) => entry.index)).toEqual([0]);
    expect((await here.read(1e9)).entries).toEqual([]);
    expect((await here.read(0, Number.NaN)).entries).toEqual([]);
    expect(await here.resource("x".repeat(81))).toEqual({ ok: false, reason: "unknown" });
  });

  it("keeps a witness's cosignature and hands out proofs under it", async () => {
    const { witnessJwk, witnessName } = here.keys.logKeys;
    const witness = await signerOf(witnessName, COSIGNATURE, JSON.stringify(witnessJwk));
    const note = parseNote(await here.checkpoint());
    if (!note.ok) throw new Error(note.reason);
    const line = await cosign(note.value.text, 1_700_000_000, witness);
    const cosigned = formatNote({ text: note.value.text, signatures: [...note.value.signatures, line] });
    const bring = (text: unknown) => here.room.call("ForOps", "ops", "addCosignatures", text);
    expect(await bring(cosigned)).toEqual({ ok: true, value: { size: 104 } });
    for (const refused of ["", 7, "x".repeat(20_000), await here.checkpoint()])
      expect(await bring(refused)).toEqual({ ok: false, reason: "invalid" });
    expect(await here.resource("cosigned")).toEqual({ ok: true, value: new TextEncoder().encode(cosigned) });
    const proof = await here.proof(50);
    expect(await verifyProofFile(proof.ok ? proof.value : "", here.key, [witness.key])).toMatchObject({
      ok: true,
      value: { witnesses: [witnessName] },
    });
  });

  it("fills a tile, publishes it as such, and takes the partial ones away", async () => {
    for (let n = 104; n < 260; n += 52)
      await Promise.all(Array.from({ length: 52 }, (_, i) => append({ ...ACT, detail: { n: n + i } })));
    await published(259);
    const bucket = await here.bucket();
    const keys = (await bucket.list()).objects.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(["checkpoint", "tile/0/000", "tile/entries/000"]));
    await vi.waitFor(async () =>
      expect((await bucket.list({ prefix: "partial/tile/0/000" })).objects.map(({ key }) => key)).toEqual([]),
    );
    expect(await here.verified()).toMatchObject({ ok: true, value: { checkpoint: { size: 260 } } });
    verified = await here.checkpoint();
  });

  it("shows a byte of a tile or a bundle that was changed in the bucket, and one that was taken away", async () => {
    const bucket = await here.bucket();
    for (const [key, gone] of [
      ["tile/entries/000", "pruned"],
      ["tile/0/000", "missing"],
    ] as const) {
      const whole = new Uint8Array(
        await ((await bucket.get(key)) as { arrayBuffer(): Promise<ArrayBuffer> }).arrayBuffer(),
      );
      await bucket.put(
        key,
        whole.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
      );
      expect(await here.verified()).toMatchObject({ ok: false, fault: { what: "entry", index: 0 } });
      await bucket.delete(key);
      expect(await here.verified()).toMatchObject({ ok: false, fault: { what: gone } });
      await bucket.put(key, whole);
    }
    expect(await here.verified()).toMatchObject({ ok: true });
  });

  it("goes on with the same log after a restart, and publishes what a crash left unpublished", async () => {
    await append({ ...ACT, detail: { n: 260 } });
    // The process ends at once: the entry is durable, its batch may not have been published.
    await here.again();
    expect((await here.read(260)).entries).toHaveLength(1);
    expect(await append(ACT)).toEqual({ ok: true, value: { index: 261 } });
    await published(261);
    expect(await here.verified(verified)).toMatchObject({ ok: true, value: { checkpoint: { size: 262 } } });
    verified = await here.checkpoint();
  });

  it("after a crash between tiles and checkpoint publishes the same tiles, and the log verifies", async () => {
    const bucket = await here.bucket();
    const before = await here.checkpoint();
    await append({ ...ACT, detail: { n: 262 } });
    await published(262);
    await here.room.stop();
    // As the crash leaves it: the batch's tiles are there, its checkpoint is not, the object knows of none.
    await here.again(() =>
      here.withStore((store) =>
        store.prepare("UPDATE published SET size = 262, root = ?").run(before.split("\n")[2] ?? ""),
      ),
    );
    await (await here.bucket()).put("checkpoint", before);
    expect(bucket).toBeDefined();
    expect(await append({ ...ACT, detail: { n: 263 } })).toEqual({ ok: true, value: { index: 263 } });
    await published(263);
    expect(await here.verified(verified)).toMatchObject({ ok: true, value: { checkpoint: { size: 264 } } });
  });

  it("prunes nothing that is younger than thirteen months, then whole bundles, and says so in the log", async () => {
    const prune = (now: number) => here.room.call("ForSessions", "sessions", "prune", now);
    const twelve = Date.UTC(2026, 10, 21);
    expect(await prune(twelve)).toMatchObject({ ok: true, value: { from: 0, to: 0 } });
    const fourteen = Date.UTC(2027, 0, 22);
    expect(await prune(fourteen)).toMatchObject({ ok: true, value: { from: 0, to: 256 } });
    const [first] = (await here.read(0, 1)).entries;
    expect(await prune(fourteen)).toEqual({ ok: true, value: { from: 256, to: 256, oldestLeft: first?.when } });
    expect(await prune(Number.NaN)).toEqual({ ok: false, reason: "unavailable" });
    const { entries, size } = await here.read(0, 1);
    expect([entries[0]?.index, size]).toEqual([256, 265]);
    expect((await here.read(264)).entries[0]).toMatchObject({
      who: "audit",
      kind: "purge",
      detail: { from: 0, to: 256 },
    });
    expect(await here.verified(verified)).toMatchObject({ ok: true, value: { minimum: 256 } });
    expect(await here.proof(100)).toEqual({ ok: false, reason: "unknown" });
    await published(256);
  });

  it("refuses in its own store to change or remove an entry", async () => {
    await here.again(() =>
      here.withStore((store) => {
        expect(() => store.exec("UPDATE leaves SET entry = '{}' WHERE i = 257")).toThrow("append-only");
        expect(() => store.exec("DELETE FROM leaves WHERE i = 257")).toThrow("append-only");
      }),
    );
  });

  it("halts, appends nothing and says so when its object was rolled back", async () => {
    const checkpoint = await here.checkpoint();
    await here.again(() =>
      here.withStore((store) => {
        store.exec("DROP TRIGGER leaves_last; DELETE FROM leaves WHERE i >= 260; UPDATE published SET size = 260");
      }),
    );
    expect(await append(ACT)).toEqual({ ok: false, reason: "unavailable" });
    expect(await append(ACT)).toEqual({ ok: false, reason: "unavailable" });
    expect(here.logged.some((line) => line.includes('"audit_log_halted","reason":"rolled_back"'))).toBe(true);
    expect(await here.checkpoint()).toBe(checkpoint);
    expect((await here.read(0, 1)).size).toBe(260);
  });
});

describe("the audit log's doors", () => {
  it("answer nothing over HTTP", async () => {
    expect((await here.room.fetch("/")).status).toBe(404);
  });

  it("are each one room's", async () => {
    await expect(here.room.call("ForIdentity", "identity", "prune", 0)).rejects.toThrow("prune");
    await expect(here.room.call("ForSessions", "sessions", "addCosignatures", "")).rejects.toThrow("addCosignatures");
  });
});
