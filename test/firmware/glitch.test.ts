import { beforeAll, describe, expect, test } from "vitest";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { FORGERIES, skipWhileBooting, skipWhileConfirming } from "../../tools/firmware/glitch.ts";
import { buildFirmware, type Built, type SignerJwks } from "../../tools/firmware/release.ts";
import { makeFirmwareSigners } from "../../tools/platform/firmware-signers.ts";

const missing = ensureToolchain();
let built: Built;
let jwks: SignerJwks;

/** A minute for each campaign where nothing else runs; many times that beside other builds. */
const CAMPAIGN_MS = 900_000;

/** Fewer skips than this, and the campaign has missed the functions that it is about. */
const SKIPS = { body: 300, signature: 400, counter: 300 };

describe.skipIf(missing !== null)(`one skipped instruction${missing === null ? "" : `: ${missing}`}`, () => {
  beforeAll(async () => {
    built = await buildFirmware();
    ({ jwks } = await makeFirmwareSigners());
  });

  test.each(FORGERIES)(
    "anywhere on the way to the jump boots no image with a wrong %s",
    { timeout: CAMPAIGN_MS },
    async (forgery) => {
      const halves = await Promise.all([0, 1].map((index) => skipWhileBooting(built, jwks, forgery, { index, of: 2 })));
      expect(halves.flatMap(({ booted }) => booted)).toEqual([]);
      expect(halves.reduce((sum, { skips }) => sum + skips, 0)).toBeGreaterThan(SKIPS[forgery]);
    },
  );

  test("is noticed when it is of no consequence: an honest image boots all the same", async () => {
    const { skips, booted } = await skipWhileBooting(built, jwks, "nothing", { index: 0, of: 64 });
    expect(skips).toBeGreaterThan(0);
    expect(booted.length).toBeGreaterThan(0);
  });

  test("confirms no image without an accepted round trip", async () => {
    const { skips, booted } = await skipWhileConfirming(built, jwks);
    expect(booted).toEqual([]);
    expect(skips).toBeGreaterThan(5);
  });
});
