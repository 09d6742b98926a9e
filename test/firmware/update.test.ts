import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test, afterAll, beforeAll, describe, type TestContext } from "vitest";
import { CartMachine } from "../../tools/cart-fw/machine.ts";
import { emulatorBody } from "../../tools/firmware/emulator-body.ts";
import { FLASH } from "../../tools/firmware/flash-files.ts";
import { buildFirmware, signedRelease, type Built } from "../../tools/firmware/release.ts";
import { staffClient, type StaffClient } from "../../tools/staff/client.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { SCREEN } from "../../tools/trip/firmware-cart.ts";
import type { FirmwareRollout } from "../../protocol/rooms/fleet.ts";
import { firmwareCell } from "./cell.ts";

/** Boot, attestation, download of two ranges over the modem, trial and confirmation, on a busy machine. */
const UPDATE_MS = 150_000;

const eu = firmwareCell("eu", 3);
let ops: StaffClient;
let built: Built;
const machines: CartMachine[] = [];

const signers = () => eu.platform().place.keys.outside.firmwareSignerJwks;

const release = (version: string, securityCounter: number, target = "cart") => {
  const image = Buffer.concat([built.image(target), Buffer.from(version.padEnd(1000, "."))]);
  return signedRelease(image, { version, securityCounter, releasedAt: 1 }, signers());
};
type Release = Awaited<ReturnType<typeof release>>;

async function publish({ image, manifest, digest }: Release): Promise<void> {
  await ops.putBytes(`/admin/v1/firmware/images/${digest}`, "application/octet-stream", image);
  await ops.post("/admin/v1/firmware/releases", { manifest: Buffer.from(manifest).toString("base64") });
}

const allow = (...releases: Release[]) =>
  ops.put("/admin/v1/fleet/policy", {
    digests: [eu.platform().place.store.firmware.digest, ...releases.map(({ digest }) => digest)],
    minimumSecurityCounter: 1,
  });

/** A cart with this release in its flash, switched on. */
async function switchOn(context: TestContext, index: number, installed: Release): Promise<CartMachine> {
  context.skip(eu.missing !== null, eu.missing ?? "");
  const machine = await CartMachine.make({
    place: eu.platform().place,
    reach: eu.reach(),
    index,
    card: TEST_CARDS.visa,
    body: (factory, folder) => emulatorBody({ installed, signers: signers() }, factory, folder),
  });
  machines.push(machine);
  await machine.powerOn();
  return machine;
}

async function says(machine: CartMachine, what: RegExp): Promise<void> {
  await expect.poll(() => machine.log.text, { timeout: UPDATE_MS, interval: 200 }).toMatch(what);
}

/** Security counters of the boot records in the order of their writing. */
async function counters(machine: CartMachine): Promise<number[]> {
  const flash = await machine.body.flash();
  const found: { sequence: number; counter: number }[] = [];
  for (let at = FLASH.records.at; at < FLASH.records.at + 64 * 100; at += 64)
    if (flash.toString("latin1", at, at + 4) === "CWR1")
      found.push({ sequence: flash.readUInt32LE(at + 4), counter: flash.readUInt32LE(at + 12) });
  return found.sort((a, b) => a.sequence - b.sequence).map(({ counter }) => counter);
}

/** As by somebody with the flash on a bench: the cart that is off knows nothing of any update. */
function eraseBootRecords({ folder }: CartMachine): void {
  const handle = openSync(join(folder, "flash"), "r+");
  const size = FLASH.records.sectors * FLASH.sector;
  writeSync(handle, Buffer.alloc(size, 0xff), 0, size, FLASH.records.at);
  closeSync(handle);
}

describe("a release that is rolled out", () => {
  beforeAll(async () => {
    if (eu.missing !== null) return;
    built = await buildFirmware();
    const { keys, origins } = eu.platform().place;
    ops = staffClient({ cell: "eu", origin: origins.ops, signingJwk: keys.outside.staffSigningJwk });
  });
  afterAll(async () => {
    for (const machine of machines) await machine.end();
  });

  test("reaches a cart on its dock, is tried, confirmed by a signed round trip, and stays", async (context) => {
    context.skip(eu.missing !== null, eu.missing ?? "");
    const [old, next] = [await release("1.0.0", 1), await release("1.1.0", 2)];
    await publish(old);
    await publish(next);
    await allow(old, next);
    const { id } = await ops.post<FirmwareRollout>("/admin/v1/firmware/rollouts", {
      digest: next.digest,
      stores: null,
      percentage: 100,
    });
    const machine = await switchOn(context, 0, old);
    await says(machine, /boot: slot A 1\.0\.0\n/);
    await says(machine, /boot: slot B 1\.1\.0, on trial\n/);
    await machine.display.until(SCREEN.ready, UPDATE_MS);
    await expect.poll(() => counters(machine), { timeout: UPDATE_MS, interval: 500 }).toContain(2);
    // The counter rose with the last record alone: none that was written before the confirmation has it.
    const all = await counters(machine);
    expect(all.slice(0, all.indexOf(2)).every((counter) => counter === 1 || counter === 0)).toBe(true);
    const before = machine.log.text.length;
    await machine.powerOff();
    await machine.powerOn();
    await expect
      .poll(() => machine.log.text.slice(before), { timeout: UPDATE_MS, interval: 200 })
      .toMatch(/boot: slot B 1\.1\.0\n/);
    await machine.display.until(SCREEN.ready, UPDATE_MS);
    await ops.put(`/admin/v1/firmware/rollouts/${id}`, { state: "ended" });
  });

  test("is followed by no older one, even with the boot records erased: the secure element has counted", async (context) => {
    const [machine] = machines;
    if (machine === undefined) return context.skip("no cart was updated");
    await expect.poll(() => machine.element.counters[0], { timeout: UPDATE_MS, interval: 200 }).toBe(2);
    await machine.powerOff();
    eraseBootRecords(machine);
    const before = machine.log.text.length;
    machine.display.pictures.splice(0);
    await machine.powerOn();
    await expect
      .poll(() => machine.log.text.slice(before), { timeout: UPDATE_MS, interval: 200 })
      .toMatch(/boot: slot A 1\.0\.0\n/);
    await machine.display.until(/^Out of order/, UPDATE_MS);
  });

  test("and crashes is rolled back, and the cart waits for shoppers again", async (context) => {
    context.skip(eu.missing !== null, eu.missing ?? "");
    const [old, bad] = [await release("2.0.0", 2), await release("2.1.0", 3, "crash_app")];
    await publish(old);
    await publish(bad);
    await allow(old, bad);
    await ops.post("/admin/v1/firmware/rollouts", { digest: bad.digest, stores: null, percentage: 100 });
    const machine = await switchOn(context, 1, old);
    await says(machine, /(?:boot: slot B 2\.1\.0, on trial\n[\s\S]*){3}boot: slot A 2\.0\.0\n/);
    await machine.display.until(SCREEN.ready, UPDATE_MS);
    expect(machine.log.text.split("on trial").length - 1).toBe(3);
  });
});
