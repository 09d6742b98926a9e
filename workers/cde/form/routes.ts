import { Hono } from "hono";
import type { CdeContext } from "../context.ts";
import { allowedEmbedders, embeddingOf } from "./embedding.ts";
import { SCRIPT } from "./generated.ts";
import { fileHeaders, pageHeaders } from "./headers.ts";
import { cardFormPage, refusedPage } from "./page.tsx";
import { PAGE_PATH, SCRIPT_PATH, STYLES_PATH } from "./paths.ts";
import { STYLES } from "./styles.ts";
import { languageOf } from "./wording.ts";

/**
 * The card form: `GET /card-form?lang&embedder&return`, and its two files. docs/card-form.md has what it hands over;
 * `manifest.json` beside this file is what may be served (PCI DSS 6.4.3).
 */
export const formRoutes = new Hono<CdeContext>();

formRoutes.get(PAGE_PATH, (c) => {
  const allowed = allowedEmbedders(c.env.FORM_EMBEDDERS);
  const headers = pageHeaders(new URL(c.req.url).origin, allowed);
  const language = languageOf(c.req.query("lang"), c.req.header("accept-language"));
  const embedding = embeddingOf(c.req.query(), allowed);
  if (!embedding.ok) return c.body(refusedPage(language), 400, headers);
  return c.body(cardFormPage(language, embedding.value), 200, headers);
});

formRoutes.get(SCRIPT_PATH, (c) => c.body(SCRIPT, 200, fileHeaders("text/javascript; charset=UTF-8")));
formRoutes.get(STYLES_PATH, (c) => c.body(STYLES, 200, fileHeaders("text/css; charset=UTF-8")));
