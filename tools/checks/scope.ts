import { ARCHITECTURE, BELIEVES_THE_CDE, PUBLIC_KEYS, FORWARDER, WAY_TO_THE_CDE } from "./architecture.ts";
import type { Member } from "./platform.ts";
import { sharedProblems } from "./shared.ts";

/** Everything in which the configurations are wider, or other, than the architecture's table. Empty: none. */
export function scopeProblems(members: readonly Member[]): string[] {
  return [
    ...members.flatMap((member) =>
      [
        ...calls(member),
        ...callers(member),
        ...wayToTheCde(member),
        ...stores(member),
        ...objects(member),
        ...jurisdiction(member),
        ...otherCell(member),
        ...member.otherBindings.map((kind) => `binds ${kind}, a kind that the platform does not use`),
        ...member.publicWays.map((way) => `opens a public way by itself: ${way}`),
      ].map((problem) => `${member.room} (${member.cell}) ${problem}`),
    ),
    ...sharedProblems(members),
    ...sharedSecrets(members),
    ...missingCells(members),
  ];
}

function calls({ room, cell, config }: Member): string[] {
  const rule = ARCHITECTURE[room];
  if (rule === undefined) return ["is no room of the architecture's table"];
  const allowed = rule.calls.map((door) => `cartwright-${door.room}-${cell}#${door.entrypoint}`);
  const actual = config.services.map((each) => `${each.service}#${each.entrypoint}`);
  return [
    ...actual.filter((call) => /cartwright-cde\b/.test(call)).map((call) => `binds the CDE's Worker: ${call}`),
    ...actual.filter((call) => !allowed.includes(call)).map((call) => `calls ${call}, which the table does not allow`),
    ...allowed.filter((call) => !actual.includes(call)).map((call) => `does not call ${call}, as the table says`),
    ...actual.filter((call, place) => actual.indexOf(call) !== place).map((call) => `binds ${call} twice`),
  ];
}

function callers({ room, cell, config }: Member): string[] {
  const nameAt = ({ service, entrypoint }: Member["config"]["services"][number]): string => {
    const isThere = (door: { room: string; entrypoint: string }) =>
      service === `cartwright-${door.room}-${cell}` && entrypoint === door.entrypoint;
    return ARCHITECTURE[room]?.calls.find(isThere)?.caller ?? room;
  };
  return config.services
    .filter((each) => each.caller !== nameAt(each))
    .map((each) => `calls ${each.service} as ${each.caller ?? "nobody"}, not as ${nameAt(each)}`);
}

function wayToTheCde({ room, config, secrets }: Member): string[] {
  if (room === FORWARDER || room === "cde") return [];
  const believed = BELIEVES_THE_CDE[room] ?? [];
  const names = [
    ...Object.keys(config.vars),
    ...secrets.filter((name) => !believed.includes(name)),
    ...config.certificates,
  ];
  const bindings = [...config.services, ...config.databases, ...config.buckets, ...config.objects];
  const byName = [...names, ...bindings.map((each) => each.binding)].filter((name) => WAY_TO_THE_CDE.test(name));
  const byAddress = Object.entries(config.vars).filter(([, value]) => /(?:^|[/.])pay\./.test(value));
  const certificates = config.certificates.filter((name) => !byName.includes(name));
  return [
    ...byName.map((name) => `has ${name}, a way to the CDE that only ${FORWARDER} may have`),
    ...byAddress.map(([name]) => `has the CDE's address in ${name}`),
    ...certificates.map((name) => `has the client certificate ${name}`),
  ];
}

function stores({ room, cell, config }: Member): string[] {
  const rule = ARCHITECTURE[room];
  const own = (names: readonly string[] | undefined) => (names ?? []).map((name) => `${name}-${cell}`);
  return [
    ...differences(
      own(rule?.databases),
      config.databases.map((each) => each.database),
      "database",
    ),
    ...differences(
      own(rule?.buckets),
      config.buckets.map((each) => each.bucket),
      "bucket",
    ),
  ];
}

function differences(own: readonly string[], bound: readonly string[], kind: string): string[] {
  return [
    ...bound.filter((name) => !own.includes(name)).map((name) => `binds the ${kind} ${name}, which is not its own`),
    ...own.filter((name) => !bound.includes(name)).map((name) => `does not bind its own ${kind} ${name}`),
  ];
}

function objects({ room, cell, config }: Member): string[] {
  const rule = ARCHITECTURE[room];
  return config.objects
    .filter(({ className, worker }) => {
      const host = worker ?? `cartwright-${room}-${cell}`;
      return !rule?.objects.some((each) => each.className === className && host === `cartwright-${each.room}-${cell}`);
    })
    .map(
      ({ className, worker }) => `binds the object ${className} of ${worker ?? "itself"}, which is not in the table`,
    );
}

function jurisdiction({ cell, config }: Member): string[] {
  return [
    ...["CELL", "JURISDICTION"]
      .filter((name) => config.vars[name] !== cell)
      .map((name) => `has ${name} = ${config.vars[name] ?? "nothing"}`),
    ...config.buckets
      .filter((each) => each.jurisdiction !== cell)
      .map((each) => `binds the bucket ${each.bucket} with jurisdiction ${each.jurisdiction ?? "none"}`),
  ];
}

/** A resource of the other cell is named with that cell: `…-us`, `….us.…`, `us`. */
function otherCell({ cell, texts }: Member): string[] {
  const other = cell === "us" ? "eu" : "us";
  const named = new RegExp(`(?:^|[-./_])${other}(?:$|[-./_:])`, "i");
  return texts
    .filter(({ text }) => named.test(text))
    .map(({ path, text }) => `mentions the other cell: ${path} = ${text}`);
}

/** A secret that two Workers hold is a second way to whatever it opens: the CDE's keys above all. */
function sharedSecrets(members: readonly Member[]): string[] {
  return members.flatMap(({ room, cell, secrets }) =>
    secrets
      .filter((name) => !PUBLIC_KEYS.includes(name) && !BELIEVES_THE_CDE[room]?.includes(name))
      .flatMap((name) => {
        const others = members.filter((each) => each.cell === cell && each.room > room && each.secrets.includes(name));
        const holders = others.filter((each) => !BELIEVES_THE_CDE[each.room]?.includes(name));
        return holders.map((other) => `${room} (${cell}) and ${other.room} (${cell}) both hold the secret ${name}`);
      }),
  );
}

function missingCells(members: readonly Member[]): string[] {
  return Object.keys(ARCHITECTURE).flatMap((room) =>
    ["us", "eu"]
      .filter((cell) => !members.some((member) => member.room === room && member.cell === cell))
      .map((cell) => `${room} has no configuration for ${cell}`),
  );
}
