// `npm run form-integrity -- --origin URL`: compares the card form that an origin serves with the committed manifest,
// and fails, a line of JSON a change, on any (PCI DSS 11.6.1: at least once in seven days, from outside the origin).
import { parseArgs } from "node:util";
import { changesOf } from "./form/integrity.ts";
import { readManifest } from "./form/served.ts";
import { roomConfig } from "./platform/config.ts";
import { PORTS, ROOMS } from "./platform/rooms.ts";

const USAGE = `npm run form-integrity -- --origin URL [options]
  --origin URL         the pay origin, e.g. https://pay.eu.cartwright.example
  --cell us|eu         whose committed FORM_EMBEDDERS it must have (by the origin's name or local port, else eu)
  --embedders "A B"    its FORM_EMBEDDERS, in place of the committed ones
  --key THUMBPRINT     RFC 7638 thumbprint of the key that cards are encrypted to; compared when given`;

const { values } = parseArgs({
  options: {
    origin: { type: "string" },
    cell: { type: "string" },
    embedders: { type: "string" },
    key: { type: "string" },
  },
});
if (values.origin === undefined || !URL.canParse(values.origin)) {
  console.error(USAGE);
  process.exit(2);
}
const manifest = readManifest();
const changes = await changesOf(manifest, {
  origin: new URL(values.origin).origin,
  embedders: (values.embedders ?? committedEmbedders()).split(" ").filter((each) => each !== ""),
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

/** What the cell's configuration allows to embed the form: the watch compares with that unless told otherwise. */
function committedEmbedders(): string {
  const { hostname, port } = new URL(values.origin ?? "");
  const us =
    values.cell === "us" || (values.cell === undefined && (hostname.includes(".us.") || port === String(PORTS.us.pay)));
  const cde = ROOMS.find(({ name }) => name === "cde");
  return cde === undefined ? "" : (roomConfig(cde, us ? "us" : "eu").vars["FORM_EMBEDDERS"] ?? "");
}
