/** Frames that must be refused, each wrong in one way only, and the odd ones that must be accepted. */
import { hex } from "../../protocol/bytes.ts";
import { encodeCbor, MAX_SIZE, type Bytes, type CborValue } from "../../protocol/cart/cbor.ts";
import { CELL_KEY, purposeOfPath, STORE_BEACON, toBeSigned, type FrameReason } from "../../protocol/cart/cose.ts";
import { der, highS, ORDER_BYTES, signatureInput, type TestKey } from "./keys.ts";

export interface FrameVector {
  readonly name: string;
  readonly key: string;
  readonly purpose: string;
  readonly frame: string;
  readonly result: "accepted" | "malformed" | "too_large" | "signature";
  /** What the TypeScript verifier names as the reason; empty where the form is right. */
  readonly reason: FrameReason | "";
}

const PATH = "/cart/v1/sessions";
const PURPOSE = purposeOfPath(PATH);
const ES256_HEADER = Uint8Array.of(0xa1, 0x01, 0x26);

/** @param payload a good envelope. */
export function frameVectors(cart: TestKey, stranger: TestKey, payload: Bytes): readonly FrameVector[] {
  const { kid } = cart;
  const signature = cart.sign(toBeSigned(payload, PURPOSE));
  const vector = (
    name: string,
    frame: Bytes,
    result: FrameVector["result"],
    reason: FrameVector["reason"] = "",
    key = cart,
  ): FrameVector => ({ name, key: key.name, purpose: PURPOSE, frame: hex(frame), result, reason });
  const malformed = (name: string, reason: FrameReason, ...parts: readonly Part[]): FrameVector =>
    vector(name, raw(...parts), "malformed", reason);
  const wrongSignature = (name: string, other: Uint8Array, key = cart): FrameVector =>
    vector(name, frameOf(payload, other), "signature", "", key);
  const frameOf = (content: Uint8Array, sig: Uint8Array): Bytes =>
    encodeCbor([ES256_HEADER, new Map([[4, kid]]), content, sig], 18);

  const good = frameOf(payload, signature);
  const items: readonly CborValue[] = [ES256_HEADER, new Map([[4, kid]]), payload, signature];
  const [head, unprotected, body, sig] = items.map((item) => encodeCbor(item)) as [Bytes, Bytes, Bytes, Bytes];
  /** A frame whose protected header is another, signed over that header. */
  const otherHeader = (header: Bytes, labels: CborValue = new Map([[4, kid]])): Bytes =>
    encodeCbor([header, labels, payload, cart.sign(signatureInput(header, PURPOSE, payload))], 18);
  const header = (name: string, bytes: Bytes, labels?: CborValue): FrameVector =>
    vector(name, otherHeader(bytes, labels), "malformed", "protected");
  const labels = (name: string, reason: FrameReason, bytes: string): FrameVector =>
    malformed(name, reason, "d284", head, bytes, body, sig);
  const kidItem = `48${hex(kid)}`;
  const sized = (size: number): Bytes => {
    const content = new Uint8Array(size - (good.length - encodeCbor(payload).length) - 3);
    return frameOf(content, cart.sign(toBeSigned(content, PURPOSE)));
  };

  return [
    vector("a good frame", good, "accepted"),
    vector("high-S: n - s in place of s", frameOf(payload, highS(signature)), "accepted"),
    vector("exactly 16 KiB", sized(MAX_SIZE), "accepted"),
    vector("one byte more than 16 KiB", sized(MAX_SIZE + 1), "too_large", "size"),

    malformed("nothing at all", "truncated"),
    malformed("the last byte missing", "truncated", good.subarray(0, -1)),
    malformed("a byte too many", "trailing", good, "00"),
    malformed("the frame twice", "trailing", good, good),
    malformed("three items", "shape", "d283", head, unprotected, body),
    malformed("five items", "shape", "d285", head, unprotected, body, sig, "f6"),
    malformed("a map in place of the array", "shape", "d2a2", "00", head, "01", body),
    malformed("an array of indefinite length", "indefinite", "d29f", head, unprotected, body, sig, "ff"),
    malformed("an array length in a needless byte", "not_minimal", "d29804", head, unprotected, body, sig),

    malformed("no tag", "tag", good.subarray(1)),
    malformed("tag 17, COSE_Mac0", "tag", "d1", good.subarray(1)),
    malformed("tag 98, COSE_Sign", "tag", "d862", good.subarray(1)),
    malformed("tag 18 in a needless byte", "tag", "d812", good.subarray(1)),
    malformed("tag 18 twice", "tag", "d2", good),
    malformed("a tag before the signature", "tag", "d284", head, unprotected, body, "c2", sig),

    header("an empty protected header", new Uint8Array()),
    header("a protected header that is an empty map", encodeCbor(new Map())),
    header("protected alg ES384", encodeCbor(new Map([[1, -35]]))),
    header("protected alg EdDSA", encodeCbor(new Map([[1, -8]]))),
    header("protected alg as text", encodeCbor(new Map([[1, "ES256"]]))),
    header(
      "kid in the protected header only",
      encodeCbor(
        new Map<number, CborValue>([
          [1, -7],
          [4, kid],
        ]),
      ),
      new Map(),
    ),
    header(
      "kid in both headers",
      encodeCbor(
        new Map<number, CborValue>([
          [1, -7],
          [4, kid],
        ]),
      ),
    ),
    header(
      "crit with an unknown label",
      encodeCbor(
        new Map<number, CborValue>([
          [1, -7],
          [2, [99]],
          [99, 0],
        ]),
      ),
    ),
    header(
      "crit with a known label",
      encodeCbor(
        new Map<number, CborValue>([
          [1, -7],
          [2, [1]],
        ]),
      ),
    ),
    header(
      "a content type in the protected header",
      encodeCbor(
        new Map([
          [1, -7],
          [3, 60],
        ]),
      ),
    ),
    header("protected alg twice", raw("a201260126")),
    header("a protected key in a needless byte", raw("a1180126")),
    header("a protected header of indefinite length", raw("bf0126ff")),
    header(
      "alg in the unprotected header, the protected one empty",
      new Uint8Array(),
      new Map<number, CborValue>([
        [1, -7],
        [4, kid],
      ]),
    ),
    malformed(
      "a protected header that is a map, not a byte string",
      "protected",
      "d284",
      "a10126",
      unprotected,
      body,
      sig,
    ),
    malformed("a protected header that is null", "protected", "d284", "f6", unprotected, body, sig),

    labels("no unprotected label", "unprotected", "a0"),
    labels("alg in both headers", "unprotected", `a2012604${kidItem}`),
    labels("another label beside kid", "unprotected", `a204${kidItem}0540`),
    labels("crit in the unprotected header", "unprotected", `a20281186304${kidItem}`),
    labels("kid twice", "duplicate_key", `a204${kidItem}04${kidItem}`),
    labels("unprotected labels in the wrong order", "key_order", `a2054004${kidItem}`),
    labels("an unprotected map of indefinite length", "indefinite", `bf04${kidItem}ff`),
    labels("an unprotected key in a needless byte", "not_minimal", `a11804${kidItem}`),
    labels("an unprotected header that is null", "unprotected", "f6"),
    labels("kid of 7 bytes", "kid", `a10447${hex(kid.subarray(0, 7))}`),
    labels("kid of 9 bytes", "kid", `a10449${hex(kid)}00`),
    labels("kid as text", "kid", "a104686162636465666768"),
    labels("depth 9 in the unprotected header", "depth", `a204${kidItem}05${"81".repeat(6)}00`),
    labels("a float in the unprotected header", "float", `a204${kidItem}05f90000`),

    malformed("a detached payload", "payload", "d284", head, unprotected, "f6", sig),
    malformed("a payload that is a map, not a byte string", "payload", "d284", head, unprotected, payload, sig),
    malformed("a payload in chunks", "indefinite", "d284", head, unprotected, "5f", body, "ff", sig),

    malformed(
      "a signature of 63 bytes",
      "signature_form",
      "d284",
      head,
      unprotected,
      body,
      "583f",
      signature.subarray(1),
    ),
    malformed("a signature of 65 bytes", "signature_form", "d284", head, unprotected, body, "5841", signature, "00"),
    malformed("a DER signature", "signature_form", "d284", head, unprotected, body, encodeCbor(der(signature))),
    malformed("an empty signature", "signature_form", "d284", head, unprotected, body, "40"),
    malformed("a signature that is null", "signature_form", "d284", head, unprotected, body, "f6"),

    wrongSignature("a signature of zeros", new Uint8Array(64)),
    wrongSignature("r is zero", raw(new Uint8Array(32), signature.subarray(32))),
    wrongSignature("s is zero", raw(signature.subarray(0, 32), new Uint8Array(32))),
    wrongSignature("s is the order of the curve", raw(signature.subarray(0, 32), ORDER_BYTES)),
    wrongSignature("r and s changed about", raw(signature.subarray(32), signature.subarray(0, 32))),
    wrongSignature("a bit of the signature flipped", flipped(signature, 63)),
    wrongSignature("signed by another key", stranger.sign(toBeSigned(payload, PURPOSE))),
    wrongSignature("checked with another key", signature, stranger),
    wrongSignature("signed for another path", cart.sign(toBeSigned(payload, purposeOfPath("/cart/v1/telemetry")))),
    wrongSignature("signed for the path with a slash at its end", cart.sign(toBeSigned(payload, `${PURPOSE}/`))),
    wrongSignature("signed for another method", cart.sign(toBeSigned(payload, `cartwright/1 PUT ${PATH}`))),
    wrongSignature("signed as a store beacon", cart.sign(toBeSigned(payload, STORE_BEACON))),
    wrongSignature("signed as a cell key", cart.sign(toBeSigned(payload, CELL_KEY))),
    wrongSignature("signed without external data", cart.sign(toBeSigned(payload, ""))),
    wrongSignature("signed over the payload alone", cart.sign(payload)),
    wrongSignature(
      "signed in the context of COSE_Sign",
      cart.sign(encodeCbor(["Signature", ES256_HEADER, new TextEncoder().encode(PURPOSE), payload])),
    ),
    vector("a bit of the payload flipped", frameOf(flipped(payload, 20), signature), "signature"),
  ];
}

type Part = Uint8Array | string;

/** Parts, hex or bytes, one after another. */
function raw(...parts: readonly Part[]): Bytes {
  return Uint8Array.from(
    Buffer.from(parts.map((part) => (typeof part === "string" ? part : hex(part))).join(""), "hex"),
  );
}

function flipped(bytes: Uint8Array, index: number): Bytes {
  return Uint8Array.from(bytes, (byte, at) => (at === index ? byte ^ 1 : byte));
}
