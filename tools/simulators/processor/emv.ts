import type { EmvBlock } from "../../../protocol/pay/contract.ts";

/** Application identifiers (EMV Book 1, 12.2.1) and names as the networks register them. */
const APPLICATIONS = [
  { iin: /^4/, scheme: "visa", aid: "A0000000031010", name: "VISA CREDIT" },
  { iin: /^(5[1-5]|2[2-7])/, scheme: "mastercard", aid: "A0000000041010", name: "MASTERCARD" },
  { iin: /^3[47]/, scheme: "amex", aid: "A00000002501", name: "AMERICAN EXPRESS" },
  { iin: /^(6011|64[4-9]|65)/, scheme: "discover", aid: "A0000001523010", name: "DISCOVER" },
  { iin: /^3(0[0-5]|[689])/, scheme: "diners", aid: "A0000001523010", name: "DINERS CLUB" },
  { iin: /^35/, scheme: "jcb", aid: "A0000000651010", name: "JCB" },
  { iin: /^62/, scheme: "unionpay", aid: "A000000333010101", name: "UNIONPAY CREDIT" },
] as const;
const OTHER = { scheme: "maestro", aid: "A0000000043060", name: "MAESTRO" } as const;

/** Above this a contactless tap needs the holder's device or PIN, minor units. */
const CONTACTLESS_NO_CVM_LIMIT = 5_000;

export type Entry = EmvBlock["entry"];

export interface CardPresent {
  /** Lives for this one call; only the last four digits are kept. */
  readonly pan: string;
  readonly entry: Entry;
  readonly terminal: string;
  readonly store: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The application transaction counter's stand-in: makes each cryptogram differ. */
  readonly nonce: string;
}

/**
 * What the terminal would print: a cryptogram computed as an ARQC is used (8 bytes over amount, currency, terminal
 * and counter, under a key of the card), here with HMAC in place of the card's 3DES.
 */
export async function emvBlock(card: CardPresent, approved: boolean, key: string): Promise<EmvBlock> {
  const application = APPLICATIONS.find((each) => each.iin.test(card.pan)) ?? OTHER;
  const data = [card.amountMinor, card.currency, card.terminal, card.nonce].join("|");
  const cryptogram = await hmac(`${key}|card|${card.pan}`, data);
  const verified = card.entry !== "contactless" || card.amountMinor > CONTACTLESS_NO_CVM_LIMIT;
  return {
    scheme: application.scheme,
    last4: card.pan.slice(-4),
    aid: application.aid,
    applicationName: application.name,
    tvr: card.entry === "chip" ? "0000008000" : "0000000000",
    tsi: card.entry === "chip" ? "E800" : "0000",
    cryptogram: hexOf(cryptogram.slice(0, 8)),
    arc: approved ? "00" : "51",
    approvalCode: approved ? String(new DataView(cryptogram.buffer).getUint32(8) % 1_000_000).padStart(6, "0") : "",
    cvm: verified ? (card.entry === "contactless" ? "device" : "pin") : "none",
    entry: card.entry,
    terminal: card.terminal,
    merchant: card.store.toUpperCase().slice(0, 15),
  };
}

/** A payment account reference: 29 characters, the first four naming the BIN controller (EMVCo). */
export async function paymentAccountReference(pan: string, key: string): Promise<string> {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const bytes = await hmac(`${key}|par`, pan);
  return `V001${Array.from(bytes.slice(0, 25), (byte) => alphabet[byte % 36]).join("")}`;
}

export async function hmac(key: string, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const utf8 = new TextEncoder();
  const imported = await crypto.subtle.importKey("raw", utf8.encode(key), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8.encode(text)));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}
