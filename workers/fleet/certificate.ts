// tsyringe, inside the X.509 library, needs the metadata API to be there before it loads.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { hex } from "../../protocol/bytes.ts";
import { parseCartSerial, type CartSerial } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** A certification request whose signer proved to hold the key. */
export interface CertificationRequest {
  readonly serial: CartSerial;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** SHA-256 of `spki`, hex. */
  readonly publicKeyHash: string;
  /** Uncompressed P-256 point, 65 bytes. */
  readonly point: Uint8Array;
}

/** The intermediate authority: its certificate (DER) and its private key. */
export interface Issuer {
  readonly certificate: Uint8Array<ArrayBuffer>;
  readonly key: CryptoKey;
}

/** A P-256 request is under 400 bytes; the rest is room for a vendor's attributes. */
const MAX_REQUEST_BYTES = 2048;
/** SubjectPublicKeyInfo of an uncompressed P-256 key up to the point (RFC 5480): any other key type differs here. */
const P256_SPKI_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const SERIAL_NUMBER = "2.5.4.5";
const COMMON_NAME = "2.5.4.3";
/** A cart's key lives in its secure element and can't be renewed in the field: as long as the cart may. */
const VALIDITY_YEARS = 20;
const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;

/**
 * Reads PKCS #10 (RFC 2986): the serial from the subject's serialNumber, or its CN; a P-256 key; and the
 * request's own signature, which proves possession of the private key.
 */
export async function readRequest(der: Uint8Array): Promise<Result<CertificationRequest, "bad_request">> {
  if (der.byteLength > MAX_REQUEST_BYTES || !isOneSequence(der)) return fail("bad_request");
  try {
    const request = new x509.Pkcs10CertificateRequest(Uint8Array.from(der));
    const spki = new Uint8Array(request.publicKey.rawData);
    if (spki.byteLength !== 91 || !hex(spki).startsWith(`${P256_SPKI_PREFIX}04`)) return fail("bad_request");
    const names = request.subjectName.getField(SERIAL_NUMBER);
    const [name, another] = names.length > 0 ? names : request.subjectName.getField(COMMON_NAME);
    const serial = parseCartSerial(name ?? "");
    if (serial === undefined || another !== undefined) return fail("bad_request");
    if (!(await request.verify())) return fail("bad_request");
    return ok({ serial, spki, publicKeyHash: hex(await sha256(spki)), point: spki.slice(26) });
  } catch {
    // The library throws on whatever is not DER of the right shape, and on keys off the curve.
    return fail("bad_request");
  }
}

/**
 * Issues a device certificate (RFC 5280; the subject after IEEE 802.1AR: serialNumber names the device).
 * It says who the cart is, never where it belongs: the store is an assignment.
 * @param now ms since the epoch
 * @param serialNumber 16 random bytes
 * @returns DER
 */
export async function issueCertificate(
  request: CertificationRequest,
  issuer: Issuer,
  now: number,
  serialNumber: Uint8Array,
): Promise<Uint8Array> {
  const authority = new x509.X509Certificate(issuer.certificate);
  const subjectKey = await x509.PublicKey.create(request.spki);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + VALIDITY_YEARS);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: hex(positive(serialNumber)),
    subject: [{ [SERIAL_NUMBER]: [request.serial] }, { CN: [`cart ${request.serial}`] }],
    issuer: authority.subjectName,
    notBefore: new Date(now),
    notAfter: notAfter < authority.notAfter ? notAfter : authority.notAfter,
    publicKey: subjectKey,
    signingKey: issuer.key,
    signingAlgorithm: ES256,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth], false),
      await x509.SubjectKeyIdentifierExtension.create(subjectKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

/** The intermediate's private key, PKCS #8. */
export function importIssuerKey(pkcs8: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", pkcs8, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
}

/** One SEQUENCE and nothing after it (X.690, 8.1.3): the X.509 library ignores what follows. */
function isOneSequence(der: Uint8Array): boolean {
  const [tag, length = 0] = der;
  if (tag !== 0x30) return false;
  if (length < 0x80) return der.length === 2 + length;
  const octets = length & 0x7f;
  const size = der.subarray(2, 2 + octets).reduce((sum, octet) => sum * 256 + octet, 0);
  return octets <= 2 && der.length === 2 + octets + size;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** A positive, non-zero INTEGER without a leading zero octet (RFC 5280, 4.1.2.2). */
function positive(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[0] = ((copy[0] ?? 0) & 0x3f) | 0x40;
  return copy;
}
