import { CompactSign, generateKeyPair, exportJWK, importJWK, type CryptoKey, type JWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { SccRecord } from "../rooms/raw-read.ts";
import type { PublicKey, RosterRecord } from "../rooms/staff.ts";
import { readRecord, rosterClaims, standing } from "./roster.ts";
import { readScc, sccClaims } from "./scc.ts";
import { parseList, parsePublicKey, parseTimes, readStatement, signStatement, STATEMENT_TYPES } from "./signed.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const SECONDS = NOW / 1000;
let jwk: JWK;
let key: PublicKey;
let authority: CryptoKey;
let record: RosterRecord;

beforeAll(async () => {
  const pair = await generateKeyPair("ES256", { extractable: true });
  jwk = await exportJWK(pair.privateKey);
  key = { kty: "EC", crv: "P-256", x: jwk.x ?? "", y: jwk.y ?? "" };
  authority = pair.publicKey;
  record = {
    account: "staff-1",
    human: "h-0001",
    key,
    label: "test-key",
    roles: ["privacy", "dpo"],
    version: 1,
    issued: SECONDS - 60,
    expires: SECONDS + 60,
    ended: false,
  };
});

describe("a statement of staff", () => {
  test("is read by its signer's key, for the act that it is of", async () => {
    const text = await signStatement("view", { a: 1 }, jwk);
    expect(await readStatement("view", text, key)).toEqual({ a: 1 });
    expect(await readStatement("approval", text, key)).toBeUndefined();
    const other = (await generateKeyPair("ES256")).publicKey;
    expect(await readStatement("view", text, other)).toBeUndefined();
  });

  test("is not read unsigned, by a shared secret, untyped, too long, or as what is no object", async () => {
    const payload = Buffer.from("{}").toString("base64url");
    const header = (alg: string) =>
      Buffer.from(JSON.stringify({ alg, typ: STATEMENT_TYPES.view })).toString("base64url");
    const shared = await new CompactSign(new TextEncoder().encode("{}"))
      .setProtectedHeader({ alg: "HS256", typ: STATEMENT_TYPES.view })
      .sign(new TextEncoder().encode(JSON.stringify(key).padEnd(64)));
    const signer = await importJWK(jwk, "ES256");
    const untyped = await new CompactSign(new TextEncoder().encode("{}"))
      .setProtectedHeader({ alg: "ES256" })
      .sign(signer);
    const long = await signStatement("view", { a: "x".repeat(4096) }, jwk);
    const list = await new CompactSign(new TextEncoder().encode("null"))
      .setProtectedHeader({ alg: "ES256", typ: STATEMENT_TYPES.view })
      .sign(signer);
    for (const text of [
      `${header("none")}.${payload}.`,
      `${header("ES256")}.${payload}.AA`,
      shared,
      untyped,
      long,
      list,
      "",
      "a.b.c",
    ])
      expect(await readStatement("view", text, key)).toBeUndefined();
  });
});

describe("the parts of a statement", () => {
  test("a public key is four members and no more: never a private one", () => {
    expect(parsePublicKey({ ...key })).toEqual(key);
    for (const wrong of [
      { ...key, d: jwk.d },
      { ...key, crv: "P-384" },
      { ...key, x: "AA" },
      { ...key, y: 1 },
      null,
      "key",
      [],
    ])
      expect(parsePublicKey(wrong)).toBeUndefined();
  });

  test("times are whole seconds, the end after the issue, the issue not ahead", () => {
    expect(parseTimes({ iat: SECONDS + 5, exp: SECONDS + 6 }, NOW)).toEqual({
      issued: SECONDS + 5,
      expires: SECONDS + 6,
    });
    for (const [iat, exp] of [
      [SECONDS + 6, SECONDS + 60],
      [SECONDS, SECONDS],
      [SECONDS, SECONDS - 1],
      [SECONDS + 0.5, SECONDS + 60],
      [0, SECONDS],
      [NOW, NOW + 1e12],
      [String(SECONDS), SECONDS + 1],
    ])
      expect(parseTimes({ iat, exp }, NOW)).toBeUndefined();
  });

  test("a list is not empty, repeats nothing and stays in its closed list", () => {
    expect(parseList(["a", "b"], ["a", "b"])).toEqual(["a", "b"]);
    for (const wrong of [[], ["a", "a"], ["a", "c"], "a", null, [["a"]]])
      expect(parseList(wrong, ["a", "b"])).toBeUndefined();
  });
});

describe("a roster record", () => {
  const sign = (changes: object) => signStatement("record", { ...rosterClaims("eu", record), ...changes }, jwk);
  const read = (text: string) => readRecord(text, authority, "eu", NOW);

  test("is what the authority of the cell signed", async () => {
    expect(await read(await sign({}))).toEqual({ ok: true, value: record });
  });

  test.each<[string, object]>([
    ["of another cell", { iss: "cartwright-staff-authority/us" }],
    ["whose account is an address", { sub: "someone@shop.example" }],
    ["whose human is a name", { human: "Somebody" }],
    ["whose label is free text", { label: "a key of somebody" }],
    ["with a role that is not in the list", { roles: ["root"] }],
    ["without a role", { roles: [] }],
    ["with a version that is none", { version: 0 }],
    ["that does not say whether it has ended", { ended: "no" }],
    ["with a member more", { note: "x" }],
    ["from the future", { iat: SECONDS + 60, exp: SECONDS + 120 }],
  ])("is not believed %s", async (_, changes) => {
    expect(await read(await sign(changes))).toEqual({ ok: false, reason: "untrusted_record" });
  });

  test("stands until its end, and not once it says that the account has ended", () => {
    expect(standing(record, NOW)).toEqual({ ok: true });
    expect(standing(record, NOW + 60_000)).toEqual({ ok: false, reason: "ended" });
    expect(standing({ ...record, ended: true }, NOW)).toEqual({ ok: false, reason: "ended" });
  });
});

describe("an SCC record", () => {
  const scc = (): SccRecord => ({
    id: "scc-0001",
    officer: "staff-1",
    version: 1,
    person: { cell: "us", account: "us-staff-1", human: "h-1001", key },
    purposes: ["product_recall"],
    fields: ["name"],
    issued: SECONDS - 1,
    expires: SECONDS + 1,
    ended: false,
  });
  const sign = (changes: object) => signStatement("scc", { ...sccClaims("eu", scc()), ...changes }, jwk);
  const read = (text: string, roles: RosterRecord["roles"] = record.roles) =>
    readScc(text, { ...record, roles }, "eu", NOW);

  test("is what the cell's data-protection officer signed", async () => {
    expect(await read(await sign({}))).toEqual({ ok: true, value: scc() });
    expect(await read(await sign({}), ["privacy"])).toEqual({ ok: false, reason: "wrong_role" });
  });

  test.each<[string, object]>([
    ["for another cell", { aud: "cartwright-scc/us" }],
    ["in another officer's name", { iss: "staff-2" }],
    ["without an id of the form", { jti: "1" }],
    ["for a purpose that is not in the list", { purposes: ["curiosity"] }],
    ["for a field that is not in the list", { fields: ["card"] }],
    ["for no field", { fields: [] }],
    ["that names nobody", { person: null }],
    ["without an end", { exp: undefined }],
    ["with a member more", { note: "x" }],
  ])("is not believed %s", async (_, changes) => {
    expect(await read(await sign(changes))).toEqual({ ok: false, reason: "untrusted_record" });
  });

  test("does not name a person with a private key, of this cell, or of none", async () => {
    const { person } = scc();
    for (const wrong of [
      { ...person, key: { ...key, d: jwk.d } },
      { ...person, cell: "eu" },
      { ...person, cell: "apac" },
    ])
      expect(await read(await sign({ person: wrong }))).toEqual({ ok: false, reason: "untrusted_record" });
  });
});
