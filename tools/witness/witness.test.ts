import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { formatAddCheckpoint } from "../../protocol/tlog/add-checkpoint.ts";
import { signCheckpoint } from "../../protocol/tlog/checkpoint.ts";
import { checkCosignature } from "../../protocol/tlog/cosignature.ts";
import { logOf, newSigner, startLog, type LogUnderTest } from "../../protocol/tlog/log-under-test.ts";
import { consistencyProof, emptyRoot } from "../../protocol/tlog/merkle.ts";
import { COSIGNATURE, parseNote, parseSignatures, type Signer } from "../../protocol/tlog/note.ts";
import { tilePath } from "../../protocol/tlog/tile.ts";
import { subtreesOf } from "../../protocol/tlog/tree.ts";
import type { LogSource } from "../audit/source.ts";
import { witnessDoor } from "./door.ts";
import { feed } from "./feed.ts";
import { fileStore, originHash } from "./file-store.ts";
import { Witness } from "./witness.ts";

const NOW = 1_700_000_000_000;

let folder: string;
let signer: Signer;
let made: LogUnderTest;
let door: Server;
let origin: string;

beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  folder = mkdtempSync(join(tmpdir(), "cartwright-witness-"));
  signer = await newSigner("witness.example/w", COSIGNATURE);
  made = await logOf(lines(5), { witnesses: [signer.key] });
  await open();
});
afterEach(() => {
  door.close();
  rmSync(folder, { recursive: true, force: true });
  vi.restoreAllMocks();
});

describe("a witness, over HTTP", () => {
  it("cosigns a log's first checkpoint, and the next with the proof that it follows", async () => {
    const first = await add(0, []);
    expect(first.status).toBe(200);
    await mustBeCosigned(first.body);
    const proof = await grownBy(300);
    const second = await add(5, proof);
    expect(second.status).toBe(200);
    await mustBeCosigned(second.body);
  });

  it("cosigns the same checkpoint again, with the time of then", async () => {
    await add(0, []);
    expect((await add(5, [])).status).toBe(200);
  });

  it("says which size it has cosigned when it is asked from another", async () => {
    await add(0, []);
    for (const old of [0, 3]) {
      const answer = await add(old, []);
      expect(answer).toMatchObject({ status: 409, type: "text/x.tlog.size", body: "5\n" });
    }
  });

  it("refuses a fork of the same size, and one that is longer, whatever the proof", async () => {
    await add(0, []);
    const same = await logOf(lines(5).with(2, "other"), { signer: made.signer });
    expect((await add(5, [], await checkpointOf(same))).status).toBe(422);
    const longer = await logOf(lines(9).with(2, "other"), { signer: made.signer });
    for (const proof of [[], await proofOf(longer, 5, 9)])
      expect((await add(5, proof, await checkpointOf(longer))).status).toBe(422);
    expect(await latest()).toContain("\n5\n");
  });

  it("refuses to go back: a rolled-back log gets no cosignature", async () => {
    await grownBy(4);
    await add(0, []);
    const older = await logOf(lines(5), { signer: made.signer });
    expect((await add(9, [], await checkpointOf(older))).status).toBe(400);
    expect(await add(5, [], await checkpointOf(older))).toMatchObject({ status: 409, body: "9\n" });
    expect(await add(0, [], await checkpointOf(older))).toMatchObject({ status: 409, body: "9\n" });
  });

  it("refuses a proof where none may be, and an empty tree of another root", async () => {
    expect((await add(0, [new Uint8Array(32)])).status).toBe(422);
    const empty = await signCheckpoint(0, new Uint8Array(32), made.signer);
    expect((await add(0, [], empty)).status).toBe(422);
    expect((await add(0, [], await signCheckpoint(0, await emptyRoot(), made.signer))).status).toBe(200);
  });

  it("knows only its logs and their keys", async () => {
    const other = await logOf(lines(5), { signer: await newSigner("log.example/other") });
    expect((await add(0, [], await checkpointOf(other))).status).toBe(404);
    const thief = await logOf(lines(5), { signer: await newSigner(made.signer.key.name) });
    expect((await add(0, [], await checkpointOf(thief))).status).toBe(403);
    const spoiled = (await checkpointOf(made)).replace(/(— \S+ .{20})./, (_, head: string) => `${head}A`);
    expect((await add(0, [], spoiled)).status).toBe(403);
  });

  it.each(["", "old 0\n", "old x\n\nnote", "old 0\n\nno note", "old 0\nAAAA\n\n"])(
    "refuses %j as malformed",
    async (body) => {
      expect((await post(body)).status).toBe(400);
    },
  );

  it("takes no other method, path or size", async () => {
    expect((await fetch(`${origin}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${origin}/sign-subtree`, { method: "POST", body: "" })).status).toBe(404);
    expect((await post("x".repeat(40_000))).status).toBe(413);
  });

  it("serves what it has cosigned under the hash of the log's origin", async () => {
    expect((await fetch(`${origin}/${originHash(made.signer.key.name)}/checkpoint`)).status).toBe(404);
    const { body } = await add(0, []);
    expect(await latest()).toBe((await checkpointOf(made)) + body);
    expect((await fetch(`${origin}/${"0".repeat(64)}/checkpoint`)).status).toBe(404);
  });

  it("still knows after a restart what it has cosigned, and fails when that is damaged", async () => {
    await add(0, []);
    door.close();
    await open();
    expect(await add(0, [])).toMatchObject({ status: 409, body: "5\n" });
    const [file = ""] = readdirSync(folder);
    writeFileSync(join(folder, file), "damaged");
    expect((await add(5, [])).status).toBe(500);
  });

  it("cosigns one of two forks that come at the same moment, and never both", async () => {
    const fork = await logOf(lines(5).with(2, "other"), { signer: made.signer });
    const answers = await Promise.all([add(0, []), add(0, [], await checkpointOf(fork))]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  });
});

describe("feeding a witness", () => {
  it("brings its cosignature back to the log, time after time", async () => {
    expect(await fed(made)).toEqual({ outcome: "cosigned", size: 5 });
    await grownBy(600);
    expect(await fed(made)).toEqual({ outcome: "cosigned", size: 605 });
    const cosigned = await made.log.resource("cosigned");
    expect(new TextDecoder().decode(cosigned.ok ? cosigned.value : undefined)).toMatch(
      /\n605\n[^]*— witness\.example\/w /,
    );
  });

  it("tells a log that was rolled back, one that was forked, and one with another key", async () => {
    await grownBy(4);
    await fed(made);
    const older = await logOf(lines(5), { signer: made.signer });
    expect(await fed(older)).toEqual({ outcome: "inconsistent", why: "9 entries were cosigned, the log says 5" });
    const fork = await logOf(lines(20).with(1, "other"), { signer: made.signer });
    expect(await fed(fork)).toMatchObject({ outcome: "inconsistent" });
    const thief = await logOf(lines(20), { signer: await newSigner(made.signer.key.name) });
    expect(await fed(thief)).toMatchObject({ outcome: "inconsistent" });
  });

  it("has nothing to do for a log that was empty from the first", async () => {
    expect(await fed(await startLog({ signer: made.signer }))).toEqual({ outcome: "nothing" });
  });

  it("tells a log that was emptied", async () => {
    await fed(made);
    expect(await fed(await startLog({ signer: made.signer }))).toEqual({
      outcome: "inconsistent",
      why: "5 entries were cosigned, the log says none",
    });
  });
});

async function open(): Promise<void> {
  door = witnessDoor(new Witness(signer, [made.signer.key], fileStore(folder), () => NOW));
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
}

async function post(body: string): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(`${origin}/add-checkpoint`, { method: "POST", body });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}

async function add(oldSize: number, proof: readonly Uint8Array<ArrayBuffer>[], note?: string) {
  return post(formatAddCheckpoint({ oldSize, proof, note: note ?? (await checkpointOf(made)) }));
}

async function latest(): Promise<string> {
  return (await monitored()).note ?? "";
}

async function monitored(): Promise<{ note: string | null }> {
  const response = await fetch(`${origin}/${originHash(made.signer.key.name)}/checkpoint`);
  return { note: response.ok ? await response.text() : null };
}

async function mustBeCosigned(lines: string): Promise<void> {
  const [parsed, note] = [parseSignatures(lines), parseNote(await checkpointOf(made))];
  if (!parsed.ok || !note.ok || parsed.value[0] === undefined) throw new Error("no signature line");
  expect(await checkCosignature(note.value.text, parsed.value[0], signer.key)).toEqual({ ok: true, value: NOW / 1000 });
}

/** The consistency proof from the size before. */
async function grownBy(count: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const { size } = made.log.read(0, 0);
  for (const line of lines(size + count).slice(size)) await made.log.append(line);
  await made.runTimers();
  return proofOf(made, size, size + count);
}

function proofOf(of: LogUnderTest, older: number, newer: number): Promise<Uint8Array<ArrayBuffer>[]> {
  const subtree = subtreesOf(async (tile) => {
    const found = await of.log.resource(tilePath(tile));
    if (!found.ok) throw new Error(`no ${tilePath(tile)}`);
    return found.value;
  }, newer);
  return consistencyProof(subtree, older, newer);
}

async function checkpointOf({ log }: LogUnderTest): Promise<string> {
  const found = await log.resource("checkpoint");
  return found.ok ? new TextDecoder().decode(found.value) : "";
}

function fed(of: LogUnderTest): ReturnType<typeof feed> {
  const source: LogSource = {
    read: async (path) => {
      const found = await of.log.resource(path);
      return found.ok ? found.value : null;
    },
    cosign: async (note) => {
      const kept = await of.log.addCosignatures(note);
      if (!kept.ok) throw new Error(kept.reason);
    },
  };
  return feed(source, made.signer.key, { addCheckpoint: post, latest: async () => (await monitored()).note });
}

function lines(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `line ${at}`);
}
