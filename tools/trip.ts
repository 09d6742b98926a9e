// `npm run trip`: a simulated cart shops on the platform that is running, or on one of its own.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreId } from "../protocol/ids.ts";
import { cellOf, FLAG, mustExist, oneOf, readCommand, TEXT, wholeNumber } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";
import { DEMO_STORES } from "./platform/seed-store.ts";
import { bar } from "./progress.ts";
import { readBaskets, readCatalogue, sampleBaskets } from "./trip/baskets.ts";
import { openPlace } from "./trip/open-place.ts";
import { receiptText } from "./trip/receipt-text.ts";
import { openFirmwareLanes } from "./trip/firmware-lane.ts";
import { runTrips } from "./trip/run.ts";

const USAGE = `npm run trip -- [options]
  --cell us|eu                      which cell (us)
  --identify loyalty|card|app|none  how the shopper is known (none)
  --catalogue FILE                  gtin,name,price_minor,currency,tax_class,net_weight_g
  --trips FILE                      one trip a line: GTINs, comma-separated
  --cart simulated|firmware         a program that speaks as a cart, or the firmware in an emulator (simulated)
  --count N                         how many trips (1; with --trips, all of the file)
  --concurrency N                   how many carts at a time (1)
  --json                            the last line is one JSON object`;

const args = readArgs();
const catalogueFile = args.catalogue ?? join(ROOT, `tools/samples/catalogue-${args.cell}.csv`);
const catalogue = readCatalogue(readFileSync(catalogueFile, "utf8"));
const all = args.trips === undefined ? sampleBaskets(samplePieces(), args.count ?? 1) : readBaskets(args.trips);
const baskets = all.slice(0, args.count ?? all.length);
const { place, stop } = await openPlace(args.cell, {
  carts: Math.max(6, args.concurrency),
  ...(args.catalogue === undefined ? {} : { catalogueCsv: args.catalogue, store: `${args.cell}-file` as StoreId }),
});
const lanes = args.cart === "firmware" ? await openFirmwareLanes(place, args.identify).catch(endWith) : null;

const progress = bar(baskets.length, "trips");
const problems: string[] = [];
const report = await runTrips({
  place,
  baskets,
  catalogue,
  country: DEMO_STORES[args.cell].country,
  identify: args.identify,
  concurrency: args.concurrency,
  ...(lanes === null ? {} : { lane: lanes.lane }),
  onTrip: (result) => {
    progress.tick(result.linked ? "(linked)" : "");
    if (baskets.length === 1 && result.receipt !== null) {
      progress.done();
      console.log(receiptText(result.receipt));
      console.log(`${place.origins.api}/r/${result.receipt.reference}`);
      console.log(
        args.identify === "none"
          ? "The cart did not know its shopper."
          : `The cart ${result.linked ? "knew its shopper, as a number of this one trip" : "did not find its shopper"} (by ${args.identify}).`,
      );
    }
  },
  onProblem: (problem) => problems.push(problem),
  ...(baskets.length === 1 ? { say: (line: string) => console.error(`  ${line}`) } : {}),
});
if (baskets.length > 1) progress.done();
await lanes?.close();
await stop();

for (const problem of problems.slice(0, 20)) console.error(problem);
if (problems.length > 20) console.error(`… and ${problems.length - 20} more`);
console.error(
  `${report.paid} of ${report.trips} trips paid, ${report.acknowledged} of ${report.scans} scans acknowledged, ${report.lost} lost, ${report.refused} refused; ${report.requests} requests, ${report.bytes_up} bytes up, ${report.bytes_down} down, ${report.seconds} s`,
);
if (args.json) console.log(JSON.stringify(report));
process.exit(problems.length === 0 && report.paid === report.trips && report.lost === 0 ? 0 : 1);

async function endWith(error: unknown): Promise<never> {
  console.error(error instanceof Error ? error.message : String(error));
  await stop();
  process.exit(1);
}

/** Sample baskets hold what is sold by the piece: the scale is for the shopper's hand. */
function samplePieces() {
  return new Map([...catalogue].filter(([code]) => /^\d{8,14}$/.test(code)));
}

function readArgs() {
  const options = {
    cell: { ...TEXT, default: "us" },
    identify: { ...TEXT, default: "none" },
    catalogue: TEXT,
    trips: TEXT,
    cart: { ...TEXT, default: "simulated" },
    count: TEXT,
    concurrency: { ...TEXT, default: "1" },
    json: FLAG,
  } as const;
  return readCommand({ usage: USAGE, options }, (values) => {
    mustExist("file", values.catalogue);
    mustExist("file", values.trips);
    return {
      cell: cellOf(values.cell),
      identify: oneOf("--identify", values.identify, ["loyalty", "card", "app", "none"]),
      catalogue: values.catalogue,
      trips: values.trips,
      cart: oneOf("--cart", values.cart, ["simulated", "firmware"]),
      count: values.count === undefined ? undefined : wholeNumber("--count", values.count, 1, 999_999),
      concurrency: wholeNumber("--concurrency", values.concurrency, 1, 999_999),
      json: values.json,
    };
  });
}
