import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeEnvelope } from "../../protocol/cart/codec.ts";
import { sessionPath } from "../../protocol/cart/paths.ts";
import { SecureElement } from "../cart/secure-element.ts";
import { startLocalCell } from "../platform/local.ts";
import { freePorts } from "../platform/ports.ts";
import { ROOT } from "../platform/root.ts";
import { readCatalogue, sampleBaskets } from "../trip/baskets.ts";
import { around, switchOn, type Place } from "../trip/party.ts";
import { shop } from "../trip/shopper.ts";
import { startBare } from "./bare.ts";
import { inTurns, type Disk } from "./compare.ts";
import { fire, type Shot } from "./load.ts";

export const LANES = 8;
export const SHOTS = 100;
/** Carts take turns between rounds, as no one cart sends hundreds of frames a minute. */
const CART_TURNS = 4;

const codes = [...readCatalogue(readFileSync(join(ROOT, "tools/samples/catalogue-eu.csv"), "utf8")).values()]
  .filter((product) => /^\d+$/.test(product.gtin) && product.taxClass === "food")
  .map((product) => product.gtin);

/**
 * A cell and the bare Worker in one process, in turns; on tmpfs also what a scan and a trip weigh on the wire.
 * @param root a folder of the bench's own, on the disk that is measured
 */
export async function benchSignedScan(disk: Disk, root: string): Promise<Record<string, number>> {
  console.error(`${disk}: starting the cell and the bare Worker …`);
  const local = await startLocalCell("eu", { root, ports: await freePorts(), seed: { carts: LANES * CART_TURNS } });
  const place: Place = { store: local.store, keys: local.keys, origins: local.running.origins };
  const element = await SecureElement.make();
  const bare = await startBare(join(root, "bare"), (await freePorts()).api, await element.publicPoint());
  try {
    const { ours, theirs, ratio } = await inTurns(
      disk,
      { name: "signed scan", fire: async (round) => fire(place.origins.api, await scanShots(place, round)) },
      { name: "bare", fire: async (round) => fire(bare.origin, await bareShots(element, round)) },
    );
    const bytes = disk === "tmpfs" ? await onTheWire(place) : {};
    return {
      scan_per_second: ours.perSecond,
      bare_per_second: theirs.perSecond,
      ratio,
      p50_ms: ours.p50Ms,
      p99_ms: ours.p99Ms,
      ...bytes,
    };
  } finally {
    await bare.stop();
    await local.running.stop();
  }
}

/** A fresh session a lane, with all its scans signed beforehand: signing is the secure element's work, not the cell's. */
async function scanShots(place: Place, round: number): Promise<Shot[][]> {
  return Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const cart = await switchOn(place, (round % CART_TURNS) * LANES + lane);
      const { beacon } = await around(place, lane, false);
      const attested = await cart.attest(beacon);
      const opened = await cart.open();
      const { session } = cart;
      if (!attested.ok || !opened.ok || session === null) throw new Error("a cart could not open its session");
      const path = sessionPath("events", session);
      return Promise.all(
        Array.from({ length: SHOTS }, async (_shot, i) => {
          const events = [
            { kind: "scan" as const, code: codes[(lane + i) % codes.length] ?? "", quantity: 1, at: null, grams: null },
          ];
          const envelope = { session, boot: cart.boot, seq: i + 1, time: Date.now(), body: { events } };
          return { path, body: await cart.sign(path, encodeEnvelope("events", envelope)) };
        }),
      );
    }),
  );
}

async function bareShots(element: SecureElement, round: number): Promise<Shot[][]> {
  return Promise.all(
    Array.from({ length: LANES }, (_, lane) =>
      Promise.all(
        Array.from({ length: SHOTS }, async (_shot, i) => {
          const payload = crypto.getRandomValues(new Uint8Array(80));
          return { path: `/${round}-${lane}/${i}`, body: Buffer.concat([await element.sign(payload), payload]) };
        }),
      ),
    ),
  );
}

/** Bytes of HTTP/1.1 as a minimal cart sends it and as the edge answers it; TLS, TCP and a CDN's headers come on top. */
async function onTheWire(place: Place): Promise<Record<string, number>> {
  const cart = await switchOn(place, 0, { boot: Math.floor(Date.now() / 1000) + 60 });
  const surroundings = await around(place, 0, false);
  await cart.attest(surroundings.beacon);
  await cart.open();
  const before = { ...cart.traffic };
  await cart.scan(codes[0] ?? "");
  const scan = { up: cart.traffic.bytesUp - before.bytesUp, down: cart.traffic.bytesDown - before.bytesDown };
  console.log(`a scan: ${scan.up} bytes up, ${scan.down} down, ${scan.up + scan.down} together (aim 330)`);
  const shopper = await switchOn(place, 1, { boot: Math.floor(Date.now() / 1000) + 60 });
  const [basket = []] = [
    sampleBaskets(new Map(codes.map((gtin) => [gtin, { gtin, name: "", priceMinor: 0, taxClass: "food" }])), 1)[0]
      ?.concat(codes)
      .slice(0, 25),
  ];
  await shop(shopper, basket, "loyalty", await around(place, 1, false));
  const trip = shopper.traffic;
  console.log(
    `a trip of 25 scans with loyalty card and payment: ${trip.bytesUp} bytes up, ${trip.bytesDown} down, ${trip.bytesUp + trip.bytesDown} together in ${trip.requests} requests`,
  );
  return {
    scan_bytes_up: scan.up,
    scan_bytes_down: scan.down,
    trip_bytes: trip.bytesUp + trip.bytesDown,
    trip_requests: trip.requests,
  };
}
