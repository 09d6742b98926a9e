/** What a cart is told: the answers of `protocol/cart.cddl`. */
import { fromHex, hex } from "../bytes.ts";
import { parseReceiptReference, parseStoreId, type OneTripCustomer } from "../ids.ts";
import { parseCurrency } from "../money/money.ts";
import { handoffId, digest, line, nonce, seq, sessionId, time } from "./bodies.ts";
import { CART_STATUS, type CartCode } from "./codes.ts";
import type { CartAnswer, CartAnswers, CheckoutAnswer } from "./messages.ts";
import {
  boolean,
  bytes,
  frameBytes,
  integer,
  list,
  mapped,
  nullable,
  oneOf,
  optional,
  parsed,
  struct,
  text,
  uint,
  union,
  type Shape,
} from "./shape.ts";

const ANY_TEXT = Number.MAX_SAFE_INTEGER;
const amount = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const currency = parsed(parseCurrency);
export const store = parsed(parseStoreId);
const customer: Shape<OneTripCustomer> = mapped(bytes(16), fromHex, (raw) => hex(raw) as OneTripCustomer);
const confirmation = parsed((digits) => (/^[0-9]{2}$/.test(digits) ? digits : undefined));
/** 1 to 12 characters, which may be up to 48 bytes. */
const nickname = mapped(
  text(1, 48),
  (name: string) => name,
  (name) => (Array.from(name).length <= 12 ? name : undefined),
);
const code = parsed((text) => (Object.hasOwn(CART_STATUS, text) ? (text as CartCode) : undefined));

const checkout: Shape<CheckoutAnswer> = mapped(
  struct({
    handoff: [1, handoffId],
    minor: [2, uint(8)],
    currency: [3, currency],
    expires: [4, time],
    basketDigest: [5, digest],
  }),
  ({ amount, ...rest }: CheckoutAnswer) => ({ ...rest, ...amount }),
  ({ minor, currency, ...rest }) => ({ ...rest, amount: { minor, currency } }),
);

export const ANSWER: { readonly [A in CartAnswer]: Shape<CartAnswers[A]> } = {
  hello: struct({ nonce: [1, nonce], time: [2, time], store: [3, nullable(store)] }),
  attestation: struct({ statement: [1, frameBytes], cellKey: [2, frameBytes], nonce: [3, nonce] }),
  open: struct({
    session: [1, sessionId],
    leaseSeconds: [2, uint(8)],
    settings: [
      3,
      struct({
        currency: [1, currency],
        exponent: [2, integer(0, 3)],
        storeName: [3, text(0, ANY_TEXT)],
        idleSeconds: [4, uint(8)],
        weightToleranceGrams: [5, uint(8)],
        taxIncluded: [6, boolean],
      }),
    ],
    nonce: [4, nonce],
    time: [5, time],
  }),
  events: struct({
    seq: [1, seq],
    lines: [
      2,
      list(
        struct({
          line: [1, line],
          name: [2, text(0, ANY_TEXT)],
          unitMinor: [3, uint(8)],
          quantity: [4, uint(8)],
          totalMinor: [5, amount],
          grams: [6, optional(uint(8))],
        }),
        0,
        Infinity,
      ),
    ],
    totalMinor: [3, amount],
    holds: [
      4,
      list(
        struct({
          id: [1, uint(8)],
          kind: [2, oneOf("age check", "weight", "unknown item")],
          line: [3, optional(line)],
        }),
        0,
        Infinity,
      ),
    ],
  }),
  identity: union("status", 1, {
    not_linked: [0, {}],
    linked: [1, { customer: [2, customer], nickname: [3, optional(nickname)] }],
    pending: [2, { confirmation: [3, confirmation] }],
  }),
  checkout,
  payment: struct({
    outcome: [1, oneOf("approved", "declined", "pending", "unknown")],
    receipt: [2, optional(parsed(parseReceiptReference))],
  }),
  close: struct({ nonce: [1, nonce] }),
  telemetry: struct({ seq: [1, seq] }),
  error: struct({ code: [1, code], expected: [2, optional(seq)] }),
};
