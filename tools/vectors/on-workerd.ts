// The vectors as a Worker runs them: its WebCrypto and its TextDecoder are not Node's. Answers what went wrong.
import frames from "../../protocol/vectors/frames.json" with { type: "json" };
import items from "../../protocol/vectors/items.json" with { type: "json" };
import keys from "../../protocol/vectors/keys.json" with { type: "json" };
import messages from "../../protocol/vectors/messages.json" with { type: "json" };
import payloads from "../../protocol/vectors/payloads-refused.json" with { type: "json" };
import { fromHex, hex } from "../../protocol/bytes.ts";
import { decodeCbor } from "../../protocol/cart/cbor.ts";
import { decodeEnvelope, encodeEnvelope } from "../../protocol/cart/codec.ts";
import { FRAME_CODE, importPublicKey, parseFrame, purposeOfPath, verifyFrame } from "../../protocol/cart/cose.ts";
import type { CartMessage } from "../../protocol/cart/messages.ts";

/** What became of a frame: accepted, or the code of its refusal. */
async function resultOf(frame: string, key: string, purpose: string): Promise<string> {
  const parsed = parseFrame(fromHex(frame));
  if (!parsed.ok) return FRAME_CODE[parsed.reason];
  const point = keys.find(({ name }) => name === key)?.point ?? "";
  return (await verifyFrame(parsed.value, await importPublicKey(fromHex(point)), purpose)) ? "accepted" : "signature";
}

async function run(): Promise<{ readonly ran: number; readonly wrong: readonly string[] }> {
  const wrong: string[] = [];
  for (const { name, item, accepted } of items) if (decodeCbor(fromHex(item)).ok !== accepted) wrong.push(name);
  for (const { name, frame, key, purpose, result } of frames) {
    const found = await resultOf(frame, key, purpose);
    if (found !== result) wrong.push(`${name}: ${found}`);
  }
  for (const { name, message, payload, result } of payloads) {
    const decoded = decodeEnvelope(message as CartMessage, fromHex(payload));
    if (decoded.ok || decoded.reason !== result) wrong.push(name);
  }
  for (const { name, message, path, key, payload, frame } of messages) {
    const decoded = decodeEnvelope(message as CartMessage, fromHex(payload));
    if (!decoded.ok || hex(encodeEnvelope(message as CartMessage, decoded.value)) !== payload) wrong.push(name);
    if ((await resultOf(frame, key, purposeOfPath(path))) !== "accepted") wrong.push(`${name}: its frame`);
  }
  return { ran: items.length + frames.length + payloads.length + messages.length, wrong };
}

export default { fetch: async (): Promise<Response> => Response.json(await run()) };
