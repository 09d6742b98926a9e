import { CompactEncrypt, CompactSign, SignJWT, exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { FORWARDER_AUDIENCE } from "./contract.ts";
import {
  envelopeKey,
  openAnswer,
  openRequest,
  sealAnswer,
  sealRequest,
  type CallBinding,
  type OpeningKeys,
  type SealingKeys,
} from "./envelope.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const JTI = "5f0c2a34-6b7a-4c55-9a39-0f7a3f1c9f10";
const CALL: CallBinding = { method: "POST", path: "/v1/authorizations", idempotencyKey: "handoff-1" };
const BODY = { handoff: "handoff-1", amount_minor: 1234 };

let forwarder: SealingKeys & OpeningKeys;
let cde: SealingKeys & OpeningKeys;
let stranger: SealingKeys & OpeningKeys;

beforeAll(async () => {
  const [a, b, c, d, e, f] = await Promise.all([
    generateKeyPair("ES256", { extractable: true }),
    generateKeyPair("ECDH-ES", { extractable: true, crv: "P-256" }),
    generateKeyPair("ES256", { extractable: true }),
    generateKeyPair("ECDH-ES", { extractable: true, crv: "P-256" }),
    generateKeyPair("ES256"),
    generateKeyPair("ECDH-ES", { crv: "P-256" }),
  ]);
  forwarder = { sign: a.privateKey, decrypt: b.privateKey, verify: c.publicKey, encrypt: d.publicKey };
  cde = { sign: c.privateKey, decrypt: d.privateKey, verify: a.publicKey, encrypt: b.publicKey };
  stranger = { sign: e.privateKey, decrypt: f.privateKey, verify: e.publicKey, encrypt: f.publicKey };
});

/** A request whose claims or headers differ from what `sealRequest` writes. */
async function crafted(change: {
  claims?: Record<string, unknown>;
  inner?: Record<string, unknown>;
  outer?: Record<string, unknown>;
}): Promise<string> {
  const claims = {
    aud: FORWARDER_AUDIENCE,
    iat: NOW / 1000,
    jti: JTI,
    htm: "POST",
    htu: CALL.path,
    idk: CALL.idempotencyKey,
    body: BODY,
    ...change.claims,
  };
  const signed = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256", typ: "cwf-req+jws", ...change.inner })
    .sign(forwarder.sign);
  return new CompactEncrypt(new TextEncoder().encode(signed))
    .setProtectedHeader({
      alg: "ECDH-ES",
      enc: "A256GCM",
      typ: "cwf-req+jwe",
      cty: "cwf-req+jws",
      ...change.outer,
    })
    .encrypt(forwarder.encrypt);
}

const refusal = async (sealed: string, call = CALL, now = NOW, keys = cde) => {
  const opened = await openRequest(keys, sealed, call, now);
  return opened.ok ? "opened" : opened.reason;
};

describe("a request of the forwarder", () => {
  it("opens for the call that it was made for", async () => {
    const sealed = await sealRequest(forwarder, CALL, BODY, JTI, NOW);
    expect(await openRequest(cde, sealed, CALL, NOW + 30_000)).toEqual({
      ok: true,
      value: { jti: JTI, issued: NOW / 1000, body: BODY },
    });
  });

  it("shows nothing of its content on the way", async () => {
    const sealed = await sealRequest(forwarder, CALL, { secret: "plain-text-marker" }, JTI, NOW);
    const seen = sealed.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
    expect(seen.join("\n")).not.toContain("plain-text-marker");
  });

  it("is refused for another path, another method or another idempotency key", async () => {
    const sealed = await sealRequest(forwarder, CALL, BODY, JTI, NOW);
    expect(await refusal(sealed, { ...CALL, path: "/v1/authorizations/1/capture" })).toBe("call");
    expect(await refusal(sealed, { ...CALL, method: "GET" })).toBe("call");
    expect(await refusal(sealed, { ...CALL, idempotencyKey: "handoff-2" })).toBe("call");
    expect(await refusal(sealed, { ...CALL, idempotencyKey: null })).toBe("call");
  });

  it("is refused when it is older than a minute or comes from the future", async () => {
    const sealed = await sealRequest(forwarder, CALL, BODY, JTI, NOW);
    expect(await refusal(sealed, CALL, NOW + 60_000)).toBe("opened");
    expect(await refusal(sealed, CALL, NOW + 61_000)).toBe("stale");
    expect(await refusal(sealed, CALL, NOW - 6_000)).toBe("stale");
    expect(await refusal(await crafted({ claims: { iat: Number.MAX_VALUE } }))).toBe("stale");
    expect(await refusal(await crafted({ claims: { iat: "now" } }))).toBe("malformed");
  });

  it("is refused for another audience", async () => {
    expect(await refusal(await crafted({ claims: { aud: "cartwright/other/1" } }))).toBe("audience");
    expect(await refusal(await crafted({ claims: { aud: [FORWARDER_AUDIENCE] } }))).toBe("audience");
  });

  it("is refused without a usable jti", async () => {
    expect(await refusal(await crafted({ claims: { jti: undefined } }))).toBe("malformed");
    expect(await refusal(await crafted({ claims: { jti: "short" } }))).toBe("malformed");
  });

  it("is refused when another key signed it", async () => {
    const sealed = await sealRequest({ ...forwarder, sign: stranger.sign }, CALL, BODY, JTI, NOW);
    expect(await refusal(sealed)).toBe("signature");
  });

  it("is refused when it was encrypted to another key", async () => {
    const sealed = await sealRequest({ ...forwarder, encrypt: stranger.encrypt }, CALL, BODY, JTI, NOW);
    expect(await refusal(sealed)).toBe("decryption");
  });

  it("is refused when any part was changed", async () => {
    const parts = (await sealRequest(forwarder, CALL, BODY, JTI, NOW)).split(".");
    for (const index of [0, 2, 3, 4]) {
      const part = parts[index] ?? "";
      const changed = parts.with(index, (part.startsWith("A") ? "B" : "A") + part.slice(1)).join(".");
      expect(await refusal(changed)).not.toBe("opened");
    }
  });

  it("is refused with a header member that has no meaning here", async () => {
    expect(await refusal(await crafted({ outer: { kid: "1" } }))).toBe("type");
    expect(await refusal(await crafted({ outer: { typ: "cwf-ans+jwe" } }))).toBe("type");
    expect(await refusal(await crafted({ inner: { jku: "https://keys.example" } }))).toBe("type");
    expect(await refusal(await crafted({ inner: { typ: "cwf-ans+jws" } }))).toBe("type");
    expect(await refusal(await crafted({ outer: { enc: "A128GCM" } }))).toBe("decryption");
  });

  it("is refused when only signed, only encrypted or no envelope at all", async () => {
    const onlySigned = await new SignJWT({}).setProtectedHeader({ alg: "ES256" }).sign(forwarder.sign);
    expect(await refusal(onlySigned)).toBe("malformed");
    const onlyEncrypted = await new CompactEncrypt(new TextEncoder().encode("{}"))
      .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ: "cwf-req+jwe", cty: "cwf-req+jws" })
      .encrypt(forwarder.encrypt);
    expect(await refusal(onlyEncrypted)).toBe("malformed");
    for (const nonsense of ["", "a.b.c.d.e", "....", "{}", "é.é.é.é.é"])
      expect(await refusal(nonsense)).toBe("malformed");
    expect(await refusal("A".repeat(16_385))).toBe("too_large");
  });
});

describe("an answer of the CDE", () => {
  const answer = { status: 200, body: { state: "approved" } };

  it("opens for the request that it answers, and for no other", async () => {
    const sealed = await sealAnswer(cde, answer, JTI, NOW);
    expect(await openAnswer(forwarder, sealed, JTI, NOW)).toEqual({ ok: true, value: answer });
    expect(await openAnswer(forwarder, sealed, crypto.randomUUID(), NOW)).toEqual({
      ok: false,
      reason: "other_request",
    });
  });

  it("can't be a request sent back", async () => {
    const toItself: SealingKeys = { sign: cde.sign, encrypt: cde.encrypt };
    const sealed = await sealRequest(toItself, CALL, BODY, JTI, NOW);
    expect(await openAnswer(forwarder, sealed, JTI, NOW)).toEqual({ ok: false, reason: "type" });
  });

  it("is refused when a stranger signed it, or when it is stale", async () => {
    const forged = await sealAnswer({ ...cde, sign: stranger.sign }, answer, JTI, NOW);
    expect(await openAnswer(forwarder, forged, JTI, NOW)).toEqual({ ok: false, reason: "signature" });
    const old = await sealAnswer(cde, answer, JTI, NOW - 61_000);
    expect(await openAnswer(forwarder, old, JTI, NOW)).toEqual({ ok: false, reason: "stale" });
  });
});

describe("a key", () => {
  it("is taken from a P-256 JWK and from nothing else", async () => {
    const pair = await generateKeyPair("ES384", { extractable: true });
    await expect(envelopeKey(JSON.stringify(await exportJWK(pair.publicKey)), "ES256")).rejects.toThrow("P-256");
    await expect(envelopeKey('{"kty":"oct","k":"AAAA"}', "ES256")).rejects.toThrow("P-256");
    const good = await generateKeyPair("ES256", { extractable: true });
    expect((await envelopeKey(JSON.stringify(await exportJWK(good.publicKey)), "ES256")).type).toBe("public");
  });
});
