import { p256 } from "@noble/curves/nist.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "../../protocol/bytes.ts";
import { encodeEnvelope } from "../../protocol/cart/codec.ts";
import { CART_STATUS, type CartCode } from "../../protocol/cart/codes.ts";
import { kidOf } from "../../protocol/cart/cose.ts";
import type { CartMessage } from "../../protocol/cart/messages.ts";
import { CBOR_TYPE } from "../../protocol/cart/paths.ts";
import frames from "../../protocol/vectors/frames.json" with { type: "json" };
import items from "../../protocol/vectors/items.json" with { type: "json" };
import payloads from "../../protocol/vectors/payloads-refused.json" with { type: "json" };
import { frameVectors } from "../../tools/vectors/frames.ts";
import { testKey } from "../../tools/vectors/keys.ts";
import { biometric, NOBODYS_SESSION, scan } from "./attempts.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { RawCart } from "./raw-cart.ts";

const CELL = "us";
const CODE = [...sampleCatalogue(CELL).keys()][0] ?? "";

let platform: CellUnderTest;
beforeAll(async () => {
  platform = await startCellUnderTest(CELL, { seed: { carts: 2 } });
});
afterAll(() => platform.end());

const cart = (index: number) => RawCart.switchedOn(platform.place, index);

describe("the protocol's vectors, sent to the edge", () => {
  test("frames of a cart that nobody enrolled are refused by their form or their signature", async () => {
    const a = await cart(0);
    const wrong: string[] = [];
    for (const { name, purpose, frame, result } of frames) {
      const path = purpose.split(" ")[2] ?? "";
      const { error, status } = await a.post(path, Uint8Array.from(fromHex(frame)));
      const code = result === "accepted" ? "signature" : (result as CartCode);
      if (error?.code !== code || status !== CART_STATUS[code]) wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("frames of an enrolled cart are refused the same, and only the right ones get past the signature", async () => {
    const a = await cart(0);
    const unit = platform.store.carts[0];
    const secret = Buffer.from(unit?.privateJwk.d ?? "", "base64url");
    const key = {
      name: "cart",
      point: p256.getPublicKey(secret, false).slice(),
      kid: await kidOf(Buffer.from(unit?.certificate ?? "", "base64")),
      sign: (message: Uint8Array) => p256.sign(message, secret, { lowS: true }).slice(),
    };
    const eat = a.claims();
    const payload = encodeEnvelope("open", { session: null, boot: eat.boot, seq: 0, time: Date.now(), body: { eat } });
    const vectors = frameVectors(key, await testKey("stranger"), payload);
    const wrong: string[] = [];
    for (const { name, key: checkedWith, frame, result } of vectors) {
      const { error, status } = await a.post("/cart/v1/sessions", Uint8Array.from(fromHex(frame)));
      const isGood = result === "accepted" || checkedWith !== "cart";
      // A good frame is judged by what it says: a nonce that nobody gave, or 16 KiB of zeros.
      const code = !isGood ? result : name.startsWith("exactly") ? "malformed" : "attestation";
      if (error?.code !== code) wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(vectors.length).toBe(frames.length);
    expect(wrong).toEqual([]);
  });

  test("payloads in rightly signed frames are refused with their code", async () => {
    const a = await cart(1);
    const wrong: string[] = [];
    for (const { name, message, payload, result } of payloads) {
      const path = a.pathOf(message as CartMessage, NOBODYS_SESSION);
      const { error, status } = await a.sayPayload(path, fromHex(payload));
      if (error?.code !== result || status !== CART_STATUS[result as CartCode])
        wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("items in place of a greeting are malformed", async () => {
    const a = await cart(1);
    const wrong: string[] = [];
    for (const { name, item, reason } of items) {
      const { error, status } = await a.post("/cart/v1/hello", Uint8Array.from(fromHex(item)), CBOR_TYPE);
      const code = reason === "size" ? "too_large" : "malformed";
      if (error?.code !== code) wrong.push(`${name}: ${status} ${error?.code}`);
    }
    expect(wrong).toEqual([]);
  });

  test("an identity of another kind changes nothing in a trip", async () => {
    const a = await cart(1);
    await a.open();
    expect(await a.sayPayload(a.pathOf("identity"), biometric(a))).toMatchObject({
      status: 422,
      error: { code: "identity_kind_not_allowed" },
    });
    expect(await a.say("events", scan(CODE))).toMatchObject({ status: 200 });
  });
});

describe("the doors of staff and of the pay origin", () => {
  const SESSION = `/staff/v1/sessions/${NOBODYS_SESSION}`;

  test.each([
    ["PUT", "/admin/v1/stores/us-demo"],
    ["POST", "/admin/v1/members"],
    ["POST", "/admin/v1/fleet/enrolments"],
    ["PUT", "/admin/v1/fleet/policy"],
    ["GET", "/admin/v1/audit/entries?from=0&limit=1"],
    ["GET", SESSION],
    ["POST", `${SESSION}/holds/1/clear`],
    ["POST", `${SESSION}/void`],
  ])("%s %s needs a token of staff", async (method, path) => {
    const ask = (headers: Record<string, string>) =>
      fetch(platform.place.origins.ops + path, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
    const form = new URLSearchParams({ username: "no-staff" });
    const shopper = await fetch(`${platform.place.origins.issuer}/token`, { method: "POST", body: form });
    const { access_token: token } = (await shopper.json()) as { access_token: string };
    for (const headers of [{}, { authorization: "Bearer made.up.token" }, { authorization: `Bearer ${token}` }])
      expect((await ask(headers)).status).toBe(401);
  });

  test.each([
    ["POST", "/v1/authorizations"],
    ["GET", `/v1/authorizations/${NOBODYS_SESSION}`],
    ["POST", `/v1/authorizations/${NOBODYS_SESSION}/capture`],
    ["POST", `/v1/authorizations/${NOBODYS_SESSION}/void`],
    ["POST", `/v1/authorizations/${NOBODYS_SESSION}/refunds`],
  ])("%s %s takes nothing but the forwarder's envelope", async (method, path) => {
    const ask = async (headers: Record<string, string>, body?: string) => {
      const response = await fetch(platform.place.origins.pay + path, {
        method,
        headers: { "idempotency-key": "a-key-of-nobody", ...headers },
        ...(body === undefined ? {} : { body }),
      });
      return response.status;
    };
    if (method === "GET") {
      expect(await ask({})).toBe(401);
      return;
    }
    expect(await ask({ "content-type": "application/json" }, "{}")).toBe(415);
    for (const body of ["", "a.b.c.d.e", "e30.e30.e30.e30.e30"])
      expect(await ask({ "content-type": "application/jose" }, body)).toBe(401);
  });
});
