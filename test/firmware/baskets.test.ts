import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { expectedTotal } from "../../tools/trip/expected.ts";
import { firmwareLanes } from "../../tools/trip/firmware-lane.ts";
import { firmwareBodies } from "../../tools/trip/firmware-policy.ts";
import { runTrips } from "../../tools/trip/run.ts";
import { startCellUnderTest, testData, type CellUnderTest } from "../platform/fixture.ts";

const BASKETS = 20;
const CARTS = 2;

const missing = ensureToolchain();

describe.each([
  ["us", "US", "USD"],
  ["eu", "DE", "EUR"],
] as const)("twenty baskets in the %s cell, by carts that run the firmware", (cell, country, currency) => {
  const data = testData(cell);
  const baskets = data.baskets(BASKETS);
  let platform: CellUnderTest;

  beforeAll(async () => {
    if (missing !== null) return;
    platform = await startCellUnderTest(cell, {
      seed: { carts: CARTS, store: data.store, catalogueCsv: data.catalogueCsv },
    });
  });
  afterAll(() => platform?.end());

  test("are all paid, none of their scans is lost, and every total is the catalogue's and the POS's", async (context) => {
    context.skip(missing !== null, missing ?? "");
    const problems: string[] = [];
    const references = new Set<string>();
    const lanes = await firmwareLanes(platform.place, "none", await firmwareBodies(platform.place));
    const report = await runTrips({
      place: platform.place,
      baskets,
      catalogue: data.catalogue,
      country,
      identify: "none",
      concurrency: CARTS,
      lane: lanes.lane,
      onTrip: ({ receipt }) => references.add(receipt?.reference ?? ""),
      onProblem: (problem) => problems.push(problem),
    });
    await lanes.close();
    const scans = baskets.reduce((sum, basket) => sum + basket.length, 0);
    const totals = baskets.map((basket) => expectedTotal(basket, data.catalogue, country));
    expect(problems).toEqual([]);
    expect(report).toMatchObject({ trips: BASKETS, paid: BASKETS, scans, acknowledged: scans, lost: 0, refused: 0 });
    expect(report).toMatchObject({ total_minor: totals.reduce((sum, each) => sum + each, 0), currency });
    expect(references.size).toBe(BASKETS);
    console.info(
      `${cell}: ${BASKETS} ${data.real ? "real" : "sample"} baskets by the firmware, ${scans} scans, ${report.requests} requests in ${report.seconds} s`,
    );
  });
});
