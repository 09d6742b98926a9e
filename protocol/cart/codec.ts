/** Envelope, bodies and answers of the cart's protocol, between bytes and the types of `messages.ts`. */
import type { SessionId } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import { ANSWER } from "./answers.ts";
import { BODY, seq, sessionId, time } from "./bodies.ts";
import { decodeCbor, encodeCbor, type Bytes, type CborMap, type CborValue } from "./cbor.ts";
import type { CartAnswer, CartAnswers, CartBodies, CartMessage, Envelope, HelloRequest } from "./messages.ts";
import { bytes, struct, uint, type Shape, type ShapeReason } from "./shape.ts";

export type EnvelopeReason = ShapeReason;

/** Answers may list a whole basket with names, so they may be longer than a frame; bytes. */
export const MAX_ANSWER_SIZE = 64 * 1024;

const NO_SESSION = new Uint8Array(16);
const isNoSession = (raw: CborValue | undefined): boolean =>
  raw instanceof Uint8Array && raw.length === NO_SESSION.length && raw.every((byte) => byte === 0);

const openSession: Shape<SessionId | null> = {
  encode: (id) => (id === null ? NO_SESSION : sessionId.encode(id)),
  decode: (raw) => (isNoSession(raw) ? ok(null) : sessionId.decode(raw)),
};

const header: Shape<Omit<Envelope<never>, "body">> = struct({
  session: [1, openSession],
  boot: [2, uint(4)],
  seq: [3, seq],
  time: [4, time],
});
const BODY_KEY = 5;

/** Messages on a path with a session's id: their envelope must name a session. */
const IN_SESSION: readonly CartMessage[] = ["events", "identity", "checkout", "payment", "close"];

/** @throws RangeError for a number that is not a safe integer. */
export function encodeEnvelope<M extends CartMessage>(message: M, envelope: Envelope<CartBodies[M]>): Bytes {
  const { body, ...rest } = envelope;
  const shape: Shape<CartBodies[M]> = BODY[message];
  return encodeCbor(new Map([...(header.encode(rest) as CborMap), [BODY_KEY, shape.encode(body) as CborValue]]));
}

/**
 * Decodes a frame's payload as the message of its route.
 * `malformed`: not deterministic CBOR, or another form than the CDDL's, an unknown key included.
 * `invalid_field`: the form, but not the range. `too_large`: more than 200 events, or more than 16 KiB.
 */
export function decodeEnvelope<M extends CartMessage>(
  message: M,
  payload: Uint8Array,
): Result<Envelope<CartBodies[M]>, EnvelopeReason> {
  const item = decodeCbor(payload);
  if (!item.ok) return fail(item.reason === "size" ? "too_large" : "malformed");
  if (!(item.value instanceof Map)) return fail("malformed");
  const map = new Map(item.value as CborMap);
  const body = map.get(BODY_KEY);
  map.delete(BODY_KEY);
  const head = header.decode(map);
  if (!head.ok) return fail("malformed");
  if (head.value.session === null && IN_SESSION.includes(message)) return fail("malformed");
  const shape: Shape<CartBodies[M]> = BODY[message];
  const decoded = shape.decode(body);
  return decoded.ok ? ok({ ...head.value, body: decoded.value }) : decoded;
}

export function encodeAnswer<A extends CartAnswer>(kind: A, answer: CartAnswers[A]): Bytes {
  const shape: Shape<CartAnswers[A]> = ANSWER[kind];
  return encodeCbor(shape.encode(answer) as CborValue);
}

/** Whatever is wrong with an answer, the cart can only ask again. */
export function decodeAnswer<A extends CartAnswer>(kind: A, encoded: Uint8Array): Result<CartAnswers[A], "malformed"> {
  const item = decodeCbor(encoded, undefined, MAX_ANSWER_SIZE);
  if (!item.ok) return fail("malformed");
  const shape: Shape<CartAnswers[A]> = ANSWER[kind];
  const decoded = shape.decode(item.value);
  return decoded.ok ? decoded : fail("malformed");
}

const hello: Shape<HelloRequest> = struct({ kid: [1, bytes(8)] });

export function encodeHello(request: HelloRequest): Bytes {
  return encodeCbor(hello.encode(request) as CborValue);
}

export function decodeHello(encoded: Uint8Array): Result<HelloRequest, "malformed" | "too_large"> {
  const item = decodeCbor(encoded);
  if (!item.ok) return fail(item.reason === "size" ? "too_large" : "malformed");
  const decoded = hello.decode(item.value);
  return decoded.ok ? decoded : fail("malformed");
}
