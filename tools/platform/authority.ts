import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { exportJWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { CELL_KEY, ES256, kidOf, signFrame } from "../../protocol/cart/cose.ts";
import { encodeCellKey } from "../../protocol/cart/statements.ts";

/** What the development certification authority of a cell gives to the fleet room, and what stays with the factory. */
export interface Authority {
  /** INTERMEDIATE_KEY_PKCS8, INTERMEDIATE_CERTIFICATE, ROOT_CERTIFICATE, STATEMENT_KEY_JWK, CELL_KEY_STATEMENT. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The root's private key, PKCS #8, base64. */
  readonly rootKeyPkcs8: string;
  /** The root's uncompressed P-256 point (65 bytes), base64: what a cart's firmware pins. */
  readonly rootPublicKey: string;
}

/** Years. A device certificate (20) must end before its intermediate, and that before the root. */
const ROOT_YEARS = 40;
const INTERMEDIATE_YEARS = 30;
/** The statement key is rotated long before; a cart that sleeps through a rotation still has a year. */
const CELL_KEY_YEARS = 2;

const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/**
 * Makes the root and the intermediate (P-256, X.509 v3) and the cell's statement key, signed by the root.
 * DER and COSE values are base64, the statement key is a JWK as JSON.
 */
export async function makeAuthority(cell: Cell, now = Date.now()): Promise<Authority> {
  const [root, intermediate, statement] = await Promise.all([keyPair(), keyPair(), keyPair()]);
  const rootCertificate = await caCertificate({
    subject: `CN=Cartwright development root (${cell}), O=Cartwright development`,
    issuer: `CN=Cartwright development root (${cell}), O=Cartwright development`,
    publicKey: root.publicKey,
    signer: root,
    pathLength: 1,
    notBefore: now,
    years: ROOT_YEARS,
  });
  const intermediateCertificate = await caCertificate({
    subject: `CN=Cartwright development carts (${cell}), O=Cartwright development`,
    issuer: rootCertificate.subject,
    publicKey: intermediate.publicKey,
    signer: root,
    pathLength: 0,
    notBefore: now,
    years: INTERMEDIATE_YEARS,
  });
  const rootDer = new Uint8Array(rootCertificate.rawData);
  const claims = encodeCellKey({
    cell,
    publicKey: await point(statement.publicKey),
    notBefore: now,
    expires: yearsAfter(now, CELL_KEY_YEARS).getTime(),
  });
  const cellKey = await signFrame(
    claims,
    await kidOf(rootDer),
    CELL_KEY,
    async (bytes) => new Uint8Array(await crypto.subtle.sign(ES256, root.privateKey, bytes)),
  );
  return {
    secrets: {
      INTERMEDIATE_KEY_PKCS8: base64(await pkcs8(intermediate.privateKey)),
      INTERMEDIATE_CERTIFICATE: base64(new Uint8Array(intermediateCertificate.rawData)),
      ROOT_CERTIFICATE: base64(rootDer),
      STATEMENT_KEY_JWK: JSON.stringify({ ...(await exportJWK(statement.privateKey)), alg: "ES256" }),
      CELL_KEY_STATEMENT: base64(cellKey),
    },
    rootKeyPkcs8: base64(await pkcs8(root.privateKey)),
    rootPublicKey: base64(await point(root.publicKey)),
  };
}

/** A certification authority's certificate: RFC 5280, 4.2.1.1 to 4.2.1.3 and 4.2.1.9. */
async function caCertificate(of: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: CryptoKey;
  readonly signer: CryptoKeyPair;
  readonly pathLength: number;
  readonly notBefore: number;
  readonly years: number;
}): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: of.subject,
    issuer: of.issuer,
    notBefore: new Date(of.notBefore),
    notAfter: yearsAfter(of.notBefore, of.years),
    publicKey: of.publicKey,
    signingKey: of.signer.privateKey,
    signingAlgorithm: ES256,
    extensions: [
      new x509.BasicConstraintsExtension(true, of.pathLength, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(of.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(of.signer.publicKey),
    ],
  });
}

/** 127 random bits, positive and never zero (RFC 5280, 4.1.2.2). */
function randomSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function keyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
}

async function point(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("raw", key));
}

async function pkcs8(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
}

function yearsAfter(time: number, years: number): Date {
  const date = new Date(time);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
