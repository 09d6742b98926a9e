import { expect, test } from "vitest";
import { eventsIn } from "./trip-events.ts";

const line = (over: object) => JSON.stringify({ cart: "c", session: "s", at: 1, ...over });

test("of a segment's lines, scans and removals are told, without the cart and without what else happened", () => {
  const text = [
    line({ kind: "opened", firmware: 1 }),
    line({ kind: "scan", item: "09521234543213", quantity: 2 }),
    line({ kind: "remove", item: null, quantity: 1 }),
    line({ kind: "health", batteryPercent: 50 }),
  ].join("\n");
  expect(eventsIn(`${text}\n`)).toEqual([
    { session: "s", at: 1, kind: "scan", item: "09521234543213", quantity: 2 },
    { session: "s", at: 1, kind: "remove", item: null, quantity: 1 },
  ]);
  expect(eventsIn("")).toEqual([]);
});

test("a segment that can't be read is an error and no silence", () => {
  expect(() => eventsIn("{half")).toThrow(SyntaxError);
});
