import type { Cell } from "../../protocol/ids.ts";
import type { Member } from "../checks/platform.ts";
import { ROOMS } from "../platform/rooms.ts";
import { accountOf, type Account } from "./plan.ts";

/** What is left for a person once a cell's stores and secrets are made: a heading and wrangler's arguments, in order. */
export interface Remaining {
  readonly heading: string;
  readonly commands: readonly (readonly string[])[];
}

/**
 * The Workers of one cell in an order in which each comes after those that it binds, as a service or for its objects:
 * Cloudflare refuses a Worker whose binding names one that is not there (code 10143).
 * @throws Error when one binds a Worker that none of them is, or when they bind each other in a circle
 */
export function deployOrder(members: readonly Member[]): readonly Member[] {
  const workers = new Set(members.map(({ config }) => config.worker));
  const left = [...members];
  const done = new Set<string>();
  for (const member of members)
    for (const worker of boundBy(member))
      if (!workers.has(worker))
        throw new Error(`${member.config.worker} binds ${worker}, which is not deployed with it`);
  const order: Member[] = [];
  while (left.length > 0) {
    const at = left.findIndex((member) => boundBy(member).every((worker) => done.has(worker)));
    const [next] = at < 0 ? [] : left.splice(at, 1);
    if (next === undefined) throw new Error(circle(left));
    order.push(next);
    done.add(next.config.worker);
  }
  return order;
}

/** Workers that have to be there before this one. */
function boundBy({ config }: Member): readonly string[] {
  const named = [...config.services.map(({ service }) => service), ...config.objects.map(({ worker }) => worker)];
  return named.filter((worker) => worker !== null && worker !== config.worker) as string[];
}

function circle(left: readonly Member[]): string {
  const names = left.map(({ config }) => config.worker).join(", ");
  return `${names} bind each other in a circle: wrangler deploys none of them first; deploy one without that binding, then the others, then it again`;
}

/** What comes after `plan`'s steps, for one cell in one account, from the same configurations. */
export function remaining(members: readonly Member[], cell: Cell, account: Account): readonly Remaining[] {
  const own = members.filter((member) => member.cell === cell && accountOf(member.room) === account);
  const hosts = publicHosts(members.filter((member) => member.cell === cell));
  const at = (room: string) => ["-c", configOf(room), "--env", cell];
  return [
    {
      heading: "Client certificates: write each id that is printed into certificate_id of the Worker's configuration",
      commands: own.flatMap(({ config }) =>
        config.certificates.map((binding) => {
          const name = `${config.worker}-${binding.toLowerCase().replaceAll("_", "-")}`;
          return ["mtls-certificate", "upload", "--cert", "client.pem", "--key", "client-key.pem", "--name", name];
        }),
      ),
    },
    {
      heading: "Tables: once each database_id in the configurations is the one that was made",
      commands: own.flatMap(({ room, config }) =>
        config.databases.map(({ database }) => ["d1", "migrations", "apply", database, "--remote", ...at(room)]),
      ),
    },
    {
      heading: "Workers, each after those that it binds, with their crons and domains",
      commands: deployOrder(own).map(({ room }) => {
        const host = hosts.get(room);
        return ["deploy", ...at(room), ...(host === undefined ? [] : ["--domain", host])];
      }),
    },
  ].filter(({ commands }) => commands.length > 0);
}

/** The rooms that anybody can reach, and the host of each, from the settings that give it out. */
function publicHosts(members: readonly Member[]): ReadonlyMap<string, string> {
  const given = [
    ["edge", "edge", "RECEIPT_ORIGIN"],
    ["ops", "audit", "LOG_ORIGIN"],
    ["cde", "cde", "PAY_ORIGIN"],
  ] as const;
  return new Map(
    given.map(([room, holder, name]) => {
      const value = members.find((member) => member.room === holder)?.config.vars[name];
      if (value === undefined) throw new Error(`${holder} has no ${name}: no host for ${room}`);
      return [room, value.replace(/^https:\/\//, "").replace(/[/:].*$/, "")];
    }),
  );
}

function configOf(name: string): string {
  const room = ROOMS.find((each) => each.name === name);
  if (room === undefined) throw new Error(`no room ${name}`);
  return room.config;
}
