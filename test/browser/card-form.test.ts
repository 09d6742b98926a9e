import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NO_BROWSER, startBrowser } from "../../tools/browser/chromium.ts";
import { originsOf, visit, type Visit } from "../../tools/browser/visit.ts";
import { startCell, type RunningCell } from "../../tools/platform/cell.ts";
import { cellKeys } from "../../tools/platform/keys.ts";
import { freePorts } from "../../tools/platform/ports.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { TEST_CARDS, type TestCard } from "../../tools/terminal/test-cards.ts";
import { WORDING, type Language } from "../../workers/cde/form/wording.ts";
import { startEmbedder, type Embedder } from "./embedder.ts";

const state = mkdtempSync(join(tmpdir(), "cartwright-form-"));
const { visa, amex, mastercard } = TEST_CARDS;
let browser: Browser | null;
let shop: Embedder;
let cell: RunningCell;
let form: string;

beforeAll(async () => {
  browser = await startBrowser();
  if (browser === null) return;
  shop = await startEmbedder();
  const keys = await cellKeys("eu", join(state, "keys.json"));
  const vars = { cde: { FORM_EMBEDDERS: shop.origin } };
  cell = await startCell({ cell: "eu", state, keys, ports: await freePorts(), vars });
  form = `${cell.origins.pay}/card-form`;
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await cell?.stop();
  rmSync(state, { recursive: true, force: true });
});
beforeEach(({ skip }) => skip(browser === null, NO_BROWSER));

async function open(address: string, options: Parameters<typeof visit>[1] = {}): Promise<Visit> {
  if (browser === null) throw new Error(NO_BROWSER);
  const opened = await visit(browser, options);
  await opened.page.goto(address);
  return opened;
}

async function fill(page: Pick<Page, "fill">, card: TestCard): Promise<void> {
  await page.fill("#number", card.pan);
  await page.fill("#expiry", card.exp);
  await page.fill("#code", card.cvv);
}

/** All that the page still holds: its markup, the fields' values, its stores, its address and history. */
const remains = async (page: Page) =>
  // A number is shown in groups.
  (await held(page)).replaceAll(" ", "");
const held = (page: Page) =>
  page.evaluate(() =>
    JSON.stringify([
      document.documentElement.outerHTML,
      Array.from(document.querySelectorAll("input"), (input) => input.value),
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      document.cookie,
      location.href,
      history.state as unknown,
      performance.getEntriesByType("resource").map(({ name }) => name),
    ]),
  );

/** A card number, and any of its parts beyond the last four digits. */
const traces = ({ pan, cvv, exp }: TestCard) => [pan, pan.slice(0, 6), pan.slice(-6), `"${cvv}"`, `"${exp}"`];

describe.each<[Language, TestCard, string, string]>([
  ["en", visa, "visa", "Visa ending in 4242"],
  ["de", amex, "amex", "American Express mit den Endziffern 0005"],
  ["fr", mastercard, "mastercard", "Mastercard se terminant par 4444"],
])("the card form in %s", (language, card, scheme, shown) => {
  it("adds a card, says so, and keeps nothing of it", async () => {
    const { page, errors, requests, close } = await open(`${form}?lang=${language}`);
    expect(await page.getAttribute("html", "lang")).toBe(language);
    expect(await page.title()).toBe(WORDING[language].title);
    const handed = page.evaluate(
      () =>
        new Promise<{ token: string }>((resolve) => {
          document.addEventListener("cartwright:card", (event) =>
            resolve((event as CustomEvent<{ token: string }>).detail),
          );
        }),
    );
    await fill(page, card);
    const before = await remains(page);
    for (const trace of traces(card)) expect(before).toContain(trace);
    await page.click("#submit");
    await page.waitForSelector("#done:not([hidden])");
    expect(await page.textContent("#done-card")).toBe(shown);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("done");
    expect(await handed).toEqual({
      type: "cartwright:card",
      token: expect.stringMatching(/^[A-Za-z0-9]{24}$/) as string,
      statement: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      scheme,
      last4: card.pan.slice(-4),
      expMonth: Number(card.exp.slice(0, 2)),
      expYear: 2000 + Number(card.exp.slice(3)),
    });
    const left = await remains(page);
    for (const trace of traces(card)) expect(left).not.toContain(trace);
    expect(left).not.toContain((await handed).token);
    for (const { url, body } of requests) for (const trace of traces(card)) expect(url + body).not.toContain(trace);
    expect(new Set(requests.map(({ url }) => new URL(url).origin))).toEqual(new Set([cell.origins.pay]));
    expect(errors).toEqual([]);
    await close();
  });

  it("ties each mistake to its field and lists them on top, and sends nothing", async () => {
    const { page, requests, close } = await open(`${form}?lang=${language}`);
    const { messages, problems } = WORDING[language];
    await page.fill("#number", "4242 4242 4242 4241");
    await page.fill("#expiry", "13/30");
    await page.click("#submit");
    expect(await page.textContent("#problems-title")).toBe(problems);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("problems");
    const expected = { number: messages.card_number, expiry: messages.card_expiry, code: messages.card_cvv };
    expect(await page.locator("#problem-list li").allTextContents()).toEqual(Object.values(expected));
    for (const [field, message] of Object.entries(expected)) {
      const input = page.locator(`#${field}`);
      expect(await input.getAttribute("aria-invalid")).toBe("true");
      const [described = ""] = (await input.getAttribute("aria-describedby"))?.split(" ") ?? [];
      expect(await page.textContent(`#${described}`)).toBe(message);
      await page.click(`#problem-list a[href="#${field}"]`);
      expect(await page.evaluate(() => document.activeElement?.id)).toBe(field);
    }
    await fill(page, { ...card, cvv: "12" });
    await page.click("#submit");
    expect(await page.locator("#problem-list li").allTextContents()).toEqual([messages.card_cvv]);
    expect(await page.locator("[aria-invalid]").count()).toBe(1);
    expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
    await close();
  });
});

describe("the card form", () => {
  it("is used by the keyboard alone, in the order that is read", async () => {
    const { page, close } = await open(form);
    const focused = () => page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
    const order: unknown[] = [];
    for (const text of ["", visa.pan, visa.exp.replace("/", ""), visa.cvv, ""]) {
      await page.keyboard.press("Tab");
      order.push(await focused());
      await page.keyboard.type(text);
    }
    expect(order).toEqual(["skip", "number", "expiry", "code", "submit"]);
    expect(await page.inputValue("#number")).toBe("4242 4242 4242 4242");
    expect(await page.inputValue("#expiry")).toBe("12/34");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#done:not([hidden])");
    await close();
  });

  it("tells the browser what its fields are, and which keyboard to show", async () => {
    const { page, close } = await open(form);
    const fields = await page
      .locator("input")
      .evaluateAll((inputs) =>
        inputs.map((input) => ["autocomplete", "inputmode", "name"].map((name) => input.getAttribute(name))),
      );
    expect(fields).toEqual([
      ["cc-number", "numeric", null],
      ["cc-exp", "numeric", null],
      ["cc-csc", "numeric", null],
    ]);
    for (const field of ["Card number", "Expiry date", "Security code"])
      expect(await page.getByLabel(field, { exact: true }).count()).toBe(1);
    expect(await page.locator("h1").count()).toBe(1);
    expect(await page.locator("main").count()).toBe(1);
    await close();
  });

  it.each([
    [320, "light"],
    [320, "dark"],
    [1280, "light"],
  ] as const)(
    "fits a window of %i px, %s, mistakes shown, with targets of 24 px and more",
    async (width, colorScheme) => {
      for (const language of ["en", "de", "fr"]) {
        const { page, close } = await open(`${form}?lang=${language}`, {
          viewport: { width, height: 700 },
          colorScheme,
        });
        await page.click("#submit");
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        const heights = await page
          .locator("input:visible, button:visible, nav a:visible, #problem-list li:visible")
          .evaluateAll((targets) => targets.map((target) => target.getBoundingClientRect().height));
        expect(heights.length).toBeGreaterThan(8);
        expect(Math.min(...heights)).toBeGreaterThanOrEqual(24);
        // A field stands right below its own words, however long another's are.
        const gaps = await page
          .locator(".field input")
          .evaluateAll((inputs) =>
            inputs.map(
              (input) =>
                input.getBoundingClientRect().top - (input.previousElementSibling?.getBoundingClientRect().bottom ?? 0),
            ),
          );
        expect(Math.max(...gaps)).toBeLessThan(12);
        await close();
      }
    },
  );

  it("can't send anything without its script", async () => {
    const { page, requests, close } = await open(form, { javaScriptEnabled: false });
    expect(await page.textContent("noscript")).toContain(WORDING.en.needsScript);
    await page.fill("#number", visa.pan);
    await page.press("#number", "Enter");
    expect(await page.locator("#submit").isDisabled()).toBe(true);
    expect(requests.every(({ url }) => !url.includes(visa.pan))).toBe(true);
    expect(page.url()).toBe(form);
    await close();
  });

  it("says what the service refuses, keeps the card's fields and forgets the code", async () => {
    const { page, context, requests, close } = await open(form);
    const refuse = (status: number, code: string) =>
      context.route("**/v1/payments/tokenize", (route) =>
        route.fulfill({ status, json: { code, detail: "<b>no</b>" } }),
      );
    const tried: [number, string, string][] = [
      [422, "card_scheme", WORDING.en.messages.card_scheme],
      [429, "too_many_requests", WORDING.en.messages.too_many_requests],
      [503, "not_configured", WORDING.en.messages.failed],
    ];
    for (const [status, code, message] of tried) {
      await refuse(status, code);
      await fill(page, visa);
      await page.click("#submit");
      await expect.poll(() => page.locator("#problem-list li").allTextContents()).toEqual([message]);
      expect(await page.inputValue("#code")).toBe("");
      expect(await page.inputValue("#number")).not.toBe("");
    }
    expect(requests.filter(({ method }) => method === "POST")).toHaveLength(3);
    await close();
  });

  it("sends a card again under the same key after a lost answer, and under another when the card is another", async () => {
    const { page, context, close } = await open(form);
    const keys: (string | undefined)[] = [];
    let lost = 2;
    await context.route("**/v1/payments/tokenize", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      lost -= 1;
      await (lost >= 0 ? route.abort() : route.continue());
    });
    await fill(page, visa);
    await page.click("#submit");
    await expect
      .poll(() => page.locator("#problem-list li").allTextContents())
      .toEqual([WORDING.en.messages.no_answer]);
    await page.fill("#code", visa.cvv);
    await page.click("#submit");
    await expect.poll(() => keys.length).toBe(2);
    await fill(page, mastercard);
    await page.click("#submit");
    await page.waitForSelector("#done:not([hidden])");
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
    await close();
  });
});

describe("the page that opened the card form", () => {
  const framed = (embedder: string) => `${embedder}/?${encodeURIComponent(`${form}?embedder=${shop.origin}`)}`;

  it("is told the token and the statement, when it is the registered one", async () => {
    const { page, close } = await open(framed(shop.origin));
    const frame = page.frameLocator("iframe");
    await frame.locator("#number").fill(visa.pan);
    await frame.locator("#expiry").fill(visa.exp);
    await frame.locator("#code").fill(visa.cvv);
    await frame.locator("#submit").click();
    await frame.locator("#done:not([hidden])").waitFor();
    const told = await page.evaluate("told");
    expect(told).toEqual([
      { origin: cell.origins.pay, data: expect.objectContaining({ type: "cartwright:card", last4: "4242" }) as object },
    ]);
    expect(JSON.stringify(told)).not.toContain(visa.pan);
    await close();
  });

  it("is not shown the form in its frame, when it is another", async () => {
    const stranger = await startEmbedder();
    const { page, errors, close } = await open(framed(stranger.origin));
    await expect.poll(() => errors.join("\n")).toContain("frame-ancestors");
    expect(await page.frameLocator("iframe").locator("#card").count()).toBe(0);
    await close();
    await stranger.close();
  });

  it("is gone back to with the result in the fragment, and the form is not in the history", async () => {
    const back = `${shop.origin}/back?card=1`;
    const visited = await open(`${form}?return=${encodeURIComponent(back)}`);
    const { page, requests, close } = visited;
    await fill(page, visa);
    await page.click("#submit");
    await page.waitForURL(`${back}#**`);
    const { hash, href } = new URL(page.url());
    const result = new URLSearchParams(hash.slice(1));
    expect(result.get("token")).toMatch(/^[A-Za-z0-9]{24}$/);
    expect(result.get("statement")?.split(".")).toHaveLength(3);
    expect(href).not.toContain(visa.pan);
    // A fragment is not sent.
    expect(requests.some(({ url }) => url === back)).toBe(true);
    expect(originsOf(visited).sort((a, b) => a.localeCompare(b))).toEqual(
      [cell.origins.pay, shop.origin].sort((a, b) => a.localeCompare(b)),
    );
    await page.goBack();
    expect(page.url()).not.toContain("card-form");
    await close();
  });
});

describe("npm run form-integrity", () => {
  const watch = async (embedders: string) => {
    const args = ["tools/run.mjs", "tools/form-integrity.ts", "--origin", cell.origins.pay, "--embedders", embedders];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
      return { code: 0, text: stdout };
    } catch (error) {
      const { code, stderr } = error as { code: number; stderr: string };
      return { code, text: stderr };
    }
  };

  it("finds the live form as it is committed, and fails with a line a change when it is not", async () => {
    expect(await watch(shop.origin)).toEqual({ code: 0, text: expect.stringContaining("unchanged") as string });
    const changed = await watch("https://other.example");
    expect(changed.code).toBe(1);
    expect(JSON.parse(changed.text.split("\n")[0] ?? "")).toMatchObject({ event: "card_form_changed", what: "header" });
    expect(changed.text).toContain("ALERT: 3 change(s)");
  });
});
