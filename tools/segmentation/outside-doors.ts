import { importJWK, SignJWT, type JWK } from "jose";
import { encodeEnvelope } from "../../protocol/cart/codec.ts";
import { CART_PATH } from "../../protocol/cart/paths.ts";
import type { Cell, SessionId } from "../../protocol/ids.ts";
import { STAFF_ROLES } from "../../protocol/rooms/staff.ts";
import { ROUTES } from "../../workers/edge/app/routes.ts";
import { CALLS } from "../../workers/ops/calls.ts";
import { SecureElement } from "../cart/secure-element.ts";
import type { CellKeys } from "../platform/keys.ts";
import { BEARER_ROLES, signStaffToken, type StaffRole } from "../staff/client.ts";
import { makeSessionKey } from "../staff/proof.ts";
import { switchOn, type Place } from "../trip/party.ts";
import { overHttp, type OnAttack } from "./attack.ts";

/** The ops door: every call without a token, with every wrong role, and with tokens that are not this cell's or not now's. */
export async function attackOps(origin: string, keys: CellKeys, foreign: CellKeys, onAttack: OnAttack): Promise<void> {
  const { cell } = keys;
  const signingJwk = keys.outside.staffSigningJwk;
  const wrong: readonly (readonly [string, string | null])[] = [
    ["without a token", null],
    [
      "with a token of the other cell",
      await signStaffToken({ cell: foreign.cell, signingJwk: foreign.outside.staffSigningJwk }),
    ],
    [
      "with this cell's name by the other cell's key",
      await signStaffToken({ cell, signingJwk: foreign.outside.staffSigningJwk }),
    ],
    ["with the other cell's name by this cell's key", await signStaffToken({ cell: foreign.cell, signingJwk })],
    ["with a token that is over", await staffToken(cell, signingJwk, -3_600)],
    ["with the reader vendor's key", await signStaffToken({ cell, signingJwk: keys.outside.readerVendorJwk })],
    ["with a token that nobody signed", unsigned(await signStaffToken({ cell, signingJwk }))],
  ];
  await mustEnter(`${origin}/admin/v1/audit/entries`, await signStaffToken({ cell, signingJwk }));
  for (const { method, path, roles } of Object.values(CALLS)) {
    const url = origin + filled(path);
    const attack = async (what: string, token: string | null, refused: readonly number[]) =>
      onAttack(
        await overHttp({
          on: "ops",
          what: `${method} ${path} ${what}`,
          url,
          method,
          headers: token === null ? {} : { authorization: `Bearer ${token}` },
          refused,
        }),
      );
    // Each role that is not the call's, with the key that it is bound to where it needs one; and those without their key.
    const others = STAFF_ROLES.filter((role) => !(roles as readonly StaffRole[]).includes(role));
    const asOther = async (role: StaffRole): Promise<void> => {
      const as = `${method} ${path} as ${role}`;
      const headers = await authorized({ cell, signingJwk, roles: [role] }, method, url);
      onAttack(await overHttp({ on: "ops", what: as, url, method, headers, refused: [403] }));
    };
    const keyless = await signStaffToken({
      cell,
      signingJwk,
      roles: STAFF_ROLES.filter((role) => !BEARER_ROLES.includes(role)),
    });
    await Promise.all([
      ...wrong.map(([what, token]) => attack(what, token, [401])),
      ...others.map(asOther),
      attack("with the roles that need a key, and no key", keyless, [403]),
    ]);
  }
}

async function authorized(
  of: { cell: Cell; signingJwk: JWK; roles: readonly StaffRole[] },
  method: string,
  url: string,
): Promise<Record<string, string>> {
  if (of.roles.every((role) => BEARER_ROLES.includes(role)))
    return { authorization: `Bearer ${await signStaffToken(of)}` };
  const key = await makeSessionKey();
  const token = await signStaffToken({ ...of, boundTo: key.thumbprint });
  return { authorization: `DPoP ${token}`, dpop: await key.proof(method, url, token) };
}

/** The app API: every route without a token and with wrong ones, and every method that is not its own. */
export async function attackApp(
  origin: string,
  issuer: string,
  keys: CellKeys,
  foreign: CellKeys,
  onAttack: OnAttack,
): Promise<void> {
  const claims = { issuer, audience: "cartwright-app" };
  const wrong: readonly (readonly [string, string | null])[] = [
    ["without a token", null],
    ["with a token by the other cell's identity provider", await accessToken(foreign.secrets["ISSUER_JWK"], claims)],
    [
      "with the other provider's own name",
      await accessToken(foreign.secrets["ISSUER_JWK"], { ...claims, issuer: "https://id.other.example" }),
    ],
    [
      "with a token for another audience",
      await accessToken(keys.secrets["ISSUER_JWK"], { ...claims, audience: "another-app" }),
    ],
    ["with a token that is over", await accessToken(keys.secrets["ISSUER_JWK"], claims, -3_600)],
    ["with a staff token", await signStaffToken({ cell: keys.cell, signingJwk: keys.outside.staffSigningJwk })],
    ["with a token that nobody signed", unsigned(await accessToken(keys.secrets["ISSUER_JWK"], claims))],
  ];
  await mustEnter(`${origin}/v1/me`, await accessToken(keys.secrets["ISSUER_JWK"], claims));
  const open = /^\/r\//;
  for (const { method, path } of ROUTES) {
    const url = origin + filled(path);
    const name = `${method.toUpperCase()} ${path}`;
    const withToken = async ([what, token]: readonly [string, string | null]): Promise<void> =>
      onAttack(
        await overHttp({
          on: "edge",
          what: `${name} ${what}`,
          url,
          method: method.toUpperCase(),
          headers: token === null ? {} : { authorization: `Bearer ${token}` },
          refused: [401],
        }),
      );
    if (!open.test(path)) await Promise.all(wrong.map(withToken));
    for (const other of ["PUT", "DELETE", "PATCH", "POST"].filter(
      (each) => !ROUTES.some((route) => route.path === path && route.method.toUpperCase() === each),
    ))
      onAttack(await overHttp({ on: "edge", what: `${other} ${path}`, url, method: other, refused: [401, 404, 405] }));
  }
  for (const path of [
    "/admin/v1/audit/entries",
    "/staff/v1/sessions/x",
    "/v1/card-references",
    "/v1/tokens/forget",
    "/v1/authorizations",
    "/v1/payments/tokenize",
    "/cdn-cgi/mf/scheduled",
    "/r/AAAAAAAAAAAAAAAAAAAAAA",
    "/.env",
  ])
    for (const method of ["GET", "POST"])
      onAttack(
        await overHttp({ on: "edge", what: `${method} ${path}`, url: origin + path, method, refused: [401, 404, 405] }),
      );
}

/** The cart API: without a frame, as a cart that the other cell enrolled, with another's key, with another path's signature. */
export async function attackCarts(place: Place, onAttack: OnAttack): Promise<void> {
  const { origins, store } = place;
  const session = crypto.randomUUID() as SessionId;
  const own = await switchOn(place, 0, { boot: Math.floor(Date.now() / 1000) + 100 });
  const [unit] = store.carts;
  if (unit === undefined) throw new Error("the store has no cart");
  const thief = await switchOn(place, 0, { element: await SecureElement.make() });
  const stranger = await switchOn(place, 0, {
    element: await SecureElement.make(),
    certificate: crypto.getRandomValues(new Uint8Array(400)),
  });
  const health = { events: [{ kind: "health" as const, batteryPercent: 50, rssiDbm: -80, at: null }] };
  for (const [name, template] of Object.entries(CART_PATH)) {
    const path = template.replace("{id}", session);
    const payload = encodeEnvelope("events", { session, boot: 1, seq: 1, time: Date.now(), body: health });
    const bodies: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
      ["without a frame", new Uint8Array()],
      ["with rubbish", crypto.getRandomValues(new Uint8Array(200))],
      ["as a cart of the other cell", await stranger.sign(path, payload)],
      ["as a cart whose key it has not", await thief.sign(path, payload)],
      ["with a frame that was signed for another path", await own.sign(`${path}/x`, payload)],
    ];
    for (const [what, body] of bodies)
      onAttack(
        await overHttp({
          on: "edge",
          what: `POST ${template} ${what}`,
          url: origins.api + path,
          method: "POST",
          headers: { "content-type": "application/cose" },
          body,
          refused: [400, 401, 403, 404, 422, 429],
        }),
      );
    for (const method of ["GET", "PUT", "DELETE"])
      onAttack(
        await overHttp({
          on: "edge",
          what: `${method} ${template} (${name})`,
          url: origins.api + path,
          method,
          refused: [404, 405],
        }),
      );
  }
}

/** What is right gets in: else the refusals prove nothing. */
async function mustEnter(url: string, token: string): Promise<void> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 200)
    throw new Error(`${url} answers ${response.status} to a right token, so refusals prove nothing`);
}

const filled = (path: string): string =>
  path
    .replaceAll(/:serial/g, "00".repeat(16))
    .replaceAll(/:store/g, "eu-demo")
    .replaceAll(/:day/g, "2026-11-21")
    .replaceAll(/:\w+|\{\w+\}/g, "00000000-0000-4000-8000-000000000000");

async function staffToken(cell: Cell, signingJwk: JWK, seconds: number): Promise<string> {
  const now = Math.floor(Date.now() / 1000) + seconds;
  return new SignJWT({
    roles: BEARER_ROLES,
    iat: now,
    exp: now + 300,
    iss: `cartwright-staff/${cell}`,
    aud: `cartwright-ops/${cell}`,
    sub: "demo-staff",
    jti: crypto.randomUUID(),
  })
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .sign(await importJWK(signingJwk, "ES256"));
}

async function accessToken(
  jwk = "",
  { issuer, audience }: { issuer: string; audience: string },
  seconds = 0,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000) + seconds;
  const key = JSON.parse(jwk) as JWK;
  return new SignJWT({
    iss: issuer,
    aud: audience,
    sub: "attacker",
    iat: now,
    exp: now + 300,
    jti: crypto.randomUUID(),
    client_id: "cartwright-app",
  })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .sign(await importJWK(key, "ES256"));
}

function unsigned(token: string): string {
  const [, payload = ""] = token.split(".");
  return `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${payload}.AA`;
}
