import type { Miniflare } from "miniflare";
import type { Cell } from "../../protocol/ids.ts";
import { roomConfig } from "../platform/config.ts";
import type { HostWorker } from "../platform/cell.ts";
import { ROOMS, type Host } from "../platform/rooms.ts";
import type { Entrypoint } from "./entrypoints.ts";

/** Runs inside workerd with a room's bindings and does what a taken-over room would. */
const SCRIPT = `
const attempt = async (work) => { try { const value = await work(); return { value: value === undefined ? null : typeof value === "object" ? "object" : String(value) }; }
  catch (error) { return { thrown: String(error?.name) + ": " + String(error?.message ?? error) }; } };
const DO = {
  names: (env) => ({ names: Object.keys(env), databases: Object.keys(env).filter((name) => env[name]?.constructor?.name === "D1Database") }),
  call: (env, { binding, object, method, args }) => attempt(() => {
    const target = object === undefined ? env[binding] : env[binding].getByName(object);
    if (target === undefined) throw new Error("there is no such binding");
    return target[method](...args);
  }),
  read: (env, { binding, object, property }) => attempt(async () => {
    const target = object === undefined ? env[binding] : env[binding].getByName(object);
    const value = await target[property];
    if (typeof value === "function") throw new Error("a stub, not a value");
    return value;
  }),
  tables: async (env, { binding }) => {
    const { results } = await env[binding].prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return { names: results.map(({ name }) => name) };
  },
  sql: (env, { binding, sql }) => attempt(() => env[binding].prepare(sql).all()),
  object: async (env, { binding, key }) => ({ value: (await env[binding].get(key)) === null ? null : "object" }),
  fetch: async (env, { url, init }) => {
    try { const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(5000) }); return { status: response.status }; }
    catch (error) { return { thrown: String(error?.name) }; }
  },
};
export default { async fetch(request, env) { const ask = await request.json(); return Response.json(await DO[ask.do](env, ask)); } };`;

/** A Worker with every door of a host's rooms bound under another caller's name: a configuration that was widened. */
const FORGER = "probe-forger";
/** Who else may come to a door: every room and every other caller but the one that it is for, and nobody. */
export function strangersTo(door: Entrypoint, doors: readonly Entrypoint[]): string[] {
  const rooms = ROOMS.filter(({ host }) => host !== "world").map(({ name }) => name);
  const names = new Set([...rooms, ...doors.map(({ caller }) => caller), ""]);
  return [...names].filter((name) => name !== door.caller);
}

export interface ForgedDoor {
  readonly binding: string;
  readonly as: string;
  readonly door: Entrypoint;
}

export function forgedDoors(doors: readonly Entrypoint[]): ForgedDoor[] {
  return doors.flatMap((door) =>
    strangersTo(door, doors).map((as) => ({ binding: `${door.room}_${door.name}_AS_${as}`, as, door })),
  );
}

/**
 * For `besides` of a cell: a probe a room, with that room's very bindings and secrets, and the forger.
 * @param widen changes a room's probe as a careless configuration would: for the test of the attacks themselves
 */
export function probesBeside(
  cell: Cell,
  doors: readonly Entrypoint[],
  widen: (room: string, probe: HostWorker) => HostWorker = (_, probe) => probe,
) {
  return (host: Host, workers: readonly HostWorker[]): readonly HostWorker[] => {
    if (host === "world") return [];
    const rooms = ROOMS.filter((room) => room.host === host);
    const probes = rooms.map((room) => {
      const worker = workers.find(({ name }) => name === roomConfig(room, cell).worker);
      if (worker === undefined) throw new Error(`${room.name} does not run on ${host}`);
      const { unsafeDirectSockets: _, ...same } = worker as HostWorker & { unsafeDirectSockets?: unknown };
      const objects = { durableObjects: objectsOf(worker) };
      return widen(room.name, { ...same, ...module(), name: probeOf(room.name), ...objects });
    });
    const [some] = probes;
    if (host !== "platform" || some === undefined) return probes;
    const serviceBindings = Object.fromEntries(
      forgedDoors(doors).map(({ binding, as, door }) => [
        binding,
        {
          name: `cartwright-${door.room}-${cell}`,
          entrypoint: door.name,
          ...(as === "" ? {} : { props: { caller: as } }),
        },
      ]),
    );
    return [...probes, { ...bare(some), ...module(), name: FORGER, serviceBindings } as HostWorker];
  };
}

const probeOf = (room: string) => `probe-${room}`;
const module = () => ({ modules: [{ type: "ESModule" as const, path: "index.js", contents: SCRIPT }] });

/** A room's own objects are the room's: its probe reaches them where they are. */
function objectsOf(worker: HostWorker): Record<string, { className: string; scriptName: string }> {
  const own = ((worker as { durableObjects?: unknown }).durableObjects ?? {}) as Record<
    string,
    { className: string; scriptName?: string }
  >;
  return Object.fromEntries(
    Object.entries(own).map(([binding, { className, scriptName }]) => [
      binding,
      { className, scriptName: scriptName ?? worker.name },
    ]),
  );
}

function bare(worker: HostWorker) {
  return { ...worker, bindings: {}, d1Databases: {}, r2Buckets: {}, durableObjects: {}, ratelimits: {} };
}

/** Asks a probe to do one thing from where it is. */
export async function ask<T>(host: Miniflare, room: string | null, order: object): Promise<T> {
  const probe = await host.getWorker(room === null ? FORGER : probeOf(room));
  const response = await probe.fetch("http://probe.test/", { method: "POST", body: JSON.stringify(order) });
  return (await response.json()) as T;
}
