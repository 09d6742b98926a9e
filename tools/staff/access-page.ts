import { siteStyles } from "../../workers/edge/pages/site-styles.ts";
import { bundle } from "../platform/bundle.ts";
import { ROOT } from "../platform/root.ts";

/** What a page of the app has from its origin, and one that is printed has nowhere. */
const LINKS = /<link rel="(?:icon|stylesheet)"[^>]*>/g;

/**
 * An access file as the page that its owner would see in the app, whole in itself: to be printed and sent to who wrote a
 * letter.
 * @param file the content of the field `access_file`
 */
export async function letterPage(file: unknown): Promise<string> {
  const code = await bundle("workers/edge/privacy/access-page.tsx", ROOT);
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  const { accessPage } = (await import(url)) as { readonly accessPage: (file: unknown) => Promise<string> };
  return (await accessPage(file)).replaceAll(LINKS, "").replace("</head>", () => `<style>${siteStyles}</style></head>`);
}
