// `npm run form-integrity -- --origin URL`: compares the card form that an origin serves with the committed manifest,
// and fails, a line of JSON a change, on any (PCI DSS 11.6.1: at least once in seven days, from outside the origin).
import { parseArgs } from "node:util";
import { changesOf } from "./form/integrity.ts";
import { readManifest } from "./form/served.ts";

const USAGE = `npm run form-integrity -- --origin URL [options]
  --origin URL         the pay origin, e.g. https://pay.eu.cartwright.example
  --embedders "A B"    its FORM_EMBEDDERS (none)
  --key THUMBPRINT     RFC 7638 thumbprint of the key that cards are encrypted to; compared when given`;

const { values } = parseArgs({
  options: { origin: { type: "string" }, embedders: { type: "string" }, key: { type: "string" } },
});
if (values.origin === undefined || !URL.canParse(values.origin)) {
  console.error(USAGE);
  process.exit(2);
}
const manifest = readManifest();
const changes = await changesOf(manifest, {
  origin: new URL(values.origin).origin,
  embedders: (values.embedders ?? "").split(" ").filter((each) => each !== ""),
  key: values.key ?? null,
  fetch: (address, init) => fetch(address, init),
});
for (const change of changes) console.error(JSON.stringify({ event: "card_form_changed", ...change }));
if (changes.length === 0) {
  const pages = Object.keys(manifest.page.sha256).length;
  console.log(`unchanged: ${pages} pages, ${manifest.files.length} files and their headers are the manifest's`);
} else {
  console.error(`ALERT: ${changes.length} change(s) of the card form that nobody authorised`);
  process.exitCode = 1;
}
