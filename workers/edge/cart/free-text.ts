import { decodeCbor, type CborValue } from "../../../protocol/cart/cbor.ts";
import type { CartBodies, CartEvent, CartMessage, EatClaims, Envelope } from "../../../protocol/cart/messages.ts";
import { isTypedCode, looksLikePan } from "../../../protocol/pan/tripwire.ts";

/** The texts of each message that have no type of their own to be checked as (CARDS-34). */
const FREE_TEXT: { readonly [M in CartMessage]: (body: CartBodies[M]) => readonly string[] } = {
  attestation: ({ eat }) => textOf(eat),
  open: ({ eat }) => textOf(eat),
  firmware: ({ eat }) => textOf(eat),
  events: ({ events }) => events.flatMap(codeOf),
  // A loyalty number is judged by the identity room, which knows the retailers' registered formats.
  identity: (body) => (body.kind === "card" || body.kind === "pairing" ? [body.value] : []),
  checkout: ({ terminal }) => [terminal],
  payment: ({ reference }) => [reference],
  close: () => [],
  telemetry: () => [],
};

const textOf = (eat: EatClaims): readonly string[] => [eat.version, eat.reader];

/** A code with a right GS1 check digit is a scanned code; whatever else a scanner read is free text. */
const codeOf = (event: CartEvent): readonly string[] =>
  event.kind === "scan" && !isTypedCode(event.code) ? [event.code] : [];

/** Beyond the year 2286 a number of milliseconds has a card number's length. */
const LATEST_TIME = 1e13;

/** Whether anything in a frame, which is stored as it came, looks like a card number. */
export function holdsPan<M extends CartMessage>(message: M, envelope: Envelope<CartBodies[M]>): boolean {
  const texts: readonly string[] = FREE_TEXT[message](envelope.body);
  return texts.some((text) => looksLikePan(text) !== null) || timesOf(envelope).some(isPanAsTime);
}

/**
 * Whether a payload that decodes as no message holds a card number in a text: a reader that sends a number in its
 * token's place is an incident, and must not pass for a slip of form.
 */
export function payloadHoldsPan(payload: Uint8Array): boolean {
  const item = decodeCbor(payload);
  return item.ok && textsIn(item.value).some((text) => !isTypedCode(text) && looksLikePan(text) !== null);
}

/** Depth is bounded by the decoder. */
function textsIn(item: CborValue): string[] {
  if (typeof item === "string") return [item];
  if (Array.isArray(item)) return item.flatMap(textsIn);
  return item instanceof Map ? [...item.values()].flatMap(textsIn) : [];
}

function timesOf({ time, body }: Envelope<CartBodies[CartMessage]>): number[] {
  const events: readonly CartEvent[] = "events" in body ? body.events : [];
  return [time, ...events.map((event) => event.at ?? 0)];
}

const isPanAsTime = (time: number): boolean => time >= LATEST_TIME && looksLikePan(String(time)) !== null;
