import type { EmvBlock } from "../../../protocol/pay/contract.ts";

/** The form of each member, so nothing but what belongs there gets in; above all no card number. */
const FORMS: Readonly<Record<keyof EmvBlock, RegExp>> = {
  scheme: /^[a-z]{2,16}$/,
  last4: /^[0-9]{4}$/,
  aid: /^[0-9A-F]{10,32}$/,
  // Tag 9F12: 16 characters, digits among them, but never enough of them for a card number or its first six and more.
  applicationName: /^(?!(?:\D*\d){6})[\x20-\x7e]{1,16}$/,
  tvr: /^[0-9A-F]{10}$/,
  tsi: /^[0-9A-F]{4}$/,
  cryptogram: /^[0-9A-F]{16}$/,
  arc: /^[0-9A-Z]{2}$/,
  approvalCode: /^[0-9A-Z]{0,6}$/,
  cvm: /^(none|pin|signature|device)$/,
  entry: /^(contactless|chip|magstripe)$/,
  terminal: /^[A-Za-z0-9_-]{1,64}$/,
  merchant: /^[A-Za-z0-9-]{1,15}$/,
};

/** Takes the known members of a processor's receipt data, each in its form; undefined when one is not. */
export function emvBlock(value: unknown): EmvBlock | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Record<string, unknown>;
  const block: Record<string, string> = {};
  for (const [name, form] of Object.entries(FORMS)) {
    const member = given[name];
    if (typeof member !== "string" || !form.test(member)) return undefined;
    block[name] = member;
  }
  return block as unknown as EmvBlock;
}
