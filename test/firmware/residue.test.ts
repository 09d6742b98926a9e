import { afterAll, describe, expect, test } from "vitest";
import { textOf } from "../../cart-fw/sim/display.ts";
import { residueIn, type Sought } from "../../tools/cart-fw/residue.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { SCREEN, type FirmwareCart } from "../../tools/trip/firmware-cart.ts";
import { firmwareCell } from "./cell.ts";

const STEP_MS = 30_000;
/** Members of the demo store whose number the cart with this index is given; the first lets a nickname be shown. */
const NICKNAME = "Shopper 1";

const us = firmwareCell("us", 6);
const sought: Sought[] = [];

describe("after a trip", () => {
  /** Everything that the cart holds: all RAM of the machine, and the whole flash. */
  async function everything(cart: FirmwareCart) {
    const { body } = cart.machine;
    return { memory: await body.memory(), flash: await body.flash() };
  }

  test("neither a loyalty number nor a nickname is left in RAM or flash", async (context) => {
    const cart = await us.cart(context, 0);
    const { display } = cart.machine;
    const here = await us.around(0);
    const wanted = [
      { what: "loyalty number", text: here.loyalty },
      { what: "nickname", text: NICKNAME },
    ];
    const opened = display.next(SCREEN.basket, STEP_MS);
    display.press("ok");
    await opened;
    expect(await cart.introduce("loyalty", here)).toBe(true);
    expect(textOf(display.picture!)).toContain(`Hello ${NICKNAME}`);
    // What the search finds while the trip lasts is what it would find afterwards.
    const during = await everything(cart);
    expect(residueIn(during.memory, wanted).join()).toContain("nickname as text");
    expect(residueIn(during.memory, wanted).join()).not.toContain("loyalty");
    for (const code of us.codes(3)) await cart.scan(code);
    await cart.pay("T1");
    await display.until(SCREEN.ready, STEP_MS);
    const after = await everything(cart);
    expect(residueIn(after.memory, wanted)).toEqual([]);
    expect(residueIn(after.flash, wanted)).toEqual([]);
    sought.push(...wanted);
  });

  test("no card token is left, and while there is no link the one that waits is in RAM alone", async (context) => {
    const cart = await us.cart(context, 0);
    const { display, modem, reader } = cart.machine;
    const opened = display.next(SCREEN.basket, STEP_MS);
    display.press("ok");
    await opened;
    modem.register(false);
    display.press("card");
    await reader.untilArmed();
    const token = { what: "card token", text: (await reader.tap(TEST_CARDS.mastercard)) ?? "" };
    expect(token.text).toHaveLength(24);
    await display.until(/no connection/i, STEP_MS);
    const waiting = async () => residueIn((await everything(cart)).memory, [token]).join();
    await expect.poll(waiting, { timeout: STEP_MS }).toContain("card token as text");
    expect(residueIn((await everything(cart)).flash, [token])).toEqual([]);
    const known = display.next(/You are known|Shopping as a guest/, STEP_MS);
    modem.register(true);
    await known;
    await cart.scan(us.codes(1)[0] ?? "");
    await cart.pay("T1");
    await display.until(SCREEN.ready, STEP_MS);
    const after = await everything(cart);
    expect(residueIn(after.memory, [token])).toEqual([]);
    expect(residueIn(after.flash, [token])).toEqual([]);
    sought.push(token);
  });

  test("nothing is left either when the modem sent everything back that it was given", async (context) => {
    const cart = await us.cart(context, 1);
    const { modem } = cart.machine;
    modem.faults.echo = true;
    const here = await us.around(1);
    const result = await cart.shop(us.codes(2), "loyalty", here);
    modem.faults.echo = false;
    expect(result).toMatchObject({ paid: true, linked: true });
    const wanted = [{ what: "loyalty number", text: here.loyalty }];
    const after = await everything(cart);
    expect(residueIn(after.memory, wanted)).toEqual([]);
    expect(residueIn(after.flash, wanted)).toEqual([]);
  });

  test("no pairing code is left", async (context) => {
    const cart = await us.cart(context, 0);
    const here = await us.around(0, true);
    const codes: string[] = [];
    const person = new Proxy(here.person!, {
      get: (target, name) =>
        name === "pairingCode"
          ? async (store: string) => {
              const code = await target.pairingCode(store);
              codes.push(code.code);
              return code;
            }
          : typeof target[name as keyof typeof target] === "function"
            ? (target[name as keyof typeof target] as () => unknown).bind(target)
            : target[name as keyof typeof target],
    });
    const result = await cart.shop(us.codes(2), "app", { ...here, person });
    expect(result).toMatchObject({ paid: true, linked: true });
    const wanted = codes.map((text) => ({ what: "pairing code", text }));
    expect(wanted).toHaveLength(1);
    const after = await everything(cart);
    expect(residueIn(after.memory, wanted)).toEqual([]);
    expect(residueIn(after.flash, wanted)).toEqual([]);
    sought.push(...wanted);
  });

  test("the search finds what is planted: a product's code in the journal, the cell's name in the factory's record", async (context) => {
    const cart = await us.cart(context, 0);
    const { flash } = await everything(cart);
    const planted = [
      { what: "product", text: us.codes(1)[0] ?? "" },
      { what: "host", text: us.reach().host },
    ];
    expect(residueIn(flash, planted).join()).toContain("product as text");
    expect(residueIn(flash, planted).join()).toContain("host as text");
  });

  test("none of them is in what the cart wrote to its log", async (context) => {
    const cart = await us.cart(context, 0);
    expect(sought).toHaveLength(4);
    expect(residueIn(Buffer.from(cart.machine.log.text), sought)).toEqual([]);
  });
});

afterAll(() => sought.splice(0));
