import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../bytes.ts";
import { vectorFiles } from "../../tools/vectors/files.ts";
import type { BodyVector } from "../../tools/vectors/bodies.ts";
import type { FrameVector } from "../../tools/vectors/frames.ts";
import type { RefusedAnswerVector } from "../../tools/vectors/answers-refused.ts";
import type { CartStatementVector } from "../../tools/vectors/cart-statements.ts";
import type { ManifestVector } from "../../tools/vectors/manifests.ts";
import type { ItemVector } from "../../tools/vectors/items.ts";
import type { AnswerVector, HelloVector, MessageVector, StatementVector } from "../../tools/vectors/messages.ts";
import { decodeCbor, encodeCbor } from "../cart/cbor.ts";
import { decodeAnswer, decodeEnvelope, decodeHello, encodeAnswer, encodeEnvelope, encodeHello } from "../cart/codec.ts";
import { FRAME_CODE, importPublicKey, parseFrame, purposeOfPath, verifyFrame } from "../cart/cose.ts";
import { decodeManifest, encodeManifest, verifyManifest } from "../cart/manifest.ts";
import { parseTwoSignerFrame } from "../cart/cose-sign.ts";
import {
  decodeBeaconStatement,
  decodeCellKey,
  decodeStoreAttestation,
  encodeBeaconStatement,
  encodeCellKey,
  encodeStoreAttestation,
} from "../cart/statements.ts";
import type { Result } from "../result.ts";

/** The committed files, so that what others read is what is tested. */
function vectors(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}

const asJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? hex(item) : item)));

const points = new Map(
  (vectors("keys.json") as readonly { name: string; point: string }[]).map(({ name, point }) => [name, point]));
const keyOf = (name: string): Promise<CryptoKey> => importPublicKey(fromHex(points.get(name) ?? ""));

function taken<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe("the vector files", () => {
  it("are what the generator makes, byte for byte", async () => {
    for (const [name, content] of await vectorFiles()) {
      expect(readFileSync(new URL(name, import.meta.url), "utf8") === content, name).toBe(true);
    }
  });
});

describe("single items", () => {
  it.each((vectors("items.json") as readonly ItemVector[]))("$name", ({ item, accepted, reason }) => {
    const decoded = decodeCbor(fromHex(item));
    expect(decoded.ok).toBe(accepted);
    if (decoded.ok) expect(hex(encodeCbor(decoded.value))).toBe(item);
    else expect(decoded.reason).toBe(reason);
  });
});

describe("requests decode to what they say, encode to the same bytes and verify", () => {
  it.each((vectors("messages.json") as readonly MessageVector[]))("$name", async (vector) => {
    const frame = taken(parseFrame(fromHex(vector.frame)));
    expect(hex(frame.kid)).toBe(vector.kid);
    expect(hex(frame.payload)).toBe(vector.payload);
    const purpose = purposeOfPath(vector.path);
    expect(hex(new TextEncoder().encode(purpose))).toBe(vector.external_aad);
    expect(await verifyFrame(frame, await keyOf(vector.key), purpose)).toBe(true);
    const envelope = taken(decodeEnvelope(vector.message, frame.payload));
    expect(asJson(envelope)).toEqual(vector.decoded);
    expect(hex(encodeEnvelope(vector.message, envelope))).toBe(vector.payload);
  });

  it.each((vectors("hello.json") as readonly HelloVector[]))("$name", ({ payload, decoded }) => {
    const request = taken(decodeHello(fromHex(payload)));
    expect(asJson(request)).toEqual(decoded);
    expect(hex(encodeHello(request))).toBe(payload);
  });
});

describe("answers decode to what they say and encode to the same bytes", () => {
  it.each((vectors("answers.json") as readonly AnswerVector[]))("$answer: $name", ({ answer, payload, decoded }) => {
    const value = taken(decodeAnswer(answer, fromHex(payload)));
    expect(asJson(value)).toEqual(decoded);
    expect(hex(encodeAnswer(answer, value))).toBe(payload);
  });

  it.each((vectors("answers.json") as readonly AnswerVector[]))("$answer: $name, refused wherever it is cut", ({ answer, payload }) => {
    const whole = fromHex(payload);
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeAnswer(answer, whole.subarray(0, length)).ok).toBe(false);
    }
  });
});

describe("answers that a cart must refuse", () => {
  it.each((vectors("answers-refused.json") as readonly RefusedAnswerVector[]))("$answer: $name", ({ answer, payload }) => {
    expect(decodeAnswer(answer, fromHex(payload))).toEqual({ ok: false, reason: "malformed" });
  });
});

describe("firmware manifests", () => {
  const point = (name: string): Uint8Array => fromHex(points.get(name) ?? "");
  const pinned = { build: [point("build"), point("build next")], release: [point("release")] };

  it.each((vectors("manifests.json") as readonly ManifestVector[]))("$result: $name", async (vector) => {
    const verified = await verifyManifest(fromHex(vector.frame), pinned);
    expect(verified.ok ? "accepted" : verified.reason).toBe(vector.result);
    if (!verified.ok) return;
    expect(asJson(verified.value)).toEqual(vector.decoded);
    const { payload } = taken(parseTwoSignerFrame(fromHex(vector.frame)));
    expect(hex(encodeManifest(taken(decodeManifest(payload))))).toBe(hex(payload));
  });

  it("are refused when one key stands for both signers", async () => {
    const [first] = (vectors("manifests.json") as readonly ManifestVector[]);
    const twice = { build: [point("build")], release: [point("build"), point("release")] };
    expect((await verifyManifest(fromHex(first?.frame ?? ""), twice)).ok).toBe(true);
    const same = (vectors("manifests.json") as readonly ManifestVector[]).find(
      ({ name }) => name === "twice by the build signer");
    expect(await verifyManifest(fromHex(same?.frame ?? ""), twice)).toEqual({ ok: false, reason: "signers" });
  });
});

describe("statements verify for their own purpose and decode to what they say", () => {
  const recode: Record<StatementVector["name"], (payload: Uint8Array) => readonly [unknown, Uint8Array]> = {
    "beacon statement": (payload) => {
      const value = taken(decodeBeaconStatement(payload));
      return [value, encodeBeaconStatement(value)];
    },
    "store attestation": (payload) => {
      const value = taken(decodeStoreAttestation(payload));
      return [value, encodeStoreAttestation(value)];
    },
    "cell key": (payload) => {
      const value = taken(decodeCellKey(payload));
      return [value, encodeCellKey(value)];
    },
  };
  it.each((vectors("statements.json") as readonly StatementVector[]))("$name", async (vector) => {
    const frame = taken(parseFrame(fromHex(vector.frame)));
    const key = await keyOf(vector.key);
    for (const { purpose } of (vectors("statements.json") as readonly StatementVector[])) {
      expect(await verifyFrame(frame, key, purpose)).toBe(purpose === vector.purpose);
    }
    const [value, encoded] = recode[vector.name](frame.payload);
    expect(asJson(value)).toEqual(vector.decoded);
    expect(hex(encoded)).toBe(vector.payload);
  });
});

describe("statements as a cart judges them", () => {
  const decoders = {
    "cell key": decodeCellKey,
    "store attestation": decodeStoreAttestation,
    "beacon statement": decodeBeaconStatement,
  } as const;
  const OF_FORM = new Set(["malformed", "invalid_field"]);
  it.each((vectors("statements-judged.json") as readonly CartStatementVector[]))("$result: $name", (vector) => {
    const frame = taken(parseFrame(fromHex(vector.frame)));
    expect(decoders[vector.statement](frame.payload).ok).toBe(!OF_FORM.has(vector.result));
  });
});

describe("frames", () => {
  it.each((vectors("frames.json") as readonly FrameVector[]))("$result: $name", async (vector) => {
    const frame = parseFrame(fromHex(vector.frame));
    if (!frame.ok) {
      expect(frame.reason).toBe(vector.reason);
      expect(FRAME_CODE[frame.reason]).toBe(vector.result);
      return;
    }
    expect(vector.reason).toBe("");
    const verified = await verifyFrame(frame.value, await keyOf(vector.key), vector.purpose);
    expect(verified ? "accepted" : "signature").toBe(vector.result);
  });
});

describe("payloads", () => {
  it.each((vectors("payloads-refused.json") as readonly BodyVector[]))("$result: $name", ({ message, payload, result }) => {
    expect(decodeEnvelope(message, fromHex(payload))).toEqual({ ok: false, reason: result });
  });
});
