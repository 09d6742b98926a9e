import { describe, expect, test } from "vitest";
import { textOf } from "../../cart-fw/sim/display.ts";
import type { ModemSimulator } from "../../cart-fw/sim/modem.ts";
import { CartMachine } from "../../tools/cart-fw/machine.ts";
import { StoreBeacon } from "../../tools/cart/beacon.ts";
import type { StoreId } from "../../protocol/ids.ts";
import { SCREEN, type FirmwareCart } from "../../tools/trip/firmware-cart.ts";
import { fetchReceipt } from "../../tools/trip/shopper.ts";
import { firmwareCell } from "./cell.ts";

const STEP_MS = 40_000;
const OFFLINE = /^Your basket, no connection/;

const eu = firmwareCell("eu", 6);

/** A trip that is open, with the first code in the basket. */
async function onTrip(cart: FirmwareCart): Promise<void> {
  const { display } = cart.machine;
  const opened = display.next(SCREEN.basket, STEP_MS);
  display.press("ok");
  await opened;
  expect(await cart.scan(eu.codes(1)[0] ?? "")).toBe(true);
}

/** Scans without waiting for the platform, until the panel counts them all as pending. */
async function scanOffline({ machine }: FirmwareCart, codes: readonly string[]): Promise<void> {
  for (const [count, code] of codes.entries()) {
    const kept = machine.display.next(new RegExp(`^Pending: ${count + 1}$`, "m"), STEP_MS);
    machine.scanner.scan(code);
    await kept;
  }
}

async function payAll(cart: FirmwareCart, items: number): Promise<void> {
  const reference = await cart.pay("T1");
  await cart.machine.display.until(SCREEN.ready, STEP_MS);
  const receipt = await fetchReceipt((await eu.around(0)).apiOrigin, reference);
  expect(receipt.lines.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(items);
}

describe("a trip without a link", () => {
  test("keeps what is scanned, says so, and loses none of it when coverage comes back", async (context) => {
    const cart = await eu.cart(context, 0);
    const { display, modem } = cart.machine;
    await onTrip(cart);
    modem.register(false);
    await display.until(OFFLINE, STEP_MS);
    await scanOffline(cart, eu.codes(7, 1));
    modem.register(true);
    await display.until(
      (picture) => SCREEN.basket.test(textOf(picture)) && !/Pending|no connection/.test(textOf(picture)),
      STEP_MS,
    );
    await payAll(cart, 8);
  });

  test("keeps what is scanned when the battery is pulled as well, and has its whole list again", async (context) => {
    const cart = await eu.cart(context, 0);
    const { display, modem } = cart.machine;
    await onTrip(cart);
    expect(await cart.scan(eu.codes(1, 1)[0] ?? "")).toBe(true);
    modem.register(false);
    await display.until(OFFLINE, STEP_MS);
    await scanOffline(cart, eu.codes(2, 2));
    await cart.machine.powerOff();
    display.pictures.splice(0);
    modem.register(true);
    await cart.machine.powerOn();
    const basket = await display.until(
      (picture) => /^Your basket$/m.test(textOf(picture)) && !/Pending/.test(textOf(picture)),
      STEP_MS,
    );
    // The first line was answered before the power went, and is in no frame that was sent after it.
    expect(textOf(basket).match(/^\d+ .+ x\d+ /gm)).toHaveLength(4);
    await payAll(cart, 4);
  });
});

describe("a trip with a modem that misbehaves", () => {
  test.for<[string, (modem: ModemSimulator) => void]>([
    ["leaves its echo on", ({ faults }) => void (faults.echo = true)],
    ["writes byte by byte", ({ faults }) => void (faults.oneByte = true)],
    ["holds answers back and merges them", ({ faults }) => void (faults.mergeMs = 15)],
    ["puts other lines between its own", ({ faults }) => void (faults.chatter = true)],
    [
      "refuses commands",
      ({ faults }) => {
        for (const command of ["AT+QSSLSEND", "AT+QSSLRECV", "AT+QSSLOPEN"]) faults.errors.set(command, 1);
      },
    ],
    ["fails a write", ({ faults }) => void (faults.sendFails = 1)],
    ["delivers an answer twice", ({ faults }) => void (faults.duplicates = 1)],
    ["loses its connection without a word", (modem) => modem.forgetConnection()],
    ["starts anew by itself", (modem) => modem.restart()],
    ["is hung up on by the server", () => eu.reach().front.hangUp()],
    ["stalls", ({ faults }) => void (faults.stallMs = 6_000)],
  ])("is paid with nothing lost when it %s", async ([, fault], context) => {
    const cart = await eu.cart(context, 1);
    const { modem } = cart.machine;
    await onTrip(cart);
    fault(modem);
    try {
      for (const code of eu.codes(3, 1)) expect(await cart.scan(code)).toBe(true);
      await payAll(cart, 4);
    } finally {
      Object.assign(modem.faults, { echo: false, oneByte: false, mergeMs: 0, chatter: false });
    }
  });

  test("is paid when the secure element answers with noise, wrong CRCs and silence", async (context) => {
    const cart = await eu.cart(context, 1);
    await onTrip(cart);
    for (const fault of ["crc", "noise", "command_crc", "watchdog", "silent"] as const)
      cart.machine.element.faults.push(fault, null, null, null, null);
    for (const code of eu.codes(3, 1)) expect(await cart.scan(code)).toBe(true);
    await payAll(cart, 4);
    cart.machine.element.faults.splice(0);
  });
});

describe("a cart outside its store", () => {
  test("is locked, and takes no scan, where there is no beacon", async (context) => {
    context.skip(eu.missing !== null, eu.missing ?? "");
    const machine = await CartMachine.make({
      place: eu.platform().place,
      reach: eu.reach(),
      index: 2,
      body: eu.body(),
      card: null,
    });
    machine.radio.away("beacon", eu.platform().store.store);
    try {
      await machine.powerOn();
      await machine.display.until(/^Not in service/, STEP_MS);
      await expect.poll(() => machine.modem.registered && machine.modem.commands.includes("AT+QIACT=1")).toBe(true);
      machine.scanner.scan(eu.codes(1)[0] ?? "");
      machine.display.press("ok");
      await expect(machine.display.until(SCREEN.basket, 2_000)).rejects.toThrow("Not in service");
      expect(machine.modem.traffic.messages.filter(({ request }) => request.includes("sessions"))).toEqual([]);
      // And it is unlocked as soon as it is back.
      machine.radio.near("beacon", eu.platform().store.store);
      await machine.display.until(SCREEN.ready, STEP_MS);
    } finally {
      await machine.end();
    }
  });

  test("is locked where a beacon says that it is the store's and is not", async (context) => {
    context.skip(eu.missing !== null, eu.missing ?? "");
    const { place } = eu.platform();
    const impostor = await StoreBeacon.make(place.store.store as StoreId);
    const stolen = {
      ...place,
      store: { ...place.store, beacon: { id: "entrance", privateJwk: await impostor.save() } },
    };
    const machine = await CartMachine.make({ place: stolen, reach: eu.reach(), index: 3, body: eu.body(), card: null });
    try {
      await machine.powerOn();
      await machine.display.until(/did not let the cart in/, STEP_MS);
      expect(textOf(machine.display.picture!)).toMatch(/^Not in service/);
    } finally {
      await machine.end();
    }
  });
});

describe("a cart whose factory wrote no record", () => {
  test("is out of order, and says so", async (context) => {
    context.skip(eu.missing !== null, eu.missing ?? "");
    const { place } = eu.platform();
    const body = eu.body();
    const machine = await CartMachine.make({
      place,
      reach: eu.reach(),
      index: 4,
      body: (_, folder) => body(Buffer.alloc(0), folder),
      card: null,
    });
    try {
      await machine.powerOn();
      await machine.display.until(/^Out of order/, STEP_MS);
      expect(machine.log.text).toContain("no factory record");
    } finally {
      await machine.end();
    }
  });
});
