import { closeSync, openSync, writeSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { BenchBoard } from "../../tools/firmware/bench-board.ts";
import { slotContents, type Contents, type Installed } from "../../tools/firmware/flash-files.ts";
import { boardOf, buildFirmware, signedRelease, type Built, type SignerJwks } from "../../tools/firmware/release.ts";
import { makeFirmwareSigners } from "../../tools/platform/firmware-signers.ts";

const missing = ensureToolchain();
let built: Built;
let jwks: SignerJwks;
let board: BenchBoard | undefined;

/** A release of the test image: what is appended makes it another image without changing what it does. */
function release(version: string, securityCounter: number, name = "ab_app"): ReturnType<typeof signedRelease> {
  const image = Buffer.concat([built.image(name), Buffer.from(version.padEnd(40_000, "."))]);
  return signedRelease(image, { version, securityCounter, releasedAt: 1 }, jwks);
}

async function bench(installed: Installed | null, more: Contents = []): Promise<BenchBoard> {
  board = new BenchBoard(built.bootloader, boardOf(jwks), installed, more);
  board.powerOn();
  return board;
}

async function cyclePower(at: BenchBoard): Promise<string> {
  await at.powerOff();
  at.powerOn();
  return at.introduction();
}

describe.skipIf(missing !== null)(`booting in the emulator${missing === null ? "" : `: ${missing}`}`, () => {
  beforeAll(async () => {
    built = await buildFirmware();
    ({ jwks } = await makeFirmwareSigners());
  });
  afterEach(() => board?.end());

  test("a good update is booted on trial, confirmed, and stays over a power cycle", async () => {
    const at = await bench(await release("1.0.0", 1));
    expect(await at.introduction()).toBe("app A 1.0.0 confirmed power");
    expect(await at.update(await release("1.1.0", 2))).toBe("update ok");
    at.send("r");
    expect(await at.introduction()).toBe("app B 1.1.0 trial software");
    at.send("c");
    expect(await at.line()).toBe("confirm ok 2");
    expect(await cyclePower(at)).toBe("app B 1.1.0 confirmed power");
  });

  test("an update that is not confirmed in three boots is rolled back, and its image is not taken again", async () => {
    const at = await bench(await release("1.0.0", 1));
    await at.introduction();
    const next = await release("1.1.0", 2);
    await at.update(next);
    at.send("r");
    for (const reason of ["software", "crash", "crash"]) {
      expect(await at.introduction()).toBe(`app B 1.1.0 trial ${reason}`);
      at.send("x");
    }
    expect(await at.introduction()).toBe("app A 1.0.0 confirmed crash");
    expect(await at.update(next)).toBe("update image_refused");
  });

  test("an image that crashes before its first word is rolled back by itself", async () => {
    const at = await bench(await release("1.0.0", 1));
    await at.introduction();
    await at.update(await release("1.1.0", 2, "crash_app"));
    at.send("r");
    expect(await at.introduction()).toBe("app A 1.0.0 confirmed crash");
    expect(at.log.split("app: crashing").length - 1).toBe(3);
  });

  test("an image that hangs is reset by the watchdog and rolled back", async () => {
    const at = await bench(await release("1.0.0", 1));
    await at.introduction();
    await at.update(await release("1.1.0", 2));
    at.send("r");
    await at.introduction();
    at.send("h");
    expect(await at.introduction()).toBe("app B 1.1.0 trial watchdog");
  });

  test("a trial survives power cuts, which say nothing against an image", async () => {
    const at = await bench(await release("1.0.0", 1));
    await at.introduction();
    await at.update(await release("1.1.0", 2));
    for (let cut = 0; cut < 6; cut += 1) expect(await cyclePower(at)).toBe("app B 1.1.0 trial power");
    expect(await cyclePower(at)).toBe("app A 1.0.0 confirmed power");
  });

  test("an update is refused for a changed image, a changed signature, and an older security counter", async () => {
    const at = await bench(await release("1.0.0", 2));
    await at.introduction();
    const next = await release("1.1.0", 3);
    const changed = Uint8Array.from(next.image);
    changed[30_000] = (changed[30_000] ?? 0) ^ 1;
    expect(await at.update({ ...next, image: changed })).toBe("update digest");
    const forged = Uint8Array.from(next.manifest);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(await at.update({ ...next, manifest: forged })).toBe("update signature");
    expect(await at.update(await release("0.9.0", 1))).toBe("update downgrade");
    expect(await cyclePower(at)).toBe("app A 1.0.0 confirmed power");
  });

  test("a download that the power cut goes on where it was", async () => {
    const at = await bench(await release("1.0.0", 1));
    await at.introduction();
    const next = await release("1.1.0", 2);
    expect(await at.update(next, 1)).toBeNull();
    await cyclePower(at);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(next.manifest.length);
    at.send(Buffer.concat([Buffer.from("u"), size, next.manifest]));
    const [, first = "0", last = "0"] = /^range (\d+) (\d+)$/.exec(await at.line()) ?? [];
    expect(Number(first)).toBe(32_768);
    at.send(next.image.subarray(Number(first), Number(last) + 1));
    expect(await at.line()).toBe("update ok");
    at.send("r");
    expect(await at.introduction()).toBe("app B 1.1.0 trial software");
  });

  test("an older release that somebody writes into the flash is not booted, however well it was signed", async () => {
    const old = await release("1.0.0", 1);
    const at = await bench(old);
    await at.introduction();
    await at.update(await release("1.1.0", 2));
    at.send("r");
    await at.introduction();
    at.send("c");
    await at.line();
    await at.powerOff();
    const handle = openSync(at.flashFile, "r+");
    for (const [offset, bytes] of slotContents("slotB", old)) writeSync(handle, bytes, 0, bytes.length, offset);
    closeSync(handle);
    at.powerOn();
    expect(await at.ended()).toBe(91);
    expect(at.log).toContain("boot: nothing to boot");
  });

  test("an empty flash, and one signed by others, boot nothing", async () => {
    const stranger = (await makeFirmwareSigners()).jwks;
    const image = built.image("ab_app");
    const foreign = await signedRelease(image, { version: "1.0.0", securityCounter: 1, releasedAt: 1 }, stranger);
    for (const installed of [null, foreign]) {
      const at = await bench(installed);
      expect(await at.ended()).toBe(91);
      await at.end();
    }
    board = undefined;
  });
});
