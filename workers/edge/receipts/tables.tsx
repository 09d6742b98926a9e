/** @jsxImportSource hono/jsx */
import { formatMoney, formatRate } from "../../../protocol/money/format.ts";
import type { Receipt, SaleLine } from "../../../protocol/rooms/stores.ts";
import type { Labels } from "./labels.ts";
import type { ReceiptSummary } from "./receipt-view.ts";

export interface Wording {
  readonly labels: Labels;
  readonly locale: string;
}

/** The goods. Their GTINs stay out of sight: nobody reads them, and they say what was bought to whoever looks on. */
export function LineTable({ receipt, labels, locale }: Wording & { readonly receipt: Receipt }) {
  const money = (minor: number) => formatMoney({ minor, currency: receipt.currency }, locale);
  return (
    <section aria-labelledby="goods">
      <h2 id="goods">{labels.goods}</h2>
      <div class="scroll" role="region" aria-labelledby="goods" tabindex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{labels.item}</th>
              <th scope="col" class="number">
                {labels.quantity}
              </th>
              <th scope="col" class="number unit">
                {labels.unitPrice}
              </th>
              <th scope="col" class="number">
                {labels.amount}
              </th>
            </tr>
          </thead>
          <tbody>
            {receipt.lines.map((line) => (
              <tr>
                <th scope="row">{line.name}</th>
                <td class="number">{quantityOf(line, locale)}</td>
                <td class="number unit">
                  {money(line.unitMinor)}
                  {line.grams === null ? "" : labels.perKilogram}
                </td>
                <td class="number">{money(line.totalMinor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Net, rate and amount of each tax (Directive 2006/112/EC, Art. 226b(d)). */
export function TaxTable({ receipt, labels, locale }: Wording & { readonly receipt: ReceiptSummary }) {
  const money = (minor: number) => formatMoney({ minor, currency: receipt.currency }, locale);
  return (
    <section aria-labelledby="taxes">
      <h2 id="taxes">{labels.taxes}</h2>
      <div class="scroll" role="region" aria-labelledby="taxes" tabindex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{labels.tax}</th>
              <th scope="col" class="number">
                {labels.rate}
              </th>
              <th scope="col" class="number">
                {labels.net}
              </th>
              <th scope="col" class="number">
                {labels.taxAmount}
              </th>
              <th scope="col" class="number unit">
                {labels.gross}
              </th>
            </tr>
          </thead>
          <tbody>
            {receipt.taxes.map((tax) => (
              <tr>
                <th scope="row">{tax.name}</th>
                <td class="number">{formatRate(tax.rateBasisPoints, locale)}</td>
                <td class="number">{money(tax.netMinor)}</td>
                <td class="number">{money(tax.taxMinor)}</td>
                <td class="number unit">{money(tax.netMinor + tax.taxMinor)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>{receipt.taxIncluded ? labels.taxIncluded : labels.taxAdded}</p>
      <dl>
        <dt>{labels.net}</dt>
        <dd>{money(receipt.netMinor)}</dd>
        <dt>{labels.taxAmount}</dt>
        <dd>{money(receipt.taxMinor)}</dd>
      </dl>
    </section>
  );
}

function quantityOf(line: SaleLine, locale: string): string {
  const count = new Intl.NumberFormat(locale).format(line.quantity);
  if (line.grams === null) return count;
  const kilograms = new Intl.NumberFormat(locale, {
    style: "unit",
    unit: "kilogram",
    minimumFractionDigits: 3,
    maximumFractionDigits: 3,
  }).format(line.grams / 1000);
  return line.quantity === 1 ? kilograms : `${count} × ${kilograms}`;
}
