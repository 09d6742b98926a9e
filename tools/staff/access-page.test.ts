import { expect, test } from "vitest";
import { letterPage } from "./access-page.ts";

const FILE = {
  request: "0b7c2a52-5c2c-4a1e-9d0e-7f0d3c1b2a49",
  law: "gdpr",
  receivedOn: "2026-11-02",
  until: 1_800_000_000_000,
  profile: [{ name: "<b>Letter</b> Writer", email: "letter@shop.example", phone: null, address: null, nickname: null }],
  paymentMethods: [],
  records: [],
  loyaltyNumbers: [{ number: "9820000000017", added: 1_790_000_000_000 }],
  recognisedCards: [],
  trips: [],
  recipients: [],
  requests: [],
  looks: [],
};

test("an access file is a page that can be printed by itself: nothing to fetch, no script, what people wrote escaped", async () => {
  const page = await letterPage(FILE);
  for (const text of ["What we have about you", "&lt;b&gt;Letter&lt;/b&gt; Writer", "9820000000017", "<style>"])
    expect(page).toContain(text);
  expect(page).not.toMatch(/<script|<link|<b>|src=/);
});
