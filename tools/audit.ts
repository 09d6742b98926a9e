// Reads a cell's audit log through the ops door and verifies it here, offline from the platform's own word:
//   npm run audit -- verify|list [--cell us|eu] [--origin URL] [--state DIR]
// Without --cell: every cell that has keys in the state directory. Ends with 1 when a log is not what it says.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Cell } from "../protocol/ids.ts";
import type { AuditEntry } from "../protocol/rooms/audit.ts";
import { type Chain, EMPTY } from "../workers/audit/chain.ts";
import { FAULTS, type Page, verifyLog } from "../workers/audit/verify.ts";
import { type CellKeys, cellKeys } from "./platform/keys.ts";
import { PORTS } from "./platform/rooms.ts";
import { stateRoot } from "./platform/state.ts";
import { OpsError, staffClient } from "./staff/client.ts";

const USAGE = "npm run audit -- verify|list [--cell us|eu] [--origin URL] [--state DIR]";
const CELLS: readonly Cell[] = ["us", "eu"];
const PAGE = 500;

interface Target {
  readonly cell: Cell;
  /** Where the head of the last verification is kept: only it shows that a tail was cut since. */
  readonly keptFile: string;
  readonly read: (from: number) => Promise<Page>;
}

try {
  const { work, targets } = await plan();
  for (const target of targets) if (!(await work(target))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof OpsError ? `The ops door did not answer: ${error.message}` : messageOf(error));
  process.exitCode = 1;
}

/** @throws Error saying what is wrong with the command line or the state directory */
async function plan(): Promise<{ work: (target: Target) => Promise<boolean>; targets: Target[] }> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cell: { type: "string" }, origin: { type: "string" }, state: { type: "string" } },
  });
  const work = positionals[0] === "verify" ? verify : positionals[0] === "list" ? list : undefined;
  const asked = values.cell === undefined ? CELLS : CELLS.filter((cell) => cell === values.cell);
  if (work === undefined || positionals.length !== 1 || asked.length === 0) throw new Error(USAGE);
  if (values.origin !== undefined && values.cell === undefined) throw new Error("--origin is one cell's: give --cell");
  const state = values.state ?? stateRoot();
  const cells = asked.filter((cell) => existsSync(join(state, cell, "keys.json")));
  if (cells.length === 0) throw new Error(`${state} has no keys of ${asked.join(" or ")}: start the platform first`);
  return { work, targets: await Promise.all(cells.map((cell) => targetOf(cell, state, values.origin))) };
}

async function targetOf(cell: Cell, state: string, origin = `http://127.0.0.1:${PORTS[cell].ops}`): Promise<Target> {
  const keys: CellKeys = await cellKeys(cell, join(state, cell, "keys.json"));
  const client = staffClient({ cell, origin, signingJwk: keys.outside.staffSigningJwk, roles: ["auditor"] });
  return {
    cell,
    keptFile: join(state, cell, "audit-head.json"),
    read: async (from) => pageOf(await client.get(`/admin/v1/audit/entries?from=${from}&limit=${PAGE}`)),
  };
}

async function verify({ cell, keptFile, read }: Target): Promise<boolean> {
  const kept = existsSync(keptFile) ? chainOf(JSON.parse(readFileSync(keptFile, "utf8"))) : EMPTY;
  const live = process.stdout.isTTY;
  const { chain, fault } = await verifyLog(read, kept, (done, size) => {
    if (live) process.stdout.write(`\r${cell}: ${done} of ${size} entries`);
    else console.log(`${cell}: ${done} of ${size} entries`);
  });
  if (live) process.stdout.write("\n");
  if (fault !== null) {
    console.error(`${cell}: BROKEN at index ${fault.index}: ${FAULTS[fault.what]}`);
    return false;
  }
  writeFileSync(`${keptFile}.new`, `${JSON.stringify(chain)}\n`);
  renameSync(`${keptFile}.new`, keptFile);
  const since = kept.size === 0 ? "" : `, and goes on from the ${kept.size} that were verified before`;
  console.log(`${cell}: the log of ${chain.size} entries is whole${since}; head ${chain.head}`);
  return true;
}

async function list({ cell, read }: Target): Promise<boolean> {
  for (let from = 0; ;) {
    const { entries, size } = await read(from);
    for (const entry of entries) console.log(`${cell} ${lineOf(entry)}`);
    from += entries.length;
    if (entries.length === 0 || from >= size) return true;
  }
}

function lineOf({ index, when, who, kind, success, from, on, detail }: AuditEntry): string {
  const facts = Object.entries(detail ?? {}).map(([name, value]) => `${name}=${String(value)}`);
  return [index, new Date(when).toISOString(), kind, success ? "ok" : "failed", who, from, on, ...facts].join("  ");
}

/** @throws Error when the door's answer is no page of a log */
function pageOf(value: unknown): Page {
  const page = value as Partial<Page> | null;
  chainOf(page);
  if (!Array.isArray(page?.entries) || !Array.isArray(page.damagedCopies))
    throw new Error("the ops door's answer is no page of the audit log");
  return page as Page;
}

/** @throws Error when it is no size and head */
function chainOf(value: unknown): Chain {
  const { size, head } = (value ?? {}) as Partial<Chain>;
  if (typeof size !== "number" || typeof head !== "string" || !/^[0-9a-f]{64}$/.test(head))
    throw new Error("neither a size nor a head of an audit log");
  return { size, head };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
