import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT } from "../../tools/platform/root.ts";

const folder = mkdtempSync(join(tmpdir(), "cartwright-commands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** State of its own: whatever platform runs on this machine, the command starts one for itself. */
function command(tool: string, ...args: string[]) {
  return spawnSync(process.execPath, ["tools/run.mjs", `tools/${tool}.ts`, ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, CARTWRIGHT_STATE: folder },
  });
}

const lastLine = (stdout: string) => JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;

describe("npm run trip", () => {
  test("shops own baskets from an own catalogue by a card, several carts at a time, and ends with one JSON object", () => {
    const catalogue = join(folder, "catalogue.csv");
    const baskets = join(folder, "trips.txt");
    writeFileSync(
      catalogue,
      "gtin,name,price_minor,currency,tax_class,net_weight_g\n" +
        "4006381333931,Pens,250,EUR,standard,100\n96385074,Tea,199,EUR,food,80\n",
    );
    writeFileSync(baskets, "4006381333931,96385074\n96385074\n96385074,96385074,4006381333931\n");
    const options = `--cell eu --identify card --catalogue ${catalogue} --trips ${baskets}`;
    const ran = command("trip", ...options.split(" "), ..."--count 2 --concurrency 2 --json".split(" "));
    expect(ran.status, ran.stderr).toBe(0);
    // Three articles in the first two lines of the file: --count left the third out.
    expect(lastLine(ran.stdout)).toMatchObject({
      trips: 2,
      paid: 2,
      scans: 3,
      acknowledged: 3,
      lost: 0,
    });
  }, 120_000);

  test.each([
    [["--cell", "mars"], "--cell takes us or eu"],
    [["--identify", "face"], "--identify takes loyalty, card, app or none"],
    [["--count", "0"], "--count takes a whole number from 1"],
    [["--trips", "nowhere.txt"], "there is no file nowhere.txt"],
    [["--colour", "red"], "--colour"],
  ])("called with %j says what is wrong and how it is called, and starts nothing", (args, message) => {
    const ran = command("trip", ...args);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stderr).toContain("npm run trip -- [options]");
    expect(ran.stdout).toBe("");
  });
});

describe("npm run campaign", () => {
  test("ends with one JSON object that counts trips, charges and what was in doubt, and says when it was certain", () => {
    const ran = command("campaign", ..."payments --count 3 --seed 1 --concurrency 3 --json".split(" "));
    expect(ran.status, ran.stderr).toBe(0);
    const report = lastLine(ran.stdout);
    expect(report).toMatchObject({ trips: 3, double_charges: 0, lost_charges: 0 });
    for (const name of ["unknown_resolved", "p50_seconds", "p99_seconds"]) expect(typeof report[name]).toBe("number");
  }, 240_000);

  test.each([
    [[], "there is one campaign: payments"],
    [["payments", "--count", "0"], "--count takes a whole number"],
  ])("called with %j says what is wrong and how it is called, and starts nothing", (args, message) => {
    const ran = command("campaign", ...args);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain(message);
    expect(ran.stdout).toBe("");
  });
});

describe("npm run residency", () => {
  test("finds what EU people are called nowhere but sealed in their cell, and ends with one JSON object", () => {
    const ran = command("residency", "--people", "3", "--json");
    expect(ran.status, ran.stderr).toBe(0);
    const report = lastLine(ran.stdout);
    expect(report).toMatchObject({ problems: [], holds: true, trips: 3, paidAndLinked: 3, outside: [], inPlain: [] });
    // It searched something, and the same search sees a text that does lie there.
    expect(report["places"]).toBeGreaterThan(100);
    expect(report["control"]).toBeGreaterThan(0);
  }, 120_000);

  test("says how it is called when it is called wrongly", () => {
    const ran = command("residency", "--people", "11");
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain("--people takes 2 to 10");
    expect(ran.stdout).toBe("");
  });
});
