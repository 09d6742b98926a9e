import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { verifyManifest } from "../../protocol/cart/manifest.ts";
import { makeFirmwareSigners, pointOf } from "../platform/firmware-signers.ts";
import { createFolder, manifestIn, signFolder } from "./release-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "release-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ORDER = { version: "1.2.0", securityCounter: 3, hardware: 1, releasedAt: 7 };
const IMAGE = Buffer.from("an image");

test("a release goes from the first signer to the second, and is what the fleet and the cart verify", async () => {
  const { jwks } = await makeFirmwareSigners();
  const digest = createFolder(folder, IMAGE, ORDER);
  await signFolder(folder, "A", jwks.A);
  await signFolder(folder, "B", jwks.B);
  const verified = await verifyManifest(manifestIn(folder), { build: [pointOf(jwks.A)], release: [pointOf(jwks.B)] });
  if (!verified.ok) throw new Error(verified.reason);
  expect(verified.value).toMatchObject({ version: "1.2.0", securityCounter: 3, size: IMAGE.length, hardware: 1 });
  expect(Buffer.from(verified.value.digest).toString("hex")).toBe(digest);
});

test("a release that one person signed, or one key signed twice, is none", async () => {
  const { jwks } = await makeFirmwareSigners();
  createFolder(folder, IMAGE, ORDER);
  await signFolder(folder, "A", jwks.A);
  expect(() => manifestIn(folder)).toThrow("signer B has not signed yet");
  await signFolder(folder, "B", jwks.A);
  expect(() => manifestIn(folder)).toThrow("both signatures are one key's");
});

test("a signature over another image, or over other claims, does not hold", async () => {
  const { jwks } = await makeFirmwareSigners();
  const keys = { build: [pointOf(jwks.A)], release: [pointOf(jwks.B)] };
  createFolder(folder, IMAGE, ORDER);
  await signFolder(folder, "A", jwks.A);
  const claims = readFileSync(join(folder, "claims.json"), "utf8");
  for (const [file, content] of [
    ["image.bin", "another image"],
    ["claims.json", claims.replace('"securityCounter": 3', '"securityCounter": 4')],
  ] as const) {
    const before = readFileSync(join(folder, file));
    writeFileSync(join(folder, file), content);
    await signFolder(folder, "B", jwks.B);
    expect(await verifyManifest(manifestIn(folder), keys)).toEqual({ ok: false, reason: "signature" });
    writeFileSync(join(folder, file), before);
  }
});
