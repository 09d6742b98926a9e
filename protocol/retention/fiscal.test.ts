import { flattenedVerify, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { parseCalendarDate, type CalendarDate } from "../calendar/date.ts";
import { FISCAL_SIGNATURE, FISCAL_SIGNER } from "./fiscal-signature.ts";
import { FISCAL_FIELDS, FISCAL_TABLE, fiscalRule, heldUntil } from "./fiscal.ts";

const day = (text: string) => parseCalendarDate(text) as CalendarDate;
const until = (country: string, issued: string) => {
  const rule = fiscalRule(country);
  return rule === undefined ? null : heldUntil(rule, day(issued));
};

async function isSigned(table: unknown): Promise<boolean> {
  const [header = "", , signature = ""] = FISCAL_SIGNATURE.split(".");
  const payload = Buffer.from(JSON.stringify(table)).toString("base64url");
  const key = await importJWK(FISCAL_SIGNER, "ES256");
  return flattenedVerify({ protected: header, payload, signature }, key, { algorithms: ["ES256"] }).then(
    () => true,
    () => false,
  );
}

describe("the table of fiscal holds", () => {
  it("is the one that its signer signed, and no other", async () => {
    expect(await isSigned({ table: FISCAL_TABLE, fields: FISCAL_FIELDS })).toBe(true);
    const longer = FISCAL_TABLE.map((rule) => ({ ...rule, years: rule.years + 1 }));
    expect(await isSigned({ table: longer, fields: FISCAL_FIELDS })).toBe(false);
    expect(await isSigned({ table: FISCAL_TABLE, fields: [...FISCAL_FIELDS, "session"] })).toBe(false);
    expect(Object.keys(FISCAL_SIGNER)).not.toContain("d");
  });

  it("names each country once, and keeps nothing of a shopper", () => {
    expect(new Set(FISCAL_TABLE.map(({ jurisdiction }) => jurisdiction)).size).toBe(FISCAL_TABLE.length);
    for (const field of ["session", "payment", "cart", "customer"]) expect(FISCAL_FIELDS).not.toContain(field);
  });

  it("names its laws as the audit log can keep them", () => {
    for (const { law } of FISCAL_TABLE) expect(law).toMatch(/^[\x20-\x3f\x41-\x7e]{4,100}$/);
  });

  it.each([
    ["DE", "2026-01-01", "2034-12-31"],
    ["DE", "2026-12-31", "2034-12-31"],
    ["AT", "2026-11-22", "2033-12-31"],
    ["FR", "2026-11-22", "2032-11-22"],
    ["FR", "2028-02-29", "2034-02-28"],
    ["NL", "2026-11-22", "2033-12-31"],
    ["US", "2026-11-22", "2033-12-31"],
  ])("holds a receipt of %s of %s until %s", (country, issued, last) => {
    expect(until(country, issued)).toBe(last);
  });

  it("holds nothing for a country that it does not name", () => {
    expect(until("ZZ", "2026-11-22")).toBeNull();
  });
});
