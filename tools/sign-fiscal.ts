// Signs the table of fiscal holds: writes protocol/retention/fiscal-signature.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { FISCAL_FIELDS, FISCAL_TABLE } from "../protocol/retention/fiscal.ts";
import { mustExist, readCommand, TEXT, UsageError } from "./command-line.ts";
import { ROOT } from "./platform/root.ts";

const USAGE = `node tools/run.mjs tools/sign-fiscal.ts --key FILE | --new FILE
  --key FILE   a private P-256 JWK, which is never committed
  --new FILE   makes one first (mode 600)`;

const { file, made } = readCommand({ usage: USAGE, options: { key: TEXT, new: TEXT } }, (values) => {
  const named = values.key ?? values.new;
  if (named === undefined || (values.key !== undefined && values.new !== undefined))
    throw new UsageError("either --key or --new");
  mustExist("file", values.key);
  return { file: named, made: values.new !== undefined };
});
if (made) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  writeFileSync(file, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600, flag: "wx" });
}
const jwk = JSON.parse(readFileSync(file, "utf8")) as JWK;
const { kty, crv, x, y } = jwk;
const payload = Buffer.from(JSON.stringify({ table: FISCAL_TABLE, fields: FISCAL_FIELDS }));
const [header, , signature] = (
  await new CompactSign(payload).setProtectedHeader({ alg: "ES256" }).sign(await importJWK(jwk, "ES256"))
).split(".");
const source = `/** Who answers for the table of fiscal holds: their public key, and their detached JWS (RFC 7515, appendix F). */
export const FISCAL_SIGNER = ${JSON.stringify({ kty, crv, x, y })} as const;
export const FISCAL_SIGNATURE = "${header ?? ""}..${signature ?? ""}";
`;
writeFileSync(join(ROOT, "protocol/retention/fiscal-signature.ts"), source);
console.log("signed; commit protocol/retention/fiscal-signature.ts");
