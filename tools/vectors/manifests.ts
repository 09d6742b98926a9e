/** Firmware manifests: good ones, and ones that must be refused, each wrong in one way only. */
import { hex } from "../../protocol/bytes.ts";
import { encodeCbor, type Bytes, type CborValue } from "../../protocol/cart/cbor.ts";
import { FIRMWARE_MANIFEST, STORE_ATTESTATION } from "../../protocol/cart/cose.ts";
import { toBeSignedByTwo, twoSignerFrame } from "../../protocol/cart/cose-sign.ts";
import { encodeManifest, type FirmwareManifest, type ManifestReason } from "../../protocol/cart/manifest.ts";
import { highS, signatureInput, type TestKey } from "./keys.ts";
import { asJson } from "./messages.ts";
import { counting, NOW } from "./samples.ts";

export interface ManifestVector {
  readonly name: string;
  readonly frame: string;
  /** `accepted`, or what the verifier names as the reason. The pinned keys are `build`, `build next` and `release`. */
  readonly result: ManifestReason | "accepted";
  /** Null for what is refused. */
  readonly decoded: unknown;
}

export interface ManifestTestKeys {
  readonly build: TestKey;
  readonly buildNext: TestKey;
  readonly release: TestKey;
  readonly stranger: TestKey;
}

const MANIFEST: FirmwareManifest = {
  version: "1.4.2",
  securityCounter: 3,
  size: 705_024,
  digest: counting(32, 0x20),
  hardware: 2,
  releasedAt: NOW,
};
const GREATEST: FirmwareManifest = {
  version: "v".repeat(32),
  securityCounter: 0xffff_ffff,
  size: 0xffff_ffff,
  digest: new Uint8Array(32).fill(0xff),
  hardware: 0xffff,
  releasedAt: Number.MAX_SAFE_INTEGER,
};
const HEADER = Uint8Array.of(0xa1, 0x01, 0x26);

export function manifestVectors(keys: ManifestTestKeys): readonly ManifestVector[] {
  const { build, buildNext, release, stranger } = keys;
  const payload = encodeManifest(MANIFEST);
  const signed = (first: TestKey, second: TestKey, content = payload, purpose = FIRMWARE_MANIFEST): Bytes =>
    twoSignerFrame(content, [by(first, content, purpose), by(second, content, purpose)]);
  const accepted = (name: string, frame: Bytes, manifest: FirmwareManifest): ManifestVector => ({
    name,
    frame: hex(frame),
    result: "accepted",
    decoded: asJson(manifest),
  });
  const refused = (name: string, result: ManifestReason, frame: Uint8Array): ManifestVector => ({
    name,
    frame: hex(frame),
    result,
    decoded: null,
  });
  const good = signed(build, release);
  const one = by(build, payload);
  const other = by(release, payload);
  const signer = (kid: CborValue, signature: CborValue, head: CborValue = HEADER): CborValue => [
    head,
    new Map([[4, kid]]),
    signature,
  ];
  const items = (...list: readonly CborValue[]): Bytes => encodeCbor(list, 98);
  const body = (signers: CborValue): Bytes => items(new Uint8Array(), new Map(), payload, signers);
  const withFirst = (first: CborValue): Bytes => body([first, signer(other.kid, other.signature)]);
  const content = (name: string, changes: Readonly<Record<number, CborValue | undefined>>): ManifestVector =>
    refused(name, "malformed", signed(build, release, changed(changes)));

  return [
    accepted("a release", good, MANIFEST),
    accepted("the longest and greatest", signed(build, release, encodeManifest(GREATEST)), GREATEST),
    accepted("by the next build key", signed(buildNext, release), MANIFEST),
    accepted("high-S", twoSignerFrame(payload, [{ ...one, signature: highS(one.signature) }, other]), MANIFEST),

    refused("nothing at all", "truncated", new Uint8Array()),
    refused("the last byte missing", "truncated", good.subarray(0, -1)),
    refused("a byte too many", "trailing", Uint8Array.of(...good, 0)),
    refused("no tag", "tag", good.subarray(2)),
    refused("tag 18, COSE_Sign1", "tag", Uint8Array.of(0xd2, ...good.subarray(2))),
    refused("three items", "shape", items(new Uint8Array(), new Map(), payload)),
    refused("a protected header of the body", "protected", items(HEADER, new Map(), payload, [])),
    refused("a protected header of the body that is null", "protected", items(null, new Map(), payload, [])),
    refused(
      "an unprotected label of the body",
      "unprotected",
      items(new Uint8Array(), new Map([[4, one.kid]]), payload, []),
    ),
    refused(
      "an unprotected header of the body that is null",
      "unprotected",
      items(new Uint8Array(), null, payload, []),
    ),
    refused("a detached payload", "payload", items(new Uint8Array(), new Map(), null, [])),
    refused("no signers", "shape", body(null)),
    refused("one signer", "shape", body([signer(one.kid, one.signature)])),
    refused(
      "three signers",
      "shape",
      body([signer(one.kid, one.signature), signer(other.kid, other.signature), signer(other.kid, other.signature)]),
    ),
    refused("a signer that is null", "shape", withFirst(null)),
    refused("a signer of two items", "shape", withFirst([HEADER, new Map([[4, one.kid]])])),
    refused("a signer without a protected header", "protected", withFirst(signer(one.kid, one.signature, null))),
    refused(
      "a signer's alg ES384",
      "protected",
      withFirst(signer(one.kid, one.signature, encodeCbor(new Map([[1, -35]])))),
    ),
    refused("a signer without a kid", "unprotected", withFirst([HEADER, new Map(), one.signature])),
    refused("a signer's kid of 7 bytes", "kid", withFirst(signer(one.kid.subarray(1), one.signature))),
    refused("a signature of 63 bytes", "signature_form", withFirst(signer(one.kid, one.signature.subarray(1)))),
    refused(
      "the second signature of 63 bytes",
      "signature_form",
      body([signer(one.kid, one.signature), signer(other.kid, other.signature.subarray(1))]),
    ),

    refused("the signers in the wrong order", "unknown_key", signed(release, build)),
    refused("twice by the build signer", "unknown_key", signed(build, build)),
    refused("twice by the release signer", "unknown_key", signed(release, release)),
    refused("a stranger for the build signer", "unknown_key", signed(stranger, release)),
    refused("a stranger for the release signer", "unknown_key", signed(build, stranger)),
    refused(
      "a stranger under the build signer's kid",
      "signature",
      twoSignerFrame(payload, [{ ...by(stranger, payload), kid: build.kid }, other]),
    ),
    refused(
      "a stranger under the release signer's kid",
      "signature",
      twoSignerFrame(payload, [one, { ...by(stranger, payload), kid: release.kid }]),
    ),
    refused("signed for another purpose", "signature", signed(build, release, payload, STORE_ATTESTATION)),
    refused(
      "signed in the context of COSE_Sign1",
      "signature",
      twoSignerFrame(payload, [inContextOfOne(build, payload), inContextOfOne(release, payload)]),
    ),
    refused("another payload than was signed", "signature", twoSignerFrame(changed({ 2: 4 }), [one, other])),

    content("no version", { 1: undefined }),
    content("an empty version", { 1: "" }),
    content("a version of 33 bytes", { 1: "v".repeat(33) }),
    content("a version that is a number", { 1: 1 }),
    content("a security counter of 2^32", { 2: 2 ** 32 }),
    content("a negative security counter", { 2: -1 }),
    content("an image of no bytes", { 3: 0 }),
    content("an image of 2^32 bytes", { 3: 2 ** 32 }),
    content("a digest of 31 bytes", { 4: new Uint8Array(31) }),
    content("a hardware revision of 65,536", { 5: 65_536 }),
    content("no date", { 6: undefined }),
    content("an unknown key", { 7: 0 }),
    refused("a payload that is no map", "malformed", signed(build, release, encodeCbor([1]))),
  ];
}

function by(key: TestKey, payload: Uint8Array, purpose = FIRMWARE_MANIFEST): { kid: Bytes; signature: Bytes } {
  return { kid: key.kid, signature: key.sign(toBeSignedByTwo(payload, purpose)) };
}

function inContextOfOne(key: TestKey, payload: Uint8Array): { kid: Bytes; signature: Bytes } {
  return { kid: key.kid, signature: key.sign(signatureInput(HEADER, FIRMWARE_MANIFEST, payload)) };
}

/** The payload with some keys set to another value, or with undefined taken away. */
function changed(changes: Readonly<Record<number, CborValue | undefined>>): Bytes {
  const { version, securityCounter, size, digest, hardware, releasedAt } = MANIFEST;
  const fields = new Map<number, CborValue>([
    [1, version],
    [2, securityCounter],
    [3, size],
    [4, digest],
    [5, hardware],
    [6, releasedAt],
  ]);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) fields.delete(Number(key));
    else fields.set(Number(key), value);
  }
  return encodeCbor(fields);
}
