import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { restoreDrill, restoreFaults, type RestoreReport } from "../../tools/drill/restore.ts";
import { freePorts } from "../../tools/platform/ports.ts";
import { sampleCatalogue } from "./fixture.ts";

test("a restored copy of yesterday's databases brings nobody back who was erased since, and loses nobody else", async () => {
  const root = mkdtempSync(join(tmpdir(), "cartwright-drill-"));
  const codes = [...sampleCatalogue("us").keys()].filter((code) => /^\d{12,13}$/.test(code)).slice(0, 3);
  const report = await restoreDrill({ cell: "us", root, ports: await freePorts(), codes, run: "481516" });
  rmSync(root, { recursive: true, force: true });
  expect(restoreFaults(report)).toEqual([]);
  expect(report.restored).toBeGreaterThan(20);
  expect(report.replay).toMatchObject({ tombstones: 1, removed: 1, left: 0 });

  // The drill itself can fail: each of these would.
  const path = { store: "persons", table: "persons", row: "", column: "email", how: "in plain" };
  const failing: Partial<RestoreReport>[] = [
    { before: 0 },
    { restored: 0 },
    { afterErasure: [path] },
    { afterReplay: [path] },
    { replay: { ...report.replay, left: 1 } },
    { other: { before: 9, after: 0 } },
    { oldToken: 200 },
    { otherIsWhole: false },
  ];
  for (const change of failing) expect(restoreFaults({ ...report, ...change })).toHaveLength(1);
});
