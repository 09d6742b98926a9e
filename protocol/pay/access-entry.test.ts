import { describe, expect, it } from "vitest";
import { entryOf, leafOf, prunedTo, pruningOf } from "./access-entry.ts";

const ENTRY = { at: 1_700_000_000_000, actor: "forwarder", act: "charge", object: "fingerprint", outcome: "granted" };

describe("an access as a leaf", () => {
  it("is canonical JSON, whatever the order of its fields", () => {
    const leaf = '{"act":"charge","actor":"forwarder","at":1700000000000,"object":"fingerprint","outcome":"granted"}';
    expect(leafOf(ENTRY)).toBe(leaf);
    expect(leafOf(Object.fromEntries(Object.entries(ENTRY).toReversed()) as unknown as typeof ENTRY)).toBe(leaf);
    expect(entryOf(leaf)).toEqual(ENTRY);
  });

  it("says up to where the log was pruned only when it is the schedule's act of pruning", () => {
    const act = pruningOf(512, 1);
    expect(prunedTo(leafOf(act))).toBe(512);
    expect(prunedTo(leafOf(ENTRY))).toBeNull();
    for (const change of [{ actor: "forwarder" }, { act: "purge" }, { object: "log:cde to x" }, { object: null }])
      expect(prunedTo(leafOf({ ...act, ...change }))).toBeNull();
  });
});
