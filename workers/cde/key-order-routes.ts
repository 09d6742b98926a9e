import { Hono } from "hono";
import { KEY_ORDER_MEDIA_TYPE, KEY_ORDER_PATH, openKeyOrder, type KeyOrder } from "../../protocol/pay/key-order.ts";
import { unreachable } from "../../protocol/result.ts";
import { accessLog, type AccessLogObject } from "./audit/access-log.ts";
import type { CdeContext } from "./context.ts";
import { mediaType, parseJson, readBody } from "./door/body.ts";
import { takeOnce } from "./door/replay.ts";
import { problemResponse } from "./problem.ts";
import { openDataKeys, type KeyStore } from "./vault/data-key.ts";
import { keyStatus } from "./vault/key-status.ts";
import { destroyDataKey, rewrapBatch, rotate } from "./vault/rotation.ts";
import { accessRow, logAccess, type Access } from "./vault/vault.ts";

const MAX_BYTES = 8_192;

/** The custodians' door. It is in the CDE, as no other Worker may reach its keys; their signatures are the way in. */
export const keyOrderRoutes = new Hono<CdeContext>();

keyOrderRoutes.post(KEY_ORDER_PATH, async (c) => {
  const now = Date.now();
  const machine = c.get("machine");
  if (mediaType(c.req.raw) !== KEY_ORDER_MEDIA_TYPE) return problemResponse("media_type");
  const text = await readBody(c.req.raw, MAX_BYTES);
  if (!text.ok) return problemResponse(text.reason);
  const refuse = (reason: string): Response => {
    console.warn(JSON.stringify({ event: "key_order_refused", reason }));
    return problemResponse("key_order");
  };
  const order = await openKeyOrder(parseJson(text.value), machine.custodians, now);
  if (!order.ok) return refuse(order.reason);
  if (order.value.cell !== c.env.CELL) return refuse("cell");
  const id = await machine.digest("jti", `custodian|${order.value.jti}`);
  if (!(await takeOnce(c.env.VAULT, id, order.value.exp * 1000))) return refuse("replayed");
  return carriedOut(
    { log: accessLog(c.env), database: c.env.VAULT, cell: c.env.CELL, keks: machine.keks, now },
    order.value,
  );
});

async function carriedOut(
  store: KeyStore & { readonly log: AccessLogObject },
  { command, signers }: KeyOrder,
): Promise<Response> {
  const object = `${"version" in command ? `data_keys/${command.version} ` : ""}by ${signers.toSorted().join(" and ")}`;
  const access: Access = {
    actor: "custodian",
    act: `key_${command.order}`,
    object: command.order === "record" ? command.transcript : object,
    outcome: "granted",
  };
  const index = await logAccess(store, access);
  await accessRow(store, access).run();
  const dataKeys = await openDataKeys(store);
  switch (command.order) {
    case "status":
    case "record":
      break;
    case "rotate":
      await rotate(store);
      break;
    case "rewrap":
      await rewrapBatch({ ...store, dataKeys }, "custodian");
      break;
    case "destroy": {
      const destroyed = await destroyDataKey(store, command.version);
      if (destroyed.ok) break;
      const rows = `${destroyed.rows ?? 0} rows are still sealed by data key ${command.version}`;
      return problemResponse(destroyed.reason, destroyed.reason === "key_in_use" ? rows : undefined);
    }
    default:
      unreachable(command);
  }
  const status = await keyStatus(store);
  const proof = command.order === "status" ? null : await proofOf(store.log, index);
  return Response.json(proof === null ? status : { ...status, proof }, { headers: { "cache-control": "no-store" } });
}

/** The order is carried out and logged: a proof that is not there yet can be asked for at the log's own door. */
async function proofOf(log: AccessLogObject, index: number): Promise<string | null> {
  const proof = await log.proof(index).catch(() => null);
  return proof?.ok === true ? proof.value : null;
}
