import { describe, expect, test } from "vitest";
import { platform, type Member } from "../../tools/checks/platform.ts";
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
