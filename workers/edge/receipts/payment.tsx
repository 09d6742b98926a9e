/** @jsxImportSource hono/jsx */
import { formatMoney } from "../../../protocol/money/format.ts";
import { schemeName } from "../../../protocol/pay/scheme-names.ts";
import type { Receipt } from "../../../protocol/rooms/stores.ts";
import type { EmvField } from "./labels.ts";
import type { Wording } from "./tables.tsx";

/** What the terminal printed, unaltered but for names of the field; of the card number the last four digits. */
export function Payment({ receipt, labels, locale }: Wording & { readonly receipt: Receipt }) {
  const { payment } = receipt;
  const rows: readonly (readonly [EmvField, string])[] = [
    ["result", labels.approved],
    ["amount", formatMoney({ minor: payment.amountMinor, currency: receipt.currency }, locale)],
    ["applicationName", payment.applicationName],
    ["aid", payment.aid],
    ["approvalCode", payment.approvalCode],
    ["arc", payment.arc],
    ["cvm", labels.cvm[payment.cvm]],
    ["entry", labels.entry[payment.entry]],
    ["terminal", payment.terminal],
    ["merchant", payment.merchant],
    ["cryptogram", payment.cryptogram],
    ["tvr", payment.tvr],
    ["tsi", payment.tsi],
  ];
  return (
    <section aria-labelledby="payment">
      <h2 id="payment">{labels.payment}</h2>
      <p>
        {receipt.corrects === undefined
          ? labels.paidByCard(schemeName(payment.scheme), payment.last4)
          : labels.returnedToCard(schemeName(payment.scheme), payment.last4)}
      </p>
      <details>
        <summary>{labels.cardDetails}</summary>
        <dl>
          {rows
            .filter(([, value]) => value !== "")
            .map(([field, value]) => (
              <>
                <dt>{labels.emv[field]}</dt>
                <dd>{value}</dd>
              </>
            ))}
        </dl>
      </details>
    </section>
  );
}
