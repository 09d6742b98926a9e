import { compactDecrypt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { concatKdf, encrypt, utf8, type RecipientJwk } from "./jwe.ts";

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64url"));

describe("the Concat KDF", () => {
  it("gives the key of RFC 7518, appendix C", async () => {
    const d = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";
    const alice = {
      kty: "EC",
      crv: "P-256",
      x: "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
      y: "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
      d: "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo",
    };
    const bob = {
      kty: "EC",
      crv: "P-256",
      x: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
      y: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    };
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const agree = async (own: object, other: object) =>
      new Uint8Array(
        await crypto.subtle.deriveBits(
          { name: "ECDH", public: await crypto.subtle.importKey("jwk", other, curve, false, []) },
          await crypto.subtle.importKey("jwk", own, curve, false, ["deriveBits"]),
          256,
        ),
      );
    const secret = await agree(alice, bob);
    expect(await agree({ ...bob, d }, { ...alice, d: undefined })).toEqual(secret);
    const party = { algorithm: "A128GCM", apu: utf8("Alice"), apv: utf8("Bob"), bits: 128 };
    expect(await concatKdf(secret, party)).toEqual(bytes("VqqN6vgjbSBcIijNcacQGg"));
  });
});

describe("an encrypted card", () => {
  const recipient = async () => {
    const { publicKey, privateKey } = await generateKeyPair("ECDH-ES", { extractable: true, crv: "P-256" });
    return { jwk: { ...(await exportJWK(publicKey)), kid: "k1" } as RecipientJwk, privateKey };
  };

  it("opens for an independent implementation, empty and long alike", async () => {
    const { jwk, privateKey } = await recipient();
    for (const text of ["", "{}", "ü".repeat(700)]) {
      const sealed = await encrypt(jwk, utf8(text));
      expect(sealed.split(".")[1]).toBe("");
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, privateKey, {
        keyManagementAlgorithms: ["ECDH-ES"],
        contentEncryptionAlgorithms: ["A256GCM"],
      });
      expect(new TextDecoder().decode(plaintext)).toBe(text);
      expect(protectedHeader).toMatchObject({ alg: "ECDH-ES", enc: "A256GCM", kid: "k1" });
    }
  });

  it("has a new key and nonce each time, and no private part in its header", async () => {
    const { jwk } = await recipient();
    const [one, two] = [await encrypt(jwk, utf8("card")), await encrypt(jwk, utf8("card"))];
    for (const part of [0, 2, 3, 4]) expect(one.split(".")[part]).not.toBe(two.split(".")[part]);
    expect(decodeProtectedHeader(one)["epk"]).not.toHaveProperty("d");
  });

  it("does not open for another key, or changed in any part", async () => {
    const { jwk, privateKey } = await recipient();
    const sealed = await encrypt(jwk, utf8("card"));
    await expect(compactDecrypt(sealed, (await recipient()).privateKey)).rejects.toThrow();
    const parts = sealed.split(".");
    for (const part of [2, 3, 4]) {
      const text = parts[part] ?? "";
      const changed = parts.with(part, (text.startsWith("A") ? "B" : "A") + text.slice(1)).join(".");
      await expect(compactDecrypt(changed, privateKey)).rejects.toThrow();
    }
  });

  it("is not made for what is no P-256 point", async () => {
    const { jwk } = await recipient();
    await expect(encrypt({ ...jwk, y: jwk.x }, utf8("card"))).rejects.toThrow();
    await expect(encrypt({ ...jwk, crv: "P-384" }, utf8("card"))).rejects.toThrow();
    expect(await importJWK({ ...jwk }, "ECDH-ES")).toBeDefined();
  });
});
