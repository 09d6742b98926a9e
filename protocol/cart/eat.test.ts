import { describe, expect, it } from "vitest";
import { hex } from "../bytes.ts";
import type { CartSerial } from "../ids.ts";
import { appraise, type Reference } from "./eat.ts";
import type { EatClaims } from "./messages.ts";

const SERIAL = "00112233445566778899aabbccddeeff" as CartSerial;
const CLAIMS: EatClaims = {
  nonce: new Uint8Array(16),
  serial: SERIAL,
  debug: 1,
  boot: 7,
  version: "1.0.0",
  digest: new Uint8Array(32).fill(0xab),
  securityCounter: 3,
  reader: "RDR-1",
};
const REFERENCE: Reference = {
  serial: SERIAL,
  boot: 7,
  policy: { digests: ["00".repeat(32), hex(CLAIMS.digest)], minimumSecurityCounter: 3 },
};

describe("a cart's evidence", () => {
  it("is accepted at the least that the policy asks", () => {
    expect(appraise(CLAIMS, REFERENCE)).toEqual({ ok: true, value: CLAIMS });
  });

  const wrong: readonly (readonly [string, Partial<EatClaims>, string])[] = [
    ["is of another cart than its certificate", { serial: "ff".repeat(16) as CartSerial }, "serial"],
    ["is of another boot than its envelope", { boot: 6 }, "boot"],
    ["has its debug port open", { debug: 0 }, "debug"],
    ["runs an image that is not allowed", { digest: new Uint8Array(32).fill(0xac) }, "digest"],
    ["was rolled back", { securityCounter: 2 }, "security_counter"],
  ];
  it.each(wrong)("is refused when it %s", (_what, claims, reason) => {
    expect(appraise({ ...CLAIMS, ...claims }, REFERENCE)).toEqual({ ok: false, reason });
  });

  it("is refused when the policy allows no image", () => {
    const policy = { digests: [], minimumSecurityCounter: 0 };
    expect(appraise(CLAIMS, { ...REFERENCE, policy })).toEqual({ ok: false, reason: "digest" });
  });
});
