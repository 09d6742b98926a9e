import { beforeAll, describe, expect, test } from "vitest";
import { ROOMS } from "../../tools/platform/rooms.ts";
import { roomConfig } from "../../tools/platform/config.ts";
import type { Attack } from "../../tools/segmentation/attack.ts";
import { entrypoints } from "../../tools/segmentation/entrypoints.ts";
import { strangersTo } from "../../tools/segmentation/probe.ts";
import { attackCell } from "../../tools/segmentation/run.ts";

const INSIDE = ROOMS.filter(({ host }) => host !== "world").map(({ name }) => name);

describe("a cell that is attacked room by room", () => {
  let attacks: readonly Attack[];
  beforeAll(async () => {
    attacks = await attackCell("eu");
  }, 180_000);

  test("lets nothing be reached that must not be", () => {
    expect(attacks.filter(({ reached }) => reached)).toEqual([]);
    expect(attacks.length).toBeGreaterThan(1_000);
  });

  test("is attacked from every room on every other, and from outside on every origin", () => {
    const pairs = new Set(attacks.map(({ from, on }) => `${from} ${on}`));
    for (const from of INSIDE) for (const on of INSIDE) if (from !== on) expect(pairs).toContain(`${from} ${on}`);
    for (const on of ["edge", "ops", "cde"]) expect(pairs).toContain(`outside ${on}`);
  });

  test("refuses every method of every entrypoint to every caller but its own", () => {
    const doors = entrypoints("eu");
    expect(doors.map(({ room, name }) => `${room} ${name}`)).toContain("identity ForRights");
    for (const door of doors) {
      const { room, name, methods, caller } = door;
      expect(caller).not.toBe("");
      expect(methods.length).toBeGreaterThan(0);
      for (const method of methods) {
        const forged = attacks.filter(
          ({ on, what }) => on === room && what.startsWith(`${name}.${method} through a binding that names`),
        );
        // Every room and every other caller, and nobody.
        expect(forged).toHaveLength(strangersTo(door, doors).length);
        expect(forged.every(({ answer }) => answer.includes(`this entrypoint is for ${caller}`))).toBe(true);
      }
    }
  });
});

describe("the attacks themselves", () => {
  test("get through where a room is bound to more than the table says", async () => {
    const persons = roomConfig(ROOMS.find(({ name }) => name === "identity") as (typeof ROOMS)[number], "eu");
    const attacks = await attackCell("eu", {
      from: "inside",
      widen: (room, probe) => {
        // A service with another's name, and another's database.
        const asOps = { name: "cartwright-identity-eu", entrypoint: "ForOps", props: { caller: "ops" } };
        const { d1Databases } = persons.options as { d1Databases: Record<string, object> };
        if (room === "telemetry") return { ...probe, serviceBindings: { IDENTITY: asOps } };
        return room === "stores" ? { ...probe, d1Databases: { PERSONS: d1Databases["PERSONS"] ?? {} } } : probe;
      },
    });
    const reached = attacks.filter((attack) => attack.reached).map(({ from, on, what }) => `${from} → ${on}: ${what}`);
    expect(reached).toEqual(
      expect.arrayContaining([
        "telemetry → telemetry: bindings beyond its configuration",
        "telemetry → identity: ForOps.importMembers through a guessed binding",
        "stores → stores: bindings beyond its configuration",
        "stores → identity: its tables through PERSONS",
      ]),
    );
  }, 120_000);
});
