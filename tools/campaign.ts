// `npm run campaign -- payments`: many trips on a platform whose world misbehaves, then all books are reconciled.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CAMPAIGN_VARS, runCampaign } from "./campaign/run.ts";
import { cellOf, FLAG, readCommand, TEXT, UsageError, wholeNumber } from "./command-line.ts";
import { startLocalCell } from "./platform/local.ts";
import { freePorts } from "./platform/ports.ts";
import { bar, spinner } from "./progress.ts";

const USAGE = `npm run campaign -- payments [options]
  --count N         how many trips (2000)
  --seed S          a whole number: the same seed meets the same faults (1)
  --cell us|eu      which cell (eu)
  --concurrency N   how many carts at a time (32)
  --json            the last line is one JSON object`;

const args = readArgs();
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const root = mkdtempSync(join(memory, "cartwright-campaign-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

const starting = spinner(`${args.cell}: starting a platform for this run`);
const local = await startLocalCell(args.cell, {
  root,
  ports: await freePorts(),
  vars: CAMPAIGN_VARS,
  seed: { carts: args.concurrency, onProgress: (step) => starting.step(`${args.cell}: ${step}`) },
});
starting.done(`${args.cell}: store ${local.store.store} is open, ${args.concurrency} carts`);

const trips = bar(args.count, "trips");
const checking = { current: undefined as ReturnType<typeof spinner> | undefined };
const { report, findings, views } = await runCampaign({
  ...args,
  local,
  onTrip: (note) => trips.tick(note),
  onStep: (step) => {
    if (checking.current === undefined) trips.done();
    checking.current ??= spinner(step);
    checking.current.step(step);
  },
});
checking.current?.done("reconciled");
await local.running.stop();

for (const [what, sessions] of Object.entries(findings) as [string, readonly string[]][])
  for (const session of sessions.slice(0, 10)) {
    const view = views.find((each) => each.session === session);
    console.error(`${what}: session ${session} ${JSON.stringify({ ...view, session: undefined })}`);
  }
console.error(
  `${report.trips} trips, ${report.paid} paid, ${report.crashes} crashes: ${report.double_charges} double and ${report.lost_charges} lost charges, ${report.held_authorizations} held, ${report.uncertain_trips} uncertain; ${report.unknown_resolved} unknown resolved, certain after ${report.p50_seconds} s (p50), ${report.p99_seconds} s (p99); ${report.seconds} s`,
);
if (args.json) console.log(JSON.stringify(report));
const wrong = report.double_charges + report.lost_charges + report.held_authorizations + report.uncertain_trips;
process.exit(wrong === 0 && report.trips === args.count ? 0 : 1);

function readArgs() {
  const options = {
    count: { ...TEXT, default: "2000" },
    seed: { ...TEXT, default: "1" },
    cell: { ...TEXT, default: "eu" },
    concurrency: { ...TEXT, default: "32" },
    json: FLAG,
  } as const;
  return readCommand({ usage: USAGE, options, words: [0, Infinity] }, (values, words) => {
    if (words.length !== 1 || words[0] !== "payments") throw new UsageError("there is one campaign: payments");
    return {
      cell: cellOf(values.cell),
      count: wholeNumber("--count", values.count, 1, 999_999),
      seed: wholeNumber("--seed", values.seed, 0, 999_999_999),
      concurrency: wholeNumber("--concurrency", values.concurrency, 1, 999),
      json: values.json,
    };
  });
}
