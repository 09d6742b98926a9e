import { appendFileSync, mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Miniflare } from "miniflare";
import type { Cell } from "../../protocol/ids.ts";
import { bundle } from "./bundle.ts";
import { migrationsOf, roomConfig } from "./config.ts";
import type { CellKeys } from "./keys.ts";
import { workerdsOf } from "./crash.ts";
import { miniflareModule } from "./late.ts";
import { migrate } from "./migrate.ts";
import { ROOMS, type Host, type Origin, type Room } from "./rooms.ts";
import { ROOT } from "./root.ts";

const HOSTS: readonly Host[] = ["world", "pay", "platform"];

export interface CellOptions {
  readonly cell: Cell;
  /** The cell's own state directory; nothing of another cell is ever in it. */
  readonly state: string;
  readonly keys: CellKeys;
  readonly ports: Readonly<Record<Origin, number>>;
  /** Variables by room, on top of its configuration. */
  readonly vars?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Workers that run beside a host's own, made from those: probes of a test, with a room's very bindings. */
  readonly besides?: (host: Host, workers: readonly HostWorker[]) => readonly HostWorker[];
}

/** A Worker as a host runs it: Miniflare's options, made from the room's configuration. */
export type HostWorker = Awaited<ReturnType<typeof workerOf>>;

export interface RunningCell {
  readonly cell: Cell;
  readonly origins: Readonly<Record<Origin, string>>;
  readonly hosts: Readonly<Record<Host, Miniflare>>;
  /** Ends a host's workerd as a power cut would (SIGKILL). What it had not made durable is gone. */
  crash(host: Host): void;
  /** Starts a host again after a crash: same state, same ports. The other hosts never stopped. */
  revive(host: Host): Promise<void>;
  /** Starts the platform's Workers again with other secrets, as a deployment of them does: same state, same ports. */
  rekey(keys: CellKeys): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Boots one cell: the platform's Workers in one workerd, the CDE in one of its own (another account
 * when deployed), the simulated outside world in a third. Every Worker is read from its wrangler configuration.
 */
export async function startCell(options: CellOptions): Promise<RunningCell> {
  const origins = Object.fromEntries(
    Object.entries(options.ports).map(([name, port]) => [name, `http://127.0.0.1:${port}`]),
  ) as Record<Origin, string>;
  for (const room of ROOMS) void bundle(mainOf(room, options.cell), ROOT).catch(() => undefined);
  const started = {} as Record<Host, Miniflare>;
  const stop = async () => {
    for (const host of HOSTS.toReversed()) await started[host]?.dispose();
  };
  try {
    for (const host of HOSTS) started[host] = await startHost(host, options, origins);
    for (const room of ROOMS) await migrateRoom(room, options.cell, started[room.host]);
  } catch (error) {
    await stop();
    throw error;
  }
  const crash = (host: Host) => {
    const pids = workerdsOf(join(options.state, host));
    if (pids.length === 0) throw new Error(`${host} has no process to crash`);
    for (const pid of pids) process.kill(pid, "SIGKILL");
  };
  let { keys } = options;
  const revive = async (host: Host) => {
    await started[host].dispose();
    started[host] = await startHost(host, { ...options, keys }, origins);
  };
  const rekey = async (other: CellKeys) => {
    keys = other;
    await revive("platform");
  };
  return { cell: options.cell, origins, hosts: started, crash, revive, rekey, stop };
}

async function startHost(host: Host, options: CellOptions, origins: Record<Origin, string>): Promise<Miniflare> {
  const state = join(options.state, host);
  mkdirSync(join(state, "data"), { recursive: true });
  const log = join(state, "worker.log");
  const workers = await Promise.all(
    ROOMS.filter((room) => room.host === host).map((room) => workerOf(room, options, origins)),
  );
  const { Miniflare: Workerd, convertV4MiniflareOptions, Log, LogLevel } = miniflareModule();
  const miniflare = new Workerd({
    ...convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      workers: [...workers, ...(options.besides?.(host, workers) ?? [])],
      cf: false,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) =>
        appendFileSync(log, `${new Date().toISOString()} ${level} ${message}\n`),
    }),
    resourcePersistencePath: join(state, "data"),
  });
  await miniflare.ready;
  return miniflare;
}

async function workerOf(room: Room, options: CellOptions, origins: Record<Origin, string>) {
  const config = roomConfig(room, options.cell);
  const secrets = Object.fromEntries(room.secrets.map((name) => [name, options.keys.secrets[name] ?? ""]));
  return {
    ...config.options,
    name: config.worker,
    modules: [
      { type: "ESModule" as const, path: "index.js", contents: await bundle(mainOf(room, options.cell), ROOT) },
    ],
    bindings: { ...config.vars, ...localVars(config.vars, origins), ...options.vars?.[room.name], ...secrets },
    // Neither a client certificate nor its binding exists on one machine; its configuration is checked by a test.
    mtlsCertificates: {},
    ...(room.origin === undefined
      ? {}
      : { unsafeDirectSockets: [{ host: "127.0.0.1", port: options.ports[room.origin] }] }),
  };
}

function mainOf(room: Room, cell: Cell): string {
  return relative(ROOT, roomConfig(room, cell).main);
}

/** What differs on one machine: no jurisdiction can be pinned, and the outside lives on 127.0.0.1. A room gets no variable that its configuration does not name. */
function localVars(named: Readonly<Record<string, string>>, origins: Record<Origin, string>): Record<string, string> {
  const local: Record<string, string> = {
    JURISDICTION: "local",
    PAY_ORIGIN: origins.pay,
    PROCESSOR_ORIGIN: origins.processor,
    POS_HOSTS: new URL(origins.pos).host,
    RECEIPT_ORIGIN: origins.api,
    OIDC_ISSUER: origins.issuer,
  };
  return Object.fromEntries(Object.entries(local).filter(([name]) => Object.hasOwn(named, name)));
}

async function migrateRoom(room: Room, cell: Cell, miniflare: Miniflare): Promise<void> {
  const config = roomConfig(room, cell);
  for (const { binding, database } of config.databases) {
    await migrate(await miniflare.getD1Database(binding, config.worker), migrationsOf(database));
  }
}
