import { describe, expect, it } from "vitest";
import {
  CELL_KEY,
  STORE_BEACON,
  importPublicKey,
  kidOf,
  parseFrame,
  purposeOfPath,
  signFrame,
  verifyFrame,
} from "./cose.ts";
import { ES256 } from "./cose.ts";

async function signer(): Promise<{ publicKey: CryptoKey; frame: (purpose: string) => Promise<Uint8Array> }> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const kid = await kidOf(point);
  return {
    publicKey: await importPublicKey(point),
    frame: (purpose) =>
      signFrame(
        Uint8Array.of(0xa0),
        kid,
        purpose,
        async (bytes) => new Uint8Array(await crypto.subtle.sign(ES256, pair.privateKey, bytes)),
      ),
  };
}

describe("a frame", () => {
  it("is good for the path that it was signed for and for no other purpose", async () => {
    const { publicKey, frame } = await signer();
    const parsed = parseFrame(await frame(purposeOfPath("/cart/v1/sessions")));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(await verifyFrame(parsed.value, publicKey, purposeOfPath("/cart/v1/sessions"))).toBe(true);
    for (const purpose of [purposeOfPath("/cart/v1/telemetry"), STORE_BEACON, CELL_KEY, ""]) {
      expect(await verifyFrame(parsed.value, publicKey, purpose)).toBe(false);
    }
  });

  it("does not verify with another key", async () => {
    const { frame } = await signer();
    const { publicKey: stranger } = await signer();
    const parsed = parseFrame(await frame(STORE_BEACON));
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(await verifyFrame(parsed.value, stranger, STORE_BEACON)).toBe(false);
  });

  it("is refused wherever it is cut short", async () => {
    const { frame } = await signer();
    const whole = await frame(STORE_BEACON);
    for (let length = 0; length < whole.length; length += 1) {
      expect(parseFrame(whole.subarray(0, length)).ok).toBe(false);
    }
  });
});
