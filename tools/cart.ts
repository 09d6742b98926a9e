// `npm run cart`: the cart's firmware in an emulator, shopping on the platform; its panel on this terminal.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { CartConsole, COMMANDS, goodsOf } from "./cart-fw/console.ts";
import { CartMachine, openReach, type Reach } from "./cart-fw/machine.ts";
import { drawPanel, panelLine } from "./cart-fw/panel.ts";
import { ensureToolchain } from "./cart-fw/toolchain.ts";
import { cellOf, mustExist, readCommand, TEXT, wholeNumber } from "./command-line.ts";
import { spinner } from "./progress.ts";
import { firmwareBodies } from "./trip/firmware-policy.ts";
import { openPlace } from "./trip/open-place.ts";
import { around } from "./trip/party.ts";

const USAGE = `npm run cart -- [options]
  --cell us|eu    which cell (us)
  --cart N        which of the store's carts, from 1 (1)
  --script FILE   does what the file says, a command a line, and ends; tools/samples/cart-eu.txt is one for the eu cell
Commands, at the prompt and in a script:
${COMMANDS}
${goodsOf("us")}
${goodsOf("eu")}`;

/** How long a script waits for a text on the panel. */
const WAIT_MS = 60_000;
/** 128 and the signal's number, as a shell tells it. */
const INTERRUPTED = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const args = readArgs();
const missing = ensureToolchain();
if (missing !== null) {
  console.error(missing);
  process.exit(1);
}
// What was started ends with the process, and its folders go: the cart's by CartMachine, the platform's by openPlace.
for (const [signal, status] of Object.entries(INTERRUPTED)) process.on(signal, () => process.exit(status));

const { place, stop } = await openPlace(args.cell);
const starting = spinner("firmware: building");
const script = args.script === undefined ? null : readFileSync(args.script, "utf8").split("\n");
const live = process.stdout.isTTY && script === null;
/** Somebody types: who reads a file or a pipe needs no prompt. */
const prompts = live && process.stdin.isTTY;
const receipts = new Set<string>();
let status = 0;
let reach: Reach | null = null;
let machine: CartMachine | null = null;
try {
  const body = await firmwareBodies(place);
  starting.step("cart: switching on");
  reach = await openReach(place);
  machine = await CartMachine.make({ place, reach, index: args.cart - 1, body, card: null });
  const here = await around(place, args.cart - 1, true);
  machine.display.watch((picture) => {
    if (live) show(drawPanel(picture, true));
    else console.log(panelLine(picture));
    const [, reference] = /^Receipt (\S{22})$/m.exec(picture.rows.map(({ text }) => text).join("\n")) ?? [];
    if (reference !== undefined) receipts.add(`${place.origins.api}/r/${reference}`);
  });
  starting.done(`cart ${machine.place.store.carts[args.cart - 1]?.serial ?? ""}: battery in`);
  await machine.powerOn();
  const control = new CartConsole(machine, here, (line) => console.log(line), WAIT_MS);
  await (script === null ? converse(control) : follow(control, script));
  for (const receipt of receipts) console.log(receipt);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  status = 1;
} finally {
  await machine?.end();
  await reach?.close();
  await stop();
}
process.exit(status);

async function follow(control: CartConsole, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    if (line.trim() !== "") console.log(`> ${line}`);
    if (!(await control.run(line))) return;
  }
}

async function converse(control: CartConsole): Promise<void> {
  console.log(`${COMMANDS}\n${goodsOf(args.cell)}`);
  const lines = createInterface({ input: process.stdin, ...(prompts ? { output: process.stdout, prompt: "> " } : {}) });
  lines.on("SIGINT", () => process.exit(INTERRUPTED.SIGINT));
  if (prompts) lines.prompt();
  for await (const line of lines) {
    const goesOn = await control.run(line).catch((error: unknown) => {
      console.log(error instanceof Error ? error.message : String(error));
      return true;
    });
    if (!goesOn) break;
    if (prompts) lines.prompt();
  }
  lines.close();
}

/** The panel above the prompt, whatever was typed so far. */
function show(panel: string): void {
  process.stdout.write(`\r\u001b[K${panel}\n${prompts ? "> " : ""}`);
}

function readArgs() {
  const options = { cell: { ...TEXT, default: "us" }, cart: { ...TEXT, default: "1" }, script: TEXT } as const;
  return readCommand({ usage: USAGE, options }, ({ cell, cart, script }) => {
    mustExist("file", script);
    return { cell: cellOf(cell), cart: wholeNumber("--cart", cart, 1, 6), script };
  });
}
