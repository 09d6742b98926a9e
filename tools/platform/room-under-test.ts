import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Miniflare, convertV4MiniflareOptions, Log, LogLevel } from "miniflare";
import type { Cell } from "../../protocol/ids.ts";
import { bundle } from "./bundle.ts";
import { migrationsOf, roomConfig, type RoomConfig } from "./config.ts";
import { migrate } from "./migrate.ts";
import { ROOMS } from "./rooms.ts";
import { ROOT } from "./root.ts";

export interface RoomUnderTest {
  readonly miniflare: Miniflare;
  /** The room's Worker name, for `miniflare.getD1Database(binding, worker)`. */
  readonly worker: string;
  /** Calls an entrypoint's method as another room would: over RPC, with the caller's props. */
  call<T>(entrypoint: string, caller: string, method: string, ...args: unknown[]): Promise<T>;
  /** Calls a method of one of the room's Durable Objects by class and name. */
  object<T>(className: string, objectName: string, method: string, ...args: unknown[]): Promise<T>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/**
 * One room alone on a real workerd, with its own D1, R2 and objects, migrated; state in a temporary folder.
 * Each room that it calls is given as the source of an ES module (`neighbours`, by Worker name without cell),
 * exporting the entrypoint classes; arguments and answers cross as structured clones.
 */
export async function startRoom(
  name: string,
  options: {
    cell?: Cell;
    secrets?: Record<string, string>;
    vars?: Record<string, string>;
    neighbours?: Record<string, string>;
    state?: string;
    /** Every line that the Worker logs. */
    onLog?: (line: string) => void;
  } = {},
): Promise<RoomUnderTest> {
  const cell = options.cell ?? "eu";
  const room = ROOMS.find((each) => each.name === name);
  if (room === undefined) throw new Error(`no room ${name}`);
  const config = roomConfig(room, cell);
  const worker = config.worker;
  const objects = config.objects.filter((each) => each.worker === null).map((each) => each.className);
  const state = options.state ?? mkdtempSync(join(tmpdir(), `cartwright-${name}-`));
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      ...(options.onLog === undefined
        ? {}
        : { handleStructuredLogs: ({ message }: { message: string }) => options.onLog?.(message) }),
      workers: [
        {
          name: "prober",
          modules: true,
          compatibilityDate: COMPATIBILITY_DATE,
          script: PROBER,
          serviceBindings: Object.fromEntries(
            doorsOf(worker, cell).map(({ entrypoint, caller }) => [
              `${entrypoint}/${caller}`,
              { name: worker, entrypoint, props: { caller } },
            ]),
          ),
          durableObjects: Object.fromEntries(
            objects.map((className) => [className, { className, scriptName: worker }]),
          ),
        },
        {
          ...config.options,
          name: worker,
          mtlsCertificates: {},
          modules: [{ type: "ESModule", path: "index.js", contents: await bundle(relative(ROOT, config.main), ROOT) }],
          bindings: { ...config.vars, JURISDICTION: "local", ...options.vars, ...options.secrets },
        },
        ...Object.entries(options.neighbours ?? {}).map(([neighbour, script]) => ({
          name: `cartwright-${neighbour}-${cell}`,
          modules: true,
          compatibilityDate: COMPATIBILITY_DATE,
          script,
          durableObjects: objectsOf(config, `cartwright-${neighbour}-${cell}`),
        })),
      ],
    }),
    resourcePersistencePath: state,
  });
  await miniflare.ready;
  for (const { binding, database } of config.databases)
    await migrate(await miniflare.getD1Database(binding, worker), migrationsOf(database));
  const probe = async <T>(ask: object): Promise<T> => {
    const response = await miniflare.dispatchFetch("http://prober.test/", {
      method: "POST",
      body: JSON.stringify(toJson(ask)),
    });
    const answer = JSON.parse(await response.text(), fromJson) as { value?: T; thrown?: string };
    if (answer.thrown !== undefined) throw new Error(answer.thrown);
    return answer.value as T;
  };
  return {
    miniflare,
    worker,
    call: (entrypoint, caller, method, ...args) => probe({ binding: `${entrypoint}/${caller}`, method, args }),
    object: (className, objectName, method, ...args) => probe({ binding: className, name: objectName, method, args }),
    fetch: async (path, init) => {
      const target = await miniflare.getWorker(worker);
      return (await target.fetch(new URL(path, "http://room.test").href, init as never)) as unknown as Response;
    },
    stop: async () => {
      await miniflare.dispose();
      if (options.state === undefined) rmSync(state, { recursive: true, force: true });
    },
  };
}

/** The objects that a room reaches in a neighbour, which must export their classes. */
function objectsOf(config: RoomConfig, neighbour: string): Record<string, { className: string; useSQLite: true }> {
  return Object.fromEntries(
    config.objects
      .filter((each) => each.worker === neighbour)
      .map(({ className }) => [className, { className, useSQLite: true }]),
  );
}

/** Every (entrypoint, caller) that some room's configuration declares for a Worker. */
function doorsOf(worker: string, cell: Cell): { entrypoint: string; caller: string }[] {
  return ROOMS.flatMap((room) =>
    roomConfig(room, cell)
      .services.filter((each) => each.service === worker)
      .map((each) => ({ entrypoint: each.entrypoint, caller: each.caller ?? "" })),
  );
}

const COMPATIBILITY_DATE = "2026-11-01";

/** Runs a call inside workerd, where RPC is RPC, and carries arguments and answer as JSON with marked bytes. */
const PROBER = `
const revive = (_, v) => (v !== null && typeof v === "object" && "$bytes" in v ? Uint8Array.from(atob(v.$bytes), (c) => c.charCodeAt(0)) : v);
const plain = (v) => v instanceof ArrayBuffer ? plain(new Uint8Array(v)) : v instanceof Uint8Array ? { $bytes: btoa(String.fromCharCode(...v)) }
  : Array.isArray(v) ? v.map(plain) : v !== null && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)])) : v;
export default { async fetch(request, env) {
  const { binding, name, method, args } = JSON.parse(await request.text(), revive);
  try {
    const target = name === undefined ? env[binding] : env[binding].getByName(name);
    return Response.json({ value: plain(await target[method](...args)) });
  } catch (error) { return Response.json({ thrown: String(error?.message ?? error) }); }
} };`;

function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(toJson);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]));
  return value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (value !== null && typeof value === "object" && "$bytes" in value)
    return new Uint8Array(Buffer.from(String(value.$bytes), "base64"));
  return value;
}
