import { EGRESS } from "./architecture.ts";
import { roomOf, type Source } from "./imports.ts";
import type { Member } from "./platform.ts";

/** Code that opens a connection, or hands the network's fetch on. A method of that name and a stub's own are none. */
const NETWORK =
  /(?<![.\w"'`#/])fetch\s*\((?!\w+\s*:)(?!\s*\))|(?<![.\w])fetch\s*[,;}]|globalThis\s*\.\s*fetch|\bnew (?:WebSocket|EventSource)\b|["'](?:cloudflare:sockets|node:(?:net|tls|http|https|http2|dgram))["']/;
const COMMENT = /^\s*(?:\/\/|\/?\*).*$/gm;
const ADDRESS = /["'`]https?:\/\/([a-z0-9.-]+)/gi;
/** `https://host`, `host.name`, or several with spaces or commas between. */
const HOSTS = /^(?:https?:\/\/)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:\/[^\s,]*)?$/i;
/** Rooms whose every word of an address counts: those in PCI scope. */
const IN_SCOPE = new Set(["cde", "payments"]);

/** Every way out of a room that the table does not have: in its code, in its settings, in an address that it names. */
export function egressProblems(members: readonly Member[], sources: readonly Source[]): string[] {
  return [...sources.flatMap(inCode), ...members.flatMap(inSettings), ...unused(sources)];
}

function inCode({ path, text }: Source): string[] {
  const room = roomName(path);
  if (room === null || /\.test\.tsx?$|\/test(?:-inside)?\/|\.d\.ts$/.test(path)) return [];
  // What a browser runs, in the page that the CDE serves: its policy allows the page's own origin alone.
  if (/^workers\/cde\/form\/(?:browser\/|generated\.ts$)/.test(path)) return [];
  const code = text.replaceAll(COMMENT, "");
  const table = EGRESS[room];
  const opens = NETWORK.test(code) && table?.modules.includes(path) !== true;
  const hosts = IN_SCOPE.has(room) ? Array.from(code.matchAll(ADDRESS), ([, host = ""]) => host.toLowerCase()) : [];
  return [
    ...(opens ? [`${path} opens a connection, which the table does not allow`] : []),
    ...hosts
      .filter((host) => host !== "127.0.0.1" && !Object.hasOwn(table?.hosts ?? {}, host))
      .map((host) => `${path} names the host ${host}, which the table does not allow`),
  ];
}

function inSettings({ room, cell, config }: Member): string[] {
  const table = EGRESS[room];
  const known = [...Object.keys(table?.settings ?? {}), ...(table?.names ?? [])];
  return Object.entries(config.vars).flatMap(([name, value]) => {
    const hosts = value.split(/[\s,]+/).filter((each) => HOSTS.test(each));
    if (hosts.length === 0) return [];
    if (!known.includes(name)) return [`${room} (${cell}) has a host in ${name}, which the table does not allow`];
    const abroad = hosts.filter(
      (host) => !new URL(/^https?:/.test(host) ? host : `https://${host}`).host.endsWith(`.${cell}.cartwright.example`),
    );
    return abroad.map((host) => `${room} (${cell}) leads to ${host} in ${name}, which is no host of its cell`);
  });
}

/** A line of the table that nothing uses is a way that is left open. */
function unused(sources: readonly Source[]): string[] {
  const paths = new Set(sources.map(({ path }) => path));
  return Object.entries(EGRESS).flatMap(([room, { modules }]) =>
    modules
      .filter((path) => !paths.has(path))
      .map((path) => `${room} may open connections in ${path}, which is not there`),
  );
}

function roomName(path: string): string | null {
  const folder = roomOf(path);
  return folder === "durable-objects" ? "sessions" : (folder?.replace("workers/", "") ?? null);
}
