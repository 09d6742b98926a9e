// `npm start`: boots both cells with demo stores and keeps them running until Ctrl-C. Data and keys stay in `.state`.
import { watchFile } from "node:fs";
import type { Cell } from "../protocol/ids.ts";
import { readCommand } from "./command-line.ts";
import { cellKeys } from "./platform/keys.ts";
import { CELLS, cellState, keysFile, stateRoot } from "./platform/state.ts";
import { startLocalCell, type LocalCell } from "./platform/local.ts";
import { PORTS } from "./platform/rooms.ts";
import { spinner } from "./progress.ts";

const USAGE = `npm start
  boots both cells with a demo store each, and keeps them running until Ctrl-C
  CARTWRIGHT_STATE=FOLDER npm start   keeps data and keys there (.state)`;

readCommand({ usage: USAGE }, () => undefined);
const root = stateRoot();
const cells: LocalCell[] = [];
let stopping = false;

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  console.log("\nStopping; data and keys stay where they are.");
  await Promise.all(cells.map((cell) => cell.running.stop()));
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());

for (const cell of CELLS) {
  const progress = spinner(`${cell}: starting`);
  try {
    cells.push(
      await startLocalCell(cell, {
        root,
        ports: PORTS[cell],
        vars: { ops: { PEER_STAFF_JWKS: await peerStaffKeys(cell) } },
        seed: { onProgress: (step) => progress.step(`${cell}: ${step}`) },
      }),
    );
    progress.done(`${cell}: ready`);
  } catch (error) {
    progress.done(`${cell}: failed`);
    console.error(explain(error, cell));
    await Promise.all(cells.map((each) => each.running.stop()));
    process.exit(1);
  }
}

// `npm run rotate -- --identity` writes other keys: they are deployed to the cell that runs.
for (const { running, keys } of cells) {
  const file = keysFile(running.cell, root);
  let [deployed, busy] = [JSON.stringify(keys.secrets), Promise.resolve()];
  watchFile(file, { interval: 500 }, () => {
    const before = busy;
    busy = (async () => {
      await before;
      const now = await cellKeys(running.cell, file);
      if (stopping || JSON.stringify(now.secrets) === deployed) return;
      deployed = JSON.stringify(now.secrets);
      await running.rekey(now);
      console.log(`${running.cell}: other keys are deployed`);
    })();
  });
}

for (const { running, store, keys } of cells) {
  const { origins } = running;
  console.log(`
${running.cell.toUpperCase()}  store ${store.store}, ${store.catalogue.imported} products, ${store.carts.length} carts
  api   ${origins.api}        docs ${origins.api}/docs
  ops   ${origins.ops}
  card  ${origins.pay}/card-form
  state ${cellState(keys.cell, root)}
  a loyalty number: ${store.loyaltyNumbers[0] ?? "none"}`);
}
console.log(`
Try, in another terminal:
  npm run trip                                      a simulated cart shops in the US
  npm run trip -- --cell eu --identify loyalty      in the EU, with a loyalty card
  npm run trip -- --cell eu --identify app          paired with a phone
  npm run trip -- --count 20 --concurrency 4 --json
  npm run raw-read -- request --cell us --loyalty ${numberOf("us")}
                                                    two of the staff look at one record
  npm run audit -- verify                           check the audit log
Ctrl-C stops everything; the next start goes on with the same data.
`);

/** A loyalty number that the cell knows. */
function numberOf(wanted: Cell): string {
  return cells.find(({ keys }) => keys.cell === wanted)?.store.loyaltyNumbers[0] ?? "NUMBER";
}

/** The other cell's staff sign-in, by its public key: its staff may see ticket numbers here, and nothing else is shared. */
async function peerStaffKeys(cell: Cell): Promise<string> {
  const peers = CELLS.filter((other) => other !== cell).map(async (other) => {
    const { secrets } = await cellKeys(other, keysFile(other, root));
    return [other, JSON.parse(secrets["STAFF_VERIFICATION_JWK"] ?? "{}")] as const;
  });
  return JSON.stringify(Object.fromEntries(await Promise.all(peers)));
}

function explain(error: unknown, cell: string): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/EADDRINUSE|Address already in use/i.test(text))
    return `${cell}: a port is taken; is the platform running already? (${Object.values(PORTS[cell as "us" | "eu"]).join(", ")})`;
  return `${cell}: ${text}`;
}
