import "reflect-metadata";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { describe, expect, it } from "vitest";
import { hex } from "../../protocol/bytes.ts";
import { ES256 } from "../../protocol/cart/cose.ts";
import { SecureElement } from "./secure-element.ts";
import { SERIAL } from "./test/fake-edge.ts";

describe("the secure element", () => {
  it("has the same key after it was saved and restored, and signs with it", async () => {
    const element = await SecureElement.make();
    const restored = await SecureElement.restore(JSON.parse(JSON.stringify(await element.save())));
    expect(hex(await restored.publicPoint())).toBe(hex(await element.publicPoint()));
    const key = await crypto.subtle.importKey(
      "spki",
      await element.publicKeyInfo(),
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["verify"],
    );
    const message = Uint8Array.of(1, 2, 3);
    const signature = await restored.sign(message);
    expect(signature).toHaveLength(64);
    expect(await crypto.subtle.verify(ES256, key, signature, message)).toBe(true);
  });

  it("refuses to restore a key of another kind", async () => {
    await expect(SecureElement.restore({ kty: "OKP", crv: "Ed25519", x: "AA" })).rejects.toThrow(TypeError);
  });

  it("asks for a certificate that names the cart's serial and proves that it holds the key", async () => {
    const element = await SecureElement.make();
    const request = new Pkcs10CertificateRequest(await element.certificateRequest(SERIAL));
    expect(request.subjectName.getField("2.5.4.5")).toEqual([SERIAL]);
    expect(await request.verify()).toBe(true);
    expect(hex(new Uint8Array(request.publicKey.rawData))).toBe(hex(await element.publicKeyInfo()));
  });
});
