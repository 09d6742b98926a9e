import { describe, expect, it } from "vitest";
import type { CartSerial, Kid } from "../../../protocol/ids.ts";
import { fail, ok } from "../../../protocol/result.ts";
import type { CartRecord } from "../../../protocol/rooms/fleet.ts";
import { KNOWN_MS, KnownCarts, UNKNOWN_MS, type KnownCartsDeps } from "./known-carts.ts";

const KID = "0000000000000001" as Kid;

function registry() {
  const state = { asked: 0, imported: 0, status: "active" as "active" | "revoked" | "unknown" | "unavailable" };
  const deps: KnownCartsDeps = {
    load: async (kid) => {
      state.asked += 1;
      const { status } = state;
      return status === "unknown" || status === "unavailable" ? fail(status) : ok(recordOf(kid, status));
    },
    importKey: async () => {
      state.imported += 1;
      return { imported: state.imported } as unknown as CryptoKey;
    },
  };
  return { state, deps, carts: new KnownCarts() };
}

const recordOf = (kid: Kid, status: "active" | "revoked"): CartRecord => ({
  serial: "c".repeat(32) as CartSerial,
  kid,
  publicKey: new Uint8Array(65).fill(4),
  status,
  store: null,
  policy: { digests: [], minimumSecurityCounter: 0 },
});

describe("known carts", () => {
  it("are kept for a minute and no longer", async () => {
    const { carts, deps } = registry();
    expect(carts.kept(KID, 0)).toBeUndefined();
    await carts.load(KID, 0, deps);
    expect(carts.kept(KID, KNOWN_MS - 1)).toMatchObject({ ok: true, value: { record: { kid: KID } } });
    expect(carts.kept(KID, KNOWN_MS)).toBeUndefined();
  });

  it("are renewed without importing the same key again", async () => {
    const { carts, deps, state } = registry();
    await carts.load(KID, 0, deps);
    await carts.load(KID, KNOWN_MS, deps);
    expect(state).toMatchObject({ asked: 2, imported: 1 });
  });

  it("that are unknown are remembered for a few seconds", async () => {
    const { carts, deps, state } = registry();
    state.status = "unknown";
    expect(await carts.load(KID, 0, deps)).toEqual({ ok: false, reason: "unknown" });
    expect(carts.kept(KID, UNKNOWN_MS - 1)).toEqual({ ok: false, reason: "unknown" });
    expect(carts.kept(KID, UNKNOWN_MS)).toBeUndefined();
  });

  it("are forgotten when the registry no longer knows them", async () => {
    const { carts, deps, state } = registry();
    await carts.load(KID, 0, deps);
    state.status = "unknown";
    await carts.load(KID, 1, deps);
    expect(carts.kept(KID, 2)).toEqual({ ok: false, reason: "unknown" });
  });

  it("keep nothing of a registry that does not answer", async () => {
    const { carts, deps, state } = registry();
    state.status = "unavailable";
    expect(await carts.load(KID, 0, deps)).toEqual({ ok: false, reason: "unavailable" });
    expect(carts.kept(KID, 0)).toBeUndefined();
  });

  it("are bounded, known and unknown alike: the oldest go first", async () => {
    const { carts, deps, state } = registry();
    const kid = (index: number) => index.toString(16).padStart(16, "0") as Kid;
    for (let index = 0; index < 2_001; index += 1) await carts.load(kid(index), 0, deps);
    expect(carts.kept(kid(0), 0)).toBeUndefined();
    expect(carts.kept(kid(1), 0)).toBeDefined();
    state.status = "unknown";
    for (let index = 3_000; index < 5_001; index += 1) await carts.load(kid(index), 0, deps);
    expect(carts.kept(kid(3_000), 0)).toBeUndefined();
    expect(carts.kept(kid(3_001), 0)).toBeDefined();
  });
});
