import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cosign } from "../../protocol/tlog/cosignature.ts";
import { logOf, newSigner, type LogUnderTest } from "../../protocol/tlog/log-under-test.ts";
import {
  COSIGNATURE,
  ED25519,
  formatNote,
  formatVerifierKey,
  parseNote,
  signerOf,
  type Signer,
} from "../../protocol/tlog/note.ts";
import { LOG_ORIGINS } from "../../tools/platform/log-keys.ts";
import { cellKeys, type CellKeys } from "../../tools/platform/keys.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { keysFile } from "../../tools/platform/state.ts";
import { leafOf, pruningOf } from "../../workers/audit/entry.ts";
import { leafOf as cdeLeafOf } from "../../protocol/pay/access-entry.ts";

let state: string;
let keys: CellKeys;
let signer: Signer;
let witness: Signer;
let door: Server;
let origin: string;
let whole: LogUnderTest;
/** What the door answers with; a path's bytes may be others than the log's. */
let served: LogUnderTest;
let instead: Map<string, Uint8Array | null>;
let status: number;
let tokens: string[];
/** What happens before a path is answered. */
let onAnswer: (path: string) => Promise<void>;

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "cartwright-audit-tool-"));
  keys = await cellKeys("eu", keysFile("eu", state));
  signer = await signerOf(LOG_ORIGINS.platform("eu"), ED25519, keys.secrets["AUDIT_SIGNING_JWK"] ?? "");
  const { witnessName, witnessJwk } = keys.outside.logKeys;
  witness = await signerOf(witnessName, COSIGNATURE, JSON.stringify(witnessJwk));
  whole = await logOf(leaves(1_200), { signer, witnesses: [witness.key] });
  door = createServer((request, response) => {
    tokens.push(request.headers.authorization ?? "");
    const path = new URL(request.url ?? "/", "http://door.test").pathname.replace(/^\/(?:admin\/)?v1\/audit\//, "");
    void answer(path).then((bytes) => {
      response.writeHead(bytes === null ? 404 : status, { "content-type": "application/octet-stream" });
      return response.end(bytes === null ? "{}" : bytes);
    });
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
}, 60_000);
beforeEach(() => {
  [tokens, served, instead, status] = [[], whole, new Map(), 200];
  onAnswer = async () => {};
  rmSync(keptFile(), { force: true });
});
afterAll(() => {
  door.close();
  rmSync(state, { recursive: true, force: true });
});

describe("npm run audit -- verify", { timeout: 90_000 }, () => {
  it("verifies a whole log, says how far it is, and keeps its checkpoint", async () => {
    const { code, out } = await audit("verify");
    expect(code).toBe(0);
    expect(out).toContain("eu platform: 1024 of 1200 entries");
    expect(out).toContain("the log of 1200 entries is whole; root ");
    expect(readFileSync(keptFile())).toEqual(Buffer.from(whole.bucket.objects.get("checkpoint") ?? ""));
  });

  it("asks as an auditor, with a token that the cell's staff key signed", async () => {
    await audit("verify");
    const trusted = createLocalJWKSet({ keys: [JSON.parse(keys.secrets["STAFF_VERIFICATION_JWK"] ?? "{}")] });
    const token = (tokens[0] ?? "").replace("Bearer ", "");
    await expect(jwtVerify(token, trusted)).resolves.toBeDefined();
    expect(decodeJwt(token)["roles"]).toEqual(["auditor"]);
  });

  it("names the first changed entry, ends with 1 and keeps no checkpoint", async () => {
    const bundle = whole.bucket.objects.get("tile/entries/003") ?? new Uint8Array();
    instead.set(
      "tile/entries/003",
      Buffer.from(Buffer.from(bundle).toString("latin1").replace("cart:777", "cart:778"), "latin1"),
    );
    const { code, error } = await audit("verify");
    expect(code).toBe(1);
    expect(error).toContain("eu platform: BROKEN at index 777: the entry is not the one that was appended");
    expect(existsSync(keptFile())).toBe(false);
  });

  it("sees by the kept checkpoint that a tail was cut, and that it was not when the log has grown", async () => {
    const shorter = await logOf(leaves(1_100), { signer });
    served = shorter;
    expect((await audit("verify")).code).toBe(0);
    served = whole;
    expect((await audit("verify")).out).toContain("goes on from the 1100 that were verified before");
    served = shorter;
    const cut = await audit("verify");
    expect(cut.code).toBe(1);
    expect(cut.error).toContain("BROKEN at index 1200: the log is not the one that was verified before");
  });

  it("says who cosigned how much, and takes no cosignature of somebody unknown for one", async () => {
    served = await logOf(leaves(300), { signer, witnesses: [witness.key] });
    expect((await audit("verify")).out).toMatch(
      /the log of 300 entries is whole; root \S+; cosigned by no known witness\n/,
    );
    await served.log.addCosignatures(await cosigned(served));
    for (const leaf of leaves(600).slice(300)) await served.log.append(leaf);
    await served.runTimers();
    expect((await audit("verify")).out).toMatch(
      /the log of 600 entries is whole, .*; the first 300 cosigned by witness\.eu\.cartwright\.example\n/,
    );
    const other = formatVerifierKey((await newSigner("another.example/w", COSIGNATURE)).key);
    expect((await audit("verify", "--witness", other)).out).toContain("cosigned by no known witness");
  });

  it("sees that the log is not the one that was cosigned: a fork, a cut tail, or no checkpoint at all", async () => {
    const note = await cosigned(await logOf(leaves(500), { signer }));
    const witnessed = "BROKEN at index 500: the log is not the one that was cosigned";
    for (const entries of [leaves(700).with(450, leaves(1)[0] ?? ""), leaves(400)]) {
      served = await logOf(entries, { signer });
      instead.set("cosigned", null);
      expect((await audit("verify")).code).toBe(0);
      rmSync(keptFile());
      instead.set("cosigned", new TextEncoder().encode(note));
      const { code, error } = await audit("verify");
      expect([code, error]).toEqual([1, expect.stringContaining(witnessed)]);
    }
    instead.set("checkpoint", null);
    expect((await audit("verify")).error).toContain(witnessed);
  });

  it("sees a cosigned checkpoint that is none, another key's, or that its witness did not sign", async () => {
    served = await logOf(leaves(20), { signer });
    const note = await cosigned(served);
    const thief = await logOf(leaves(20), { signer: await newSigner(signer.key.name) });
    for (const [text, why] of [
      ["a letter", "can't be read"],
      [await cosigned(thief), "is not signed by the log's key"],
      [note.replace(/(— witness\S+ .{20})./, (_, head: string) => `${head}A`), "cosignature does not verify"],
    ] as const) {
      instead.set("cosigned", new TextEncoder().encode(text));
      const { code, error } = await audit("verify");
      expect([code, error]).toEqual([1, expect.stringContaining(why)]);
    }
  });

  it("sees a checkpoint that another key signed", async () => {
    const other = await logOf(leaves(5));
    served = other;
    expect((await audit("verify")).error).toContain("the checkpoint is not signed by the log's key");
  });

  it("takes a pruned log whose entries say so, and tells up to where", async () => {
    const pruned = await logOf([...leaves(600), leafOf(pruningOf(0, 512, 1))], { signer });
    for (const key of ["tile/entries/000", "tile/entries/001"]) pruned.bucket.objects.delete(key);
    served = pruned;
    expect((await audit("verify")).out).toContain("the first 512 were pruned by rule");
    served = await logOf(leaves(600), { signer });
    served.bucket.objects.delete("tile/entries/000");
    rmSync(keptFile());
    expect((await audit("verify")).error).toContain("no act of pruning in the log says so");
  });

  it("verifies the environment's own log at its own door, as its auditor", async () => {
    const cde = await signerOf(LOG_ORIGINS.cde("eu"), ED25519, keys.secrets["ACCESS_LOG_SIGNING_JWK"] ?? "");
    const entry = { at: 1_700_000_000_000, actor: "custodian", act: "key_rotate", object: null, outcome: "granted" };
    served = await logOf([cdeLeafOf(entry)], { signer: cde });
    expect((await audit("verify", "--log", "cde")).out).toContain("eu cde: the log of 1 entries is whole");
    expect((await audit("list", "--log", "cde")).out).toBe(
      "eu cde 0  2023-11-14T22:13:20.000Z  key_rotate  granted  custodian  -\n",
    );
    expect(decodeJwt((tokens[0] ?? "").replace("Bearer ", ""))).toMatchObject({ iss: "auditor", aud: origin });
  });

  it("ends with 1 and says why when the door refuses or answers nothing", async () => {
    status = 403;
    expect((await audit("verify")).error).toContain("The log's door did not answer: GET /admin/v1/audit/checkpoint");
  });

  it("tells a log that has published nothing yet from one whose checkpoint is gone", async () => {
    instead.set("checkpoint", null);
    expect(await audit("verify")).toMatchObject({
      code: 0,
      out: expect.stringContaining("nothing has been published"),
    });
    instead.clear();
    await audit("verify");
    instead.set("checkpoint", null);
    expect((await audit("verify")).error).toContain("BROKEN there is no checkpoint");
  });

  it("ends with 2 and its usage when it is called wrongly, which 1 never means", async () => {
    const wrong = [[], ["head"], ["verify", "--cell", "mars"], ["verify", "--unknown"], ["proof"], ["verify", "x"]];
    const more = [
      ["verify", "--log", "mine"],
      ["verify", "--from", state],
      ["proof", join(state, "none")],
      ["prove", "x"],
    ];
    for (const args of [...wrong, ...more]) {
      const { code, out, error } = await run([...args, "--state", state]);
      expect([code, out], args.join(" ")).toEqual([2, ""]);
      expect(error, args.join(" ")).toContain("npm run audit -- verify|list");
    }
    const nowhere = await run(["verify", "--state", join(state, "none")]);
    expect([nowhere.code, nowhere.error]).toEqual([2, expect.stringContaining("start the platform first")]);
  });
});

describe("npm run audit -- list", { timeout: 90_000 }, () => {
  it("lists the entries", async () => {
    const { code, out } = await audit("list");
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(1200);
    expect(lines[3]).toBe(
      "eu platform 3  2023-11-14T22:13:20.003Z  refusal  ok  sessions  POST /x  cart:3  code=signature",
    );
  });
});

describe("npm run audit -- download", { timeout: 90_000 }, () => {
  it("leaves files that verify without the platform, by the log's public key alone, and show a change", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cartwright-downloaded-"));
    expect((await audit("download", folder)).code).toBe(0);
    const log = join(folder, "eu-platform");
    expect(readdirSync(log).toSorted()).toEqual(["checkpoint", "minimum", "tile"]);
    const asked = tokens.length;
    const verify = (from: string) => {
      const key = keys.outside.logKeys.logs.platform;
      const elsewhere = join(folder, "elsewhere");
      return run(["verify", "--from", from, "--cell", "eu", "--log", "platform", "--key", key, "--state", elsewhere]);
    };
    expect((await verify(log)).out).toContain("the log of 1200 entries is whole");
    expect(tokens).toHaveLength(asked);
    const changed = join(folder, "changed");
    cpSync(log, changed, { recursive: true });
    const file = join(changed, "tile", "0", "002");
    writeFileSync(
      file,
      readFileSync(file).map((byte, at) => (at === 99 ? byte ^ 1 : byte)),
    );
    expect((await verify(changed)).error).toContain("BROKEN at index 515");
    rmSync(folder, { recursive: true });
  });
});

describe("npm run audit -- verify, from a copy", { timeout: 90_000 }, () => {
  let folder: string;
  const verify = (log: LogUnderTest) => {
    rmSync(join(folder, "copy"), { recursive: true, force: true });
    for (const [key, bytes] of log.bucket.objects) {
      const file = join(folder, "copy", key.replace(/^partial\//, ""));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    return run(["verify", "--from", join(folder, "copy"), "--cell", "eu", "--log", "platform", "--state", state]);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cartwright-copied-"));
    served = await logOf(leaves(700), { signer });
    await audit("verify");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("says of an older one that it is older, and still knows what was verified before", async () => {
    const older = await verify(await logOf(leaves(300), { signer }));
    expect(older).toMatchObject({ code: 0 });
    expect(older.out).toContain("the log of 300 entries is whole, and older than the 700 that were verified before");
    expect(readFileSync(keptFile(), "utf8")).toContain("\n700\n");
    served = await logOf(leaves(300), { signer });
    expect((await audit("verify")).error).toContain("BROKEN at index 700");
  });

  it("sees one that was rewritten, of the same size or larger", async () => {
    for (const size of [700, 900]) {
      const { code, error } = await verify(await logOf(leaves(size).with(9, leaves(1)[0] ?? ""), { signer }));
      expect([code, error]).toEqual([1, expect.stringContaining("BROKEN at index 700: the log is not the one")]);
    }
    expect((await verify(await logOf(leaves(900), { signer }))).out).toContain("goes on from the 700");
  });
});

describe("npm run audit -- download, from a log that grows", { timeout: 90_000 }, () => {
  it("leaves the log of when it began", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cartwright-downloaded-"));
    const growing = await logOf(leaves(300), { signer });
    served = growing;
    onAnswer = async (path) => {
      if (path !== "tile/0/000") return;
      for (const leaf of leaves(600).slice(300)) await growing.log.append(leaf);
      await growing.runTimers();
    };
    expect((await audit("download", folder)).out).toContain("300 entries are in");
    const args = ["--from", join(folder, "eu-platform"), "--cell", "eu", "--log", "platform", "--state", state];
    expect((await run(["verify", ...args])).out).toContain("the log of 300 entries is whole");
    rmSync(folder, { recursive: true });
  });
});

describe("npm run audit -- proof", { timeout: 90_000 }, () => {
  it("verifies a proof file alone, names the witnesses, and shows the entry", async () => {
    await whole.log.addCosignatures(await cosigned(whole));
    const file = join(state, "777.tlog-proof");
    const made = await audit("prove", "777");
    expect(made.code).toBe(0);
    writeFileSync(file, made.out);
    const { code, out } = await run(["proof", file, "--state", state]);
    expect(code).toBe(0);
    expect(out).toContain(
      "entry 777 of ops.eu.cartwright.example/admin/v1/audit is in the log of 1200, cosigned by witness.eu.cartwright.example",
    );
    expect(out).toContain('"on":"cart:777"');
    const { platform } = keys.outside.logKeys.logs;
    const alone = await run(["proof", file, "--key", platform, "--state", join(state, "none")]);
    expect(alone).toMatchObject({ code: 0, out: expect.stringContaining("cosigned by no known witness") });
  });

  it("ends with 1 and says why when the file was changed, is none, or its log's key is not known", async () => {
    const proof = await whole.log.proof(5);
    if (!proof.ok) throw new Error(proof.reason);
    const file = join(state, "5.tlog-proof");
    const check = (text: string, ...more: string[]) => {
      writeFileSync(file, text);
      return run(["proof", file, "--state", state, ...more]);
    };
    const changed = proof.value.replace("index 5", "index 6");
    expect((await check(changed)).error).toContain("its entry is not in the log that the checkpoint is of");
    expect((await check(proof.value.replace("\n1200\n", "\n1201\n"))).error).toContain("not signed by the log's key");
    expect((await check("a letter")).error).toContain("it is no proof file");
    expect((await check(proof.value, "--state", join(state, "none"))).error).toContain("is not known: give --key");
    expect((await check(proof.value, "--key", "x")).error).toContain("malformed");
  });
});

/** A log's checkpoint with the demo witness's line below it. */
async function cosigned({ bucket }: LogUnderTest): Promise<string> {
  const note = parseNote(bucket.objects.get("checkpoint") ?? "");
  if (!note.ok) throw new Error(note.reason);
  const line = await cosign(note.value.text, 1_700_000_000, witness);
  return formatNote({ ...note.value, signatures: [...note.value.signatures, line] });
}

function audit(...args: string[]) {
  return run([...args, "--cell", "eu", "--origin", origin, "--state", state]);
}

function keptFile(): string {
  return join(state, "eu", "audit-checkpoint-platform.txt");
}

async function answer(path: string): Promise<Uint8Array | null> {
  await onAnswer(path);
  const other = instead.get(path);
  if (other !== undefined) return other;
  if (path.startsWith("proofs/")) {
    const proof = await served.log.proof(Number(path.slice(7)));
    return proof.ok ? new TextEncoder().encode(proof.value) : null;
  }
  const found = await served.log.resource(path);
  return found.ok ? found.value : null;
}

async function run(args: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const child = spawn(process.execPath, [join(ROOT, "tools/audit.ts"), ...args]);
  const said = { out: "", error: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.error += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...said };
}

function leaves(size: number): string[] {
  return Array.from({ length: size }, (_, index) =>
    leafOf({
      who: "sessions",
      kind: "refusal",
      when: 1_700_000_000_000 + index,
      success: true,
      from: "POST /x",
      on: `cart:${index}`,
      detail: { code: "signature" },
    }),
  );
}
