import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { platform, type Member } from "../../tools/checks/platform.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { deployOrder, remaining } from "../../tools/provision/deploy.ts";
import { accountOf } from "../../tools/provision/plan.ts";
import { shownRemaining } from "../../tools/provision/print.ts";

const members = platform();

describe.each(["us", "eu"] as const)("what is left in %s once its stores are made", (cell) => {
  const own = members.filter((member) => member.cell === cell);
  const left = { cde: remaining(members, cell, "cde"), platform: remaining(members, cell, "platform") };
  const words = [...left.cde, ...left.platform].flatMap(({ commands }) => commands.map((args) => args.join(" ")));

  test("deploys every Worker once, and none before those that it binds", () => {
    for (const account of ["cde", "platform"] as const) {
      const there = own.filter(({ room }) => accountOf(room) === account);
      const order = deployOrder(there.toReversed());
      expect(order.toSorted(byName)).toEqual(there.toSorted(byName));
      const place = new Map(order.map(({ config }, at) => [config.worker, at]));
      for (const { config } of order) {
        const bound = [...config.services.map(({ service }) => service), ...config.objects.map(({ worker }) => worker)];
        for (const worker of bound.filter((each) => each !== null))
          expect(place.get(worker), `${config.worker} binds ${worker}`).toBeLessThan(place.get(config.worker) ?? -1);
      }
    }
    expect(words.filter((each) => each.startsWith("deploy "))).toHaveLength(own.length);
  });

  test("gives a domain to the three doors and to no other Worker", () => {
    const domains = words.flatMap((each) => /^deploy -c (\S+) .*--domain (\S+)$/.exec(each)?.slice(1).join(" ") ?? []);
    expect(domains.toSorted()).toEqual([
      `workers/cde/wrangler.toml pay.${cell}.cartwright.example`,
      `workers/ops/wrangler.toml ops.${cell}.cartwright.example`,
      `wrangler.toml api.${cell}.cartwright.example`,
    ]);
  });

  test("applies the migrations of every database by its own room's configuration, before any Worker", () => {
    const applied = words.filter((each) => each.startsWith("d1 migrations apply "));
    const databases = own.flatMap(({ config }) => config.databases.map(({ database }) => database));
    expect(applied.map((each) => each.split(" ")[3] ?? "").toSorted()).toEqual(databases.toSorted());
    expect(applied).toContain(`d1 migrations apply vault-${cell} --remote -c workers/cde/wrangler.toml --env ${cell}`);
    for (const { commands } of [left.cde, left.platform]
      .map((parts) => parts.at(-1))
      .filter((each) => each !== undefined))
      expect(commands.every(([verb]) => verb === "deploy")).toBe(true);
  });

  test("uploads the forwarder's client certificate in the platform's account, before it is deployed", () => {
    const [first] = left.platform;
    expect(first?.commands.map((args) => args.join(" "))).toEqual([
      `mtls-certificate upload --cert client.pem --key client-key.pem --name cartwright-payments-${cell}-cde-client`,
    ]);
    expect(left.cde.flatMap(({ commands }) => commands.map(([verb]) => verb))).not.toContain("mtls-certificate");
  });

  test("is printed as commands, with where the rest is written", () => {
    const text = shownRemaining(cell, "cde", left.cde);
    expect(text).toContain(`# Cell ${cell}, the CDE's account: what is left, in this order (docs/deploying.md)`);
    expect(text).toContain(
      `npx wrangler deploy -c workers/cde/wrangler.toml --env ${cell} --domain pay.${cell}.cartwright.example`,
    );
  });
});

describe("an order of deployment", () => {
  const of = (room: string): Member => {
    const found = members.find((member) => member.room === room && member.cell === "eu");
    if (found === undefined) throw new Error(`no room ${room}`);
    return found;
  };

  test("is none when Workers bind each other, and what to do is said", () => {
    const back = { binding: "BACK", service: "cartwright-fleet-eu", entrypoint: "ForAudit", caller: "audit" };
    const audit = { ...of("audit"), config: { ...of("audit").config, services: [back] } };
    expect(() => deployOrder([of("fleet"), audit])).toThrow(
      "cartwright-fleet-eu, cartwright-audit-eu bind each other in a circle",
    );
  });

  test("is none when a Worker that one binds is not among them", () => {
    expect(() => deployOrder([of("fleet")])).toThrow(
      "cartwright-fleet-eu binds cartwright-audit-eu, which is not deployed with it",
    );
  });
});

test("docs/deploying.md says of every secret how it is made", () => {
  const text = readFileSync(join(ROOT, "docs/deploying.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([A-Z0-9_]+)`/g)].map(([, name]) => name),
  );
  const needed = [...new Set(members.flatMap(({ secrets }) => secrets))];
  expect(needed.filter((name) => !named.includes(name))).toEqual([]);
  expect(named.filter((name) => name !== undefined && !needed.includes(name) && !name.startsWith("STRIPE_"))).toEqual(
    [],
  );
});

const byName = (a: Member, b: Member): number => a.room.localeCompare(b.room);
