import { beforeEach, describe, expect, it, vi } from "vitest";
import { LOCKED_DAYS, prunableBefore } from "./keeping.ts";
import { logOf, startLog, type LogUnderTest } from "./log-under-test.ts";
import type { PruneRule } from "./prune.ts";

const [HOUR, DAY] = [3_600_000, 86_400_000];
/** More entries than fill two bundles. */
const MADE = 600;

let made: LogUnderTest;
let start: number;

beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  made = await startLog();
  start = made.clock.now;
});

describe("pruning a bucket under a lock", () => {
  it.each([0, 5 * HOUR, 2 * DAY])("is never refused when the entries were published %i ms late", async (late) => {
    const refused = lock();
    for (let n = 0; n < MADE; n += 1) await made.log.append(`made ${start}`);
    made.clock.now += late;
    await made.runTimers();
    for (let day = 390; day <= 410; day += 1) {
      made.clock.now = start + day * DAY;
      await made.log.prune(rule());
    }
    expect(refused).toEqual([]);
    expect([minimum(), acts()]).toEqual([512, 1]);
  });

  it("that is refused time after time says so once, and is finished when the bucket lets it", async () => {
    made = await logOf(Array.from({ length: MADE }, () => `made ${start}`));
    made.clock.now = start + 500 * DAY;
    made.bucket.fail = (call) => {
      if (call === "delete") throw new Error("locked");
    };
    for (let n = 0; n < 5; n += 1) await expect(made.log.prune(rule())).rejects.toThrow("locked");
    const again = await startLog(made);
    await expect(again.log.prune(rule())).rejects.toThrow("locked");
    expect([minimum(), acts()]).toEqual([0, 1]);
    made.bucket.fail = () => {};
    expect(await again.log.prune(rule())).toEqual({ from: 0, to: 512 });
    expect([minimum(again), acts(again)]).toEqual([512, 1]);
    expect(await again.log.prune(rule())).toEqual({ from: 512, to: 512 });
  });

  it("goes from the oldest on and stops at the first refusal, with nothing above gone", async () => {
    made = await logOf(Array.from({ length: 800 }, () => `made ${start}`));
    made.clock.now = start + 500 * DAY;
    made.bucket.fail = (call, key) => {
      if (call === "delete" && key === "tile/entries/001") throw new Error("locked");
    };
    expect(await made.log.prune(rule())).toEqual({ from: 0, to: 256 });
    await expect(made.log.prune(rule())).rejects.toThrow("locked");
    const left = [...made.bucket.objects.keys()].filter((key) => key.startsWith("tile/entries/"));
    expect(left).toEqual(["tile/entries/001", "tile/entries/002"]);
    expect([minimum(), acts()]).toEqual([256, 1]);
    made.bucket.fail = () => {};
    expect(await made.log.prune(rule())).toEqual({ from: 256, to: 768 });
    expect(acts()).toBe(1);
  });

  it("removes nothing while the entry that says so is not published", async () => {
    made = await logOf(Array.from({ length: MADE }, () => `made ${start}`));
    made.clock.now = start + 500 * DAY;
    made.bucket.fail = (call) => {
      if (call === "put") throw new Error("away");
    };
    for (let n = 0; n < 2; n += 1) await expect(made.log.prune(rule())).rejects.toThrow("not published");
    expect([minimum(), acts()]).toEqual([0, 1]);
    made.bucket.fail = () => {};
    expect(await made.log.prune(rule())).toEqual({ from: 0, to: 512 });
    expect(acts()).toBe(1);
  });
});

describe("pruning a bucket in which partial bundles were left", () => {
  const PARTIAL = "partial/tile/entries/000.p/9";

  beforeEach(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    made = await logOf(Array.from({ length: 9 }, () => `made ${start}`));
    made.bucket.fail = (call) => {
      if (call === "delete") throw new Error("away");
    };
    for (let n = 9; n < MADE; n += 1) await made.log.append(`made ${start}`);
    await made.runTimers();
    expect(made.bucket.objects.has(PARTIAL)).toBe(true);
    made.clock.now = start + 500 * DAY;
  });

  it("removes them with the full one, and serves neither", async () => {
    made.bucket.fail = () => {};
    expect(await made.log.prune(rule())).toEqual({ from: 0, to: 512 });
    const bundles = [...made.bucket.objects.keys()].filter((key) => /entries\/00[01]/.test(key));
    expect(bundles).toEqual([]);
    for (const path of ["tile/entries/000.p/9", "tile/entries/000.p/8", "tile/entries/000"])
      expect(await made.log.resource(path), path).toEqual({ ok: false, reason: "unknown" });
  });

  it("keeps the rows, and says so, when they can't be removed", async () => {
    made.bucket.fail = (call, key) => {
      if (call === "delete" && key === PARTIAL) throw new Error("away");
    };
    await expect(made.log.prune(rule())).rejects.toThrow("away");
    expect(minimum()).toBe(0);
  });

  it("serves no partial bundle of what was pruned, though one lies there", async () => {
    const bytes = made.bucket.objects.get(PARTIAL);
    made.bucket.fail = () => {};
    await made.log.prune(rule());
    if (bytes !== undefined) made.bucket.objects.set(PARTIAL, bytes);
    expect(await made.log.resource("tile/entries/000.p/9")).toEqual({ ok: false, reason: "unknown" });
    expect(await made.log.resource("tile/entries/002.p/89")).toMatchObject({ ok: true });
  });
});

/** Refuses to delete what was put less than the lock's days ago. @returns the keys that it refused, as it does */
function lock(): string[] {
  const [putAt, refused] = [new Map<string, number>(), [] as string[]];
  made.bucket.fail = (call, key) => {
    if (call === "put" && !putAt.has(key)) putAt.set(key, made.clock.now);
    const until = (putAt.get(key) ?? 0) + LOCKED_DAYS * DAY;
    if (call !== "delete" || !key.startsWith("tile/") || made.clock.now >= until) return;
    refused.push(key);
    throw new Error("locked");
  };
  return refused;
}

function rule(): PruneRule {
  return {
    timeOf: (entry) => Number(entry.split(" ")[1]),
    before: prunableBefore(made.clock.now),
    act: () => `pruned ${made.clock.now}`,
  };
}

function minimum(of = made): number {
  return of.log.read(0, 1).entries[0]?.index ?? -1;
}

function acts(of = made): number {
  return of.log.read(0, 1000).entries.filter(({ entry }) => entry.startsWith("pruned ")).length;
}
