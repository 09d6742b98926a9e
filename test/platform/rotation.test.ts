import { afterAll, beforeAll, expect, test } from "vitest";
import { countersignKeyOrder, signKeyOrder, type KeyCommand, type KeyStatus } from "../../protocol/pay/key-order.ts";
import { payOrigin, send, signerOf } from "../../tools/ceremony/custodian-client.ts";
import { ReaderVendor } from "../../tools/terminal/reader-vendor.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { runTrips } from "../../tools/trip/run.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";

let platform: CellUnderTest;
beforeAll(async () => {
  platform = await startCellUnderTest("eu");
});
afterAll(() => platform.end());

/** Signed by both custodians of the demo, sent to the real pay origin. */
async function order(command: KeyCommand): Promise<KeyStatus> {
  const { A, B } = platform.keys.outside.custodianJwks;
  const first = await signKeyOrder(command, "eu", await signerOf("A", { jwk: A }), Date.now());
  return send(payOrigin(platform.place.origins.pay), await countersignKeyOrder(first, await signerOf("B", { jwk: B })));
}

/** Trips identified by card, which ask the vault; every one must be paid. */
async function trips(count: number): Promise<void> {
  const catalogue = sampleCatalogue("eu");
  const plain = [...catalogue.values()]
    .filter(({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol")
    .map(({ gtin }) => gtin);
  const problems: string[] = [];
  const report = await runTrips({
    place: platform.place,
    baskets: Array.from({ length: count }, (_, trip) => plain.slice(trip, trip + 4)),
    catalogue,
    country: "DE",
    identify: "card",
    concurrency: 2,
    onProblem: (problem) => problems.push(problem),
  });
  expect(problems).toEqual([]);
  expect(report).toMatchObject({ trips: count, paid: count });
}

test("carts shop and pay by card while the vault's key is rotated and the CDE's process dies in the middle", async () => {
  const { pay } = platform.place.origins;
  const reader = new ReaderVendor({ payOrigin: pay, clientKey: platform.keys.outside.readerVendorJwk });
  for (let i = 0; i < 8; i++)
    await Promise.all(Object.values(TEST_CARDS).map((card) => reader.tap(card, platform.store.store)));
  expect((await order({ order: "rotate" })).current).toBe(2);

  const shopping = trips(4);
  const before = (await order({ order: "rewrap" })).rewrap;
  expect(before.done).toBeLessThan(before.total);
  await shopping;
  platform.running.crash("pay");
  await platform.running.revive("pay");
  const again = trips(2);
  let { rewrap } = await order({ order: "status" });
  expect(rewrap.done).toBeGreaterThanOrEqual(before.done);
  for (let i = 0; rewrap.done < rewrap.total && i < 20; i++) ({ rewrap } = await order({ order: "rewrap" }));
  await again;
  const { data_keys: keys } = await order({ order: "destroy", version: 1 });
  expect(keys).toMatchObject([{ version: 1, rows: 0, destroyed: true }, { version: 2 }]);
  await trips(1);
  expect((await order({ order: "status" })).security_events).toBe(0);
}, 90_000);
