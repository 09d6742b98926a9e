// `npm run campaign -- payments`: many trips on a platform whose world misbehaves, then all books are reconciled.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Cell } from "../protocol/ids.ts";
import { CAMPAIGN_VARS, runCampaign } from "./campaign/run.ts";
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
  const parsed = (() => {
    try {
      return parseArgs({
        allowPositionals: true,
        options: {
          count: { type: "string", default: "2000" },
          seed: { type: "string", default: "1" },
          cell: { type: "string", default: "eu" },
          concurrency: { type: "string", default: "32" },
          json: { type: "boolean", default: false },
          help: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      return fault(error instanceof Error ? error.message : String(error));
    }
  })();
  const { values, positionals } = parsed;
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (positionals.length !== 1 || positionals[0] !== "payments") return fault("there is one campaign: payments");
  if (values.cell !== "us" && values.cell !== "eu") return fault("--cell takes us or eu");
  const number = (name: "count" | "seed" | "concurrency", form: RegExp) =>
    form.test(values[name]) ? Number(values[name]) : fault(`--${name} takes a whole number`);
  return {
    cell: values.cell as Cell,
    count: number("count", /^[1-9]\d{0,5}$/),
    seed: number("seed", /^\d{1,9}$/),
    concurrency: number("concurrency", /^[1-9]\d{0,2}$/),
    json: values.json,
  };
}

function fault(message: string): never {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}
