// `npm run bench:tripwire [-- --json]`: what the card-number tripwire costs, in ns a field, against a bare regular
// expression over the same text, and as a share of what the cart's door does for one signed scan. One process, one run.
import { decodeEnvelope, encodeEnvelope } from "../../protocol/cart/codec.ts";
import { importPublicKey, kidOf, parseFrame, purposeOfPath, signFrame, verifyFrame } from "../../protocol/cart/cose.ts";
import { sessionPath } from "../../protocol/cart/paths.ts";
import type { SessionId } from "../../protocol/ids.ts";
import { isTypedCode, looksLikePan, scanFields } from "../../protocol/pan/tripwire.ts";
import { holdsPan } from "../../workers/edge/cart/free-text.ts";
import { SecureElement } from "../cart/secure-element.ts";
import { FLAG, readCommand } from "../command-line.ts";

const USAGE = `npm run bench:tripwire -- [--json]
  times the card-number tripwire, a field and a signed scan
  --json   the last line is one JSON object`;

const ROUNDS = 7;
const FIELDS_A_ROUND = 20_000;
const FRAMES_A_ROUND = 400;

/** What a filter without Unicode, separators of its own or base64 would be: it finds less and refuses more. */
const bare = (text: string): boolean => /\b(?:[0-9][ -]?){12,18}[0-9]\b/.test(text);

const TEXTS = {
  "scanned code (typed)": "4006381333931",
  "firmware version": "3.2.0+build.4711",
  "note of 60 letters": "Please leave the parcel with the neighbours at number 42, ty",
  "user agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "base64 of 64 bytes": Buffer.from(Array.from({ length: 64 }, (_, at) => (at * 37) % 256)).toString("base64"),
  "article in full-width digits": "Artikel ４００６３８１３３３９３１",
  "query string": "?from=2026-11-01&to=2026-11-21&page=2&note=%C3%A4pfel",
} as const;
const BODY = {
  email: "someone@shop.example",
  name: "A. Shopper",
  phone: "+49 30 1234567",
  address: "1 Example Street",
};

const { json } = readCommand({ usage: USAGE, options: { json: FLAG } }, (values) => values);
const rows = Object.entries(TEXTS).map(([field, text]) => {
  const search = field.includes("typed")
    ? () => isTypedCode(text) || looksLikePan(text) !== null
    : () => looksLikePan(text) !== null;
  const pair = turns(search, () => bare(text), FIELDS_A_ROUND);
  return { field, ns: pair.ours, bare_ns: pair.theirs, ratio: pair.ours / pair.theirs };
});
const body = turns(
  () => scanFields(BODY) !== null,
  () => bare(JSON.stringify(BODY)),
  FIELDS_A_ROUND,
);
rows.push({ field: "profile body, 4 fields", ns: body.ours, bare_ns: body.theirs, ratio: body.ours / body.theirs });
const scan = await oneScan();

for (const { field, ns, bare_ns: other, ratio } of rows)
  console.log(
    `${field.padEnd(29)} ${ns.toFixed(0).padStart(7)} ns   bare ${other.toFixed(0).padStart(5)} ns   ratio ${ratio.toFixed(1)}`,
  );
console.log(
  `a signed scan at the door ${scan.door.toFixed(0)} ns, its tripwire ${scan.tripwire.toFixed(0)} ns: ${(scan.share * 100).toFixed(2)} %`,
);
if (json)
  console.log(
    JSON.stringify({
      fields: rows,
      scan: { door_ns: scan.door, tripwire_ns: scan.tripwire, share: scan.share },
    }),
  );

/** Medians of rounds that take turns, ns a call; the first round warms both and does not count. */
function turns(first: () => boolean, second: () => boolean, count: number): { ours: number; theirs: number } {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const times = [first, second].map((work) => time(work, count));
    if (round === 0) continue;
    ours.push(times[0] ?? 0);
    theirs.push(times[1] ?? 0);
  }
  return { ours: median(ours), theirs: median(theirs) };
}

function time(work: () => boolean, count: number): number {
  let found = 0;
  const begin = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) if (work()) found += 1;
  const took = Number(process.hrtime.bigint() - begin) / count;
  if (found !== 0 && found !== count) throw new Error("the same text was judged in two ways");
  return took;
}

/** Parse, verify, decode, search: the door's own work for one scan, without network and rooms. */
async function oneScan(): Promise<{ door: number; tripwire: number; share: number }> {
  const element = await SecureElement.make();
  const key = await importPublicKey(await element.publicPoint());
  const kid = await kidOf(new Uint8Array(32));
  const session = "11111111-2222-4333-8444-555555555555" as SessionId;
  const path = sessionPath("events", session);
  const frames = await Promise.all(
    Array.from({ length: FRAMES_A_ROUND }, (_, i) => {
      const events = [{ kind: "scan" as const, code: "4006381333931", quantity: 1, at: null, grams: null }];
      const payload = encodeEnvelope("events", { session, boot: 1, seq: i + 1, time: Date.now(), body: { events } });
      return signFrame(payload, kid, purposeOfPath(path), element.sign);
    }),
  );
  const door: number[] = [];
  const tripwire: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    let searching = 0n;
    const begin = process.hrtime.bigint();
    for (const bytes of frames) {
      const frame = parseFrame(bytes);
      if (!frame.ok || !(await verifyFrame(frame.value, key, purposeOfPath(path))))
        throw new Error("a good frame fails");
      const envelope = decodeEnvelope("events", frame.value.payload);
      if (!envelope.ok) throw new Error("a good envelope fails");
      const start = process.hrtime.bigint();
      if (holdsPan("events", envelope.value)) throw new Error("a scanned code is taken for a card");
      searching += process.hrtime.bigint() - start;
    }
    if (round === 0) continue;
    door.push(Number(process.hrtime.bigint() - begin) / frames.length);
    tripwire.push(Number(searching) / frames.length);
  }
  return { door: median(door), tripwire: median(tripwire), share: median(tripwire) / median(door) };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
