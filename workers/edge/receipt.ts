import { parseReceiptReference } from "../../protocol/ids.ts";
import { negotiate } from "./accept.ts";
import type { App } from "./app/app.ts";
import { problemResponse } from "./app/problem.ts";
import {
  notFoundPage,
  RECEIPT_STYLES_PATH,
  receiptJson,
  receiptPage,
  receiptStyles,
} from "./receipts/receipt-page.tsx";

const OFFERS = ["text/html", "application/json"] as const;

/** On every answer below /r/: the URL is the key, so it must reach no index, no other site and no shared cache. */
const HEADERS = {
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex",
  "cache-control": "private, no-store",
  vary: "Accept, Accept-Language",
};

/** `GET /r/{reference}`. A reference of another form, an unknown and a deleted one are the same answer, to the byte. */
export function addReceipts(app: App): void {
  app.get(RECEIPT_STYLES_PATH, (c) =>
    c.body(receiptStyles, 200, { "content-type": "text/css", "cache-control": "public, max-age=3600" }),
  );
  app.get("/r/:reference", async (c) => {
    const type = negotiate(c.req.header("accept") ?? null, OFFERS);
    if (type === undefined) return problemResponse("not_acceptable", { headers: HEADERS });
    const reference = parseReceiptReference(c.req.param("reference"));
    const found = reference === undefined ? undefined : await c.env.STORES.receipt(reference);
    if (found?.ok)
      return type === "text/html"
        ? c.html(receiptPage(found.value, Date.now()), 200, HEADERS)
        : c.json(receiptJson(found.value, Date.now()), 200, HEADERS);
    if (found?.reason === "unavailable") return problemResponse("unavailable", { headers: HEADERS });
    return type === "text/html"
      ? c.html(notFoundPage(c.req.header("accept-language")), 404, HEADERS)
      : problemResponse("not_found", { headers: HEADERS });
  });
}
