import { build } from "esbuild";

const bundles = new Map<string, Promise<string>>();

/**
 * One Worker as a single ES module, bundled as wrangler does: workerd's conditions, runtime modules left outside.
 * A process bundles each Worker once: what it runs does not change under it, and a restart is quick.
 */
export function bundle(entry: string, root: string): Promise<string> {
  const key = `${root}\0${entry}`;
  const made = bundles.get(key) ?? bundled(entry, root);
  bundles.set(key, made);
  return made;
}

async function bundled(entry: string, root: string): Promise<string> {
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
