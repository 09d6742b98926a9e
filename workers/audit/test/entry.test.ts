import { describe, expect, it } from "vitest";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import { actOf, leafOf, prunedTo, pruningOf } from "../entry.ts";

const ACT: AuditAct = {
  who: "sessions",
  kind: "refusal",
  when: 1_700_000_000_000,
  success: false,
  from: "POST /x",
  on: "cart:0",
  detail: { fields: 0, code: "x" },
};

describe("an act as a leaf", () => {
  it("is canonical JSON at every depth, so that whoever has the act can make the leaf", () => {
    const leaf =
      '{"detail":{"code":"x","fields":0},"from":"POST /x","kind":"refusal","on":"cart:0","success":false,"when":1700000000000,"who":"sessions"}';
    expect(leafOf(ACT)).toBe(leaf);
    expect(leafOf(Object.fromEntries(Object.entries(ACT).toReversed()) as unknown as AuditAct)).toBe(leaf);
    expect(actOf(leaf)).toEqual(ACT);
    expect(leafOf({ ...ACT, detail: undefined } as unknown as AuditAct)).not.toContain("detail");
  });

  it("says up to where the log was pruned only in the log's own name, which no room's act can bear", () => {
    const act = pruningOf(256, 512, 1);
    expect(prunedTo(leafOf(act))).toBe(512);
    expect(prunedTo(leafOf(ACT))).toBeNull();
    for (const change of [{ who: "sessions/audit" }, { kind: "refusal" as const }, { on: "log:other" }, { detail: {} }])
      expect(prunedTo(leafOf({ ...act, ...change }))).toBeNull();
  });
});
