import type { Cell } from "../../protocol/ids.ts";
import { roomConfig, type RoomConfig } from "../platform/config.ts";
import type { RunningCell } from "../platform/cell.ts";
import { ROOMS, type Room } from "../platform/rooms.ts";
import type { Attack, OnAttack } from "./attack.ts";
import type { Entrypoint } from "./entrypoints.ts";
import { ask, forgedDoors } from "./probe.ts";

type Tried = { readonly value?: string | null; readonly thrown?: string; readonly status?: number };

/** Runtime's and our own words for "this is not for you"; any other end of a call means that it came in. */
const REFUSAL = /does not implement the method|this entrypoint is for|there is no such binding/;
/** What a class has besides its public methods. */
const PRIVATE = ["env", "ctx", "props", "#room", "#enter", "#line", "sql", "storage"];

/** Attacks from each room's own process, with exactly the bindings that its configuration gives it. */
export async function attackInside(
  cell: Cell,
  running: RunningCell,
  doors: readonly Entrypoint[],
  onAttack: OnAttack,
): Promise<void> {
  const rooms = ROOMS.filter(({ host }) => host !== "world");
  const tables = await tablesOf(cell, running, rooms);
  // Rooms are processes of their own; so each attacks on its own, all at once.
  const fromRoom = async (room: Room): Promise<void> => {
    const config = roomConfig(room, cell);
    await ownBindings({ room, config, running, doors, onAttack });
    await otherDoors({ room, config, running, doors, onAttack });
    await privateParts({ room, config, running, onAttack });
    await otherStores({ room, config, running, tables, onAttack });
    await network({ room, running, onAttack });
  };
  await Promise.all(rooms.map(fromRoom));
  for (const { binding, as, door } of forgedDoors(doors)) {
    const from = as === "" ? "nobody" : as;
    const forge = async (method: string): Promise<void> => {
      const tried = await ask<Tried>(running.hosts.platform, null, { do: "call", binding, method, args: [] });
      onAttack(judged(from, door.room, `${door.name}.${method} through a binding that names ${from}`, tried));
    };
    await Promise.all(door.methods.map(forge));
  }
}

interface Of {
  readonly room: Room;
  readonly config: RoomConfig;
  readonly running: RunningCell;
  readonly onAttack: OnAttack;
}

/** Nothing is bound that the configuration does not name; and what is named works, or the other attacks would prove nothing. */
async function ownBindings({
  room,
  config,
  running,
  doors,
  onAttack,
}: Of & { doors: readonly Entrypoint[] }): Promise<void> {
  const host = running.hosts[room.host];
  const { names } = await ask<{ names: string[] }>(host, room.name, { do: "names" });
  const { ratelimits = {} } = config.options as { ratelimits?: object };
  const bound = [...config.services, ...config.databases, ...config.buckets, ...config.objects].map(
    (each) => each.binding,
  );
  const named = new Set([...bound, ...Object.keys(config.vars), ...room.secrets, ...Object.keys(ratelimits)]);
  const more = names.filter((name) => !named.has(name));
  onAttack({
    from: room.name,
    on: room.name,
    what: "bindings beyond its configuration",
    answer: more.join(" ") || "none",
    reached: more.length > 0,
  });
  for (const { binding, service, entrypoint } of config.services) {
    const own = doors.find((door) => door.room === roomOf(service) && door.name === entrypoint);
    const method = own?.methods[0];
    if (method === undefined) throw new Error(`${room.name} has no method to call on ${service}`);
    const tried = await ask<Tried>(host, room.name, { do: "call", binding, method, args: [] });
    if (tried.thrown !== undefined && REFUSAL.test(tried.thrown))
      throw new Error(
        `${room.name} is refused its own ${binding}.${method}, so refusals prove nothing: ${tried.thrown}`,
      );
  }
}

/** The methods of another's doors, called through each door that this room has to the same room, or through a guessed one. */
async function otherDoors({
  room,
  config,
  running,
  doors,
  onAttack,
}: Of & { doors: readonly Entrypoint[] }): Promise<void> {
  for (const door of doors.filter((each) => each.room !== room.name)) {
    const own = config.services.filter(({ service }) => roomOf(service) === door.room);
    const through = own
      .filter(({ entrypoint }) => entrypoint !== door.name)
      .map(({ binding, entrypoint }) => {
        const leadsTo = doors.find((each) => each.room === door.room && each.name === entrypoint);
        return { binding, given: new Set(leadsTo?.methods) };
      });
    const guessed = own.length > 0 ? [] : [door.room.toUpperCase(), `cartwright-${door.room}`];
    for (const { binding, given } of [...through, ...guessed.map((name) => ({ binding: name, given: new Set() }))])
      for (const method of door.methods.filter((name) => !given.has(name))) {
        const tried = await ask<Tried>(running.hosts[room.host], room.name, { do: "call", binding, method, args: [] });
        const what = `${door.name}.${method} through ${own.length > 0 ? binding : "a guessed binding"}`;
        onAttack(judged(room.name, door.room, what, tried));
      }
  }
}

/** What an entrypoint or an object keeps to itself. */
async function privateParts({ room, config, running, onAttack }: Of): Promise<void> {
  const targets = [
    ...config.services.map(({ binding, service }) => ({ binding, on: roomOf(service) })),
    ...config.objects
      .filter(({ worker }) => worker !== null)
      .map(({ binding, worker }) => ({ binding, object: crypto.randomUUID(), on: roomOf(worker ?? "") })),
  ];
  for (const { on, ...target } of targets)
    for (const property of PRIVATE) {
      const read = await ask<Tried>(running.hosts[room.host], room.name, { do: "read", ...target, property });
      onAttack({
        from: room.name,
        on,
        what: `${target.binding}.${property}, read`,
        answer: read.thrown ?? read.value ?? "nothing",
        reached: read.thrown === undefined && read.value !== null,
      });
      const call = await ask<Tried>(running.hosts[room.host], room.name, {
        do: "call",
        ...target,
        method: property,
        args: [],
      });
      onAttack(judged(room.name, on, `${target.binding}.${property}, called`, call));
    }
}

/** Other rooms' tables: by looking around in the databases that it has, by attaching a file, by a path in a bucket's key. */
async function otherStores({
  room,
  config,
  running,
  tables,
  onAttack,
}: Of & { tables: ReadonlyMap<string, readonly string[]> }): Promise<void> {
  const host = running.hosts[room.host];
  const { databases } = await ask<{ databases: string[] }>(host, room.name, { do: "names" });
  for (const binding of databases) {
    const { names } = await ask<{ names: string[] }>(host, room.name, { do: "tables", binding });
    for (const [owner, theirs] of tables) {
      if (owner === room.name) continue;
      const seen = names.filter((name) => theirs.includes(name));
      onAttack({
        from: room.name,
        on: owner,
        what: `its tables through ${binding}`,
        answer: seen.join(" ") || "none is there",
        reached: seen.length > 0,
      });
    }
    for (const sql of [
      "ATTACH DATABASE 'file:other.sqlite' AS other",
      "ATTACH DATABASE ':memory:' AS other",
      "PRAGMA database_list",
      "SELECT load_extension('x')",
      "VACUUM INTO '/copy.sqlite'",
    ]) {
      const tried = await ask<Tried>(host, room.name, { do: "sql", binding, sql });
      onAttack({
        from: room.name,
        on: "other databases",
        what: `${binding}: ${sql}`,
        answer: tried.thrown ?? "it ran",
        reached: tried.thrown === undefined,
      });
    }
  }
  for (const { binding } of config.buckets)
    for (const other of ROOMS.flatMap((each) => roomConfig(each, running.cell).buckets).filter(
      (each) => !config.buckets.some(({ bucket }) => bucket === each.bucket),
    ))
      for (const key of [`../${other.bucket}/`, `/${other.bucket}/v1`, `..%2f${other.bucket}`]) {
        const tried = await ask<Tried>(host, room.name, { do: "object", binding, key });
        onAttack({
          from: room.name,
          on: other.bucket,
          what: `key ${key} in ${binding}`,
          answer: tried.value ?? "nothing there",
          reached: tried.value !== null,
        });
      }
}

/** The CDE and the other Workers over the network. A room that may call the CDE does so with keys; here it has none with it. */
async function network({ room, running, onAttack }: Omit<Of, "config">): Promise<void> {
  const host = running.hosts[room.host];
  const { pay, ops } = running.origins;
  const jose = { "content-type": "application/jose", "idempotency-key": crypto.randomUUID() };
  const posts: [string, string, RequestInit][] = [
    ...[
      "/v1/card-references",
      "/v1/tokens/forget",
      "/v1/authorizations",
      `/v1/authorizations/${crypto.randomUUID()}/capture`,
      `/v1/authorizations/${crypto.randomUUID()}/void`,
      `/v1/authorizations/${crypto.randomUUID()}/refunds`,
    ].map((path): [string, string, RequestInit] => [
      "cde",
      `${pay}${path}`,
      { method: "POST", headers: jose, body: "a.b.c.d.e" },
    ]),
    ["cde", `${pay}/v1/authorizations/${crypto.randomUUID()}`, { headers: { "cwf-request": "a.b.c.d.e" } }],
    [
      "cde",
      `${pay}/v1/payments/tokenize`,
      { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
    ],
    ...["minimum", "cosigned", "tile/entries/000", "proofs/0"].map((path): [string, string, RequestInit] => [
      "cde",
      `${pay}/v1/audit/${path}`,
      {},
    ]),
    ["ops", `${ops}/admin/v1/audit/entries`, {}],
  ];
  for (const [on, url, init] of posts) {
    if (on === room.name) continue;
    const tried = await ask<Tried>(host, room.name, { do: "fetch", url, init });
    const what = `${init.method ?? "GET"} ${new URL(url).pathname.replaceAll(/[0-9a-f-]{36}/g, "{id}")} with nothing in hand`;
    onAttack({
      from: room.name,
      on,
      what,
      answer: tried.thrown ?? String(tried.status),
      reached: tried.thrown === undefined && ![400, 401, 403].includes(tried.status ?? 0),
    });
  }
  for (const other of ROOMS.filter((each) => each.host !== "world" && each.name !== room.name)) {
    const tried = await ask<Tried>(host, room.name, {
      do: "fetch",
      url: `http://${roomConfig(other, running.cell).worker}/`,
      init: {},
    });
    onAttack({
      from: room.name,
      on: other.name,
      what: "its Worker by name over HTTP",
      answer: tried.thrown ?? String(tried.status),
      reached: tried.thrown === undefined,
    });
  }
}

/** The tables of each room's own databases. */
async function tablesOf(cell: Cell, running: RunningCell, rooms: readonly Room[]): Promise<Map<string, string[]>> {
  const tables = new Map<string, string[]>();
  for (const room of rooms) {
    const { databases, worker } = roomConfig(room, cell);
    const names: string[] = [];
    for (const { binding } of databases) {
      const database = await running.hosts[room.host].getD1Database(binding, worker);
      const { results } = await database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .all<{ name: string }>();
      names.push(...results.map(({ name }) => name).filter((name) => !/^(?:_|sqlite|d1_)/.test(name)));
    }
    tables.set(room.name, names);
  }
  return tables;
}

function judged(from: string, on: string, what: string, tried: Tried): Attack {
  const refused = tried.thrown !== undefined && REFUSAL.test(tried.thrown);
  return { from, on, what, answer: tried.thrown ?? `answered ${tried.value ?? "nothing"}`, reached: !refused };
}

const roomOf = (worker: string): string => /^cartwright-(\w+)-/.exec(worker)?.[1] ?? worker;
