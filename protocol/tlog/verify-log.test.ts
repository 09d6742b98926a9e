import { beforeAll, describe, expect, it } from "vitest";
import { encodeBundle } from "./bundle.ts";
import { utf8, type Bytes } from "../bytes.ts";
import { formatCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { MemoryBucket, logOf, newSigner, type LogUnderTest } from "./log-under-test.ts";
import { leafHash } from "./merkle.ts";
import { signNote, type Signer } from "./note.ts";
import { EMPTY_TREE, grow, rootOf } from "./tree.ts";
import { verifyLog, type VerifyOptions } from "./verify-log.ts";

let signer: Signer;
let small: LogUnderTest;
/** Its size at an earlier checkpoint, and that checkpoint. */
let earlier: string;

beforeAll(async () => {
  signer = await newSigner("log.example/verified");
  small = await logOf(entries(7), { signer });
  earlier = text(small.bucket.objects.get("checkpoint"));
  for (const entry of entries(12).slice(7)) await small.log.append(entry);
  await small.runTimers();
});

describe("a whole log", () => {
  it("verifies as it was published, empty, partial, full and of several levels", async () => {
    for (const size of [1, 12, 255, 256, 257, 600]) {
      const { bucket } = await logOf(entries(size), { signer });
      expect(await verified(bucket), `size ${size}`).toMatchObject({
        ok: true,
        value: { checkpoint: { size }, minimum: 0 },
      });
    }
  });

  it("shows every single flipped byte of what is published", async () => {
    const needed = [...small.bucket.objects].filter(([key]) => !key.endsWith(".p/7"));
    expect(needed.map(([key]) => key).sort()).toEqual([
      "checkpoint",
      "partial/tile/0/000.p/12",
      "partial/tile/entries/000.p/12",
    ]);
    let flips = 0;
    for (const [key, bytes] of needed)
      for (let place = 0; place < bytes.length; place += 1) {
        const bucket = copyOf(small.bucket);
        bucket.objects.set(key, flipped(bytes, place));
        expect(await verified(bucket), `${key}, byte ${place}`).toMatchObject({ ok: false });
        flips += 1;
      }
    expect(flips).toBeGreaterThan(800);
  });

  it("shows a flipped byte in a tile above the leaves", async () => {
    const { bucket } = await logOf(entries(600), { signer });
    const key = "partial/tile/1/000.p/2";
    const bytes = bucket.objects.get(key);
    if (bytes === undefined) throw new Error(`no ${key}`);
    for (let place = 0; place < bytes.length; place += 1) {
      bucket.objects.set(key, flipped(bytes, place));
      expect(await verified(bucket)).toMatchObject({ ok: false, fault: { what: "tile", path: "tile/1/000.p/2" } });
    }
    bucket.objects.delete(key);
    expect(await verified(bucket)).toMatchObject({ fault: { what: "missing", path: "tile/1/000.p/2" } });
  });

  it("names the first entry that was changed", async () => {
    const bucket = copyOf(small.bucket);
    bucket.objects.set("partial/tile/entries/000.p/12", bundle(entries(12).with(9, "something else")));
    expect(await verified(bucket)).toMatchObject({ ok: false, fault: { what: "entry", index: 9 } });
  });

  it("shows entries out of order, left out, repeated or slipped in", async () => {
    const all = entries(12);
    const [third = "", fourth = ""] = all.slice(3);
    for (const [changed, fault] of [
      [all.with(3, fourth).with(4, third), { what: "entry", index: 3 }],
      [all.toSpliced(5, 1), { what: "malformed", index: 0 }],
      [all.toSpliced(5, 0, third), { what: "malformed", index: 0 }],
      [all.toSpliced(5, 1, third), { what: "entry", index: 5 }],
    ] as const) {
      const bucket = copyOf(small.bucket);
      bucket.objects.set("partial/tile/entries/000.p/12", bundle(changed));
      expect(await verified(bucket)).toMatchObject({ ok: false, fault });
    }
  });

  it("shows a reordering whose tiles were made to fit", async () => {
    const all = entries(12);
    const bucket = copyOf(small.bucket);
    await rewrite(bucket, all.toReversed());
    expect(await verified(bucket)).toMatchObject({ ok: false, fault: { what: "root" } });
  });

  it("shows a checkpoint that is gone, of another key, or of another log", async () => {
    const bucket = copyOf(small.bucket);
    bucket.objects.delete("checkpoint");
    expect(await verified(bucket)).toMatchObject({ fault: { what: "checkpoint", why: "missing" } });
    const root = await rootOf((await grow(EMPTY_TREE, await leaves(entries(12)))).tree);
    const thief = await newSigner(signer.key.name);
    bucket.objects.set("checkpoint", utf8(await signCheckpoint(12, root, thief)));
    expect(await verified(bucket)).toMatchObject({ fault: { what: "checkpoint", why: "unsigned" } });
    const other = formatCheckpoint({ origin: "log.example/other", size: 12, root, extensions: [] });
    bucket.objects.set("checkpoint", utf8(await signNote(other, signer)));
    expect(await verified(bucket)).toMatchObject({ fault: { what: "checkpoint", why: "unsigned" } });
    bucket.objects.set("checkpoint", utf8("no note"));
    expect(await verified(bucket)).toMatchObject({ fault: { what: "checkpoint", why: "malformed" } });
  });

  it("shows tiles and bundles that are gone", async () => {
    for (const key of ["partial/tile/0/000.p/12", "partial/tile/entries/000.p/12"]) {
      const bucket = copyOf(small.bucket);
      bucket.objects.delete(key);
      expect(await verified(bucket)).toMatchObject({ fault: { what: "missing", index: 0 } });
    }
  });

  it("verifies at an older checkpoint whose partial tiles went when the full ones came", async () => {
    const { bucket, log, runTimers } = await logOf(entries(300), { signer });
    const old = bucket.objects.get("checkpoint");
    for (const entry of entries(600).slice(300)) await log.append(entry);
    await runTimers();
    expect([...bucket.objects.keys()].filter((key) => key.includes("001.p"))).toEqual([]);
    if (old !== undefined) bucket.objects.set("checkpoint", old);
    expect(await verified(bucket)).toMatchObject({ ok: true, value: { checkpoint: { size: 300 } } });
  });
});

describe("a log that was verified before", () => {
  it("verifies when it has grown, whatever the size was before", async () => {
    expect(await verified(small.bucket, earlier)).toMatchObject({ ok: true });
    expect(await verified(small.bucket, text(small.bucket.objects.get("checkpoint")))).toMatchObject({ ok: true });
    const { bucket, log, runTimers } = await logOf(entries(300), { signer });
    const kept = text(bucket.objects.get("checkpoint"));
    for (const entry of entries(700).slice(300)) await log.append(entry);
    await runTimers();
    expect(await verified(bucket, kept)).toMatchObject({ ok: true, value: { checkpoint: { size: 700 } } });
  });

  it("shows a tail that was cut cleanly, which nothing else shows", async () => {
    const { bucket } = await logOf(entries(9), { signer });
    expect(await verified(bucket)).toMatchObject({ ok: true });
    const kept = text(small.bucket.objects.get("checkpoint"));
    expect(await verified(bucket, kept)).toMatchObject({ ok: false, fault: { what: "rewritten", size: 12 } });
  });

  it("shows a fork, of the same size or longer, that the log's own key signed", async () => {
    const kept = text(small.bucket.objects.get("checkpoint"));
    for (const size of [12, 30, 300]) {
      const { bucket } = await logOf(entries(size).with(3, "rewritten"), { signer });
      expect(await verified(bucket)).toMatchObject({ ok: true });
      expect(await verified(bucket, kept)).toMatchObject({ ok: false, fault: { what: "rewritten", size: 12 } });
    }
  });

  it("is not compared with what is no checkpoint", async () => {
    await expect(verified(small.bucket, "size 12")).rejects.toThrow("the kept checkpoint is none");
  });
});

describe("a pruned log", () => {
  it("verifies when an entry accounts for what is gone, and not when none does", async () => {
    const all = [...entries(700), "pruned to 512"];
    const { bucket } = await logOf(all, { signer });
    for (const key of ["tile/entries/000", "tile/entries/001"]) bucket.objects.delete(key);
    expect(await verified(bucket)).toMatchObject({ ok: true, value: { minimum: 512 } });
    const { bucket: silent } = await logOf(entries(700), { signer });
    silent.objects.delete("tile/entries/000");
    expect(await verified(silent)).toMatchObject({ ok: false, fault: { what: "pruned", index: 0 } });
    const { bucket: less } = await logOf([...entries(700), "pruned to 256"], { signer });
    for (const key of ["tile/entries/000", "tile/entries/001"]) less.objects.delete(key);
    expect(await verified(less)).toMatchObject({ ok: false, fault: { what: "pruned", index: 256 } });
  });

  it("has lost nothing but its beginning", async () => {
    const { bucket } = await logOf([...entries(700), "pruned to 512"], { signer });
    bucket.objects.delete("tile/entries/001");
    expect(await verified(bucket)).toMatchObject({ fault: { what: "missing", path: "tile/entries/001", index: 256 } });
  });
});

function entries(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `{"entry":${at},"of":"a small log"}`);
}

function verified(bucket: MemoryBucket, kept?: string): ReturnType<typeof verifyLog> {
  const options: VerifyOptions = {
    key: signer.key,
    read: async (path) => bucket.objects.get(path.includes(".p/") ? `partial/${path}` : path) ?? null,
    ...(kept === undefined ? {} : { kept }),
    prunedTo: (entry) => {
      const to = /^pruned to (\d+)$/.exec(text(entry))?.[1];
      return to === undefined ? null : Number(to);
    },
  };
  return verifyLog(options);
}

function copyOf(bucket: MemoryBucket): MemoryBucket {
  const copy = new MemoryBucket();
  for (const [key, bytes] of bucket.objects) copy.objects.set(key, bytes.slice());
  return copy;
}

function flipped(bytes: Bytes, place: number): Bytes {
  return bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));
}

function bundle(of: readonly string[]): Bytes {
  return encodeBundle(of.map(utf8));
}

function leaves(of: readonly string[]): Promise<Bytes[]> {
  return Promise.all(of.map((entry) => leafHash(utf8(entry))));
}

/** Other entries with tiles that fit them, under the old checkpoint. */
async function rewrite(bucket: MemoryBucket, changed: readonly string[]): Promise<void> {
  const { tiles } = await grow(EMPTY_TREE, await leaves(changed));
  for (const { level, hashes, width } of tiles) bucket.objects.set(`partial/tile/${level}/000.p/${width}`, hashes);
  bucket.objects.set(`partial/tile/entries/000.p/${changed.length}`, bundle(changed));
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
