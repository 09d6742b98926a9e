import { EXPONENT } from "../../protocol/money/money.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";

const WIDTH = 48;

/** The receipt for a terminal, 48 columns wide as the paper ones are. */
export function receiptText(receipt: Receipt): string {
  const money = (minor: number) => (minor / 10 ** EXPONENT[receipt.currency]).toFixed(EXPONENT[receipt.currency]);
  const row = (left: string, right: string) =>
    `${left.slice(0, WIDTH - right.length - 1).padEnd(WIDTH - right.length)}${right}`;
  const rule = "─".repeat(WIDTH);
  const { payment, store } = receipt;
  return [
    rule,
    store.legalName,
    store.address,
    `Tax id ${store.taxId}   No. ${receipt.number}`,
    issued(receipt),
    rule,
    ...receipt.lines.flatMap((line) => {
      const first = row(line.name, money(line.totalMinor));
      if (line.grams !== null) return [first, `   ${line.grams} g × ${money(line.unitMinor)}/kg`];
      return line.quantity > 1 ? [first, `   ${line.quantity} × ${money(line.unitMinor)}`] : [first];
    }),
    rule,
    ...receipt.taxes.map((tax) =>
      row(`${tax.name} ${tax.rateBasisPoints / 100} % on ${money(tax.netMinor)}`, money(tax.taxMinor)),
    ),
    row(`TOTAL ${receipt.currency}`, money(receipt.totalMinor)),
    rule,
    `${payment.applicationName} •••• ${payment.last4}  ${payment.result}  ${payment.approvalCode}`,
    `AID ${payment.aid}  terminal ${payment.terminal}`,
    rule,
  ].join("\n");
}

/** In the store's own time, as on paper. */
function issued({ issuedAt, timeZone }: Receipt): string {
  const shown = { timeZone, dateStyle: "short", timeStyle: "long" } as const;
  return new Intl.DateTimeFormat("en-GB", shown).format(new Date(issuedAt));
}
