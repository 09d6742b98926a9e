import { describe, expect, it } from "vitest";
import { objectKey, rollUp, toNdjson } from "../roll-up.ts";
import { CART, EVENTS, SEGMENT, SESSION } from "./sample.ts";

describe("a roll-up", () => {
  it("counts each event on its own UTC day", () => {
    const days = rollUp(EVENTS);
    expect([...days.keys()]).toEqual(["2026-11-21", "2026-11-22"]);
    expect(days.get("2026-11-21")?.counts).toEqual({
      trips: 0,
      scans: 2,
      removals: 0,
      holds: 1,
      faults: 0,
      abandoned: 0,
      walkedOut: 0,
    });
    expect(days.get("2026-11-22")?.counts).toMatchObject({ trips: 1, scans: 0, removals: 1, faults: 1 });
    expect(days.get("2026-11-22")?.takings).toEqual(new Map([["EUR", { minor: 1249, trips: 1 }]]));
  });

  it.each([
    ["abandoned", { trips: 1, abandoned: 1, walkedOut: 0 }],
    ["walked_out", { trips: 1, abandoned: 0, walkedOut: 1 }],
    ["voided", { trips: 1, abandoned: 0, walkedOut: 0 }],
  ] as const)("takes no revenue from a trip that was %s", (how, counts) => {
    const ended = EVENTS.at(-1);
    if (ended?.kind !== "ended") throw new Error("the sample's last event has changed");
    const share = rollUp([{ ...ended, how }]).get("2026-11-22");
    expect(share?.counts).toMatchObject(counts);
    expect(share?.takings.size).toBe(0);
  });
});

describe("a segment's object", () => {
  it("lies under its store, and the UTC day and hour of its earliest event", () => {
    expect(objectKey(SEGMENT)).toBe(`v1/eu-demo/2026-11-21/23/${SESSION}.ndjson`);
    expect(objectKey({ ...SEGMENT, events: EVENTS.toReversed() })).toBe(objectKey(SEGMENT));
  });

  it("is one line an event, with cart and session", () => {
    const lines = toNdjson(SEGMENT).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      EVENTS.map((event) => ({ cart: CART, session: SESSION, ...event })),
    );
  });
});
