// Wrangler and Miniflare take a second to load, which a command that only prints its usage or a document need not wait for.
import { createRequire } from "node:module";
import type * as Miniflare from "miniflare";
import type * as Wrangler from "wrangler";

const load = createRequire(import.meta.url);

export function miniflareModule(): typeof Miniflare {
  return load("miniflare") as typeof Miniflare;
}

export function wranglerModule(): typeof Wrangler {
  return load("wrangler") as typeof Wrangler;
}
