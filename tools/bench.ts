// `npm run bench`: the signed scan against a bare Worker that verifies one signature and inserts one row, in the same
// run, on tmpfs and on disk; and what a scan and a trip weigh on the wire. Bounded: it fires what it prepared and stops.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEnvelope } from "../protocol/cart/codec.ts";
import { sessionPath } from "../protocol/cart/paths.ts";
import { FLAG, oneOf, readCommand } from "./command-line.ts";
import { SecureElement } from "./cart/secure-element.ts";
import { startBare } from "./bench/bare.ts";
import { fire, median, type Round, type Shot } from "./bench/load.ts";
import { freePorts } from "./platform/ports.ts";
import { startLocalCell } from "./platform/local.ts";
import { readCatalogue, sampleBaskets } from "./trip/baskets.ts";
import { around, switchOn, type Place } from "./trip/party.ts";
import { shop } from "./trip/shopper.ts";
import { readFileSync } from "node:fs";
import { ROOT } from "./platform/root.ts";

const LANES = 8;
const SHOTS = 100;
const ROUNDS = 7;
/** Carts take turns between rounds, as no one cart sends hundreds of frames a minute. */
const CART_TURNS = 4;

const USAGE = `npm run bench -- [--json] [tmpfs|disk]
  times the signed scan against a bare Worker, on both unless one is named
  --json   the last line is one JSON object`;

const { json, only } = readCommand({ usage: USAGE, options: { json: FLAG }, words: [0, 1] }, (values, [disk]) => ({
  json: values.json,
  only: disk === undefined ? undefined : oneOf("the disk", disk, ["tmpfs", "disk"]),
}));
const codes = [...readCatalogue(readFileSync(join(ROOT, "tools/samples/catalogue-eu.csv"), "utf8")).values()]
  .filter((product) => /^\d+$/.test(product.gtin) && product.taxClass === "food")
  .map((product) => product.gtin);
const results: Record<string, unknown> = {
  cpus: cpus().length,
  lanes: LANES,
  scans_per_round: LANES * SHOTS,
  rounds: ROUNDS,
};

for (const [name, folder] of [
  ["tmpfs", "/dev/shm"],
  ["disk", tmpdir()],
] as const) {
  if (only !== undefined && only !== name) continue;
  if (!existsSync(folder)) {
    console.error(`${name}: ${folder} is not there, left out`);
    continue;
  }
  const root = mkdtempSync(join(folder, "cartwright-bench-"));
  try {
    results[name] = await compare(name, root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
if (json) console.log(JSON.stringify(results));

async function compare(name: string, root: string): Promise<Record<string, number>> {
  console.error(`${name}: starting the cell and the bare Worker …`);
  const local = await startLocalCell("eu", { root, ports: await freePorts(), seed: { carts: LANES * CART_TURNS } });
  const place: Place = { store: local.store, keys: local.keys, origins: local.running.origins };
  const element = await SecureElement.make();
  const bare = await startBare(join(root, "bare"), (await freePorts()).api, await element.publicPoint());
  try {
    const ours: Round[] = [];
    const theirs: Round[] = [];
    // The first round of each warms the isolates and is not counted; then they take turns.
    for (let round = 0; round <= ROUNDS; round++) {
      const theirRound = await fire(bare.origin, await bareShots(element, round));
      const ourRound = await fire(place.origins.api, await scanShots(place, round));
      if (round > 0) {
        theirs.push(theirRound);
        ours.push(ourRound);
        console.error(
          `${name}: round ${round}/${ROUNDS}: bare ${theirRound.perSecond.toFixed(0)}/s, signed scan ${ourRound.perSecond.toFixed(0)}/s`,
        );
      }
    }
    const [a, b] = [median(ours), median(theirs)];
    const ratio = a.perSecond / b.perSecond;
    console.log(
      `${name.padEnd(6)} signed scan ${a.perSecond.toFixed(0)}/s (p50 ${a.p50Ms.toFixed(1)} ms, p99 ${a.p99Ms.toFixed(1)} ms)   bare ${b.perSecond.toFixed(0)}/s (p50 ${b.p50Ms.toFixed(1)} ms, p99 ${b.p99Ms.toFixed(1)} ms)   ratio ${ratio.toFixed(2)}`,
    );
    const bytes = name === "tmpfs" ? await onTheWire(place) : {};
    return {
      scan_per_second: a.perSecond,
      bare_per_second: b.perSecond,
      ratio,
      p50_ms: a.p50Ms,
      p99_ms: a.p99Ms,
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
