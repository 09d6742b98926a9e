import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openCheckpoint } from "./checkpoint.ts";
import { MemoryBucket, logOf, newSigner, startLog } from "./log-under-test.ts";
import type { Signer } from "./note.ts";

let errors: string[];
let signer: Signer;

beforeEach(async () => {
  errors = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
  signer = await newSigner("log.example/restarted");
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a log whose object and checkpoint are both gone", () => {
  it.each([9, 256, 300, 512])("halts at the tiles of its %i entries, and begins no second log", async (size) => {
    const { bucket } = await logOf(lines(size), { signer });
    bucket.objects.delete("checkpoint");
    const before = bucket.written.length;
    const empty = await startLog({ bucket, signer });
    await expect(empty.log.append("first")).rejects.toThrow("the log is halted: rolled_back");
    expect([bucket.written.length, halts()]).toEqual([before, 1]);
  });

  it("halts when the object was filled with others, or with fewer", async () => {
    for (const others of [lines(300).with(7, "other"), lines(5)]) {
      const { bucket } = await logOf(lines(300), { signer });
      bucket.objects.delete("checkpoint");
      const { database } = await logOf(others, { signer });
      database.exec("DELETE FROM published");
      const again = await startLog({ bucket, signer, database });
      await expect(again.log.append("more")).rejects.toThrow("the log is halted: rolled_back");
    }
  });
});

describe("a first batch whose checkpoint a crash held up", () => {
  it.each([9, 256, 300])("is published after the restart when it was of %i entries", async (size) => {
    const [bucket, database] = [new MemoryBucket(), new DatabaseSync(":memory:")];
    await crashBeforeCheckpoint(bucket, database, size);
    const again = await startLog({ bucket, database, signer });
    expect(await again.log.append("after the crash")).toBe(size);
    await again.runTimers();
    expect([await sizeIn(bucket), halts()]).toEqual([size + 1, 0]);
  });
});

describe("a bucket under a lock that refuses to write what is there", () => {
  it("lets a batch be published again after a crash", async () => {
    const [bucket, database] = [new MemoryBucket(), new DatabaseSync(":memory:")];
    await crashBeforeCheckpoint(bucket, database, 300);
    lock(bucket);
    const again = await startLog({ bucket, database, signer });
    await again.log.wake();
    expect([await sizeIn(bucket), halts()]).toEqual([300, 0]);
  });

  it("halts the log when what is there is another's", async () => {
    const [bucket, database] = [new MemoryBucket(), new DatabaseSync(":memory:")];
    await logOf(lines(5), { bucket, database, signer });
    bucket.objects.set("tile/entries/000", new Uint8Array(9));
    lock(bucket);
    const again = await startLog({ bucket, database, signer });
    for (const line of lines(256).slice(5)) await again.log.append(line);
    await again.runTimers();
    await expect(again.log.append("more")).rejects.toThrow("the log is halted: forked");
  });

  it("is tried again later when nothing is there", async () => {
    const made = await startLog({ signer });
    made.bucket.fail = (call, key) => {
      if (call === "put" && key.includes("tile/0/")) throw new Error("away");
    };
    await made.log.append("first");
    await made.runTimers();
    expect(made.bucket.objects.has("checkpoint")).toBe(false);
    made.bucket.fail = () => {};
    await made.log.wake();
    expect([await sizeIn(made.bucket), halts()]).toEqual([1, 0]);
  });
});

function lock(bucket: MemoryBucket): void {
  bucket.fail = (call, key) => {
    if (call === "put" && key.startsWith("tile/") && bucket.objects.has(key)) throw new Error("locked");
  };
}

async function crashBeforeCheckpoint(bucket: MemoryBucket, database: DatabaseSync, size: number): Promise<void> {
  bucket.fail = (call, key) => {
    if (call === "put" && key === "checkpoint") throw new Error("the process ended");
  };
  await logOf(lines(size), { bucket, database, signer });
  bucket.fail = () => {};
  expect(bucket.written.length).toBeGreaterThan(1);
}

function halts(): number {
  return errors.filter((line) => line.includes("audit_log_halted")).length;
}

async function sizeIn(bucket: MemoryBucket): Promise<number> {
  const opened = await openCheckpoint(bucket.objects.get("checkpoint") ?? "", signer.key);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.value.size;
}

function lines(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `line ${at}`);
}
