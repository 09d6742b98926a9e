import { readFileSync } from "node:fs";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { expect, it } from "vitest";
import { bundle } from "../../tools/platform/bundle.ts";
import { ROOT } from "../../tools/platform/root.ts";

const count = (file: string): number =>
  (JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as unknown[]).length;

it("workerd decides every vector as Node does", async () => {
  const script = await bundle("tools/vectors/on-workerd.ts", ROOT);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({ modules: true, script, compatibilityDate: "2026-11-01", host: "127.0.0.1", port: 0, cf: false }),
  );
  try {
    const response = await miniflare.dispatchFetch("http://vectors/");
    const files = ["items.json", "frames.json", "payloads-refused.json", "messages.json"];
    expect(await response.json()).toEqual({ ran: files.reduce((sum, file) => sum + count(file), 0), wrong: [] });
  } finally {
    await miniflare.dispose();
  }
});
