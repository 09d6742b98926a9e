/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";

/** Where the edge serves `receiptStyles`. */
export const RECEIPT_STYLES_PATH = "/r/receipt.css";

/** A whole page as text. No script, no style and no other origin; not for search engines. */
export function toDocument(language: string, title: string, body: Child): string {
  const page = (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <title>{title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href={RECEIPT_STYLES_PATH} />
      </head>
      <body>{body}</body>
    </html>
  );
  // Nothing in these pages is asynchronous, so the element is its text.
  return `<!doctype html>${page as HtmlEscapedString}`;
}
