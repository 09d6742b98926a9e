import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex, hex } from "../../protocol/bytes.ts";
import { decodeAnswer, decodeEnvelope, encodeAnswer, encodeEnvelope } from "../../protocol/cart/codec.ts";
import { CART_STATUS, type CartCode } from "../../protocol/cart/codes.ts";
import { toBeSigned } from "../../protocol/cart/cose.ts";
import type { CartAnswer, CartAnswers, CartMessage } from "../../protocol/cart/messages.ts";
import { uuidOf } from "../../protocol/ids.ts";
import { parseCurrency } from "../../protocol/money/money.ts";
import { build, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { asJson } from "../../tools/vectors/messages.ts";

const missing = ensureToolchain();
let programs: string;
let folder: string;

/** What `line_wire_say` prints of one message. */
interface Said {
  readonly message: CartMessage;
  readonly means: unknown;
  readonly purpose: string;
  readonly payload: string;
  readonly digest: string;
}

beforeAll(async () => {
  if (missing !== null) return;
  programs = await build("host", ["line_wire_say", "line_wire_hear"]);
  folder = mkdtempSync(join(tmpdir(), "cart-wire-"));
}, 300_000);
afterAll(() => {
  if (missing === null) rmSync(folder, { recursive: true });
});

/** Reproducible numbers (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Answers of random values, by their kind. */
function randomAnswers(seed: number): { readonly [A in CartAnswer]: () => CartAnswers[A] } {
  const below = numbers(seed);
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => below(256));
  const chance = (): boolean => below(2) === 0;
  const uint = (most: number): number =>
    below(6) === 0 ? most : Math.min(most, Math.floor(below(2 ** 32) / 2 ** below(32)));
  const time = (): number => uint(Number.MAX_SAFE_INTEGER);
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const text = (most: number): string =>
    Array.from({ length: below(most + 1) }, () => one(["a", "Z", "0", "-", "é", "€", "😀", '"', "\\"])).join("");
  const letters = (alphabet: string, size: number): string =>
    Array.from({ length: size }, () => one(Array.from(alphabet))).join("");
  const amount = (): number => (chance() ? 1 : -1) * uint(Number.MAX_SAFE_INTEGER) || 0;
  const line = () => ({
    line: uint(65_535),
    name: text(40),
    unitMinor: time(),
    quantity: uint(99),
    totalMinor: amount(),
    grams: chance() ? uint(4_294_967_295) : null,
  });
  const hold = () => ({
    id: time(),
    kind: one(["age check", "weight", "unknown item"] as const),
    line: chance() ? uint(65_535) : null,
  });
  const currency = (): "EUR" | "USD" => one(["EUR", "USD"] as const);
  return {
    hello: () => ({
      nonce: bytes(16),
      time: time(),
      store: chance()
        ? null
        : ((letters("abz09", 1) + letters("abz09-", 1 + below(31))) as CartAnswers["hello"]["store"]),
    }),
    attestation: () => ({ statement: bytes(below(300)), cellKey: bytes(below(300)), nonce: bytes(16) }),
    open: () => ({
      session: uuidOf(bytes(16)) as CartAnswers["open"]["session"],
      leaseSeconds: time(),
      settings: {
        currency: currency(),
        exponent: below(4),
        storeName: text(60),
        idleSeconds: time(),
        weightToleranceGrams: time(),
        taxIncluded: chance(),
      },
      nonce: bytes(16),
      time: time(),
    }),
    events: () => ({
      seq: uint(4_294_967_295),
      lines: Array.from({ length: below(30) }, line),
      totalMinor: amount(),
      holds: Array.from({ length: below(5) }, hold),
    }),
    identity: () =>
      one<() => CartAnswers["identity"]>([
        () => ({ status: "not_linked" }),
        () => ({ status: "pending", confirmation: letters("0123456789", 2) }),
        () => ({
          status: "linked",
          customer: hex(bytes(16)) as Extract<CartAnswers["identity"], { status: "linked" }>["customer"],
          nickname: chance() ? null : `x${text(11)}`,
        }),
      ])(),
    checkout: () => ({
      handoff: uuidOf(bytes(16)) as CartAnswers["checkout"]["handoff"],
      amount: { minor: time() as CartAnswers["checkout"]["amount"]["minor"], currency: currency() },
      expires: time(),
      basketDigest: bytes(32),
    }),
    payment: () => ({
      outcome: one(["approved", "declined", "pending", "unknown"] as const),
      receipt: chance() ? null : (letters("AZaz09-_", 22) as CartAnswers["payment"]["receipt"]),
    }),
    close: () => ({ nonce: bytes(16) }),
    telemetry: () => ({ seq: uint(4_294_967_295) }),
    error: () => ({
      code: one(Object.keys(CART_STATUS) as CartCode[]),
      expected: chance() ? null : uint(4_294_967_295),
    }),
  };
}

/** The cart takes any three capitals for a currency; the platform only those that it does business in. */
function isOfUnknownCurrency(heard: unknown): boolean {
  const { settings, amount } = Object(heard) as { settings?: { currency: string }; amount?: { currency: string } };
  const currency = (settings ?? amount)?.currency;
  return currency !== undefined && parseCurrency(currency) === undefined;
}

/** What the cart makes of answers: one JSON value each. */
async function hear(lines: readonly string[]): Promise<unknown[]> {
  const file = join(folder, "answers");
  writeFileSync(file, `${lines.join("\n")}\n`);
  const { status, output } = await run(join(programs, "line_wire_hear"), [file]);
  expect(status, output).toBe(0);
  return output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

describe.skipIf(missing !== null)(`cart and platform read each other${missing === null ? "" : `: ${missing}`}`, () => {
  test("2,000 random messages of the cart decode to what it meant, encode to its bytes and have its digest", async () => {
    const { status, output } = await run(join(programs, "line_wire_say"), ["20261122", "2000"]);
    expect(status).toBe(0);
    const said = output.trimEnd().split("\n");
    expect(said.length).toBe(2000);
    for (const line of said) {
      const { message, means, purpose, payload, digest } = JSON.parse(line) as Said;
      const envelope = decodeEnvelope(message, fromHex(payload));
      if (!envelope.ok) throw new Error(`${envelope.reason}: ${line}`);
      expect(asJson(envelope.value)).toEqual(means);
      expect(hex(encodeEnvelope(message, envelope.value))).toBe(payload);
      expect(
        createHash("sha256")
          .update(toBeSigned(fromHex(payload), purpose))
          .digest("hex"),
      ).toBe(digest);
    }
  });

  test("2,000 random answers of the platform decode in the cart to what they say", async () => {
    const random = randomAnswers(20_261_122);
    const kinds = Object.keys(random) as CartAnswer[];
    const sent = Array.from({ length: 2000 }, (_, index) => {
      const kind = kinds[index % kinds.length] as CartAnswer;
      const value = random[kind]();
      return { value, line: `${kind} ${hex(encodeAnswer(kind, value as never))}` };
    });
    const heard = await hear(sent.map(({ line }) => line));
    expect(heard).toEqual(sent.map(({ value }) => asJson(value)));
  });

  test("an answer with one byte changed is refused, or is another answer in its one form", async () => {
    const random = randomAnswers(7);
    const below = numbers(8);
    const kinds = Object.keys(random) as CartAnswer[];
    const lines = Array.from({ length: 2000 }, (_, index) => {
      const kind = kinds[index % kinds.length] as CartAnswer;
      const bytes = encodeAnswer(kind, random[kind]() as never);
      const at = below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      return { kind, bytes };
    });
    const heard = await hear(lines.map(({ kind, bytes }) => `${kind} ${hex(bytes)}`));
    for (const [index, { kind, bytes }] of lines.entries()) {
      const decoded = decodeAnswer(kind, bytes);
      if (isOfUnknownCurrency(heard[index])) expect(decoded.ok).toBe(false);
      else expect(heard[index]).toEqual(decoded.ok ? asJson(decoded.value) : "refused");
    }
  });
});
