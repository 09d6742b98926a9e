import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { textOf } from "../../cart-fw/sim/display.ts";
import { CartConsole } from "../../tools/cart-fw/console.ts";
import { CartMachine } from "../../tools/cart-fw/machine.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { firmwareCell } from "./cell.ts";

const STEP_MS = 60_000;
const eu = firmwareCell("eu", 2);

test("the sample script of npm run cart shops: known, an item taken out, out of coverage, paid, with a receipt", async (context) => {
  context.skip(eu.missing !== null, eu.missing ?? "");
  const { place } = eu.platform();
  const machine = await CartMachine.make({ place, reach: eu.reach(), index: 0, body: eu.body(), card: null });
  try {
    await machine.powerOn();
    const said: string[] = [];
    const cart = new CartConsole(machine, await eu.around(0, true), (line) => said.push(line), STEP_MS);
    const lines = readFileSync(join(ROOT, "tools/samples/cart-eu.txt"), "utf8").split("\n");
    const went: boolean[] = [];
    for (const line of lines) {
      went.push(await cart.run(line));
      if (!went.at(-1)) break;
    }
    expect(went.at(-1)).toBe(false);
    expect(textOf(machine.display.picture!)).toMatch(/^Receipt \S{22}$/m);
    expect(said).toContain("terminal T1: 2.38 EUR. Hold a card out: tap");
    await expect(cart.run("fly")).rejects.toThrow("what is fly?");
    await cart.run("help");
    expect(said.at(-1)).toMatch(/call +call for staff/);
    expect(said.at(-1)).toContain("9521276000019   Vollmilch");
    expect(said.at(-1)).toContain("tools/samples/catalogue-eu.csv");
    await cart.run("call");
    await cart.run("wait Staff have been called");
    await expect(cart.run("weigh much")).rejects.toThrow("weigh takes grams");
    await expect(cart.run("tap nobody's")).rejects.toThrow("there is no card");
  } finally {
    await machine.end();
  }
});
