import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cosign } from "../../protocol/tlog/cosignature.ts";
import { newSigner, startLog, type LogUnderTest } from "../../protocol/tlog/log-under-test.ts";
import { COSIGNATURE, formatNote, parseNote, type Signer } from "../../protocol/tlog/note.ts";
import { leafOf } from "../../workers/audit/entry.ts";
import { SourceError } from "../audit/source.ts";
import { keepProofs } from "./proofs.ts";

let folder: string;
let witness: Signer;
let made: LogUnderTest;
let lines: string[];
let down: boolean;
/** What happens while the tool waits. */
let meanwhile: () => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cartwright-ceremonies-"));
  witness = await newSigner("witness.example/w", COSIGNATURE);
  made = await startLog({ witnesses: [witness.key] });
  for (const act of ["introduce", "activate", "retire"]) await made.log.append(ceremony(act));
  [lines, down, meanwhile] = [[], false, () => made.runTimers()];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the proofs of a rotation's ceremonies", () => {
  it("are waited for until they are published and cosigned, and kept a file each", async () => {
    meanwhile = async () => {
      await made.runTimers();
      await cosigned();
    };
    await keep([2, 0]);
    expect(readdirSync(folder).toSorted()).toEqual(["0.tlog-proof", "2.tlog-proof"]);
    expect(lines).toEqual([
      expect.stringMatching(/^proof of entry 0 \(cosigned\): \S+\/0\.tlog-proof\n.* {2}act=introduce$/),
      expect.stringMatching(/^proof of entry 2 \(cosigned\): \S+\/2\.tlog-proof\n.* {2}act=retire$/),
    ]);
  });

  it("are kept without a cosignature that does not come, which is said, and fetched anew the next time", async () => {
    await made.runTimers();
    await keep([1]);
    expect(lines).toEqual([expect.stringContaining("not cosigned yet; later: npm run audit -- prove 1 --cell eu)")]);
    const plain = kept(1);
    await cosigned();
    await keep([1]);
    expect(lines[1]).toContain("(cosigned)");
    expect(kept(1)).not.toBe(plain);
    // And then it is done.
    down = true;
    await keep([1]);
    expect(lines).toHaveLength(2);
  });

  it("that are not to be had in time are said, and nothing fails", async () => {
    let waits = 0;
    [down, meanwhile] = [true, async () => void (waits += 1)];
    await keep([0, 1]);
    expect(lines).toEqual(
      [0, 1].map((index) => expect.stringContaining(`entry ${index}: its proof is not to be had yet`)),
    );
    expect(waits).toBe(9);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("of an entry that the log does not have any more are said to be gone", async () => {
    await made.runTimers();
    await cosigned();
    await keep([1, 7]);
    expect(lines).toEqual([expect.stringContaining("(cosigned)"), "entry 7 was pruned, with no proof of it kept"]);
  });

  it("that do not hold end the command, and no such file is kept", async () => {
    await made.runTimers();
    const other = made.log;
    made = { ...made, log: Object.assign(Object.create(other), { proof: () => other.proof(0) }) };
    await expect(keep([1])).rejects.toThrow("the proof of entry 1 does not hold: it is of entry 0");
    const stranger = await startLog();
    await stranger.log.append(ceremony("introduce"));
    await stranger.runTimers();
    made = { ...made, log: stranger.log };
    await expect(keep([0])).rejects.toThrow("its checkpoint is not signed by the log's key");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("replace a file that was spoiled", async () => {
    await made.runTimers();
    await cosigned();
    writeFileSync(join(folder, "1.tlog-proof"), "spoiled");
    await keep([1]);
    expect(kept(1)).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
  });
});

const kept = (index: number): string => readFileSync(join(folder, `${index}.tlog-proof`), "utf8");

function ceremony(act: string): string {
  const on = "key:identity-index";
  return leafOf({ who: "ops", kind: "key_ceremony", when: 0, success: true, from: "identity", on, detail: { act } });
}

function keep(ceremonies: readonly number[]): Promise<void> {
  return keepProofs(ceremonies, {
    cell: "eu",
    log: {
      read: async (path) => {
        // An entry that is not published yet is not waited for here as the log's door does.
        if (down || !made.bucket.objects.has("checkpoint")) throw new SourceError("503");
        const proof = await made.log.proof(Number(path.replace("proofs/", "")));
        return proof.ok ? new TextEncoder().encode(proof.value) : null;
      },
    },
    key: made.signer.key,
    witnesses: [witness.key],
    folder,
    say: (line) => void lines.push(line),
    sleep: () => meanwhile(),
  });
}

async function cosigned(): Promise<void> {
  const checkpoint = parseNote(new TextDecoder().decode(made.bucket.objects.get("checkpoint")));
  if (!checkpoint.ok) throw new Error(checkpoint.reason);
  const { text, signatures } = checkpoint.value;
  const added = await made.log.addCosignatures(
    formatNote({ text, signatures: [...signatures, await cosign(text, 1, witness)] }),
  );
  if (!added.ok) throw new Error(added.reason);
}
