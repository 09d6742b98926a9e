import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import type { AttestationPolicy } from "../../protocol/rooms/fleet.ts";
import { staffClient, type StaffClient } from "../staff/client.ts";
import { startCell, type RunningCell } from "./cell.ts";
import { cellKeys, type CellKeys } from "./keys.ts";
import { freePorts } from "./ports.ts";
import { seed, type SeededStore } from "./seed.ts";

let state: string;
let keys: CellKeys;
let cell: RunningCell;
let ops: StaffClient;
let seeded: SeededStore;

const log = () => ops.get<{ size: number; entries: AuditEntry[] }>("/admin/v1/audit/entries?limit=200");

async function start(): Promise<void> {
  cell = await startCell({ cell: "eu", state, keys, ports: await freePorts() });
  ops = staffClient({ cell: "eu", origin: cell.origins.ops, signingJwk: keys.outside.staffSigningJwk });
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "cartwright-seed-"));
  keys = await cellKeys("eu", join(state, "keys.json"));
  await start();
  seeded = await seed(cell, keys, { state, carts: 2 });
});
afterAll(async () => {
  await cell.stop();
  rmSync(state, { recursive: true, force: true });
});

describe("seeding a running cell", () => {
  test("opens a store with a catalogue, members, a beacon and carts", () => {
    expect(seeded).toMatchObject({ store: "eu-demo", terminals: ["T1", "T2", "T3"], catalogue: { refused: 0 } });
    expect(seeded.catalogue.imported).toBeGreaterThan(36);
    expect(seeded.carts).toHaveLength(2);
    expect(seeded.loyaltyNumbers).toHaveLength(12);
  });

  test("leaves a proof of each certificate, assignment, beacon and policy", async () => {
    const { entries } = await log();
    const count = (from: string) => entries.filter((entry) => entry.from === `ForOps.${from}` && entry.success).length;
    expect(["enrol", "assign", "registerBeacon", "setPolicy"].map(count)).toEqual([2, 2, 1, 1]);
  });

  test("again, after a restart with the same state, answers the same store and adds nothing to the log", async () => {
    const before = await log();
    await cell.stop();
    await start();
    expect(await seed(cell, keys, { state, carts: 2 })).toEqual(seeded);
    // Who signs in is logged each time.
    const added = (await log()).entries.slice(before.size).filter(({ kind }) => kind !== "sign_in");
    expect(added).toEqual([]);
  });

  test("again leaves what staff allowed since: no cart that runs another image is shut out", async () => {
    const other = "ab".repeat(32);
    await ops.put("/admin/v1/fleet/policy", { digests: [seeded.firmware.digest, other], minimumSecurityCounter: 1 });
    await seed(cell, keys, { state, carts: 2 });
    const { digests } = await ops.get<AttestationPolicy>("/admin/v1/fleet/policy");
    expect(digests.toSorted()).toEqual([seeded.firmware.digest, other].toSorted());
  });

  test("again leaves a security counter that staff raised", async () => {
    const { digests } = await ops.get<AttestationPolicy>("/admin/v1/fleet/policy");
    await ops.put("/admin/v1/fleet/policy", { digests, minimumSecurityCounter: 3 });
    await seed(cell, keys, { state, carts: 2 });
    expect(await ops.get("/admin/v1/fleet/policy")).toMatchObject({ minimumSecurityCounter: 3 });
  });

  test("says which call was refused, and with which code", async () => {
    const bad = seed(cell, { ...keys, outside: { ...keys.outside, staffSigningJwk: keys.outside.readerVendorJwk } });
    await expect(bad).rejects.toThrow("PUT /admin/v1/stores/eu-demo: 401 invalid_token");
  });
});
