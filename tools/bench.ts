// `npm run bench`: the signed scan against a bare Worker that verifies one signature and inserts one row, in the same
// run, on tmpfs and on disk; and what a scan and a trip weigh on the wire. Bounded: it fires what it prepared and stops.
import { cpus } from "node:os";
import { onEachDisk, readBench, ROUNDS } from "./bench/compare.ts";
import { benchSignedScan, LANES, SHOTS } from "./bench/signed-scan.ts";

const USAGE = `npm run bench -- [--json] [tmpfs|disk]
  times the signed scan against a bare Worker, on both unless one is named
  --json   the last line is one JSON object`;

const { json, disks } = readBench(USAGE);
const measured = await onEachDisk(disks, benchSignedScan);
const settings = { cpus: cpus().length, lanes: LANES, scans_per_round: LANES * SHOTS, rounds: ROUNDS };
if (json) console.log(JSON.stringify({ ...settings, ...measured }));
