import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuditAct, AuditEntry } from "../../protocol/rooms/audit.ts";
import { cellKeys } from "../../tools/platform/keys.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { type Chain, EMPTY, append } from "../../workers/audit/chain.ts";
import type { Page } from "../../workers/audit/verify.ts";

let state: string;
let door: Server;
let origin: string;
let whole: { entries: AuditEntry[]; chain: Chain };
let served: { entries: readonly AuditEntry[]; chain: Chain; damagedCopies?: number[]; status?: number };
let tokens: string[];

beforeAll(async () => {
  whole = await logOf(1200);
  state = mkdtempSync(join(tmpdir(), "cartwright-audit-tool-"));
  await cellKeys("eu", join(state, "eu", "keys.json"));
  door = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://door.test");
    tokens.push(request.headers.authorization ?? "");
    const from = Number(url.searchParams.get("from"));
    const page: Page = {
      entries: served.entries.slice(from, from + Number(url.searchParams.get("limit"))),
      ...served.chain,
      damagedCopies: served.damagedCopies ?? [],
    };
    response.writeHead(served.status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(page));
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
}, 60_000);
beforeEach(() => {
  tokens = [];
  served = whole;
  rmSync(join(state, "eu", "audit-head.json"), { force: true });
});
afterAll(() => {
  door.close();
  rmSync(state, { recursive: true, force: true });
});

describe("npm run audit", { timeout: 30_000 }, () => {
  it("verifies a whole log, says how far it is, and keeps its head", async () => {
    const { code, out } = await audit("verify");
    expect(code).toBe(0);
    expect(out).toContain("eu: 500 of 1200 entries");
    expect(out).toContain(`the log of 1200 entries is whole; head ${whole.chain.head}`);
    expect(JSON.parse(readFileSync(join(state, "eu", "audit-head.json"), "utf8"))).toEqual(whole.chain);
  });

  it("asks as an auditor, with a token that the cell's staff key signed", async () => {
    await audit("verify");
    const keys = await cellKeys("eu", join(state, "eu", "keys.json"));
    const trusted = createLocalJWKSet({ keys: [JSON.parse(keys.secrets["STAFF_VERIFICATION_JWK"] ?? "{}")] });
    const token = (tokens[0] ?? "").replace("Bearer ", "");
    await expect(jwtVerify(token, trusted)).resolves.toBeDefined();
    expect(decodeJwt(token)["roles"]).toEqual(["auditor"]);
  });

  it("names the first broken index of a log that was changed, ends with 1 and keeps no head", async () => {
    const entries = whole.entries.with(777, { ...whole.entries[777]!, who: "nobody" });
    served = { ...whole, entries };
    const { code, error } = await audit("verify");
    expect(code).toBe(1);
    expect(error).toContain("eu: BROKEN at index 777");
    expect(existsSync(join(state, "eu", "audit-head.json"))).toBe(false);
  });

  it("sees by the kept head that a tail was cut, and that it was not when the log has grown", async () => {
    const shorter = await logOf(1100);
    served = shorter;
    expect((await audit("verify")).code).toBe(0);
    served = whole;
    expect((await audit("verify")).out).toContain("goes on from the 1100 that were verified before");
    served = shorter;
    const cut = await audit("verify");
    expect(cut.code).toBe(1);
    expect(cut.error).toContain("BROKEN at index 1100: the log is not the one that was verified before");
  });

  it("ends with 1 when a backup is damaged", async () => {
    served = { ...whole, damagedCopies: [0] };
    expect(await audit("verify")).toMatchObject({ code: 1 });
  });

  it("lists the entries", async () => {
    const { code, out } = await audit("list");
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    expect(lines).toHaveLength(1200);
    expect(lines[3]).toBe("eu 3  2023-11-14T22:13:20.003Z  refusal  ok  sessions  POST /x  cart:3  code=signature");
  });

  it("ends with 1 and says why when the door refuses or answers something else", async () => {
    served = { ...whole, status: 403 };
    expect((await audit("verify")).error).toContain("The ops door did not answer: GET /admin/v1/audit/entries");
    served = { ...whole, chain: { size: 3, head: "x" } };
    expect(await audit("verify")).toMatchObject({ code: 1 });
  });

  it("ends with 1 and its usage when it is called wrongly", async () => {
    for (const args of [[], ["prove"], ["verify", "--cell", "mars"], ["verify", "--unknown"]])
      expect(await run([...args, "--state", state]), args.join(" ")).toMatchObject({ code: 1, out: "" });
    expect((await run(["verify", "--state", join(state, "none")])).error).toContain("start the platform first");
  });
});

function audit(command: string) {
  return run([command, "--cell", "eu", "--origin", origin, "--state", state]);
}

async function run(args: string[]): Promise<{ code: number | null; out: string; error: string }> {
  const child = spawn(process.execPath, [join(ROOT, "tools/audit.ts"), ...args]);
  const said = { out: "", error: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.error += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...said };
}

async function logOf(size: number): Promise<{ entries: AuditEntry[]; chain: Chain }> {
  const entries: AuditEntry[] = [];
  let chain = EMPTY;
  for (let index = 0; index < size; index += 1) {
    const act: AuditAct = {
      who: "sessions",
      kind: "refusal",
      when: 1_700_000_000_000 + index,
      success: true,
      from: "POST /x",
      on: `cart:${index}`,
      detail: { code: "signature" },
    };
    chain = await append(chain, act);
    entries.push({ ...act, index, head: chain.head });
  }
  return { entries, chain };
}
