/** @jsxImportSource hono/jsx */
import { toDocument } from "./document.tsx";
import { labelsOf } from "./labels.ts";

/** The one answer for an unknown, a malformed and a deleted reference; `language` is the reader's (`Accept-Language`). */
export function notFoundPage(language = "en"): string {
  const { labels, language: marked } = labelsOf(language.slice(0, 2).toLowerCase());
  return toDocument(
    marked,
    labels.notFound,
    <main>
      <h1>{labels.notFound}</h1>
      <p>{labels.notFoundText}</p>
    </main>,
  );
}
