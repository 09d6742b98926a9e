import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { wranglerModule } from "./late.ts";
import type { Room } from "./rooms.ts";
import { ROOT } from "./root.ts";

// Its warnings are of what one machine can't have (client certificates) or gets elsewhere (secrets).
process.env["WRANGLER_LOG"] ??= "error";

/** The parts of wrangler's resolved configuration that the project reads. */
export interface RoomConfig {
  /** The Worker's name with its cell, e.g. `cartwright-edge-eu`. */
  readonly worker: string;
  readonly databases: readonly { readonly binding: string; readonly database: string }[];
  readonly services: readonly {
    readonly binding: string;
    readonly service: string;
    readonly entrypoint: string;
    readonly caller: string | null;
  }[];
  readonly objects: readonly { readonly binding: string; readonly className: string; readonly worker: string | null }[];
  readonly buckets: readonly {
    readonly binding: string;
    readonly bucket: string;
    readonly jurisdiction: string | null;
  }[];
  readonly vars: Readonly<Record<string, string>>;
  readonly certificates: readonly string[];
  /** The entry module, absolute. */
  readonly main: string;
  /** Miniflare's options for the Worker, as wrangler makes them, without its code. */
  readonly options: Readonly<Record<string, unknown>> & { readonly bindings?: Readonly<Record<string, unknown>> };
}

interface RawConfig {
  name: string;
  main: string;
  vars: Record<string, string>;
  d1_databases: { binding: string; database_name: string }[];
  services?: { binding: string; service: string; entrypoint?: string; props?: { caller?: string } }[];
  durable_objects: { bindings: { name: string; class_name: string; script_name?: string }[] };
  r2_buckets: { binding: string; bucket_name: string; jurisdiction?: string }[];
  mtls_certificates: { binding: string }[];
}

interface ConfigReaders {
  unstable_readConfig(args: { config: string; env: Cell }, options: { hideWarnings: boolean }): RawConfig;
  unstable_getMiniflareWorkerOptions(config: string, env: Cell): { workerOptions: RoomConfig["options"] };
}

const configs = new Map<string, RoomConfig>();

/** A room's configuration for one cell, as wrangler resolves it; read once a process. */
export function roomConfig(room: Room, cell: Cell): RoomConfig {
  const key = `${cell} ${room.config}`;
  const config = configs.get(key) ?? resolved(room, cell);
  configs.set(key, config);
  return config;
}

function resolved(room: Room, cell: Cell): RoomConfig {
  const path = join(ROOT, room.config);
  const wrangler = wranglerModule() as unknown as ConfigReaders;
  const raw = wrangler.unstable_readConfig({ config: path, env: cell }, { hideWarnings: true });
  return {
    worker: raw.name,
    main: raw.main,
    vars: raw.vars,
    databases: raw.d1_databases.map((each) => ({ binding: each.binding, database: each.database_name })),
    services: (raw.services ?? []).map((each) => ({
      binding: each.binding,
      service: each.service,
      entrypoint: each.entrypoint ?? "default",
      caller: each.props?.caller ?? null,
    })),
    objects: raw.durable_objects.bindings.map((each) => ({
      binding: each.name,
      className: each.class_name,
      worker: each.script_name ?? null,
    })),
    buckets: raw.r2_buckets.map((each) => ({
      binding: each.binding,
      bucket: each.bucket_name,
      jurisdiction: each.jurisdiction ?? null,
    })),
    certificates: raw.mtls_certificates.map((each) => each.binding),
    options: wrangler.unstable_getMiniflareWorkerOptions(path, cell).workerOptions,
  };
}

/** The folder of a database's migrations: its name without the cell. */
export function migrationsOf(database: string): string {
  return join(ROOT, "d1-migrations", database.replace(/-(us|eu)$/, ""));
}
