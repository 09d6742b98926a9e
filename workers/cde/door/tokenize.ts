import { compactDecrypt, decodeProtectedHeader } from "jose";
import { JOSE_MEDIA_TYPE } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { Env, Machine } from "../boot.ts";
import type { Client } from "../card/request.ts";
import type { ProblemCode } from "../problem.ts";
import { mediaType, parseJson, readBody } from "./body.ts";
import { certificateAccepted, certificateOf } from "./client-certificate.ts";
import { clientAssertion } from "./client-assertion.ts";
import { takeOnce } from "./replay.ts";

const MAX_BYTES = 8_192;

export interface TokenizeCall {
  readonly client: Client;
  /** As parsed; not yet checked. */
  readonly body: unknown;
}

/**
 * Who asks for a token, and what for: the reader vendor's back end in JSON under its client key, or anybody who can
 * encrypt to the CDE (the card form), a limited number of times.
 */
export async function tokenizeCall(
  request: Request,
  env: Env,
  machine: Machine,
  now: number,
): Promise<Result<TokenizeCall, ProblemCode>> {
  const type = mediaType(request);
  if (type === "application/json") {
    const client = await readerVendor(request, env, machine, now);
    if (!client.ok) return client;
    const text = await readBody(request, MAX_BYTES);
    return text.ok ? ok({ client: "reader-vendor", body: parseJson(text.value) }) : text;
  }
  if (type !== JOSE_MEDIA_TYPE) return fail("media_type");
  const caller = request.headers.get("cf-connecting-ip") ?? "unknown";
  if (!(await env.TOKENIZE_LIMIT.limit({ key: `card-form|${caller}` })).success) return fail("too_many_requests");
  const sealed = await readBody(request, MAX_BYTES);
  if (!sealed.ok) return sealed;
  const opened = await decrypted(sealed.value, machine.forwarder.decrypt);
  return opened === undefined ? fail("malformed") : ok({ client: "card-form", body: opened });
}

async function readerVendor(
  request: Request,
  env: Env,
  machine: Machine,
  now: number,
): Promise<Result<undefined, "client_auth">> {
  if (!certificateAccepted(env.JURISDICTION, certificateOf(request))) return fail("client_auth");
  const origin = new URL(env.PAY_ORIGIN).origin;
  const audiences = [origin, `${origin}${new URL(request.url).pathname}`];
  const assertion = await clientAssertion(request.headers.get("authorization"), machine.readerVendor, audiences, now);
  if (!assertion.ok) return assertion;
  const id = await machine.digest("jti", `reader-vendor|${assertion.value.jti}`);
  return (await takeOnce(env.VAULT, id, assertion.value.expires)) ? ok() : fail("client_auth");
}

/** The JSON inside a JWE for the CDE; undefined for anything else, an envelope of the forwarder included. */
async function decrypted(sealed: string, key: CryptoKey): Promise<unknown> {
  try {
    const header = decodeProtectedHeader(sealed);
    if ("zip" in header || header.typ?.startsWith("cwf-") === true) return undefined;
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ["ECDH-ES"],
      contentEncryptionAlgorithms: ["A256GCM"],
    });
    return parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(plaintext));
  } catch {
    return undefined;
  }
}
