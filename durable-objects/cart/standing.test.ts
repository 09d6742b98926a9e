import { describe, expect, test } from "vitest";
import { hex } from "../../protocol/bytes.ts";
import type { SessionId, StoreId } from "../../protocol/ids.ts";
import {
  HELLO_NONCE_MS,
  NEW_CART,
  heldNonce,
  mayOpen,
  spendNonce,
  telemetryPlace,
  withCarriedNonce,
  withEnded,
  withHelloNonce,
} from "./standing.ts";

const nonce = (n: number) => new Uint8Array(16).fill(n);
const STORE = "eu-test" as StoreId;

describe("a nonce", () => {
  test("is good once", () => {
    const given = withHelloNonce(NEW_CART, nonce(1), 0);
    const spent = spendNonce(given, nonce(1), 10);
    expect(spent.ok && spendNonce(spent.value, nonce(1), 11).ok).toBe(false);
  });

  test("of a hello dies after 60 s", () => {
    const given = withHelloNonce(NEW_CART, nonce(1), 0);
    expect(spendNonce(given, nonce(1), HELLO_NONCE_MS - 1).ok).toBe(true);
    expect(spendNonce(given, nonce(1), HELLO_NONCE_MS).ok).toBe(false);
  });

  test("that a signed answer carried outlives the trip, and no stranger's hello can kill it", () => {
    let standing = withCarriedNonce(NEW_CART, nonce(9), 0);
    for (let i = 0; i < 50; i++) standing = withHelloNonce(standing, nonce(i + 10), i);
    expect(standing.hello.length).toBeLessThanOrEqual(4);
    expect(spendNonce(standing, nonce(9), 60 * 60_000).ok).toBe(true);
  });

  test("that the cart holds is not taken from it when an earlier trip ends again, however late", () => {
    const earlier = "00000000-0000-4000-8000-000000000001" as SessionId;
    let standing = { ...NEW_CART, session: earlier };
    expect(heldNonce(standing, earlier)).toBeNull();
    standing = { ...withEnded(withCarriedNonce(standing, nonce(1), 0), earlier), session: earlier };
    for (let i = 2; i < 40; i++) {
      const session = `00000000-0000-4000-8000-0000000000${String(i).padStart(2, "0")}` as SessionId;
      standing = { ...withEnded(withCarriedNonce(standing, nonce(i), i), session), session };
      expect(heldNonce(standing, earlier)).toBe(hex(nonce(i)));
    }
    expect(standing.ended).not.toContain(earlier);
  });

  test("that was never given is refused", () => {
    expect(spendNonce(NEW_CART, nonce(0), 0).ok).toBe(false);
    expect(hex(nonce(0))).toHaveLength(32);
  });
});

describe("opening", () => {
  const attested = { ...NEW_CART, attestation: { store: STORE, expires: 100 } };
  test("needs an attestation for the assigned store that has not ended", () => {
    expect(mayOpen(NEW_CART, STORE, 0)).toEqual({ ok: false, reason: "attestation" });
    expect(mayOpen(attested, STORE, 99).ok).toBe(true);
    expect(mayOpen(attested, STORE, 100)).toEqual({ ok: false, reason: "attestation" });
    expect(mayOpen(attested, "eu-other" as StoreId, 0)).toEqual({ ok: false, reason: "wrong_store" });
  });
  test("is not for a cart in quarantine", () => {
    expect(mayOpen({ ...attested, quarantine: { session: "s" as SessionId, boot: 1, seq: 1 } }, STORE, 0)).toEqual({
      ok: false,
      reason: "cart_quarantined",
    });
  });
});

test("the sessions that answer session_over are bounded, the oldest go first", () => {
  let standing = NEW_CART;
  for (let i = 0; i < 40; i++) standing = withEnded(standing, `s${i}` as SessionId);
  expect(standing.ended).toHaveLength(16);
  expect(standing.ended.at(-1)).toBe("s39");
});

describe("telemetry outside a session", () => {
  const at = (boot: number, seq: number) => ({ ...NEW_CART, telemetry: { boot, seq } });
  test("is numbered from 1 in each boot, without gaps; what was taken is a repeat", () => {
    expect(telemetryPlace(NEW_CART, 7, 1)).toEqual({ place: "next" });
    expect(telemetryPlace(NEW_CART, 7, 2)).toEqual({ place: "gap", expected: 1 });
    expect(telemetryPlace(at(7, 3), 7, 4)).toEqual({ place: "next" });
    expect(telemetryPlace(at(7, 3), 7, 3)).toEqual({ place: "repeat" });
    expect(telemetryPlace(at(7, 3), 7, 6)).toEqual({ place: "gap", expected: 4 });
    expect(telemetryPlace(at(7, 3), 8, 1)).toEqual({ place: "next" });
    expect(telemetryPlace(at(7, 3), 6, 9)).toEqual({ place: "repeat" });
  });
});
