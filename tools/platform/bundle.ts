import { build } from "esbuild";

/** One Worker as a single ES module, bundled as wrangler does: workerd's conditions, runtime modules left outside. */
export async function bundle(entry: string, root: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".sql": "text", ".txt": "text", ".html": "text", ".css": "text" },
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    legalComments: "none",
    logLevel: "warning",
  });
  return result.outputFiles[0]?.text ?? "";
}
