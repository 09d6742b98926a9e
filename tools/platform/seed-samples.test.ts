import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseGtin } from "../../protocol/gtin/gtin.ts";
import { compileTemplate, matchTemplate } from "../../protocol/gtin/template.ts";
import type { Cell } from "../../protocol/ids.ts";
import { EXPONENT } from "../../protocol/money/money.ts";
import { looksLikePan } from "../../protocol/pan/tripwire.ts";
import { fitsFormat, formatProblem } from "../../workers/identity/loyalty-format.ts";
import { parseChange } from "../../workers/identity/profile-rules.ts";
import { readCatalogue } from "../../workers/stores/catalogue/csv.ts";
import { checkSettings } from "../../workers/stores/settings.ts";
import { ROOT } from "./root.ts";
import { demoMembers, LOYALTY_FORMAT } from "./seed-members.ts";
import { COUNTER_LABEL, demoStoreId, DEMO_STORES } from "./seed-store.ts";

const CELLS: readonly Cell[] = ["us", "eu"];

describe.each(CELLS)("the demo store of cell %s", (cell) => {
  const store = DEMO_STORES[cell];
  const catalogue = readCatalogue(
    readFileSync(join(ROOT, `tools/samples/catalogue-${cell}.csv`), "utf8"),
    store.currency,
  );
  const rows = catalogue.ok ? catalogue.value.rows : [];

  test("has settings that its cell accepts", () => {
    const posUrl = "http://127.0.0.1:8791";
    const rules = { cell, posHosts: ["127.0.0.1:8791"], plainHttp: true };
    expect(checkSettings({ ...store, store: demoStoreId(cell), posUrl }, rules)).toMatchObject({ ok: true });
  });

  test("has a catalogue of a few dozen products, each row of which is taken", () => {
    expect(catalogue.ok && catalogue.value.refused).toEqual([]);
    expect(rows.length).toBeGreaterThan(36);
    expect(new Set(rows.map(({ taxClass }) => taxClass))).toEqual(new Set(["food", "standard", "alcohol"]));
  });

  test("sells under numbers of GS1's demonstration prefix alone, none of which looks like a card", () => {
    const gtins = rows.map(({ item }) => item).filter((item) => /^[0-9]+$/.test(item));
    expect(gtins.length).toBeGreaterThan(36);
    for (const gtin of gtins) expect(gtin).toMatch(/^0952/);
    for (const { item } of rows) expect(looksLikePan(item)).toBeNull();
  });

  test("reads its cheese counter's label, and sells that cheese", () => {
    const templates = store.barcodeTemplates.map((template) => compileTemplate(template, EXPONENT[store.currency]));
    const compiled = templates.flatMap((template) => (template.ok ? [template.value] : []));
    const label = parseGtin(COUNTER_LABEL[cell]);
    if (!label.ok) throw new Error(label.reason);
    const read = matchTemplate(compiled, label.value);
    expect(read).toMatchObject(
      cell === "us"
        ? { ok: true, value: { kind: "price", minor: 665 } }
        : { ok: true, value: { kind: "weight", grams: 350 } },
    );
    expect(rows.map(({ item }) => item)).toContain(`rcn:${read?.ok === true ? read.value.item : ""}`);
  });

  test("has members whose numbers fit the format and are no card numbers", () => {
    const members = demoMembers(cell);
    expect(formatProblem(LOYALTY_FORMAT)).toBeUndefined();
    expect(members).toHaveLength(12);
    for (const member of members) {
      expect(fitsFormat(LOYALTY_FORMAT, member.loyalty)).toBe(true);
      const { loyalty, ...fields } = member;
      expect(looksLikePan(loyalty)).toBeNull();
      expect(parseChange(fields)).toEqual(fields);
      expect(member.email).toMatch(/@example\.(com|org)$/);
    }
  });
});

test("no demo member has a number in both cells", () => {
  const us = new Set(demoMembers("us").map(({ loyalty }) => loyalty));
  expect(demoMembers("eu").filter(({ loyalty }) => us.has(loyalty))).toEqual([]);
});
