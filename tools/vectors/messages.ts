/** Good messages, answers and statements, each with its bytes and what they say. */
import { hex } from "../../protocol/bytes.ts";
import type { Bytes } from "../../protocol/cart/cbor.ts";
import { encodeAnswer, encodeEnvelope, encodeHello } from "../../protocol/cart/codec.ts";
import { CELL_KEY, purposeOfPath, signFrame, STORE_ATTESTATION, STORE_BEACON } from "../../protocol/cart/cose.ts";
import type { CartAnswer, CartBodies, CartMessage } from "../../protocol/cart/messages.ts";
import { CART_PATH } from "../../protocol/cart/paths.ts";
import { encodeBeaconStatement, encodeCellKey, encodeStoreAttestation } from "../../protocol/cart/statements.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { TestKey } from "./keys.ts";
import { answers, bodies, HOUR, NONCE, NOW, SESSION, STORE, STORE_ATTESTATION_CLAIMS } from "./samples.ts";

/** What was decoded, as JSON: byte strings are hex. */
export function asJson(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? hex(item) : item)),
  ) as unknown;
}

export interface TestKeys {
  readonly cart: TestKey;
  readonly stranger: TestKey;
  readonly beacon: TestKey;
  readonly statement: TestKey;
  readonly root: TestKey;
}

export interface StatementVector {
  readonly name: "beacon statement" | "store attestation" | "cell key";
  readonly key: string;
  readonly kid: string;
  readonly purpose: string;
  readonly decoded: unknown;
  readonly payload: string;
  readonly frame: string;
}

export async function statementVectors(keys: TestKeys): Promise<readonly StatementVector[]> {
  const beacon = { store: STORE, nonce: NONCE };
  const cellKey = {
    cell: "us",
    publicKey: keys.statement.point,
    notBefore: NOW - HOUR,
    expires: NOW + 720 * HOUR,
  } as const;
  return Promise.all([
    statement("beacon statement", keys.beacon, STORE_BEACON, beacon, encodeBeaconStatement(beacon)),
    statement(
      "store attestation",
      keys.statement,
      STORE_ATTESTATION,
      STORE_ATTESTATION_CLAIMS,
      encodeStoreAttestation(STORE_ATTESTATION_CLAIMS),
    ),
    statement("cell key", keys.root, CELL_KEY, cellKey, encodeCellKey(cellKey)),
  ]);
}

async function statement(
  name: StatementVector["name"],
  key: TestKey,
  purpose: string,
  decoded: unknown,
  payload: Bytes,
): Promise<StatementVector> {
  const frame = await signed(key, purpose, payload);
  return { name, key: key.name, kid: hex(key.kid), purpose, decoded: asJson(decoded), payload: hex(payload), frame };
}

async function signed(key: TestKey, purpose: string, payload: Bytes): Promise<string> {
  return hex(await signFrame(payload, key.kid, purpose, (message) => Promise.resolve(key.sign(message))));
}

export interface MessageVector {
  readonly name: string;
  readonly message: CartMessage;
  readonly path: string;
  readonly key: string;
  readonly kid: string;
  readonly external_aad: string;
  readonly decoded: unknown;
  readonly payload: string;
  readonly frame: string;
}

export async function messageVectors(cart: TestKey, beaconFrame: Uint8Array): Promise<readonly MessageVector[]> {
  const vectors: MessageVector[] = [];
  let seq = 0;
  for (const [message, samples] of Object.entries(bodies(beaconFrame)) as [CartMessage, Samples][]) {
    for (const [name, body] of samples) {
      const path = CART_PATH[message].replace("{id}", SESSION);
      const session: SessionId | null = path.includes(SESSION) ? SESSION : null;
      if (session !== null) seq += 1;
      const ownSeq = session === null ? (message === "telemetry" ? 1 : 0) : seq;
      const envelope = { session, boot: 7, seq: ownSeq, time: NOW + vectors.length, body };
      const payload = encodeEnvelope(message, envelope);
      const purpose = purposeOfPath(path);
      vectors.push({
        name,
        message,
        path,
        key: cart.name,
        kid: hex(cart.kid),
        external_aad: hex(new TextEncoder().encode(purpose)),
        decoded: asJson(envelope),
        payload: hex(payload),
        frame: await signed(cart, purpose, payload),
      });
    }
  }
  return vectors;
}

type Samples = readonly (readonly [string, CartBodies[CartMessage]])[];

export interface AnswerVector {
  readonly name: string;
  readonly answer: CartAnswer;
  readonly decoded: unknown;
  readonly payload: string;
}

export function answerVectors(storeAttestation: Uint8Array, cellKey: Uint8Array): readonly AnswerVector[] {
  const samples = answers(storeAttestation, cellKey);
  return (Object.keys(samples) as CartAnswer[]).flatMap((answer) =>
    samples[answer].map(([name, value]) => ({
      name,
      answer,
      decoded: asJson(value),
      payload: hex(encodeAnswer(answer, value)),
    })),
  );
}

export interface HelloVector {
  readonly name: string;
  readonly decoded: unknown;
  readonly payload: string;
}

export function helloVectors(cart: TestKey): readonly HelloVector[] {
  return [{ name: "hello", decoded: asJson({ kid: cart.kid }), payload: hex(encodeHello({ kid: cart.kid })) }];
}
