// Rotates a cell's data key: the new one seals at once, what is stored is re-wrapped while everything goes on. On one machine
// the demo's two custodians' keys are at hand; elsewhere each has an own role key, and an order goes from hand to hand. With
// --identity, the keys of the identity room in place of the vault's (decision 0019).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Cell } from "../protocol/ids.ts";
import {
  KEY_ORDER_MAX_SECONDS,
  countersignKeyOrder,
  signKeyOrder,
  type KeyCommand,
  type KeyStatus,
  type SignedKeyOrder,
} from "../protocol/pay/key-order.ts";
import { parseVerifierKey, type VerifierKey } from "../protocol/tlog/note.ts";
import { payOrigin, send, signerOf, statusFrom, type Signer } from "./ceremony/custodian-client.ts";
import { readOfficerKey } from "./ceremony/officer-key.ts";
import { runningSource } from "./audit/source.ts";
import { cellOf, FLAG, oneOf, readCommand, runCommand, TEXT, UsageError, wholeNumber } from "./command-line.ts";
import { cellKeys, keepKeys } from "./platform/keys.ts";
import { PORTS } from "./platform/rooms.ts";
import { cellState, keysFile } from "./platform/state.ts";
import { describeIdentity, rotateIdentity, type IdentitySecrets } from "./rotate/identity.ts";
import { keepProofs } from "./rotate/proofs.ts";
import { staffClient } from "./staff/client.ts";

const USAGE = `npm run rotate -- --cell us|eu [--status | --destroy VERSION]
npm run rotate -- --cell us|eu --as A --key FILE --order FILE                custodian A signs the order
npm run rotate -- --cell us|eu --as B --key FILE --order FILE --origin URL   custodian B signs it too and sends it
npm run rotate -- --cell us|eu --identity [--status]                         the identity room's keys, of a cell that runs here;
                                                                             proofs of what was done go to the state's
                                                                             <cell>/ceremonies
  --status            shows the keys, changes nothing
  --destroy VERSION   destroys a data key that nothing needs any more
  --as A|B            the custodian whose role key --key is (npm run ceremony -- key)
  --order FILE        where the order is kept for the other custodian
  --origin URL        the cell's pay origin, or its ops origin with --identity (this machine's)
  --state DIR         the platform's state (.state)`;

const values = readCommand(
  {
    usage: USAGE,
    options: {
      as: TEXT,
      cell: TEXT,
      destroy: TEXT,
      identity: FLAG,
      key: TEXT,
      order: TEXT,
      origin: TEXT,
      state: TEXT,
      status: FLAG,
    },
  },
  (given) => {
    if ((given.as === undefined) !== (given.key === undefined)) throw new UsageError("--as and --key go together");
    const as = given.as === undefined ? undefined : oneOf("--as", given.as, ["A", "B"]);
    const destroy = given.destroy === undefined ? undefined : wholeNumber("--destroy", given.destroy, 1, 1e9);
    return { ...given, cell: cellOf(given.cell), as, destroy };
  },
);
await runCommand(USAGE, main);

async function main(): Promise<void> {
  const { cell } = values;
  if (values.identity) return identity(cell);
  const to = payOrigin(values.origin ?? `http://127.0.0.1:${PORTS[cell].pay}`);
  const signers = await custodiansHere(cell);
  const [first] = signers;
  if (first === undefined) throw new Error("nobody is here to sign");
  if (values.status) return tell(await statusFrom(to, cell, first, new Date()));
  const order = await signedOrder(cell, signers);
  if (order === undefined) return;
  let status = await send(to, order);
  if (values.destroy === undefined) {
    console.log(`Data key ${status.current} seals what is new.`);
    status = await follow(status, async () =>
      send(to, await signKeyOrder({ order: "rewrap" }, cell, first, Date.now())),
    );
  }
  tell(status);
}

/** The cell's keys lie in its state folder; `npm start` deploys them when they change. */
async function identity(cell: Cell): Promise<void> {
  const file = keysFile(cell, values.state);
  if (!existsSync(file)) throw new Error("There is no demo here");
  const keys = await cellKeys(cell, file);
  const ops = staffClient({
    cell,
    origin: values.origin ?? `http://127.0.0.1:${PORTS[cell].ops}`,
    signingJwk: keys.outside.staffSigningJwk,
  });
  const say = (line: string) => console.log(line);
  if (!values.status) {
    const { waiting, ceremonies } = await rotateIdentity({
      ops,
      secrets: async () => (await cellKeys(cell, file)).secrets as unknown as IdentitySecrets,
      deploy: async (secrets) => {
        const now = await cellKeys(cell, file);
        keepKeys(file, { ...now, secrets: { ...now.secrets, ...secrets } });
      },
      say,
      sleep: setTimeout,
    });
    for (const each of waiting) say(`not over: ${each}`);
    if (waiting.length > 0)
      say("Trips' credentials go at their end, pairing codes after a week. The same command then ends the rotation.");
    await keepProofs(ceremonies, {
      cell,
      log: runningSource(cell, "platform", keys, values.origin),
      key: await verifierKeyOf(keys.outside.logKeys.logs.platform),
      witnesses: [await verifierKeyOf(keys.outside.logKeys.witness)],
      folder: join(cellState(cell, values.state), "ceremonies"),
      say,
      sleep: setTimeout,
    });
  }
  for (const line of await describeIdentity(ops)) say(line);
}

async function verifierKeyOf(text: string): Promise<VerifierKey> {
  const key = await parseVerifierKey(text);
  if (!key.ok) throw new Error("a verifier key of the state directory is malformed");
  return key.value;
}

/** Batch after batch, as long as there is progress; what the schedule does too. */
async function follow(status: KeyStatus, next: () => Promise<KeyStatus>): Promise<KeyStatus> {
  let [now, stuck] = [status, 0];
  while (now.rewrap.done < now.rewrap.total && stuck < 3) {
    const after = await next();
    stuck = after.rewrap.done > now.rewrap.done ? 0 : stuck + 1;
    now = after;
    console.log(`re-wrapped ${now.rewrap.done} of ${now.rewrap.total}`);
  }
  if (stuck > 0 && now.rewrap.done < now.rewrap.total)
    console.error(`${now.rewrap.total - now.rewrap.done} values do not open: see the security events`);
  return now;
}

/** With both custodians here: signed by both. Else signed by one into a file, or by the second from it. */
async function signedOrder(cell: Cell, [first, second]: readonly Signer[]): Promise<SignedKeyOrder | undefined> {
  if (first === undefined) return undefined;
  const file = values.order;
  if (file !== undefined && existsSync(file))
    return countersignKeyOrder(JSON.parse(readFileSync(file, "utf8")) as SignedKeyOrder, first);
  const order = await signKeyOrder(command(), cell, first, Date.now(), KEY_ORDER_MAX_SECONDS);
  if (second !== undefined) return countersignKeyOrder(order, second);
  if (file === undefined) throw new UsageError("--order is needed");
  writeFileSync(file, `${JSON.stringify(order)}\n`);
  console.log(`Signed by custodian ${first.custodian}. The other one signs and sends ${file} within the hour.`);
  return undefined;
}

function command(): KeyCommand {
  if (values.destroy === undefined) return { order: "rotate" };
  return { order: "destroy", version: values.destroy };
}

async function custodiansHere(cell: Cell): Promise<Signer[]> {
  if (values.as !== undefined && values.key !== undefined)
    return [await signerOf(values.as, readOfficerKey(values.key))];
  const file = keysFile(cell, values.state);
  if (!existsSync(file)) throw new Error("There is no demo here: give --as and --key");
  const { custodianJwks } = (await cellKeys(cell, file)).outside;
  return Promise.all((["A", "B"] as const).map((each) => signerOf(each, { jwk: custodianJwks[each] })));
}

function tell(status: KeyStatus): void {
  for (const each of status.data_keys) {
    const state = each.destroyed ? "destroyed" : each.version === status.current ? "seals what is new" : "older";
    console.log(
      `data key ${each.version}: ${each.rows} rows, ${state}${each.kek_check === null ? "" : `, wrapped by ${each.kek_check}`}`,
    );
  }
  for (const each of status.key_encryption_keys)
    console.log(`key-encryption key ${each.version} (${each.check}): wraps ${each.data_keys} data keys`);
  for (const each of status.waiting)
    console.log(`key-encryption key ${each.version}: waits for custodian ${each.missing}'s share`);
  console.log(`re-wrapped ${status.rewrap.done} of ${status.rewrap.total}; security events: ${status.security_events}`);
}
