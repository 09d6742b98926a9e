import { describe, expect, it } from "vitest";
import { egressProblems } from "../../tools/checks/egress.ts";
import { platform, type Member } from "../../tools/checks/platform.ts";
import { scopeProblems } from "../../tools/checks/scope.ts";
import { sources, TYPESCRIPT } from "../../tools/checks/sources.ts";

const members = platform();
const files = sources(TYPESCRIPT);

describe("the ways out of a room", () => {
  it("are those of the table, in the committed sources and configurations", () => {
    expect(egressProblems(members, files)).toEqual([]);
  });

  it.each([
    ["calls fetch", "await fetch(url);"],
    ["calls fetch with options", "return fetch(`https://${host}/`, { method: 'POST' });"],
    ["hands fetch on", "const room = make({ fetch, now });"],
    ["names it as the global's", "const send = globalThis.fetch;"],
    ["opens a web socket", "new WebSocket(url);"],
    ["opens a socket", 'import { connect } from "cloudflare:sockets";'],
    ["imports Node's http", 'import { request } from "node:https";'],
  ])("fail when a module %s", (_, text) => {
    for (const path of [
      "workers/cde/vault/x.ts",
      "workers/ops/x.ts",
      "durable-objects/session/x.ts",
      "workers/payments/x.ts",
    ])
      expect(egressProblems([], [...files, { path, text }])).toEqual([
        `${path} opens a connection, which the table does not allow`,
      ]);
  });

  it.each([
    ["a Worker's own handler", "export default { fetch(request: Request, env: Env) {} };"],
    ["an object's stub", "const answer = await env.LOG.fetch(request);"],
    ["a comment", "// no other module calls fetch(url)"],
    ["a router's handler", "export default { fetch: app.fetch };"],
  ])("let pass %s", (_, text) => {
    expect(egressProblems([], [...files, { path: "workers/ops/x.ts", text }])).toEqual([]);
  });

  it("fail when the CDE or the forwarder names a host of its own", () => {
    for (const path of ["workers/cde/x.ts", "workers/payments/x.ts"])
      expect(egressProblems([], [...files, { path, text: 'const to = "https://collect.example/x";' }])).toEqual([
        `${path} names the host collect.example, which the table does not allow`,
      ]);
  });

  it("fail when a setting names a host: a new one, or another than the cell's", () => {
    expect(egressProblems(changed("cde", { MIRROR_ORIGIN: "https://mirror.eu.cartwright.example" }), files)).toEqual([
      "cde (eu) has a host in MIRROR_ORIGIN, which the table does not allow",
    ]);
    expect(egressProblems(changed("telemetry", { SINK: "logs.collect.example" }), files)).toHaveLength(1);
    expect(egressProblems(changed("cde", { PROCESSOR_ORIGIN: "https://collect.example" }), files)).toEqual([
      "cde (eu) leads to https://collect.example in PROCESSOR_ORIGIN, which is no host of its cell",
    ]);
    expect(
      egressProblems(changed("stores", { POS_HOSTS: "pos.eu.cartwright.example collect.example" }), files),
    ).toHaveLength(1);
  });

  it("fail when the table has a line that nothing uses", () => {
    const gone = files.filter(({ path }) => path !== "workers/cde/egress.ts");
    expect(egressProblems([], gone)).toEqual(["cde may open connections in workers/cde/egress.ts, which is not there"]);
  });
});

describe("secrets", () => {
  it.each(["KEK_SHARE_A", "FINGERPRINT_KEY", "PROCESSOR_KEY", "READER_VENDOR_JWK", "IDENTITY_KEK"])(
    "are one Worker's: a second that holds %s fails the check",
    (name) => {
      const widened = members.map((each) =>
        each.room === "telemetry" && each.cell === "eu" ? { ...each, secrets: [...each.secrets, name] } : each,
      );
      expect(scopeProblems(widened)).toEqual([expect.stringContaining(`both hold the secret ${name}`)]);
    },
  );
});

it("the CDE's own private keys are not the forwarder's either", () => {
  const widened = members.map((each) =>
    each.room === "payments" && each.cell === "eu"
      ? { ...each, secrets: [...each.secrets, "CDE_DECRYPTION_JWK"] }
      : each,
  );
  expect(scopeProblems(widened)).toEqual(["cde (eu) and payments (eu) both hold the secret CDE_DECRYPTION_JWK"]);
});

function changed(room: string, vars: Record<string, string>): Member[] {
  return members.map((each) =>
    each.room === room && each.cell === "eu"
      ? { ...each, config: { ...each.config, vars: { ...each.config.vars, ...vars } } }
      : each,
  );
}
