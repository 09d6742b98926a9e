import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { NEIGHBOURS } from "../test/neighbours.ts";

/** Tests that run inside the objects' own isolate, where the clock can be set and an alarm rung. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "../wrangler.toml", environment: "eu" },
      miniflare: {
        bindings: { JURISDICTION: "local" },
        workers: Object.entries(NEIGHBOURS).map(([name, script]) => ({
          name: `cartwright-${name}-eu`,
          modules: true,
          compatibilityDate: "2026-11-01",
          script,
        })),
      },
    }),
  ],
  test: { name: "objects", include: ["*.object.test.ts"], maxWorkers: 2, sequence: { groupOrder: 3 } },
});
