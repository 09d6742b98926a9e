import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLAG, oneOf, readCommand } from "../command-line.ts";
import { median, type Round } from "./load.ts";

/** Rounds that are counted; one before them warms the isolates. */
export const ROUNDS = 7;

const FOLDERS = { tmpfs: "/dev/shm", disk: tmpdir() } as const;
export type Disk = keyof typeof FOLDERS;
const DISKS = Object.keys(FOLDERS) as Disk[];

/** The command line of a bench that runs on tmpfs and on disk, or on the one that is named. */
export function readBench(usage: string): { readonly json: boolean; readonly disks: readonly Disk[] } {
  return readCommand({ usage, options: { json: FLAG }, words: [0, 1] }, ({ json }, [disk]) => ({
    json,
    disks: disk === undefined ? DISKS : [oneOf("the disk", disk, DISKS)],
  }));
}

/** Does the work on each disk in a folder of its own, which is removed; a disk that this machine lacks is left out. */
export async function onEachDisk(
  disks: readonly Disk[],
  work: (disk: Disk, folder: string) => Promise<Record<string, number>>,
): Promise<Record<string, Record<string, number>>> {
  const results: Record<string, Record<string, number>> = {};
  for (const disk of disks) {
    if (!existsSync(FOLDERS[disk])) {
      console.error(`${disk}: ${FOLDERS[disk]} is not there, left out`);
      continue;
    }
    const folder = mkdtempSync(join(FOLDERS[disk], "cartwright-bench-"));
    try {
      results[disk] = await work(disk, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

interface Contender {
  readonly name: string;
  /** @param round from 0, which is not counted */
  readonly fire: (round: number) => Promise<Round>;
}

export interface Compared {
  readonly ours: Round;
  readonly theirs: Round;
  /** Ours to theirs, by calls a second. */
  readonly ratio: number;
}

/** Medians of rounds that take turns, so that what else the machine does meets both. */
export async function inTurns(disk: Disk, ours: Contender, theirs: Contender): Promise<Compared> {
  const rounds: { ours: Round; theirs: Round }[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const of = { theirs: await theirs.fire(round), ours: await ours.fire(round) };
    if (round === 0) continue;
    rounds.push(of);
    const rates = `${theirs.name} ${of.theirs.perSecond.toFixed(0)}/s, ${ours.name} ${of.ours.perSecond.toFixed(0)}/s`;
    console.error(`${disk}: round ${round}/${ROUNDS}: ${rates}`);
  }
  const [a, b] = [median(rounds.map((each) => each.ours)), median(rounds.map((each) => each.theirs))];
  const ratio = a.perSecond / b.perSecond;
  console.log(`${disk.padEnd(6)} ${told(ours.name, a)}   ${told(theirs.name, b)}   ratio ${ratio.toFixed(2)}`);
  return { ours: a, theirs: b, ratio };
}

const told = (name: string, { perSecond, p50Ms, p99Ms }: Round): string =>
  `${name} ${perSecond.toFixed(0)}/s (p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms)`;
