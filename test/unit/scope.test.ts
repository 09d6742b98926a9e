import { describe, expect, it } from "vitest";
import { type Member, factsOf, platform } from "../../tools/checks/platform.ts";
import { scopeProblems } from "../../tools/checks/scope.ts";

const members = platform();

describe("the scope check", () => {
  it("finds the committed configurations as the architecture says", () => {
    expect(scopeProblems(members)).toEqual([]);
    expect(members).toHaveLength(20);
  });

  it("fails when a Worker binds the CDE's Worker, the forwarder too", () => {
    for (const room of ["edge", "payments", "ops"])
      expect(widened(room, { services: [door(room, "cde", "ForAnybody")] })).toContain(
        `${room} (eu) binds the CDE's Worker: cartwright-cde-eu#ForAnybody`,
      );
  });

  it("fails when the CDE calls into the platform", () => {
    expect(widened("cde", { services: [door("cde", "identity", "ForPayments")] })).toEqual([
      "cde (eu) calls cartwright-identity-eu#ForPayments, which the table does not allow",
    ]);
  });

  it("fails when a room calls one that is not on its list", () => {
    expect(widened("edge", { services: [door("edge", "payments", "ForSessions")] })).toEqual([
      "edge (eu) calls cartwright-payments-eu#ForSessions, which the table does not allow",
    ]);
  });

  it("fails when a room uses another's door, or calls as another", () => {
    const [member] = of("identity");
    const [first] = member.config.services;
    if (first === undefined) throw new Error("identity calls nobody");
    const other = scopeProblems(changed("identity", { services: [{ ...first, entrypoint: "ForOps" }] }));
    expect(other).toContain("identity (eu) calls cartwright-audit-eu#ForOps, which the table does not allow");
    for (const caller of ["ops", null])
      expect(scopeProblems(changed("identity", { services: [{ ...first, caller }] }))).toEqual([
        `identity (eu) calls cartwright-audit-eu as ${caller ?? "nobody"}, not as identity`,
      ]);
  });

  it("fails when a call of the table is gone", () => {
    expect(scopeProblems(changed("fleet", { services: [] }))).toEqual([
      "fleet (eu) does not call cartwright-audit-eu#ForFleet, as the table says",
    ]);
  });

  it("fails when a room other than the forwarder gets a way to the CDE", () => {
    const [member] = of("ops");
    for (const name of ["PAY_ORIGIN", "CDE_ENCRYPTION_JWK", "FORWARDER_SIGNING_JWK"]) {
      const vars = { ...member.config.vars, [name]: "x" };
      expect(scopeProblems(changed("ops", { vars }))).toEqual([
        `ops (eu) has ${name}, a way to the CDE that only payments may have`,
      ]);
    }
    const secret = members.map((each) => (each === member ? { ...each, secrets: ["CDE_VERIFICATION_JWK"] } : each));
    expect(scopeProblems(secret)).toContain(
      "ops (eu) has CDE_VERIFICATION_JWK, a way to the CDE that only payments may have",
    );
    const byAddress = { ...member.config.vars, UPSTREAM: "https://pay.eu.cartwright.example" };
    expect(scopeProblems(changed("ops", { vars: byAddress }))).toEqual(["ops (eu) has the CDE's address in UPSTREAM"]);
    expect(scopeProblems(changed("ops", { certificates: ["CLIENT"] }))).toEqual([
      "ops (eu) has the client certificate CLIENT",
    ]);
    expect(scopeProblems(changed("ops", { certificates: ["CDE_CLIENT"] }))).toHaveLength(1);
  });

  it("fails when a room binds another's database or bucket", () => {
    expect(widened("telemetry", { databases: [{ binding: "PERSONS", database: "persons-eu" }] })).toEqual([
      "telemetry (eu) binds the database persons-eu, which is not its own",
    ]);
    expect(widened("ops", { databases: [{ binding: "VAULT", database: "vault-eu" }] })).toEqual([
      "ops (eu) binds the database vault-eu, which is not its own",
    ]);
    const bucket = { binding: "R", bucket: "cartwright-receipts-eu", jurisdiction: "eu" };
    expect(widened("edge", { buckets: [bucket] })).toEqual([
      "edge (eu) binds the bucket cartwright-receipts-eu, which is not its own",
    ]);
  });

  it("fails when two rooms share a database by its id, under whatever name", () => {
    const [persons] = of("identity")[0].texts.filter(({ text }) => text === "00000000-0000-4000-8000-0000000020a2");
    if (persons === undefined) throw new Error("the id of persons-eu has changed");
    expect(scopeProblems(withText("stores", persons.path, persons.text))).toEqual([
      `database_id ${persons.text} is shared by identity (eu) and stores (eu)`,
    ]);
  });

  it("fails when a room's own database is gone", () => {
    expect(scopeProblems(changed("cde", { databases: [] }))).toEqual([
      "cde (eu) does not bind its own database vault-eu",
    ]);
  });

  it("fails when a room binds another's objects", () => {
    const session = { binding: "S", className: "ShoppingSession", worker: "cartwright-sessions-eu" };
    expect(widened("ops", { objects: [session] })).toHaveLength(1);
    const log = { binding: "LOG", className: "AuditLog", worker: "cartwright-audit-eu" };
    expect(widened("edge", { objects: [log] })).toHaveLength(1);
    expect(widened("audit", { objects: [{ ...log, worker: null }] })).toEqual([]);
    const abroad = { ...session, worker: "cartwright-sessions-us" };
    expect(widened("edge", { objects: [abroad] })).toHaveLength(1);
  });

  it("fails when a room of one cell mentions the other", () => {
    for (const text of ["cartwright-audit-us", "https://api.us.cartwright.example", "us", "retail-us"])
      expect(scopeProblems(withText("stores", "vars.X", text))).toEqual([
        `stores (eu) mentions the other cell: vars.X = ${text}`,
      ]);
    for (const text of ["USD", "status", "cartwright-bus", "https://campus.example"])
      expect(scopeProblems(withText("stores", "vars.X", text))).toEqual([]);
  });

  it("fails when two cells share an id", () => {
    const [us] = members.filter((each) => each.room === "stores" && each.cell === "us");
    const id = us?.texts.find(({ path }) => path.endsWith("database_id"));
    if (id === undefined) throw new Error("no database id");
    expect(scopeProblems(withText("stores", id.path, id.text))).toEqual([
      `database_id ${id.text} is shared by stores (eu) and stores (us)`,
    ]);
  });

  it("fails when a room or a bucket is not pinned to its cell", () => {
    const [member] = of("audit");
    const [bucket] = member.config.buckets;
    if (bucket === undefined) throw new Error("audit has no bucket");
    for (const jurisdiction of ["us", null])
      expect(scopeProblems(changed("audit", { buckets: [{ ...bucket, jurisdiction }] }))).toEqual([
        `audit (eu) binds the bucket cartwright-audit-eu with jurisdiction ${jurisdiction ?? "none"}`,
      ]);
    for (const value of ["us", "local", "default"])
      expect(scopeProblems(changed("audit", { vars: { CELL: "eu", JURISDICTION: value } }))).toEqual([
        `audit (eu) has JURISDICTION = ${value}`,
      ]);
    expect(scopeProblems(changed("audit", { vars: { CELL: "eu" } }))).toHaveLength(1);
  });

  it("fails when a room or a cell is missing, or a room is in no table", () => {
    expect(scopeProblems(members.filter((each) => each.room !== "audit"))).toHaveLength(2);
    const stranger = members.map((each) => (each.room === "telemetry" ? { ...each, room: "marketing" } : each));
    expect(scopeProblems(stranger)).toContain("marketing (eu) is no room of the architecture's table");
  });

  it("fails when a configuration has a binding of an unused kind or a public way of its own", () => {
    const raw = { name: "x", kv_namespaces: [{ binding: "KV", id: "1" }], queues: { producers: [], consumers: [] } };
    expect(factsOf(raw).otherBindings).toEqual(["kv_namespaces"]);
    expect(factsOf({ ...raw, routes: ["pay.example/*"], workers_dev: true }).publicWays).toEqual([
      "workers_dev",
      "routes",
    ]);
    const [member] = of("edge");
    const wide = { ...member, otherBindings: ["queues"], publicWays: ["workers_dev"] };
    expect(scopeProblems(members.map((each) => (each === member ? wide : each)))).toEqual([
      "edge (eu) binds queues, a kind that the platform does not use",
      "edge (eu) opens a public way by itself: workers_dev",
    ]);
  });
});

type Config = Member["config"];

function of(room: string): [Member] {
  const found = members.find((each) => each.room === room && each.cell === "eu");
  if (found === undefined) throw new Error(`no room ${room}`);
  return [found];
}

/** The platform with parts of one room's configuration in `eu` replaced. */
function changed(room: string, parts: Partial<Config>): Member[] {
  const [member] = of(room);
  return members.map((each) => (each === member ? { ...each, config: { ...each.config, ...parts } } : each));
}

/** The problems when one room's lists in `eu` are longer by these. */
function widened(
  room: string,
  more: Partial<Pick<Config, "services" | "databases" | "buckets" | "objects">>,
): string[] {
  const [{ config }] = of(room);
  return scopeProblems(
    changed(room, {
      services: [...config.services, ...(more.services ?? [])],
      databases: [...config.databases, ...(more.databases ?? [])],
      buckets: [...config.buckets, ...(more.buckets ?? [])],
      objects: [...config.objects, ...(more.objects ?? [])],
    }),
  );
}

function withText(room: string, path: string, text: string): Member[] {
  const [member] = of(room);
  return members.map((each) => (each === member ? { ...each, texts: [...each.texts, { path, text }] } : each));
}

function door(caller: string, room: string, entrypoint: string): Config["services"][number] {
  return { binding: "X", service: `cartwright-${room}-eu`, entrypoint, caller };
}
