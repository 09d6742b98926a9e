import { X509Certificate, createPrivateKey } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  CELL_KEY,
  STORE_ATTESTATION,
  importPublicKey,
  kidOf,
  parseFrame,
  verifyFrame,
} from "../../protocol/cart/cose.ts";
import { decodeCellKey } from "../../protocol/cart/statements.ts";
import { makeAuthority, type Authority } from "./authority.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
let authority: Authority;
let root: X509Certificate;
let intermediate: X509Certificate;
const der = (name: string) => Uint8Array.from(Buffer.from(authority.secrets[name] ?? "", "base64"));

beforeAll(async () => {
  authority = await makeAuthority("eu", NOW);
  root = new X509Certificate(der("ROOT_CERTIFICATE"));
  intermediate = new X509Certificate(der("INTERMEDIATE_CERTIFICATE"));
});

describe("a cell's development authority", () => {
  test("is a chain that an independent X.509 reader accepts", () => {
    expect(root.verify(root.publicKey)).toBe(true);
    expect(intermediate.verify(root.publicKey)).toBe(true);
    expect(intermediate.checkIssued(root)).toBe(true);
    expect(root.verify(intermediate.publicKey)).toBe(false);
    expect([root.ca, intermediate.ca]).toEqual([true, true]);
  });

  test("gives the intermediate a shorter life than the root", () => {
    expect(intermediate.validToDate.getTime()).toBeLessThan(root.validToDate.getTime());
    expect(root.validToDate.toISOString()).toBe("2066-11-21T12:00:00.000Z");
  });

  test("hands out the private keys that belong to its certificates", () => {
    const key = (text: string) => createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs8" });
    expect(root.checkPrivateKey(key(authority.rootKeyPkcs8))).toBe(true);
    expect(intermediate.checkPrivateKey(key(authority.secrets["INTERMEDIATE_KEY_PKCS8"] ?? ""))).toBe(true);
    expect(intermediate.checkPrivateKey(key(authority.rootKeyPkcs8))).toBe(false);
  });

  test("signs the cell's statement key with the pinned root, for that purpose alone", async () => {
    const frame = parseFrame(der("CELL_KEY_STATEMENT"));
    if (!frame.ok) throw new Error(frame.reason);
    const pinned = await importPublicKey(Buffer.from(authority.rootPublicKey, "base64"));
    expect(await verifyFrame(frame.value, pinned, CELL_KEY)).toBe(true);
    expect(await verifyFrame(frame.value, pinned, STORE_ATTESTATION)).toBe(false);
    expect(frame.value.kid).toEqual(await kidOf(der("ROOT_CERTIFICATE")));
    const jwk = JSON.parse(authority.secrets["STATEMENT_KEY_JWK"] ?? "") as { x: string; y: string };
    const claims = decodeCellKey(frame.value.payload);
    expect(claims.ok && claims.value).toEqual({
      cell: "eu",
      publicKey: Uint8Array.of(4, ...Buffer.from(jwk.x, "base64url"), ...Buffer.from(jwk.y, "base64url")),
      notBefore: NOW,
      expires: Date.parse("2028-11-21T12:00:00Z"),
    });
  });

  test("never gives two cells one key", async () => {
    const other = await makeAuthority("us", NOW);
    expect(other.rootPublicKey).not.toBe(authority.rootPublicKey);
    expect(
      intermediate.verify(
        new X509Certificate(Buffer.from(other.secrets["ROOT_CERTIFICATE"] ?? "", "base64")).publicKey,
      ),
    ).toBe(false);
  });
});
