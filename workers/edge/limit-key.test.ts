import { beforeEach, describe, expect, it } from "vitest";
import type { CartRecord } from "../../protocol/rooms/fleet.ts";
import { recordRefusal as recordAppRefusal } from "./app/refusals.ts";
import { answerImage } from "./cart/image.ts";
import { recordRefusal, type Visit } from "./cart/refusals.ts";
import { countStranger } from "./cart/registry.ts";
import type { Env } from "./env.ts";
import { atAddress, limitKey } from "./limit-key.ts";

const person = { issuer: "https://id.example", subject: "somebody" };

it("is one key for a person within a minute, and another in the next and for another person", async () => {
  const key = await limitKey(person, 60_000);
  expect(await limitKey(person, 119_999)).toBe(key);
  expect(await limitKey(person, 120_000)).not.toBe(key);
  expect(await limitKey({ ...person, subject: "other" }, 60_000)).not.toBe(key);
  expect(key).not.toContain("somebody");
});

describe("the keys that the limiters are given", () => {
  const ADDRESS = "203.0.113.7";
  const keys: string[] = [];
  const limiter = {
    limit: async ({ key }: { readonly key: string }) => {
      keys.push(key);
      return { success: true };
    },
  };
  const env = {
    DOOR_LIMIT: limiter,
    REFUSAL_LIMIT: limiter,
    IDENTITY: { refused: async () => ({ ok: true }) },
    FLEET: { refused: async () => ({ ok: true }), firmwareImage: async () => ({ ok: false, reason: "unavailable" }) },
  } as unknown as Env;
  const visit: Visit = { route: "POST /cart/v1/hello", address: ADDRESS, now: 60_000, kid: null, record: null };
  const request = new Request("https://edge.test/cart/v1/firmware/ab");
  beforeEach(() => void keys.splice(0));

  it.each<[string, () => Promise<unknown>]>([
    ["a refusal in the app", () => refusedInApp(person)],
    ["a refusal before anybody is signed in", () => refusedInApp(atAddress(ADDRESS))],
    ["a refusal of what no cart signed", () => recordRefusal("signature", visit, env)],
    ["what nobody can verify", () => countStranger(env, visit)],
    ["a firmware image", () => answerImage(request, "ab", env, visit)],
  ])("hold no person's name and no address: %s", async (_, act) => {
    await act();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatch(/^[a-z]+ [0-9a-f]{64}$/);
  });

  it("are another one each minute, so that a counter leads to nobody later", async () => {
    await countStranger(env, visit);
    await countStranger(env, { ...visit, now: 119_999 });
    await countStranger(env, { ...visit, now: 120_000 });
    expect(new Set(keys).size).toBe(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("name a cart by its serial: it is nobody's", async () => {
    const record = { serial: "c".repeat(32) } as CartRecord;
    await recordRefusal("malformed", { ...visit, record }, env);
    expect(keys).toEqual([`cart ${"c".repeat(32)}`]);
  });

  const refusedInApp = (from: typeof person) =>
    recordAppRefusal({ code: "invalid_token", route: "GET /v1/me", field: null, from, now: 60_000 }, env);
});
