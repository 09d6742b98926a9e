import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CartMachine, openReach } from "./machine.ts";
import { HostBody } from "./host-body.ts";
import { startLocalCell } from "../platform/local.ts";
import { freePorts } from "../platform/ports.ts";
import { TEST_CARDS } from "../terminal/test-cards.ts";
import { textOf } from "../../cart-fw/sim/display.ts";
const root = mkdtempSync(join(tmpdir(), "scr-"));
const local = await startLocalCell("us", { root, ports: await freePorts(), seed: { carts: 6 } } as never);
const place = { store: local.store, keys: local.keys, origins: local.running.origins };
const reach = await openReach(place);
let body!: HostBody;
const machine = await CartMachine.make({ place, reach, index: 0, card: TEST_CARDS.visa, body: async (factory, folder) => (body = new HostBody("/tmp/hostcart", factory, folder, { digest: place.store.firmware.digest, version: place.store.firmware.version, securityCounter: place.store.firmware.securityCounter })) });
machine.display.watch((p) => console.log("--", textOf(p).replaceAll("\n", " | ")));
try {
  await machine.powerOn();
  await machine.display.until(/Scan an item/, 20000);
  machine.radio.near("terminal", place.store.terminals[0]!);
  const codes = process.argv.slice(2);
  for (const c of codes.length ? codes : ["0012000161155"]) { machine.scanner.scan(c); await new Promise((r) => setTimeout(r, 700)); }
  machine.display.press("loyalty"); machine.scanner.scan(place.store.loyaltyNumbers[0]!);
  await machine.display.until(/Hello|known|guest/, 10000);
  machine.display.press("pay");
  await machine.display.until(/Paid/, 30000);
  await machine.display.until(/Receipt/, 30000);
  const ram = await machine.body.memory(), flash = await machine.body.flash();
  console.log("loyalty in ram", ram.indexOf(place.store.loyaltyNumbers[0]!), "flash", flash.indexOf(place.store.loyaltyNumbers[0]!));
} catch (e) { console.log("ERR", e instanceof Error ? e.message : e); }
console.log(machine.log.text.replaceAll("\n", " "));
console.log("traffic", JSON.stringify(machine.modem.traffic).slice(0, 600));
console.log("complaints", body.complaints.slice(0, 3000));
await machine.end(); await reach.close(); await local.running.stop(); rmSync(root, { recursive: true, force: true });
process.exit(0);
