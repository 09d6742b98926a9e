/** @jsxImportSource hono/jsx */
import { formatMoney } from "../../../protocol/money/format.ts";
import type { Receipt } from "../../../protocol/rooms/stores.ts";
import { toDocument } from "./document.tsx";
import { labelsOf } from "./labels.ts";
import { Payment } from "./payment.tsx";
import { formatDay, formatInstant, isExpired, localeOf, summaryOf, type ReceiptSummary } from "./receipt-view.ts";
import { LineTable, TaxTable, type Wording } from "./tables.tsx";

export { notFoundPage } from "./not-found-page.tsx";
export { RECEIPT_STYLES_PATH } from "./document.tsx";
export { receiptStyles } from "./receipt-styles.ts";
export { receiptJson, type ReceiptSummary } from "./receipt-view.ts";

/**
 * A receipt as an HTML page, in the language that its store prints (WCAG 2.2 AA; works without a script and on
 * paper of 80 mm or A4). From `expires` on it is a summary.
 * Directive 2006/112/EC, Art. 226b: (a) date of issue, (b) supplier, (c) goods, (d) tax and what it is computed from, (e) on a
 * correction, the receipt that it amends.
 */
export function receiptPage(receipt: Receipt, now: number): string {
  const { language, labels } = labelsOf(receipt.language);
  const wording = { labels, locale: localeOf(language, receipt.store.country) };
  const over = isExpired(receipt, now);
  return toDocument(
    language,
    `${labels.receipt} ${receipt.number} – ${receipt.store.name}`,
    <>
      <a class="skip" href="#total">
        {labels.skip}
      </a>
      <Head
        receipt={summaryOf(receipt)}
        startedAt={over || receipt.corrects !== undefined ? null : receipt.startedAt}
        {...wording}
      />
      <main>
        {over ? <p class="note">{labels.expired}</p> : <LineTable receipt={receipt} {...wording} />}
        <p class="total" id="total" tabindex={-1}>
          <span>{labels.total}</span> <span>{formatMoney(totalOf(receipt), wording.locale)}</span>
        </p>
        <TaxTable receipt={summaryOf(receipt)} {...wording} />
        {over ? null : <Payment receipt={receipt} {...wording} />}
        {over || receipt.pos.fiscal === null ? null : (
          <section aria-labelledby="fiscal">
            <h2 id="fiscal">{labels.fiscal}</h2>
            <code>{receipt.pos.fiscal}</code>
          </section>
        )}
      </main>
      {over ? null : (
        <footer>
          <p class="note screen">{labels.fullUntil(formatDay(receipt.expires, receipt.timeZone, wording.locale))}</p>
        </footer>
      )}
    </>,
  );
}

/** Who sold, and when. */
function Head({
  receipt,
  startedAt,
  labels,
  locale,
}: Wording & { readonly receipt: ReceiptSummary; readonly startedAt: string | null }) {
  const { store, timeZone } = receipt;
  return (
    <header>
      <h1>{store.name}</h1>
      <address>
        {store.legalName}
        {"\n"}
        {store.address}
      </address>
      <dl>
        {store.taxId === "" ? null : (
          <>
            <dt>{labels.taxId}</dt>
            <dd>{store.taxId}</dd>
          </>
        )}
        <dt>{labels.number}</dt>
        <dd>{receipt.number}</dd>
        {receipt.corrects === undefined ? null : (
          <>
            <dt>{labels.corrects}</dt>
            <dd>
              {labels.correctsOf(
                receipt.corrects.number,
                formatDay(Date.parse(receipt.corrects.issuedAt), timeZone, locale),
              )}
            </dd>
          </>
        )}
        {startedAt === null ? null : (
          <>
            <dt>{labels.started}</dt>
            <dd>
              <time datetime={startedAt}>{formatInstant(startedAt, timeZone, locale)}</time>
            </dd>
          </>
        )}
        <dt>{labels.issued}</dt>
        <dd>
          <time datetime={receipt.issuedAt}>{formatInstant(receipt.issuedAt, timeZone, locale)}</time>
        </dd>
      </dl>
    </header>
  );
}

function totalOf(receipt: Receipt) {
  return { minor: receipt.totalMinor, currency: receipt.currency };
}
