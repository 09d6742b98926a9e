// Signs the table of fiscal holds: `node tools/run.mjs tools/sign-fiscal.ts --key FILE`, FILE a private P-256 JWK that is
// never committed. Without one, `--new FILE` makes it first (mode 600). Writes protocol/retention/fiscal-signature.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { FISCAL_FIELDS, FISCAL_TABLE } from "../protocol/retention/fiscal.ts";
import { ROOT } from "./platform/root.ts";

const { values } = parseArgs({ options: { key: { type: "string" }, new: { type: "string" } } });
const file = values.key ?? values.new;
if (file === undefined || (values.key !== undefined && values.new !== undefined)) {
  console.error("sign-fiscal takes --key FILE or --new FILE");
  process.exit(2);
}
if (values.new !== undefined) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  writeFileSync(values.new, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600, flag: "wx" });
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
