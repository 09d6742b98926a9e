import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeBundle, encodeBundle, MAX_ENTRY } from "./bundle.ts";
import { utf8 } from "../bytes.ts";
import { openCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { cosign } from "./cosignature.ts";
import { MemoryBucket, logOf, newSigner, startLog, type LogUnderTest } from "./log-under-test.ts";
import { COSIGNATURE, formatNote, parseNote, type Signer } from "./note.ts";
import { formatProofFile, parseProofFile, verifyProofFile } from "./proof-file.ts";

let errors: string[];

beforeEach(() => {
  errors = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("appending", () => {
  it("answers gapless indices to a hundred writers at once, and each index is provable", async () => {
    const made = await startLog();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => made.log.append(`writer ${n}`)));
    expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await made.runTimers();
    for (const [writer, index] of answers.entries()) {
      const proved = await verifyProofFile(await proofOf(made, index), made.signer.key, []);
      expect(proved).toMatchObject({ ok: true, value: { index, entry: utf8(`writer ${writer}`) } });
    }
  });

  it("writes one row an entry, one for a published batch, and arms one alarm", async () => {
    const { log, database, armed, runTimers } = await startLog();
    await log.append("first");
    const before = changes(database);
    for (let n = 0; n < 20; n += 1) await log.append(`entry ${n}`);
    expect(changes(database) - before).toBe(20);
    expect(armed).toHaveLength(1);
    await runTimers();
    expect(changes(database) - before).toBe(21);
  });

  it("takes the longest entry that a bundle has room for, and refuses one byte more before it is a row", async () => {
    const made = await startLog();
    const longest = "é".repeat(32_767) + "e";
    expect(utf8(longest).length).toBe(MAX_ENTRY);
    expect(await made.log.append(longest)).toBe(0);
    await expect(made.log.append(`${longest}e`)).rejects.toThrow(RangeError);
    expect(made.log.read(0, 10).size).toBe(1);
    expect(await made.log.append("next")).toBe(1);
    await made.runTimers();
    expect(await verifyProofFile(await proofOf(made, 0), made.signer.key, [])).toMatchObject({ ok: true });
    const bundle = await made.log.resource("tile/entries/000.p/2");
    const entries = bundle.ok ? decodeBundle(bundle.value, 2) : bundle;
    expect(entries).toEqual({ ok: true, value: [utf8(longest), utf8("next")] });
    expect(() => encodeBundle([utf8(`${longest}e`)])).toThrow(RangeError);
  });

  it("reads what is durable before it is published, and the published checkpoint only after", async () => {
    const { log, runTimers } = await startLog();
    await log.append("only");
    expect(log.read(0, 10)).toEqual({ entries: [{ index: 0, entry: "only" }], size: 1 });
    expect(await log.resource("checkpoint")).toEqual({ ok: false, reason: "unknown" });
    await runTimers();
    expect(await log.resource("checkpoint")).toMatchObject({ ok: true });
    expect(await log.resource("tile/0/000.p/1")).toMatchObject({ ok: true });
    expect(await log.resource("tile/0/000.p/2")).toEqual({ ok: false, reason: "unknown" });
    expect(await log.resource("../checkpoint")).toEqual({ ok: false, reason: "unknown" });
  });

  it("publishes tiles before the checkpoint that needs them", async () => {
    const { bucket } = await logOf(lines(300));
    expect(bucket.written.at(-1)).toBe("checkpoint");
    expect(bucket.written.slice(0, -1).sort()).toEqual([
      "partial/tile/0/001.p/44",
      "partial/tile/1/000.p/1",
      "partial/tile/entries/001.p/44",
      "tile/0/000",
      "tile/entries/000",
    ]);
  });
});

describe("after a crash", () => {
  it("between tiles and checkpoint publishes the same tiles, with what came since", async () => {
    const bucket = new MemoryBucket();
    const database = new DatabaseSync(":memory:");
    const first = await logOf(lines(250), { bucket, database });
    bucket.fail = (call, key) => {
      if (call === "put" && key === "checkpoint") throw new Error("the process ended");
    };
    for (const line of lines(270).slice(250)) await first.log.append(line);
    await first.runTimers();
    expect(bucket.objects.has("tile/0/000")).toBe(true);
    expect(await sizeOf(bucket, first.signer)).toBe(250);

    bucket.fail = () => {};
    const second = await startLog({ bucket, database, signer: first.signer });
    expect(await second.log.append("after the crash")).toBe(270);
    await second.runTimers();
    expect(await sizeOf(bucket, first.signer)).toBe(271);
    expect(errors.filter((line) => line.includes("halted"))).toEqual([]);
    expect(await verifyProofFile(await proofOf(second, 255), first.signer.key, [])).toMatchObject({ ok: true });
  });

  it("between checkpoint and its own note of it goes on from the checkpoint", async () => {
    const database = new DatabaseSync(":memory:");
    const first = await logOf(lines(5), { database });
    for (const line of lines(9).slice(5)) await first.log.append(line);
    await first.runTimers();
    database.exec(`UPDATE published SET size = 5, root = 'of then'`);
    const second = await startLog({ database, bucket: first.bucket, signer: first.signer });
    expect(await second.log.append("next")).toBe(9);
    await second.runTimers();
    expect(await sizeOf(first.bucket, first.signer)).toBe(10);
  });

  it("publishes at the alarm what nobody asks about", async () => {
    const database = new DatabaseSync(":memory:");
    const { bucket, log, signer } = await startLog({ database });
    await log.append("durable, not published");
    const second = await startLog({ database, bucket, signer });
    await second.log.wake();
    expect(await sizeOf(bucket, signer)).toBe(1);
  });

  it("takes a checkpoint whose put lost its answer for written", async () => {
    const made = await logOf(lines(3));
    const put = made.bucket.put.bind(made.bucket);
    made.bucket.put = async (key, bytes, onlyIf) => {
      const written = await put(key, bytes, onlyIf);
      return key === "checkpoint" ? null : written;
    };
    await made.log.append("fourth");
    await made.runTimers();
    expect(await sizeOf(made.bucket, made.signer)).toBe(4);
    expect(await made.log.append("fifth")).toBe(4);
  });

  it("appends nothing while the bucket does not say what is published, and goes on when it does", async () => {
    const bucket = new MemoryBucket();
    bucket.fail = () => {
      throw new Error("away");
    };
    const { log } = await startLog({ bucket });
    await expect(log.append("too early")).rejects.toThrow("away");
    expect(log.read(0, 9).size).toBe(0);
    bucket.fail = () => {};
    expect(await log.append("now")).toBe(0);
  });

  it("keeps what it could not publish, asks to be woken, and publishes it then", async () => {
    const made = await logOf(lines(2));
    made.bucket.fail = (call) => {
      if (call === "put") throw new Error("away");
    };
    await made.log.append("third");
    const alarms = made.armed.length;
    await made.log.wake();
    expect(made.armed.length).toBe(alarms + 1);
    made.bucket.fail = () => {};
    await made.log.wake();
    expect(await sizeOf(made.bucket, made.signer)).toBe(3);
  });
});

describe("a log that is not what it published", () => {
  const halted = async (made: LogUnderTest, reason: string) => {
    await expect(made.log.append("more")).rejects.toThrow(`the log is halted: ${reason}`);
    await expect(made.log.append("again")).rejects.toThrow("halted");
    expect(errors.some((line) => line.includes(`"audit_log_halted","reason":"${reason}"`))).toBe(true);
  };

  it("halts when its object was rolled back, and publishes no fork", async () => {
    const { bucket, signer } = await logOf(lines(9));
    const before = bucket.objects.get("checkpoint");
    // The state of an earlier moment: what a point-in-time recovery brings back.
    const older = await logOf(lines(6), { signer });
    await halted(await startLog({ bucket, signer, database: older.database }), "rolled_back");
    expect(bucket.objects.get("checkpoint")).toEqual(before);
  });

  it("halts when its object was rolled back and filled up with other entries", async () => {
    const { bucket, signer } = await logOf(lines(9));
    const older = await logOf(lines(6), { signer });
    for (const line of ["other 6", "other 7", "other 8", "other 9"]) await older.log.append(line);
    await halted(await startLog({ bucket, signer, database: older.database }), "forked");
  });

  it("halts when a durable entry was changed behind its back", async () => {
    const { bucket, signer, database } = await logOf(lines(9));
    database.exec("DROP TRIGGER leaves_stay; UPDATE leaves SET entry = 'other' WHERE i = 4");
    await halted(await startLog({ bucket, signer, database }), "forked");
  });

  it("halts when the published checkpoint went back or is gone", async () => {
    const made = await logOf(lines(4));
    const older = made.bucket.objects.get("checkpoint");
    for (const line of lines(8).slice(4)) await made.log.append(line);
    await made.runTimers();
    if (older !== undefined) made.bucket.objects.set("checkpoint", older);
    await halted(await startLog(made), "checkpoint_went_back");
    made.bucket.objects.delete("checkpoint");
    await halted(await startLog(made), "checkpoint_went_back");
  });

  it("halts when the published checkpoint is another key's", async () => {
    const { bucket, database } = await logOf(lines(4));
    await halted(
      await startLog({ bucket, database, signer: await newSigner("log.example/test") }),
      "foreign_checkpoint",
    );
  });

  it("halts when a tile at its edge is damaged or gone", async () => {
    const { bucket, database, signer } = await logOf(lines(4));
    const tile = bucket.objects.get("partial/tile/0/000.p/4");
    bucket.objects.delete("partial/tile/0/000.p/4");
    await halted(await startLog({ bucket, database, signer }), "tiles_damaged");
    if (tile !== undefined) bucket.objects.set("partial/tile/0/000.p/4", tile.fill(0));
    await halted(await startLog({ bucket, database, signer }), "tiles_damaged");
  });

  it("halts when a second writer has published: two heads are a fork", async () => {
    const one = await logOf(lines(4));
    const copy = await logOf(lines(4), { signer: one.signer });
    const two = await startLog({ ...copy, bucket: one.bucket });
    await two.log.append("the other's fifth");
    await two.runTimers();
    await one.log.append("the one's fifth");
    await one.runTimers();
    await halted(one, "forked");
    expect(await sizeOf(one.bucket, one.signer)).toBe(5);
  });

  it("refuses in its store to change or remove an entry", async () => {
    const { database } = await logOf(lines(4));
    expect(() => database.exec("UPDATE leaves SET entry = '' WHERE i = 2")).toThrow("append-only");
    expect(() => database.exec("DELETE FROM leaves WHERE i = 2")).toThrow("append-only");
  });
});

describe("a proof", () => {
  it("is there for entries of full and partial tiles, under the latest checkpoint", async () => {
    const made = await logOf(lines(700));
    for (const index of [0, 255, 256, 511, 512, 699])
      expect(await verifyProofFile(await proofOf(made, index), made.signer.key, [])).toMatchObject({
        ok: true,
        value: { index, entry: utf8(`line ${index}`), checkpoint: { size: 700 }, witnesses: [] },
      });
  });

  it("waits for the batch of its entry", async () => {
    const { log, runTimers } = await startLog();
    await log.append("soon");
    const proof = log.proof(0);
    await new Promise((resolve) => setImmediate(resolve));
    await runTimers();
    expect(await proof).toMatchObject({ ok: true });
  });

  it("is not there for an index that the log has not, nor while nothing can be published", async () => {
    const made = await logOf(lines(3));
    for (const index of [3, -1, 1.5, Number.NaN])
      expect(await made.log.proof(index)).toEqual({ ok: false, reason: "unknown" });
    made.bucket.fail = (call) => {
      if (call === "put") throw new Error("away");
    };
    await made.log.append("fourth");
    const asked = made.log.proof(3);
    await new Promise((resolve) => setImmediate(resolve));
    await made.runTimers();
    expect(await asked).toEqual({ ok: false, reason: "unavailable" });
  });

  it("does not verify once any byte of it is another", async () => {
    const made = await logOf(lines(5));
    const text = await proofOf(made, 3);
    const bytes = utf8(text);
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));
      const proved = await verifyProofFile(new TextDecoder().decode(changed), made.signer.key, []);
      expect(proved.ok, `byte ${place}: ${text.slice(Math.max(0, place - 10), place + 10)}`).toBe(false);
    }
  });

  it.each([
    (text: string) => text.replace("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
    (text: string) => text.replace(/^extra .*\n/m, ""),
    (text: string) => text.replace("index 3", "index 03"),
    (text: string) => text.replace("index 3\n", "index 3\nAAAA\n"),
    (text: string) => text.replace("\n\n", "\n"),
    () => "",
  ])("that is not of the specification's form is refused (%#)", async (spoil) => {
    const text = await proofOf(await logOf(lines(5)), 3);
    expect(parseProofFile(text)).toMatchObject({ ok: true });
    expect(parseProofFile(spoil(text))).toEqual({ ok: false, reason: "malformed" });
  });

  it("of one entry does not prove another, nor the same at another index", async () => {
    const made = await logOf(lines(5));
    const parsed = parseProofFile(await proofOf(made, 3));
    if (!parsed.ok) throw new Error("no proof");
    for (const change of [{ entry: utf8("line 2") }, { index: 2 }, { proof: parsed.value.proof.slice(1) }])
      expect(await verifyProofFile(formatProofFile({ ...parsed.value, ...change }), made.signer.key, [])).toEqual({
        ok: false,
        reason: "not_included",
      });
  });
});

describe("cosignatures", () => {
  it("of known witnesses are kept and served, and a proof comes under the checkpoint that most of them signed", async () => {
    const [one, two] = [await newSigner("w1", COSIGNATURE), await newSigner("w2", COSIGNATURE)];
    const made = await logOf(lines(5), { witnesses: [one.key, two.key] });
    expect(await made.log.resource("cosigned")).toEqual({ ok: false, reason: "unknown" });
    expect(await made.log.addCosignatures(await cosigned(made, one))).toEqual({ ok: true, value: { size: 5 } });
    expect(await made.log.addCosignatures(await cosigned(made, two))).toEqual({ ok: true, value: { size: 5 } });
    await made.log.append("sixth");
    await made.runTimers();
    expect(await made.log.addCosignatures(await cosigned(made, one))).toEqual({ ok: true, value: { size: 6 } });
    expect(await verifyProofFile(await proofOf(made, 2), made.signer.key, [one.key, two.key])).toMatchObject({
      ok: true,
      value: { checkpoint: { size: 5 }, witnesses: ["w1", "w2"] },
    });
    expect(await verifyProofFile(await proofOf(made, 5), made.signer.key, [one.key, two.key])).toMatchObject({
      ok: true,
      value: { checkpoint: { size: 6 }, witnesses: ["w1"] },
    });
  });

  it("of nobody known, or that do not verify, are refused", async () => {
    const witness = await newSigner("w", COSIGNATURE);
    const made = await logOf(lines(5), { witnesses: [witness.key] });
    const invalid = { ok: false, reason: "invalid" };
    expect(await made.log.addCosignatures(await cosigned(made, await newSigner("w", COSIGNATURE)))).toEqual(invalid);
    const good = await cosigned(made, witness);
    expect(await made.log.addCosignatures(good.replace(/(— w .{20})./, "$1A"))).toEqual(invalid);
    expect(await made.log.addCosignatures("no note")).toEqual(invalid);
    const plain = await made.log.resource("checkpoint");
    expect(await made.log.addCosignatures(plain.ok ? new TextDecoder().decode(plain.value) : "")).toEqual(invalid);
  });

  it("of a witness that is quicker than the bucket's answer are taken, and are no fork", async () => {
    const witness = await newSigner("w", COSIGNATURE);
    const made = await logOf(lines(5), { witnesses: [witness.key] });
    const answer = slowly(made.bucket, "put");
    await made.log.append("sixth");
    const publishing = made.log.wake();
    await vi.waitFor(async () => expect(await sizeOf(made.bucket, made.signer)).toBe(6));
    const brought = made.log.addCosignatures(await cosigned(made, witness));
    answer();
    expect(await brought).toEqual({ ok: true, value: { size: 6 } });
    await publishing;
    expect(errors).toEqual([]);
  });

  it("are taken, and the next batch is published, while partial tiles are still to go", async () => {
    const witness = await newSigner("w", COSIGNATURE);
    const made = await logOf(lines(5), { witnesses: [witness.key] });
    const answer = slowly(made.bucket, "list");
    for (const line of lines(256).slice(5)) await made.log.append(line);
    const publishing = made.log.wake();
    await vi.waitFor(async () => expect(await sizeOf(made.bucket, made.signer)).toBe(256));
    expect(await made.log.addCosignatures(await cosigned(made, witness))).toEqual({ ok: true, value: { size: 256 } });
    expect(await made.log.proof(255)).toMatchObject({ ok: true });
    await made.log.append("next");
    const next = made.log.wake();
    await vi.waitFor(async () => expect(await sizeOf(made.bucket, made.signer)).toBe(257));
    answer();
    await Promise.all([publishing, next]);
    expect([...made.bucket.objects.keys()].filter((key) => key.startsWith("partial/tile/0/000"))).toEqual([]);
  });

  it("of a batch whose publishing does not end are neither taken nor called a fork", async () => {
    const witness = await newSigner("w", COSIGNATURE);
    const made = await logOf(lines(5), { witnesses: [witness.key] });
    const grown = await logOf(lines(6), { signer: made.signer });
    made.bucket.fail = (call) => {
      if (call === "put") throw new Error("away");
    };
    await made.log.append("line 5");
    const brought = made.log.addCosignatures(await cosigned(grown, witness));
    const refused = expect(brought).rejects.toThrow("not published");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await made.runTimers();
    await refused;
    expect(errors.filter((each) => each.includes("fork"))).toEqual([]);
    made.bucket.fail = () => {};
    await made.log.wake();
    expect(await made.log.addCosignatures(await cosigned(grown, witness))).toEqual({ ok: true, value: { size: 6 } });
  });

  it("of a checkpoint that the log's key signed and that is not the log's show a stolen key, loudly", async () => {
    const witness = await newSigner("w", COSIGNATURE);
    const made = await logOf(lines(5), { witnesses: [witness.key] });
    const fork = await logOf(lines(5).with(2, "forged"), { signer: made.signer });
    expect(await made.log.addCosignatures(await cosigned(fork, witness))).toEqual({ ok: false, reason: "conflict" });
    const longer = await signCheckpoint(50, new Uint8Array(32), made.signer);
    const { text } = noteOf(longer);
    const line = await cosign(text, 1, witness);
    const note = formatNote({ text, signatures: [...noteOf(longer).signatures, line] });
    expect(await made.log.addCosignatures(note)).toEqual({ ok: false, reason: "conflict" });
    expect(errors.filter((each) => each.includes("audit_log_fork_seen"))).toHaveLength(2);
  });
});

describe("pruning", () => {
  const rule = (before: number) => ({
    timeOf: (entry: string) => Number(entry.split(" ")[1]),
    before,
    act: (from: number, to: number) => `pruned ${from} ${to}`,
  });

  it("takes whole bundles of old entries, says so in the log first, and leaves the rest provable", async () => {
    const made = await logOf(lines(700));
    expect(await made.log.prune(rule(600))).toEqual({ from: 0, to: 512 });
    expect(made.log.read(0, 2).entries).toEqual([
      { index: 512, entry: "line 512" },
      { index: 513, entry: "line 513" },
    ]);
    expect([...made.bucket.objects.keys()].filter((key) => key.startsWith("tile/entries/"))).toEqual([]);
    expect(made.log.read(700, 9).entries).toEqual([{ index: 700, entry: "pruned 0 512" }]);
    expect(await made.log.resource("minimum")).toEqual({ ok: true, value: utf8("512\n") });
    expect(await made.log.proof(511)).toEqual({ ok: false, reason: "unknown" });
    for (const index of [512, 600, 700])
      expect(await verifyProofFile(await proofOf(made, index), made.signer.key, [])).toMatchObject({ ok: true });
    expect(await made.log.prune(rule(600))).toEqual({ from: 512, to: 512 });
  });

  it("takes nothing of a bundle in which one entry is to be kept, and nothing that is not published", async () => {
    const made = await logOf(lines(300));
    expect(await made.log.prune(rule(255))).toEqual({ from: 0, to: 0 });
    expect(await made.log.prune(rule(256))).toEqual({ from: 0, to: 256 });
    expect(made.database.prepare("SELECT min(i) AS first FROM leaves").get()).toEqual({ first: 256 });
  });

  it("goes on after a restart, and the indices do, too", async () => {
    const made = await logOf(lines(256));
    await made.log.prune(rule(1_000));
    const again = await startLog(made);
    expect(await again.log.append("next")).toBe(257);
    await again.runTimers();
    expect(await verifyProofFile(await proofOf(again, 257), made.signer.key, [])).toMatchObject({ ok: true });
  });

  it("that the bucket refuses is done again later, not half", async () => {
    const made = await logOf(lines(300));
    made.bucket.fail = (call) => {
      if (call === "delete") throw new Error("locked");
    };
    await expect(made.log.prune(rule(1_000))).rejects.toThrow("locked");
    expect(made.log.read(0, 1).entries).toHaveLength(1);
    made.bucket.fail = () => {};
    expect(await made.log.prune(rule(1_000))).toEqual({ from: 0, to: 256 });
  });

  it("leaves bundles that are whole to read", async () => {
    const made = await logOf(lines(600));
    await made.log.prune(rule(256));
    const bundle = made.bucket.objects.get("tile/entries/001");
    expect(bundle === undefined ? undefined : decodeBundle(bundle, 256)).toMatchObject({ ok: true });
  });
});

/** Has the bucket do what it is asked and answer late: checkpoints that are put, or what is listed. @returns lets it answer */
function slowly(bucket: MemoryBucket, call: "put" | "list"): () => void {
  let answer = () => {};
  const may = new Promise<void>((resolve) => (answer = resolve));
  const { put, list } = { put: bucket.put.bind(bucket), list: bucket.list.bind(bucket) };
  if (call === "list") bucket.list = (prefix) => may.then(() => list(prefix));
  else
    bucket.put = async (key, bytes, onlyIf) => {
      const written = await put(key, bytes, onlyIf);
      if (key === "checkpoint") await may;
      return written;
    };
  return answer;
}

function lines(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `line ${at}`);
}

function changes(database: DatabaseSync): number {
  return Number(database.prepare("SELECT total_changes() AS n").get()?.["n"]);
}

async function sizeOf(bucket: MemoryBucket, signer: Signer): Promise<number> {
  const opened = await openCheckpoint(bucket.objects.get("checkpoint") ?? "", signer.key);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.value.size;
}

async function proofOf({ log }: LogUnderTest, index: number): Promise<string> {
  const proof = await log.proof(index);
  if (!proof.ok) throw new Error(proof.reason);
  return proof.value;
}

/** The log's checkpoint with a witness's line below it. */
async function cosigned({ bucket }: LogUnderTest, witness: Signer): Promise<string> {
  const note = noteOf(new TextDecoder().decode(bucket.objects.get("checkpoint")));
  const line = await cosign(note.text, 1_700_000_000, witness);
  return formatNote({ text: note.text, signatures: [...note.signatures, line] });
}

function noteOf(text: string) {
  const note = parseNote(text);
  if (!note.ok) throw new Error(note.reason);
  return note.value;
}
