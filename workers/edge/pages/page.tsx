import type { Child } from "hono/jsx";

/** The frame of every page of this origin: no script, one stylesheet, both of our own. */
export function Page({ title, children }: { readonly title: string; readonly children: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/site.css" />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <main id="main">{children}</main>
      </body>
    </html>
  );
}

/** The page's text, doctype included. */
export async function render(page: ReturnType<typeof Page>): Promise<string> {
  return `<!doctype html>${await page}`;
}
