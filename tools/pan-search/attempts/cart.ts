import { encodeEnvelope } from "../../../protocol/cart/codec.ts";
import type { CartBodies, CartMessage } from "../../../protocol/cart/messages.ts";
import { CART_PATH, sessionPath, type SessionMessage } from "../../../protocol/cart/paths.ts";
import type { HandoffId, SessionId } from "../../../protocol/ids.ts";
import type { CartClient } from "../../cart/client.ts";
import { around, switchOn, type Place } from "../../trip/party.ts";
import { waysToWrite, type Attempt } from "./attempt.ts";

type InSession = Extract<CartMessage, SessionMessage>;

/** The texts of each message of a trip, one body a field. The type asks for each message: a new one needs its line. */
const IN_SESSION: { readonly [M in InSession]: (text: string, seq: number) => readonly CartBodies[M][] } = {
  events: (code) => [{ events: [{ kind: "scan", code, quantity: 1, at: null, grams: null }] }],
  identity: (value) => (["loyalty", "card", "pairing"] as const).map((kind) => ({ kind, value })),
  checkout: (terminal, seq) => [{ lastSeq: seq - 1, terminal }],
  payment: (reference) => [{ handoff: crypto.randomUUID() as HandoffId, reference, basketDigest: new Uint8Array(32) }],
  close: () => [],
};

/** Signed frames of a real cart on a trip, with a card number in each text, in the time, beside the frame and in the path. */
export async function tryCart(place: Place, index: number, pan: string): Promise<Attempt[]> {
  const boot = Math.floor(Date.now() / 1000);
  const made: Attempt[] = [];
  for (const told of [
    { reader: pan },
    { firmware: { version: pan, digest: new Uint8Array(32), securityCounter: 1 } },
  ]) {
    const liar = await switchOn(place, index, { boot: boot + made.length + 1, ...told });
    const reply = await liar.attest((await around(place, index, false)).beacon);
    made.push({
      route: `POST ${CART_PATH.attestation}`,
      field: Object.keys(told).join(),
      answer: reply.ok ? "200" : reply.reason,
      taken: reply.ok,
    });
  }
  const cart = await switchOn(place, index, { boot: boot + 10 });
  await cart.attest((await around(place, index, false)).beacon);
  const opened = await cart.open();
  if (!opened.ok) throw new Error(`the cart could not open a session: ${opened.reason}`);
  const { session } = opened.value;
  for (const written of waysToWrite(pan))
    for (const message of Object.keys(IN_SESSION) as InSession[])
      for (const body of IN_SESSION[message](written, 1) as CartBodies[InSession][])
        made.push(await frame(cart, message, { session, seq: 1, time: Date.now(), body }));
  const health = { events: [{ kind: "health" as const, batteryPercent: 50, rssiDbm: -80, at: null }] };
  made.push(await frame(cart, "events", { session, seq: 1, time: Number(pan), body: health }));
  for (const [name, path] of Object.entries(CART_PATH)) {
    const target = path.replace("{id}", session);
    made.push(await raw(cart, `POST ${path}`, "body", target, Buffer.from(pan)));
    made.push(await raw(cart, `POST ${path}`, "query", `${target}?note=${pan}`, Buffer.from(name)));
    if (path.includes("{id}"))
      made.push(await raw(cart, `POST ${path}`, "path", path.replace("{id}", pan), Buffer.from(name)));
  }
  await cart.close();
  return made;
}

async function frame(
  cart: CartClient,
  message: InSession,
  of: { session: SessionId; seq: number; time: number; body: CartBodies[InSession] },
): Promise<Attempt> {
  const route = `POST ${CART_PATH[message]}`;
  const field = "kind" in of.body ? of.body.kind : "text";
  const path = sessionPath(message, of.session);
  let payload: Uint8Array;
  try {
    payload = encodeEnvelope(message, { ...of, boot: cart.boot });
  } catch {
    return { route, field, answer: "no frame can say it", taken: false };
  }
  return raw(cart, route, field, path, await cart.sign(path, payload));
}

async function raw(cart: CartClient, route: string, field: string, path: string, body: Uint8Array): Promise<Attempt> {
  const { status } = await cart.sendRaw(path, new Uint8Array(body));
  return { route, field, answer: String(status), taken: status < 400 };
}
