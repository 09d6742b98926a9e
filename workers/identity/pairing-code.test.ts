import { describe, expect, test } from "vitest";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { Trip } from "../../protocol/rooms/identity.ts";
import type { Random } from "./bytes.ts";
import {
  judgeRedemption,
  newConfirmation,
  newPairingCode,
  type PairingRow,
  pairingState,
  parsePairingCode,
  qrOf,
} from "./pairing-code.ts";

const random: Random = (length) => crypto.getRandomValues(new Uint8Array(length));
const trip: Trip = {
  session: "00000000-0000-4000-8000-000000000001" as SessionId,
  store: "eu-demo" as StoreId,
  cart: "0".repeat(32) as CartSerial,
};
const open: PairingRow = {
  store: trip.store,
  confirmation: "07",
  expires: 60_000,
  redeemed: null,
  session: null,
  cart: null,
  confirmed: null,
  revoked: null,
};
const redeemed: PairingRow = { ...open, redeemed: 10_000, session: trip.session, cart: trip.cart };

describe("a code", () => {
  test("has 26 characters, each of 32, and no two are the same", () => {
    const codes = Array.from({ length: 200 }, () => newPairingCode(random));
    expect(new Set(codes).size).toBe(200);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(newPairingCode((length) => Uint8Array.from({ length }, (_, i) => i * 8 + 31 - i))).toHaveLength(26);
  });

  test("is read from its QR text and as people type it", () => {
    const code = "0123456789ABCDEFGHJKMNPQRS";
    expect(parsePairingCode(qrOf(code))).toBe(code);
    expect(parsePairingCode("o1234 56789-abcdef ghjkmnpqrs")).toBe(code);
    expect(parsePairingCode("Oi23456789ABCDEFGHJKMNPQRS")).toBe(code);
  });

  test("is none with another length, alphabet or version", () => {
    for (const text of [
      "",
      "0123",
      "U".repeat(26),
      "0".repeat(27),
      `cartwright:pair:2:${"0".repeat(26)}`,
      "0".repeat(25) + "é",
    ])
      expect(parsePairingCode(text)).toBeUndefined();
  });
});

describe("the confirmation", () => {
  test("is two digits, each pair from the same number of bytes", () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 200; byte += 1) {
      const digits = newConfirmation(() => Uint8Array.of(byte));
      expect(digits).toMatch(/^[0-9]{2}$/);
      counts.set(digits, (counts.get(digits) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual(Array(100).fill(2));
  });

  test("throws away a byte that would make some pairs likelier", () => {
    const draws = [255, 200, 42];
    expect(newConfirmation(() => Uint8Array.of(draws.shift() ?? 0))).toBe("42");
  });
});

describe("a redemption that did not win", () => {
  test("is pending for the same cart and session within the owner's time, then refused", () => {
    expect(judgeRedemption(redeemed, trip, 130_000)).toBe("pending");
    expect(judgeRedemption(redeemed, trip, 130_001)).toBe("refused");
  });

  test("is confirmed once the owner did, however late the cart asks", () => {
    expect(judgeRedemption({ ...redeemed, confirmed: 20_000 }, trip, 9_999_999)).toBe("confirmed");
  });

  test("is a replay from another cart, session or store, even when confirmed or revoked before", () => {
    const strangers: Trip[] = [
      { ...trip, cart: "1".repeat(32) as CartSerial },
      { ...trip, session: "00000000-0000-4000-8000-000000000002" as SessionId },
      { ...trip, store: "eu-other" as StoreId },
    ];
    for (const stranger of strangers)
      for (const row of [redeemed, { ...redeemed, confirmed: 20_000 }, { ...redeemed, revoked: 20_000 }])
        expect(judgeRedemption(row, stranger, 30_000)).toBe("replay");
  });

  test("is refused of a code that nobody redeemed, or that was revoked", () => {
    expect(judgeRedemption(open, trip, 1)).toBe("refused");
    expect(judgeRedemption({ ...redeemed, confirmed: 20_000, revoked: 30_000 }, trip, 40_000)).toBe("refused");
  });
});

test("the owner sees a code's state, and its store once a cart showed it", () => {
  const at = (row: PairingRow, now: number) => pairingState(row, now);
  expect(at(open, 59_999)).toEqual({ state: "open", store: null });
  expect(at(open, 60_000)).toEqual({ state: "expired", store: null });
  expect(at(redeemed, 130_000)).toEqual({ state: "redeemed", store: "eu-demo" });
  expect(at(redeemed, 130_001)).toEqual({ state: "expired", store: "eu-demo" });
  expect(at({ ...redeemed, confirmed: 1 }, 999_999)).toEqual({ state: "confirmed", store: "eu-demo" });
  expect(at({ ...redeemed, confirmed: 1, revoked: 2 }, 3)).toEqual({ state: "revoked", store: "eu-demo" });
});
