import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { type RoomConfig, roomConfig } from "../platform/config.ts";
import { wranglerModule } from "../platform/late.ts";
import { ROOMS } from "../platform/rooms.ts";
import { ROOT } from "../platform/root.ts";

/** One room in one cell, as its wrangler configuration describes it. */
export interface Member {
  readonly room: string;
  readonly cell: Cell;
  readonly config: Omit<RoomConfig, "options" | "main">;
  /** Names of the secrets that it is deployed with. */
  readonly secrets: readonly string[];
  /** Bindings of kinds that the platform does not use, by their section's name. */
  readonly otherBindings: readonly string[];
  /** Everything in the configuration of this cell: each text with its path, e.g. `d1_databases.0.database_id`. */
  readonly texts: readonly { readonly path: string; readonly text: string }[];
  /** Ways in that a configuration opens by itself: routes, a workers.dev host, preview addresses. */
  readonly publicWays: readonly string[];
}

/** Sections that RoomConfig reads, and those that bind nothing. */
const KNOWN = new Set([
  "d1_databases",
  "services",
  "durable_objects",
  "r2_buckets",
  "mtls_certificates",
  "ratelimits",
  "vars",
  "secrets",
]);
const NO_BINDING = new Set(
  `configPath userConfigPath topLevelName definedEnvironments targetEnvironment name main compatibility_date
   compatibility_flags jsx_factory jsx_fragment rules triggers build workers_dev preview_urls routes route define
   migrations exports observability python_modules dev`.split(/\s+/),
);

/** Every Worker of the platform and of the CDE, in both cells. The simulated outside world is no part of it. */
export function platform(): Member[] {
  return ROOMS.filter((room) => room.host !== "world").flatMap((room) =>
    (["us", "eu"] as const).map((cell) => {
      const raw = wranglerModule().unstable_readConfig(
        { config: join(ROOT, room.config), env: cell },
        { hideWarnings: true },
      ) as unknown as Record<string, unknown>;
      const { options: _options, main: _main, ...config } = roomConfig(room, cell);
      return { room: room.name, cell, config, ...factsOf(raw) };
    }),
  );
}

/** What is read from wrangler's resolved configuration itself. */
export function factsOf(
  raw: Readonly<Record<string, unknown>>,
): Pick<Member, "secrets" | "otherBindings" | "texts" | "publicWays"> {
  const bound = Object.entries(raw).filter(([name]) => !NO_BINDING.has(name));
  const others = Object.entries(raw).filter(
    ([name, value]) => !KNOWN.has(name) && !NO_BINDING.has(name) && holds(value),
  );
  const ways = ["workers_dev", "preview_urls", "routes", "route"].filter((name) => holds(raw[name]));
  const { required = [] } = (raw["secrets"] ?? {}) as { required?: string[] };
  return {
    secrets: required,
    otherBindings: others.map(([name]) => name),
    texts: [["name", raw["name"]] as [string, unknown], ...bound].flatMap(([name, value]) => textsOf(name, value)),
    publicWays: ways,
  };
}

function holds(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.values(value).some(holds);
  return value !== undefined && value !== null && value !== false;
}

function textsOf(path: string, value: unknown): { path: string; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => textsOf(`${path}.${name}`, each));
}
