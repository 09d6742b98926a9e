import { generateKeyPair } from "jose";
import { beforeAll, expect, it } from "vitest";
import { KEY_ORDER_MAX_SECONDS, countersignKeyOrder, openKeyOrder, signKeyOrder } from "./key-order.ts";
import type { Custodian } from "./key-shares.ts";

const NOW = 1_800_000_000_000;
type Keys = Record<Custodian, { privateKey: CryptoKey; publicKey: CryptoKey }>;
let keys: Keys;
beforeAll(async () => {
  keys = { A: await generateKeyPair("ES256"), B: await generateKeyPair("ES256") };
});
const open = (order: unknown, now = NOW) => openKeyOrder(order, { A: keys.A.publicKey, B: keys.B.publicKey }, now);
const signer = (custodian: Custodian, key = custodian) => ({ custodian, key: keys[key].privateKey });
const rotate = (lifeSeconds?: number) => signKeyOrder({ order: "rotate" }, "eu", signer("A"), NOW, lifeSeconds);

it("an order with both signatures is believed, whoever signed first", async () => {
  const order = await countersignKeyOrder(await rotate(), signer("B"));
  expect(await open(order)).toMatchObject({
    ok: true,
    value: { command: { order: "rotate" }, cell: "eu", signers: ["A", "B"] },
  });
  const other = await signKeyOrder({ order: "destroy", version: 3 }, "eu", signer("B"), NOW);
  expect(await open(await countersignKeyOrder(other, signer("A")))).toMatchObject({
    ok: true,
    value: { command: { order: "destroy", version: 3 } },
  });
});

it("one custodian alone can only look and carry on", async () => {
  expect(await open(await rotate())).toEqual({ ok: false, reason: "signers" });
  expect(await open(await countersignKeyOrder(await rotate(), signer("A")))).toEqual({ ok: false, reason: "signers" });
  expect((await open(await signKeyOrder({ order: "status" }, "eu", signer("A"), NOW))).ok).toBe(true);
});

it("one custodian signing under the other's name is found", async () => {
  const forged = await countersignKeyOrder(await rotate(), signer("B", "A"));
  expect(await open(forged)).toEqual({ ok: false, reason: "signature" });
});

it("is refused when anything of it was changed", async () => {
  const order = await countersignKeyOrder(await rotate(), signer("B"));
  const claims = JSON.parse(Buffer.from(order.payload, "base64url").toString()) as Record<string, unknown>;
  const other = Buffer.from(JSON.stringify({ ...claims, cell: "us" })).toString("base64url");
  expect(await open({ ...order, payload: other })).toEqual({ ok: false, reason: "signature" });
  const [a, b] = order.signatures;
  expect(await open({ ...order, signatures: [a, { ...b, signature: a?.signature }] })).toMatchObject({ ok: false });
});

it("is refused before its time is short enough, and after its end", async () => {
  const both = async (life?: number) => countersignKeyOrder(await rotate(life), signer("B"));
  expect(await open(await both(), NOW + 301_000)).toEqual({ ok: false, reason: "stale" });
  expect(await open(await both(KEY_ORDER_MAX_SECONDS + 60))).toEqual({ ok: false, reason: "stale" });
});

it.each([
  ["nothing", undefined],
  ["text", "order"],
  ["no signature", { payload: "e30", signatures: [] }],
  ["three signatures", { payload: "e30", signatures: [{}, {}, {}] }],
  ["a payload too long", { payload: "A".repeat(3_000), signatures: [{}] }],
])("%s is no order", async (_what, order) => {
  expect(await open(order)).toEqual({ ok: false, reason: "malformed" });
});

it.each([
  { order: "steal" },
  { order: "destroy" },
  { order: "destroy", version: 0 },
  { order: "record", transcript: "not a hash" },
])("an order of %j is refused though both signed it", async (command) => {
  const signed = await signKeyOrder(command as never, "eu", signer("A"), NOW);
  expect(await open(await countersignKeyOrder(signed, signer("B")))).toEqual({ ok: false, reason: "malformed" });
});
