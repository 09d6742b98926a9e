import type { Member } from "./platform.ts";

/** What has one owner: an id that two cells share is one thing for both; a database that two rooms bind is no room's own. */
const OWNED = /^name$|(?:_id|bucket_name|database_name)$/;
/** What rooms of one cell use together, and two cells never: another Worker, a queue. */
const OF_ONE_CELL = /\.(?:service|script_name|queue|dead_letter_queue)$/;
/** A setting that is an address by its name, whatever its value looks like. */
const ADDRESS = /_(?:ORIGIN|HOST|ISSUER|URL)S?$/;
/** Any URL, or a host with a dot in it; its group is host and port. */
const HOST = /^(?:[a-z][a-z0-9+.-]*:\/\/)([^/?#]+)|^((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*(?::\d+)?)(?:$|[/?#])/i;

interface Use {
  readonly resource: string;
  readonly member: Member;
}

/** Resources with more than one owner, and those that are used in more than one cell. */
export function sharedProblems(members: readonly Member[]): string[] {
  const owned = members.flatMap((member) => [...named(member, OWNED), ...logs(member)]);
  const used = members.flatMap((member) => [...named(member, OF_ONE_CELL), ...addresses(member)]);
  return [...shared(owned, ({ room, cell }) => `${room} ${cell}`), ...shared(used, ({ cell }) => cell)];
}

function named(member: Member, paths: RegExp): Use[] {
  return member.texts
    .filter(({ path }) => paths.test(path))
    .map(({ path, text }) => ({ resource: `${path.split(".").at(-1) ?? path} ${text}`, member }));
}

/** A transparency log is known by its origin: two logs of one origin are a log that says two things (C2SP tlog-checkpoint). */
function logs(member: Member): Use[] {
  const origin = member.config.vars["LOG_ORIGIN"];
  return origin === undefined ? [] : [{ resource: `LOG_ORIGIN ${origin}`, member }];
}

/** The addresses among a member's settings, one by one where a setting lists them. */
function addresses(member: Member): Use[] {
  return Object.entries(member.config.vars).flatMap(([name, value]) =>
    value.split(/[\s,;]+/).flatMap((item) => {
      const [, ofUrl, bare] = HOST.exec(item) ?? [];
      const host = (ofUrl ?? bare)?.toLowerCase();
      if (host !== undefined) return [{ resource: `host ${host}`, member }];
      return ADDRESS.test(name) && item !== "" ? [{ resource: `${name} ${item}`, member }] : [];
    }),
  );
}

/** The resources with users that `by` tells apart. */
function shared(uses: readonly Use[], by: (member: Member) => string): string[] {
  return [...Map.groupBy(uses, ({ resource }) => resource)]
    .filter(([, all]) => new Set(all.map(({ member }) => by(member))).size > 1)
    .map(([resource, all]) => {
      const users = new Set(all.map(({ member }) => `${member.room} (${member.cell})`));
      return `${resource} is shared by ${[...users].toSorted().join(" and ")}`;
    });
}
