// `npm run form-integrity -- --origin URL`: compares the card form that an origin serves with the committed manifest,
// and fails, a line of JSON a change, on any (PCI DSS 11.6.1: at least once in seven days, from outside the origin).
import { cellOf, readCommand, TEXT, UsageError } from "./command-line.ts";
import { changesOf } from "./form/integrity.ts";
import { readManifest } from "./form/served.ts";
import { roomConfig } from "./platform/config.ts";
import { PORTS, ROOMS } from "./platform/rooms.ts";

const USAGE = `npm run form-integrity -- --origin URL [options]
  --origin URL         the pay origin, e.g. https://pay.eu.cartwright.example
  --cell us|eu         whose committed FORM_EMBEDDERS it must have (by the origin's name or local port, else eu)
  --embedders "A B"    its FORM_EMBEDDERS, in place of the committed ones
  --key THUMBPRINT     RFC 7638 thumbprint of the key that cards are encrypted to; compared when given`;

const { address, cell, embedders, key } = readCommand(
  { usage: USAGE, options: { origin: TEXT, cell: TEXT, embedders: TEXT, key: TEXT } },
  (values) => {
    if (values.origin === undefined || !URL.canParse(values.origin)) throw new UsageError("--origin takes a URL");
    const named = values.cell === undefined ? undefined : cellOf(values.cell);
    return { ...values, address: new URL(values.origin), cell: named };
  },
);
const manifest = readManifest();
const changes = await changesOf(manifest, {
  origin: address.origin,
  embedders: (embedders ?? committedEmbedders()).split(" ").filter((each) => each !== ""),
  key: key ?? null,
  fetch: (url, init) => fetch(url, init),
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
  const { hostname, port } = address;
  const us = cell === "us" || (cell === undefined && (hostname.includes(".us.") || port === String(PORTS.us.pay)));
  const cde = ROOMS.find(({ name }) => name === "cde");
  return cde === undefined ? "" : (roomConfig(cde, us ? "us" : "eu").vars["FORM_EMBEDDERS"] ?? "");
}
