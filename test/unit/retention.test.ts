import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cutoffOf, timedRule } from "../../protocol/retention/cutoff.ts";
import { isTimed, RETENTION, type RetentionRule } from "../../protocol/retention/policy.ts";
import { SCHEDULE } from "../../durable-objects/retention/schedule.ts";
import { ARCHITECTURE } from "../../tools/checks/architecture.ts";
import { committedStores } from "../../tools/checks-docs/storage.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { retentionDocument } from "../../tools/retention/document.ts";

const isOfKeys = ({ buckets = [] }: RetentionRule) => buckets.includes("cartwright-person-keys");

describe("the retention policy", () => {
  const places = RETENTION.map(({ tables = [], buckets = [], objects = [] }) => [
    ...tables,
    ...buckets.map((name) => name.split("/")[0] ?? ""),
    ...objects,
  ]);
  const named = new Set(places.flat());

  test("has a line for every table, bucket and object of a cell", () => {
    const { databases, others } = committedStores();
    const tables = Object.entries(databases).flatMap(([store, each]) =>
      Object.keys(each).map((name) => `${store}.${name}`),
    );
    const all = [...tables, ...others];
    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((each) => !named.has(each))).toEqual([]);
  });

  test("names no store that does not exist", () => {
    const { databases, others } = committedStores();
    const tables = Object.entries(databases).flatMap(([store, each]) =>
      Object.keys(each).map((name) => `${store}.${name}`),
    );
    expect([...named].filter((each) => ![...tables, ...others].includes(each))).toEqual([]);
    const rooms = new Set(Object.keys(ARCHITECTURE));
    expect(RETENTION.filter(isTimed).filter(({ by }) => by !== "own schedule" && !rooms.has(by))).toEqual([]);
  });

  test("says of every class where it lies", () => {
    expect(RETENTION.filter((_rule, at) => places[at]?.length === 0)).toEqual([]);
  });

  test("gives no class twice", () => {
    const classes = RETENTION.map((rule) => rule.class);
    expect(new Set(classes).size).toBe(classes.length);
  });

  test("is what the CDE does, which is another account's and has terms of its own", () => {
    const source = readFileSync(join(ROOT, "workers/cde/vault/purge.ts"), "utf8");
    const kept = /const KEPT = \{ authorizations: (\d+), vault_evidence: (\d+) \}/.exec(source);
    const months = (name: string) => timedRule(name).term;
    expect([{ months: Number(kept?.[1]) }, { months: Number(kept?.[2]) }]).toEqual([
      months("authorizations"),
      months("vault_evidence"),
    ]);
  });

  const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");

  test("has a processor's event kept in the CDE as long as it says", () => {
    const days = /const EVENTS_KEPT_DAYS = (\d+);/.exec(textOf("workers/cde/vault/purge.ts"));
    expect({ days: Number(days?.[1]) }).toEqual(timedRule("webhook_events").term);
  });

  describe("names where each purge is proved", () => {
    const timed = RETENTION.filter(isTimed);

    test("in the audit log, by the cell's one retention object, what the other rooms purge", () => {
      const scheduled = timed.filter(({ by }) => by !== "own schedule");
      expect(scheduled.filter(({ proof }) => proof !== "audit log")).toEqual([]);
      expect(scheduled.map((rule) => rule.class)).toEqual(SCHEDULE.map((each) => each.class));
    });

    test("in the audit log what the staff database and the keys' sweep purge themselves, each table of it", () => {
      const own = timed.filter(({ by, proof }) => by === "own schedule" && proof === "audit log");
      const [keys, staff] = [own.filter(isOfKeys), own.filter((rule) => !isOfKeys(rule))];
      expect(keys.map((rule) => rule.class)).toEqual(["orphaned_keys"]);
      expect(textOf("workers/identity/orphaned-keys.ts")).toContain('"class:orphaned_keys"');
      const source = textOf("workers/ops/retention.ts");
      expect(new Set(staff.map((rule) => rule.class))).toEqual(
        new Set([...source.matchAll(/\brule: "(\w+)"/g)].map(([, name]) => name)),
      );
      const purged = new Set([...source.matchAll(/\b(?:name|table): "(\w+)"/g)].map(([, name]) => `staff.${name}`));
      expect(purged).toEqual(new Set(staff.flatMap(({ tables = [] }) => tables)));
    });

    test("in the vault's own table what the vault purges, each table of it", () => {
      const tables = timed.filter(({ proof }) => proof === "vault.purges").flatMap((rule) => rule.tables ?? []);
      const source = textOf("workers/cde/vault/purge.ts");
      const purged = source.matchAll(/(?:DELETE FROM|UPDATE) (\w+)|byExpiry\("\w+", "(\w+)"\)|evidence\("(\w+)"/g);
      expect(new Set([...purged].map(([, a, b, c]) => `vault.${a ?? b ?? c}`))).toEqual(new Set(tables));
    });

    test("nowhere only of an object that deletes all of itself", () => {
      const unproved = timed.filter(({ proof }) => proof === "none");
      expect(unproved.map((rule) => rule.class)).toEqual(["trips", "refund_cases", "privacy_objects"]);
      expect(unproved.filter(({ tables, buckets }) => tables !== undefined || buckets !== undefined)).toEqual([]);
    });
  });

  test("is what docs/retention.md says", () => {
    expect(readFileSync(join(ROOT, "docs/retention.md"), "utf8")).toBe(retentionDocument());
  });
});

describe("a term", () => {
  test.each([
    [{ months: 1 }, "2026-03-31T10:00:00Z", "2026-02-28T10:00:00.000Z"],
    [{ months: 1 }, "2028-03-31T10:00:00Z", "2028-02-29T10:00:00.000Z"],
    [{ months: 18 }, "2026-11-22T00:00:00Z", "2025-05-22T00:00:00.000Z"],
    [{ months: 60 }, "2028-02-29T23:59:59Z", "2023-02-28T23:59:59.000Z"],
    [{ days: 7 }, "2026-03-01T00:00:00Z", "2026-02-22T00:00:00.000Z"],
    [{ days: 0 }, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000Z"],
  ])("of %j is over at %s for what was there before %s", (term, now, before) => {
    expect(new Date(cutoffOf(term, Date.parse(now))).toISOString()).toBe(before);
  });

  test("is refused for a class that has none", () => {
    expect(() => timedRule("accounts")).toThrow(RangeError);
    expect(() => timedRule("nothing")).toThrow(RangeError);
  });
});
