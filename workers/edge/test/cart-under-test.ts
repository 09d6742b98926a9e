import { fromHex, hex } from "../../../protocol/bytes.ts";
import { encodeEnvelope } from "../../../protocol/cart/codec.ts";
import { purposeOfPath, signFrame } from "../../../protocol/cart/cose.ts";
import type { CartBodies, CartMessage, EatClaims } from "../../../protocol/cart/messages.ts";
import { CART_PATH } from "../../../protocol/cart/paths.ts";
import type { CartSerial, SessionId } from "../../../protocol/ids.ts";

export const SESSION = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf" as SessionId;
export const STORE = "eu-demo";
const DIGEST = "ab".repeat(32);

/** A cart with a key of its own and what the fleet would say of it. */
export interface TestCart {
  readonly kid: string;
  readonly serial: CartSerial;
  readonly eat: EatClaims;
  record(change?: { status?: string; store?: string | null }): unknown;
  /** A signed frame; `path` is what the signature names. */
  frame<M extends CartMessage>(
    message: M,
    body: CartBodies[M],
    change?: { session?: SessionId | null; path?: string; boot?: number; time?: number },
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** A payload of any bytes, rightly signed for a path. */
  raw(path: string, payload: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}

export const pathOf = (message: CartMessage): string => CART_PATH[message].replace("{id}", SESSION);

let made = 0;

export async function testCart(): Promise<TestCart> {
  made += 1;
  const kid = made.toString(16).padStart(16, "0");
  const serial = made.toString(16).padStart(32, "c") as CartSerial;
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const publicKey = hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const sign = async (data: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data));
  return {
    kid,
    serial,
    eat: {
      nonce: new Uint8Array(16).fill(7),
      serial,
      debug: 3,
      boot: 7,
      version: "1.4.0",
      digest: fromHex(DIGEST),
      securityCounter: 5,
      reader: "RDR-0001",
    },
    record: (change = {}) => ({
      ok: true,
      value: {
        serial,
        kid,
        publicKey: { $bytes: publicKey },
        status: "active",
        store: STORE,
        policy: { digests: [DIGEST], minimumSecurityCounter: 5 },
        ...change,
      },
    }),
    raw: (path, payload) => signFrame(payload, fromHex(kid), purposeOfPath(path), sign),
    frame: (message, body, { session, path, boot = 7, time = 1_795_262_400_000 } = {}) => {
      const own = CART_PATH[message].includes("{id}") ? SESSION : null;
      const envelope = { session: session === undefined ? own : session, boot, seq: 1, time, body };
      return signFrame(encodeEnvelope(message, envelope), fromHex(kid), purposeOfPath(path ?? pathOf(message)), sign);
    },
  };
}
