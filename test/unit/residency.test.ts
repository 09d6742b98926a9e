import { describe, expect, test } from "vitest";
import { factsOf, platform, type Member } from "../../tools/checks/platform.ts";
import { TYPESCRIPT, sources } from "../../tools/checks/sources.ts";
import { pinnedStores, residencyProblems } from "../../tools/residency/config.ts";

const members = platform();
const code = sources(TYPESCRIPT);

describe.each(["us", "eu"] as const)("the deployed configurations of %s", (cell) => {
  test("create and bind every store in the cell's own jurisdiction and share none", () => {
    expect(residencyProblems(members, code, cell)).toEqual([]);
    const kinds = pinnedStores(members, cell).map(({ kind }) => kind);
    for (const kind of ["database", "bucket", "object"]) expect(kinds).toContain(kind);
    expect(pinnedStores(members, cell).every(({ pinnedBy }) => pinnedBy.includes(cell))).toBe(true);
  });
});

describe("residency is broken when", () => {
  const changed = (room: string, change: (config: Member["config"]) => Member["config"]): Member[] =>
    members.map((member) =>
      member.room === room && member.cell === "eu" ? { ...member, config: change(member.config) } : member,
    );

  test.each<[string, Member[], string]>([
    [
      "a bucket is bound without a jurisdiction",
      changed("identity", (config) => ({
        ...config,
        buckets: config.buckets.map((each) => ({ ...each, jurisdiction: null })),
      })),
      "jurisdiction none",
    ],
    [
      "a bucket is bound in the other cell's",
      changed("stores", (config) => ({
        ...config,
        buckets: config.buckets.map((each) => ({ ...each, jurisdiction: "us" })),
      })),
      "jurisdiction us",
    ],
    [
      "a Worker takes its objects from elsewhere",
      changed("sessions", (config) => ({ ...config, vars: { ...config.vars, JURISDICTION: "local" } })),
      "JURISDICTION = local",
    ],
    [
      "a Worker binds the other cell's database",
      changed("identity", (config) => ({
        ...config,
        databases: config.databases.map((each) => ({ ...each, database: each.database.replace("-eu", "-us") })),
      })),
      "persons-us",
    ],
    [
      "a room binds a kind of store that can't be pinned",
      members.map((each) =>
        each.room === "edge" && each.cell === "eu" ? { ...each, otherBindings: ["kv_namespaces"] } : each,
      ),
      "kv_namespaces",
    ],
    [
      "two cells name one database",
      members.map((each) => ({
        ...each,
        texts: each.texts.map(({ path, text }) => ({
          path,
          text: path.endsWith("database_id") ? "one-for-all" : text,
        })),
      })),
      "is shared by",
    ],
  ])("%s", (_, broken, why) => {
    expect(residencyProblems(broken, code, "eu").join("\n")).toContain(why);
  });

  /** Both cells' member of a room, the same part changed in either. */
  const both = (room: string, change: (member: Member) => Member): Member[] =>
    members.map((member) => (member.room === room ? change(member) : member));
  const setting = (room: string, name: string, value: string) =>
    both(room, (member) => ({
      ...member,
      config: { ...member.config, vars: { ...member.config.vars, [name]: value } },
    }));
  const text = (room: string, path: string, value: string) =>
    both(room, (member) => ({ ...member, texts: [...member.texts, { path, text: value }] }));

  test.each<[string, Member[], string]>([
    ["one log's name", setting("audit", "LOG_ORIGIN", "log.cartwright.example"), "LOG_ORIGIN log.cartwright.example"],
    ["one name of a log that is no host", setting("audit", "LOG_ORIGIN", "log"), "LOG_ORIGIN log"],
    ["one issuer", setting("edge", "OIDC_ISSUER", "https://id.cartwright.example/"), "host id.cartwright.example"],
    ["one issuer by name alone", setting("edge", "OIDC_ISSUER", "everybody"), "OIDC_ISSUER everybody"],
    ["one origin, under any name", setting("stores", "UPSTREAM", "http://Any.example:8080/x"), "host any.example:8080"],
    ["one bare host, under any name", setting("stores", "UPSTREAM", "any.example/path"), "host any.example"],
    ["one host of a list", setting("stores", "POS_HOSTS", "a-x.example, pos.example"), "host pos.example"],
    ["one queue", text("telemetry", "queues.producers.0.queue", "events"), "queue events"],
    ["one rate limit", text("edge", "ratelimits.0.namespace_id", "7"), "namespace_id 7"],
    ["one Worker", text("edge", "services.0.service", "cartwright-any"), "service cartwright-any"],
    ["one secrets store", text("edge", "secrets_store_secrets.0.store_id", "5e"), "store_id 5e"],
    ["one Worker's objects", text("edge", "durable_objects.bindings.0.script_name", "any"), "script_name any"],
  ])("two cells share %s", (_, broken, what) => {
    const room = broken.find((each, at) => each !== members[at])?.room;
    expect(residencyProblems(broken, code, "eu")).toContain(`${what} is shared by ${room} (eu) and ${room} (us)`);
  });

  test("a log of the same cell has another log's name", () => {
    const origin = members.find(({ room, cell }) => room === "audit" && cell === "eu")?.config.vars["LOG_ORIGIN"] ?? "";
    const broken = changed("cde", (config) => ({ ...config, vars: { ...config.vars, LOG_ORIGIN: origin } }));
    expect(residencyProblems(broken, code, "eu")).toEqual([
      `LOG_ORIGIN ${origin} is shared by audit (eu) and cde (eu)`,
    ]);
  });

  test("sections of any kind are read for what they name, and settings that are no address may be equal", () => {
    const queues = { producers: [{ binding: "Q", queue: "events" }] };
    expect(factsOf({ name: "x", queues }).texts).toContainEqual({ path: "queues.producers.0.queue", text: "events" });
    for (const value of ["cartwright-app", "300", "America/New_York", "1.2.3", "{}"])
      expect(residencyProblems(setting("edge", "OIDC_AUDIENCE", value), code, "eu")).toEqual([]);
  });

  test.each([
    ["workers/edge/x.ts", "const stub = env.CARTS.getByName(serial);"],
    ["durable-objects/session/x.ts", "return namespace.jurisdiction(cell).getByName(name);"],
    ["workers/cde/x.ts", 'return namespace.getByName("vault");'],
    ["workers/ops/x.ts", "const id = env.DESK.idFromName(name);"],
    ["protocol/rooms/x.ts", "const id = namespace.newUniqueId();"],
  ])("%s takes a stub by itself", (path, text) => {
    expect(residencyProblems(members, [{ path, text }], "eu")).toEqual([
      `${path}:1 takes an object's stub without pinning it`,
    ]);
  });
});
