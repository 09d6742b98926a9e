import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import type { LocalCell } from "../platform/local.ts";
import { ROOT } from "../platform/root.ts";
import { readCatalogue } from "../trip/baskets.ts";
import { collect, type ReceiptOf } from "./books.ts";
import { planCrashes, planTrips } from "./plan.ts";
import { percentile, reconcile, type Findings } from "./reconcile.ts";
import { shopAll, type CartView } from "./trips.ts";
import { World } from "./world.ts";

/** The last line of `npm run campaign -- payments --json`. */
export interface CampaignReport {
  readonly trips: number;
  readonly double_charges: number;
  readonly lost_charges: number;
  /** Hand-offs whose outcome was in doubt for a while and then certain. */
  readonly unknown_resolved: number;
  /** From the card at the terminal to a final answer on the cart. */
  readonly p50_seconds: number;
  readonly p99_seconds: number;
  readonly held_authorizations: number;
  readonly uncertain_trips: number;
  readonly paid: number;
  readonly crashes: number;
  readonly seconds: number;
}

export interface CampaignOptions {
  readonly cell: Cell;
  readonly local: LocalCell;
  readonly count: number;
  readonly seed: number;
  readonly concurrency: number;
  onTrip(note: string): void;
  onStep(step: string): void;
}

/** The platform's variables in a campaign: a short hand-off life brings its last look within the run. */
export const CAMPAIGN_VARS = { sessions: { HANDOFF_SECONDS: "20" } } as const;

/** A closed trip is looked at a minute after its close, and once more with back-off where a void had no answer. */
const SETTLED_WITHIN_MS = 150_000;

export interface Campaign {
  readonly report: CampaignReport;
  readonly findings: Findings;
  readonly views: readonly CartView[];
}

/** Shops on a misbehaving world, cuts processes off, waits until the processor holds nothing, and reconciles. */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { local, count, seed, concurrency } = options;
  const place = { store: local.store, keys: local.keys, origins: local.running.origins };
  const world = new World(place);
  const crashes = planCrashes(count);
  const revivals: Promise<void>[] = [];
  const begin = performance.now();
  const views = await shopAll({
    place,
    world,
    plans: planTrips(count, seed),
    codes: codesOf(options.cell),
    seed,
    concurrency,
    onTrip(done, view) {
      const host = crashes.get(done);
      options.onTrip(view.problem ?? (host === undefined ? "" : `${host} is cut off`));
      if (host === undefined) return;
      local.running.crash(host);
      revivals.push(local.running.revive(host));
    },
  });
  await Promise.all(revivals);
  options.onStep("reconciling: processor, POS, receipts, carts");
  const accounts = await collect(world, receiptsOf(local), views, SETTLED_WITHIN_MS, (open) =>
    options.onStep(`${open} trips with money held that nobody will take: waiting for its release`),
  );
  const findings = reconcile(accounts);
  const attempts = views.flatMap((view) => view.attempts);
  const timed = attempts.filter(({ outcome }) => outcome === "paid" || outcome === "declined");
  const seconds = timed.map((attempt) => attempt.seconds);
  return {
    findings,
    views,
    report: {
      trips: views.length,
      double_charges: findings.doubleCharges.length,
      lost_charges: findings.lostCharges.length,
      unknown_resolved: attempts.filter(({ wasUnknown }) => wasUnknown).length,
      p50_seconds: percentile(seconds, 0.5),
      p99_seconds: percentile(seconds, 0.99),
      held_authorizations: findings.held.length,
      uncertain_trips: findings.uncertain.length,
      paid: attempts.filter(({ outcome }) => outcome === "paid").length,
      crashes: crashes.size,
      seconds: Math.round((performance.now() - begin) / 10) / 100,
    },
  };
}

/** From the stores room's own table: the carts of left trips can't say. */
function receiptsOf({ running }: LocalCell): ReceiptOf {
  const worker = `cartwright-stores-${running.cell}`;
  return async (handoff) => {
    const database = await running.hosts.platform.getD1Database("RETAIL", worker);
    const sale = await database
      .prepare("SELECT reference FROM sales WHERE handoff = ? AND state = 'booked'")
      .bind(handoff)
      .first<{ reference: string }>();
    return sale?.reference ?? null;
  };
}

/** What anybody may buy, by the piece: no hold ever stops a trip. */
function codesOf(cell: Cell): readonly string[] {
  const catalogue = readCatalogue(readFileSync(join(ROOT, `tools/samples/catalogue-${cell}.csv`), "utf8"));
  return [...catalogue.values()]
    .filter(({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol")
    .map(({ gtin }) => gtin);
}
