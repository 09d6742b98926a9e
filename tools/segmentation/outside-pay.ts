import { CompactEncrypt, CompactSign, importJWK, SignJWT, type JWK } from "jose";
import { FORWARDER_AUDIENCE, FORWARDER_HEADER, JOSE_MEDIA_TYPE } from "../../protocol/pay/contract.ts";
import { envelopeKey, sealRequest, type CallBinding, type SealingKeys } from "../../protocol/pay/envelope.ts";
import type { CellKeys } from "../platform/keys.ts";
import { ReaderVendor } from "../terminal/reader-vendor.ts";
import { overHttp, type Attack, type OnAttack } from "./attack.ts";
import { attackAccessLog } from "./outside-access-log.ts";

const REFUSED = [400, 401, 403, 404, 405, 413, 415, 422];
const CARD = { pan: "4000056655665556", exp: "12/34" };

/** The pay origin, with the keys of this cell where an attack needs a message that was once good, and of another. */
export async function attackPay(origin: string, keys: CellKeys, foreign: CellKeys, onAttack: OnAttack): Promise<void> {
  const forwarder = await sealing(keys.secrets["FORWARDER_SIGNING_JWK"], keys.secrets["CDE_ENCRYPTION_JWK"]);
  const stranger = await sealing(foreign.secrets["FORWARDER_SIGNING_JWK"], keys.secrets["CDE_ENCRYPTION_JWK"]);
  const other = await sealing(foreign.secrets["FORWARDER_SIGNING_JWK"], foreign.secrets["CDE_ENCRYPTION_JWK"]);
  const attack = async (
    on: string,
    what: string,
    call: CallBinding,
    sealed: string,
    more: Record<string, string> = {},
  ) => onAttack(await overHttp({ on, what, ...requestOf(origin, call, sealed, more), refused: REFUSED }));
  for (const { call, body } of calls()) {
    const name = `${call.method} ${call.path.replaceAll(/[0-9a-f-]{36}/g, "{id}")}`;
    const seal = (with_: SealingKeys, changed: Partial<CallBinding> = {}, now = Date.now()) =>
      sealRequest(with_, { ...call, ...changed }, body, crypto.randomUUID(), now);
    const good = await seal(forwarder);
    const id = crypto.randomUUID();
    await attack("cde", `${name} without an envelope`, call, "");
    await attack("cde", `${name} with JSON in clear`, call, JSON.stringify(body), {
      "content-type": "application/json",
    });
    await attack("cde", `${name} signed by another`, call, await seal(stranger));
    await attack("cde", `${name} by the other cell's forwarder`, call, await seal(other));
    await attack("cde", `${name} two minutes old`, call, await seal(forwarder, {}, Date.now() - 120_000));
    await attack("cde", `${name} two minutes early`, call, await seal(forwarder, {}, Date.now() + 120_000));
    await attack(
      "cde",
      `${name} for another audience`,
      call,
      await withAudience(forwarder, call, body, "cartwright/pay/2"),
    );
    await attack("cde", `${name} signed with alg none`, call, await unsigned(forwarder, call, body));
    await attack("cde", `${name} sealed for another path`, call, await seal(forwarder, { path: `${call.path}x` }));
    await attack(
      "cde",
      `${name} sealed for another method`,
      call,
      await seal(forwarder, { method: call.method === "GET" ? "POST" : "GET" }),
    );
    if (call.idempotencyKey !== null)
      await attack("cde", `${name} with another idempotency key`, call, good, { "idempotency-key": id });
    for (const [part, at] of Object.entries({ header: 3, "ephemeral key": 60, nonce: 0.5, ciphertext: 0.75, tag: -3 }))
      await attack("cde", `${name} with a changed ${part}`, call, flipped(await seal(forwarder), at));
    const spent = await seal(forwarder);
    // The first is the forwarder's own and counts for nothing; the second is the attack.
    const first = await overHttp({ on: "cde", what: "", ...requestOf(origin, call, spent, {}), refused: [401, 415] });
    if (!first.reached) throw new Error(`the forwarder itself is refused ${name}, so refusals prove nothing`);
    await attack("cde", `${name} replayed`, call, spent);
  }
  await attackTokenize(origin, keys, foreign, onAttack);
  await attackAccessLog(origin, keys, foreign, onAttack);
  for (const path of [
    "/",
    "/v1/cards",
    "/v1/tokens",
    "/v1/keys",
    "/cdn-cgi/handler/scheduled",
    "/__scheduled",
    "/v1/payments/tokenize",
    "/.env",
    "/v1/authorizations",
  ])
    for (const method of ["GET", "PUT", "DELETE", "PATCH"])
      onAttack(
        await overHttp({
          on: "cde",
          what: `${method} ${path}`,
          url: origin + path,
          method,
          refused: [400, 401, 404, 405],
        }),
      );
}

async function attackTokenize(origin: string, keys: CellKeys, foreign: CellKeys, onAttack: OnAttack): Promise<void> {
  const url = `${origin}/v1/payments/tokenize`;
  const own = new ReaderVendor({ payOrigin: origin, clientKey: keys.outside.readerVendorJwk });
  const others = new ReaderVendor({ payOrigin: origin, clientKey: foreign.outside.readerVendorJwk });
  const elsewhere = new ReaderVendor({
    payOrigin: "https://pay.other.example",
    clientKey: keys.outside.readerVendorJwk,
  });
  const spent = await own.assertion();
  const post = (authorization: string | null): Promise<Attack> =>
    overHttp({
      on: "cde",
      what: "",
      url,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "idempotency-key": crypto.randomUUID(),
        ...(authorization === null ? {} : { authorization: `Bearer ${authorization}` }),
      },
      body: JSON.stringify(CARD),
      refused: [401],
    });
  if (!(await post(spent)).reached) throw new Error("the reader vendor itself is refused, so refusals prove nothing");
  for (const [what, assertion] of [
    ["without a client", null],
    ["by the other cell's reader vendor", await others.assertion()],
    ["for another origin", await elsewhere.assertion()],
    ["with an assertion that is over", await own.assertion(Date.now() - 600_000)],
    ["with an assertion of tomorrow", await own.assertion(Date.now() + 86_400_000)],
    ["with a spent assertion", spent],
    ["by the staff's key", await staffAssertion(keys, url)],
  ] as const)
    onAttack({ ...(await post(assertion)), what: `POST /v1/payments/tokenize ${what}` });
}

function calls(): { call: CallBinding; body: unknown }[] {
  const id = crypto.randomUUID();
  const amount = { amount_minor: 100, currency: "EUR" };
  const post = (path: string, idempotencyKey: string | null, body: unknown) => ({
    call: { method: "POST" as const, path, idempotencyKey },
    body,
  });
  return [
    post("/v1/card-references", null, { token: "x".repeat(24), cell: "eu", store: "eu-demo" }),
    post("/v1/tokens/forget", id, { request: id, tokens: ["x".repeat(24)] }),
    post("/v1/authorizations", id, {
      handoff: id,
      session: id,
      store: "eu-demo",
      terminal: "T1",
      ...amount,
      reference: null,
    }),
    { call: { method: "GET", path: `/v1/authorizations/${id}`, idempotencyKey: null }, body: null },
    post(`/v1/authorizations/${id}/capture`, `${id}:capture`, amount),
    post(`/v1/authorizations/${id}/void`, `${id}:void`, { reason: "mismatch" }),
    post(`/v1/authorizations/${id}/refunds`, `${id}:refund`, amount),
  ];
}

function requestOf(
  origin: string,
  { method, path, idempotencyKey }: CallBinding,
  sealed: string,
  more: Record<string, string>,
) {
  const headers = {
    ...(method === "GET" ? { [FORWARDER_HEADER]: sealed } : { "content-type": JOSE_MEDIA_TYPE }),
    ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
    ...more,
  };
  return { url: origin + path, method, headers, ...(method === "GET" ? {} : { body: sealed }) };
}

async function sealing(sign = "", encrypt = ""): Promise<SealingKeys> {
  return { sign: await envelopeKey(sign, "ES256"), encrypt: await envelopeKey(encrypt, "ECDH-ES") };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function withAudience(keys: SealingKeys, call: CallBinding, body: unknown, aud: string): Promise<string> {
  const signed = await new CompactSign(utf8(JSON.stringify(claimsOf(call, body, aud))))
    .setProtectedHeader({ alg: "ES256", typ: "cwf-req+jws" })
    .sign(keys.sign);
  return encrypted(keys, signed);
}

function unsigned(keys: SealingKeys, call: CallBinding, body: unknown): Promise<string> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return encrypted(
    keys,
    `${part({ alg: "none", typ: "cwf-req+jws" })}.${part(claimsOf(call, body, FORWARDER_AUDIENCE))}.AA`,
  );
}

function encrypted(keys: SealingKeys, signed: string): Promise<string> {
  return new CompactEncrypt(utf8(signed))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", typ: "cwf-req+jwe", cty: "cwf-req+jws" })
    .encrypt(keys.encrypt);
}

function claimsOf(call: CallBinding, body: unknown, aud: string) {
  return {
    aud,
    iat: Math.floor(Date.now() / 1000),
    jti: crypto.randomUUID(),
    htm: call.method,
    htu: call.path,
    idk: call.idempotencyKey,
    body,
  };
}

/** One character changed: at a place, at a part of the length, or from the end. */
function flipped(sealed: string, at: number): string {
  const place = at < 0 ? sealed.length + at : at < 1 ? Math.floor(sealed.length * at) : at;
  const old = sealed[place] ?? "";
  return sealed.slice(0, place) + (old === "A" ? "B" : "A") + sealed.slice(place + 1);
}

async function staffAssertion(keys: CellKeys, url: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .setIssuer("reader-vendor")
    .setSubject("reader-vendor")
    .setAudience(url)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime("30s")
    .sign(await importJWK(keys.outside.staffSigningJwk as JWK, "ES256"));
}
