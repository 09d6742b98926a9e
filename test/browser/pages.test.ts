import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_BROWSER, startBrowser } from "../../tools/browser/chromium.ts";
import { originsOf, visit } from "../../tools/browser/visit.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { shop } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "../platform/fixture.ts";

let browser: Browser | null;
let cell: CellUnderTest;
let receipt: string;

beforeAll(async () => {
  browser = await startBrowser();
  if (browser === null) return;
  cell = await startCellUnderTest("eu");
  const products = [...sampleCatalogue("eu").values()].filter(
    ({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol",
  );
  const basket = products.slice(0, 8).map(({ gtin }) => gtin);
  const trip = await shop(await switchOn(cell.place, 0), basket, "none", await around(cell.place, 0, false));
  receipt = trip.receipt?.reference ?? "";
});
afterAll(async () => {
  await browser?.close();
  await cell?.end();
});
beforeEach(({ skip }) => skip(browser === null, NO_BROWSER));

interface Expected {
  readonly origin: "api" | "ops" | "pay";
  readonly path: () => string;
  readonly language: string;
  readonly status?: number;
}

describe.each<[string, Expected]>([
  ["the front page of the API", { origin: "api", path: () => "/", language: "en" }],
  ["the API's documentation", { origin: "api", path: () => "/docs", language: "en" }],
  ["the front page of operations", { origin: "ops", path: () => "/", language: "en" }],
  ["the card form", { origin: "pay", path: () => "/card-form?lang=en", language: "en" }],
  ["a receipt", { origin: "api", path: () => `/r/${receipt}`, language: "de" }],
  ["no receipt", { origin: "api", path: () => `/r/${"A".repeat(22)}`, language: "en", status: 404 }],
])("%s", (_name, { origin, path, language, status = 200 }) => {
  it.each([390, 1280])("is whole in a window of %i px: quiet, of one origin, in order", async (width) => {
    if (browser === null) throw new Error(NO_BROWSER);
    const address = cell.running.origins[origin] + path();
    const visited = await visit(browser, { viewport: { width, height: 900 } });
    const { page, errors } = visited;
    expect((await page.goto(address))?.status()).toBe(status);

    // A page that is not there is an error in the console by itself, and the only one.
    expect(errors.length).toBe(status === 404 ? 1 : 0);
    expect(originsOf(visited)).toEqual([cell.running.origins[origin]]);
    expect(await page.getAttribute("html", "lang")).toBe(language);
    expect((await page.title()).length).toBeGreaterThan(3);
    expect(await page.locator("main").count()).toBe(1);
    expect(await page.locator("main h1, header h1").count()).toBe(1);
    const levels = await page
      .locator("h1, h2, h3, h4, h5, h6")
      .evaluateAll((headings) => headings.map(({ tagName }) => Number(tagName[1])));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);

    // No part but a table's own scrolling frame is wider than the window.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const clipped = await page
      .locator("th, td, p, li, h1, h2, h3")
      .evaluateAll(
        (parts) => parts.filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0).length,
      );
    expect(clipped).toBe(0);
    await visited.close();
  });

  it("is used by the keyboard: everything that is focused shows it, and nothing takes the focus away", async () => {
    if (browser === null) throw new Error(NO_BROWSER);
    const { page, close } = await visit(browser);
    await page.goto(cell.running.origins[origin] + path());
    const count = await page.locator("a[href], summary, [tabindex='0']").count();
    for (let i = 0; i < Math.min(count, 12); i++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const { tagName } = document.activeElement as Element;
        return [tagName, getComputedStyle(document.activeElement as Element).outlineStyle];
      });
      expect(focus[0]).not.toBe("BODY");
      expect(focus[1]).not.toBe("none");
    }
    await close();
  });
});
