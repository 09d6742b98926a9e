import { describe, expect, test } from "vitest";
import type { HandoffId } from "../../protocol/ids.ts";
import type { Quote } from "../../protocol/rooms/stores.ts";
import { isLookDue, nextLook, outstandingOf, settled, withOutstanding, type Outstanding } from "./outstanding.ts";
import type { Handoff } from "./trip.ts";

const HANDOFF: Handoff = {
  id: "h-1" as HandoffId,
  terminal: "T1",
  digest: "",
  quote: { total: { minor: 500, currency: "EUR" } } as Quote,
  quotedAt: 1_000_000,
  expires: 1_300_000,
};
const dropped = outstandingOf(HANDOFF, 1_060_000) as Outstanding;
const owed: Outstanding = { ...dropped, release: { authorization: "a", why: "amount_mismatch" } };

describe("a hand-off that was laid aside", () => {
  test("is looked at soon after, and a last time when no terminal can take it up any more", () => {
    expect(nextLook(dropped, 1_060_000)).toBe(1_090_000);
    expect(nextLook(dropped, 1_090_000)).toBe(1_360_000);
    expect(dropped.until).toBe(1_360_000);
    expect(isLookDue(dropped, 1_089_999)).toBe(false);
    expect(isLookDue(dropped, 1_090_000)).toBe(true);
  });

  test("is looked at with growing pauses after its end, while the processor gives no answer", () => {
    const pauses = [1_360_000, 1_365_000, 1_460_000, 9_000_000].map((now) => nextLook(dropped, now) - now);
    expect(pauses).toEqual([1_000, 5_000, 100_000, 600_000]);
  });

  test("that expired long before it was dropped is still looked at", () => {
    const late = outstandingOf(HANDOFF, 5_000_000) as Outstanding;
    expect(late.until).toBe(5_000_000);
    expect(nextLook(late, 5_000_000)).toBeGreaterThan(5_000_000);
    expect(isLookDue(late, 5_000_000)).toBe(true);
  });

  test("is none while the POS has not answered: no terminal heard of it", () => {
    expect(outstandingOf({ ...HANDOFF, quote: null, expires: null }, 0)).toBeUndefined();
    expect(outstandingOf(null, 0)).toBeUndefined();
  });

  test("is kept once, and leaves the list when it holds nothing", () => {
    const twice = withOutstanding(withOutstanding([], dropped), { ...dropped, since: 7 });
    expect(twice).toEqual([dropped]);
    expect(settled(twice, dropped.id, "nothing")).toEqual([]);
  });
});

describe("an authorization that did not match", () => {
  test("is released at every ring, with back-off, however long the processor is silent", () => {
    expect(isLookDue(owed, owed.since)).toBe(true);
    expect(nextLook(owed, owed.since)).toBe(owed.since + 1_000);
    expect(nextLook(owed, owed.since + 8_000)).toBe(owed.since + 16_000);
    expect(nextLook(owed, owed.since + 3_600_000)).toBe(owed.since + 3_660_000);
  });

  test("is looked at once more at its end after the release: another card may have followed", () => {
    const [after] = settled([owed], owed.id, "released");
    expect(after).toEqual(dropped);
  });
});
