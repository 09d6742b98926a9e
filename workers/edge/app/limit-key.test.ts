import { expect, it } from "vitest";
import { limitKey } from "./limit-key.ts";

const person = { issuer: "https://id.example", subject: "somebody", email: null, name: null };

it("is one key for a person within a minute, and another in the next and for another person", async () => {
  const key = await limitKey(person, 60_000);
  expect(await limitKey(person, 119_999)).toBe(key);
  expect(await limitKey(person, 120_000)).not.toBe(key);
  expect(await limitKey({ ...person, subject: "other" }, 60_000)).not.toBe(key);
  expect(key).not.toContain("somebody");
});
