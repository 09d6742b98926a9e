import { describe, expect, it } from "vitest";
import { placesOf } from "./log.ts";

describe("a line about an unexpected error", () => {
  it("has places in the code and nothing of the message, even when the message looks like a place", () => {
    const error = new Error("4111111111111111 was sent\n    at 4111 1111 1111 1111 (card)\nat somebody@shop.example");
    const places = placesOf(error.stack ?? "");
    expect(places.length).toBeGreaterThan(0);
    expect(places.length).toBeLessThanOrEqual(4);
    expect(JSON.stringify(places)).not.toMatch(/4111|somebody/);
  });

  it("has no places for what is no stack", () => {
    expect(placesOf("just a message")).toEqual([]);
  });
});
