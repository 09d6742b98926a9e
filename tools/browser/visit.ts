import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

/** A tab of its own, and what it did while it was open. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Every address that was asked for, with what was sent. */
  readonly requests: readonly { readonly url: string; readonly method: string; readonly body: string }[];
  /** Console errors and warnings, and uncaught exceptions. */
  readonly errors: readonly string[];
  readonly close: () => Promise<void>;
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: { url: string; method: string; body: string }[] = [];
  const errors: string[] = [];
  context.on("request", (request) =>
    requests.push({ url: request.url(), method: request.method(), body: request.postData() ?? "" }),
  );
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  return { page, context, requests, errors, close: () => context.close() };
}

/** The origins that a visit reached, each once. */
export function originsOf({ requests }: Visit): string[] {
  return [...new Set(requests.map(({ url }) => new URL(url).origin))];
}
