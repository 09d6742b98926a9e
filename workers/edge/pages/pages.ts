import type { App } from "../app/app.ts";
import { openApiDocument } from "../openapi.ts";
import { docsPage } from "./docs.tsx";
import { favicon } from "./favicon.ts";
import { frontPage } from "./front.tsx";
import { siteStyles } from "./site-styles.ts";

const HOUR = "public, max-age=3600";

/** The pages of this origin that are the same for everyone. */
export function addPages(app: App): void {
  let docs: string | undefined;
  app.get("/", async (c) => c.html(await frontPage(c.env.CELL), 200, { "cache-control": HOUR }));
  app.get("/docs", async (c) => c.html((docs ??= await docsPage(openApiDocument())), 200, { "cache-control": HOUR }));
  app.get("/openapi.json", (c) => c.json(openApiDocument(), 200, { "cache-control": HOUR }));
  app.get("/favicon.svg", (c) => c.body(favicon, 200, { "content-type": "image/svg+xml", "cache-control": HOUR }));
  app.get("/assets/site.css", (c) => c.body(siteStyles, 200, { "content-type": "text/css", "cache-control": HOUR }));
}
