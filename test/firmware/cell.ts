import { readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { afterAll, beforeAll, type TestContext } from "vitest";
import type { Cell } from "../../protocol/ids.ts";
import { openReach, type Reach } from "../../tools/cart-fw/machine.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { FirmwareCart } from "../../tools/trip/firmware-cart.ts";
import { firmwareBodies, type MakeBody } from "../../tools/trip/firmware-policy.ts";
import { around } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "../platform/fixture.ts";

const missing = ensureToolchain();

/** A cell of a test file's own, with carts that run the firmware. */
export interface FirmwareCell {
  /** Why there is no toolchain; null: there is one. */
  readonly missing: string | null;
  readonly platform: () => CellUnderTest;
  readonly reach: () => Reach;
  readonly body: () => MakeBody;
  /** Codes of what the sample store sells by the piece and without an age check. */
  readonly codes: (count: number, from?: number) => string[];
  readonly beer: string;
  /** What these weigh together, grams. */
  readonly weightOf: (codes: readonly string[]) => number;
  /** A cart that is switched on and waits for a shopper. It ends with the file. */
  readonly cart: (context: TestContext, index: number) => Promise<FirmwareCart>;
  readonly around: (index: number, withPhone?: boolean) => Promise<Surroundings>;
}

/** Starts and ends the cell with the file. Without the toolchain each test skips, saying so. */
export function firmwareCell(cell: Cell, carts: number): FirmwareCell {
  let platform: CellUnderTest;
  let reach: Reach;
  let body: MakeBody;
  const running = new Map<number, FirmwareCart>();
  const catalogue = [...sampleCatalogue(cell).values()];
  const weights = sampleWeights(cell);
  const pieces = catalogue.filter(({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol");
  beforeAll(async () => {
    if (missing !== null) return;
    platform = await startCellUnderTest(cell, { seed: { carts } });
    reach = await openReach(platform.place);
    body = await firmwareBodies(platform.place);
  });
  afterAll(async () => {
    for (const cart of running.values()) await cart.machine.end();
    await reach?.close();
    await platform?.end();
  });
  return {
    missing,
    platform: () => platform,
    reach: () => reach,
    body: () => body,
    codes: (count, from = 0) => Array.from({ length: count }, (_, i) => pieces[(from + i) % pieces.length]?.gtin ?? ""),
    beer: catalogue.find(({ taxClass }) => taxClass === "alcohol")?.gtin ?? "",
    weightOf: (codes) => codes.reduce((sum, code) => sum + (weights.get(code) ?? 0), 0),
    cart: async (context, index) => {
      context.skip(missing !== null, missing ?? "");
      const there = running.get(index);
      if (there !== undefined) return there;
      const cart = await FirmwareCart.switchOn({ place: platform.place, reach, index, body });
      running.set(index, cart);
      return cart;
    },
    around: (index, withPhone = false) => around(platform.place, index, withPhone),
  };
}

/** Net weights of the sample store's products, grams. */
function sampleWeights(cell: Cell): ReadonlyMap<string, number> {
  const csv = readFileSync(join(ROOT, `tools/samples/catalogue-${cell}.csv`), "utf8");
  const { data } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
  return new Map(data.map((row) => [row["gtin"] ?? "", Number(row["net_weight_g"])]));
}
