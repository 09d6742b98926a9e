import type { Cell } from "../../protocol/ids.ts";
import type { LoyaltyFormat, Member } from "../../protocol/rooms/identity.ts";

/** The demo retailer's numbers: 13 digits, which no card scheme issues any more, with a GS1 check digit. */
export const LOYALTY_FORMAT: LoyaltyFormat = {
  retailer: "demo-market",
  prefix: "9",
  length: 13,
  check: "mod10-gs1",
};

const MEMBERS = 12;
/** Domains that belong to nobody (RFC 2606). */
const DOMAIN: Readonly<Record<Cell, string>> = { us: "example.com", eu: "example.org" };
/** Numbers of the two cells differ, so that one that turns up in the wrong cell is seen. */
const RANGE: Readonly<Record<Cell, string>> = { us: "98100", eu: "98200" };

/** A dozen members who don't exist; every third one lets a nickname be shown on the cart. */
export function demoMembers(cell: Cell): Member[] {
  return Array.from({ length: MEMBERS }, (_, i) => ({
    loyalty: withCheckDigit(`${RANGE[cell]}${String(i + 1).padStart(7, "0")}`),
    email: `demo.shopper.${i + 1}@${DOMAIN[cell]}`,
    name: `Demo Shopper ${i + 1}`,
    phone: null,
    nickname: i % 3 === 0 ? `Shopper ${i + 1}` : null,
  }));
}

/** Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, 7.9). */
function withCheckDigit(digits: string): string {
  const sum = Array.from(digits.split("").toReversed(), (digit, i) => Number(digit) * (i % 2 === 0 ? 3 : 1));
  const total = sum.reduce((all, each) => all + each, 0);
  return `${digits}${(10 - (total % 10)) % 10}`;
}
