import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boundsOf, weekAt, weekBefore } from "../review-week.ts";
import { type Person, type PeopleUnderTest, startPeople } from "./people.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const ZONE = "Europe/Berlin";
/** Days ahead, so that nothing that the tests' own requests leave is young. */
const FIRST = (Math.floor(Date.now() / DAY) + 10) * DAY;
const CLASSES = [
  "join_counts",
  "raw_read_requests",
  "raw_reads_seen",
  "reviews",
  "scc_records",
  "staff_tokens",
  "used_proofs",
];

let people: PeopleUnderTest;
let reviewer: Person;
beforeAll(async () => {
  people = await startPeople();
  reviewer = await people.person("staff-6", "h-0006", ["reviewer"]);
  expect((await people.enlist(reviewer)).status).toBe(204);
});
afterAll(() => people.room.stop());

const run = (now: number) => people.room.object<boolean>("ReviewDesk", "reviews", "run", now);
const sql = async <T>(text: string) => {
  const database = await people.room.miniflare.getD1Database("STAFF_DB", people.room.worker);
  return (await database.prepare(text).all<T>()).results;
};
/** Proofs since a number of acts, by class. */
const proofs = async (since: number) =>
  (await people.acts())
    .slice(since)
    .filter(({ kind }) => kind === "purge")
    .toSorted((a, b) => a.on.localeCompare(b.on));
const classes = (acts: readonly { readonly on: string }[]) => acts.map(({ on }) => on.slice("class:".length));
const seen = async () => (await people.acts()).length;

describe("the staff database's retention", () => {
  test("purges tokens and proofs that were used, with a proof each, though nobody signs in for a day", async () => {
    expect((await people.send(reviewer, "GET", "/privacy/v1/reviews")).status).toBe(200);
    const [tokens] = await sql<{ n: number }>("SELECT count(*) AS n FROM staff_tokens");
    const [used] = await sql<{ n: number }>("SELECT count(*) AS n FROM used_proofs");
    expect(tokens?.n).toBeGreaterThan(0);
    expect(used?.n).toBeGreaterThan(0);
    const before = await seen();
    expect(await run(FIRST)).toBe(true);
    const acts = await proofs(before);
    expect(classes(acts)).toEqual(CLASSES);
    const of = (name: string) => acts.find(({ on }) => on === `class:${name}`);
    for (const [name, count] of [
      ["staff_tokens", tokens],
      ["used_proofs", used],
    ] as const) {
      expect(of(name)).toMatchObject({
        success: true,
        detail: { purged: count?.n, overdue_left: 0, oldest_left: null },
      });
      expect(await sql(`SELECT * FROM ${name}`)).toEqual([]);
    }
  });

  test("keeps a token and a proof for a minute past their ends", async () => {
    const now = FIRST + DAY;
    await sql(`INSERT INTO staff_tokens (jti, account, expires) VALUES ('old', 'a', ${now - 60_001})`);
    await sql(`INSERT INTO staff_tokens (jti, account, expires) VALUES ('young', 'a', ${now - 60_000})`);
    await sql(`INSERT INTO used_proofs (jti, expires) VALUES ('old', ${now - 60_001}), ('young', ${now - 60_000})`);
    await run(now);
    for (const table of ["staff_tokens", "used_proofs"])
      expect(await sql(`SELECT jti FROM ${table}`)).toEqual([{ jti: "young" }]);
  });

  test("purges counts of weeks that were over 60 weeks ago, and says which is the oldest that stays", async () => {
    const now = FIRST + 2 * DAY;
    const kept = weekAt(ZONE, now - 420 * DAY);
    for (const week of [kept, weekBefore(kept, 1), weekBefore(kept, 40)])
      await sql(`INSERT INTO join_counts (week, caller, purpose, joins) VALUES ('${week}', 'c', 'p', 1)`);
    await sql(
      `INSERT INTO raw_reads_seen (audit_index, week, success, facts, humans) VALUES (900001, '${weekBefore(kept, 1)}', 1, '{}', '')`,
    );
    const before = await seen();
    await run(now);
    const acts = await proofs(before);
    expect(acts.find(({ on }) => on === "class:join_counts")?.detail).toEqual({
      purged: 2,
      overdue_left: 0,
      oldest_left: boundsOf(kept, ZONE).start,
    });
    expect(acts.find(({ on }) => on === "class:raw_reads_seen")?.detail).toMatchObject({
      purged: 1,
      oldest_left: null,
    });
    expect(await sql("SELECT week FROM join_counts")).toEqual([{ week: kept }]);
  });

  test("is done at seven minutes past three when the database was down from two to three", async () => {
    const day = FIRST + 3 * DAY;
    // The day before, as every day.
    await run(day - HOUR);
    const before = await seen();
    const tables = [...CLASSES, "purge_days"];
    for (const each of tables) await sql(`ALTER TABLE ${each} RENAME TO ${each}_away`);
    for (const minutes of [7, 8, 59]) expect(await run(day + 2 * HOUR + minutes * 60_000)).toBe(false);
    expect(await proofs(before)).toEqual([]);
    for (const each of tables) await sql(`ALTER TABLE ${each}_away RENAME TO ${each}`);
    await run(day + 3 * HOUR + 7 * 60_000);
    expect(classes(await proofs(before))).toEqual(CLASSES);
  });

  test("gives one proof a day, however often it runs in an hour, and though something else fails", async () => {
    const day = FIRST + 4 * DAY;
    const before = await seen();
    for (const at of [0, 60_000, 120_000, 5 * HOUR]) await run(day + at);
    expect(classes(await proofs(before))).toEqual(CLASSES);
    await sql("ALTER TABLE audit_cursor RENAME TO audit_cursor_away");
    for (const at of [0, 60_000]) expect(await run(day + DAY + at)).toBe(false);
    await sql("ALTER TABLE audit_cursor_away RENAME TO audit_cursor");
    expect(classes(await proofs(before)).length).toBe(2 * CLASSES.length);
  });

  test("goes on with the other classes when one fails, and comes back for that one alone", async () => {
    const day = FIRST + 6 * DAY;
    const before = await seen();
    await sql("ALTER TABLE scc_records RENAME TO scc_records_away");
    expect(await run(day)).toBe(false);
    expect(classes(await proofs(before))).toEqual(CLASSES.filter((name) => name !== "scc_records"));
    await sql("ALTER TABLE scc_records_away RENAME TO scc_records");
    const after = await seen();
    expect(await run(day + 60_000)).toBe(true);
    expect(classes(await proofs(after))).toEqual(["scc_records"]);
  });

  test("keeps the counts that the audit log did not take, and proves them first", async () => {
    const day = FIRST + 7 * DAY;
    await sql(`INSERT INTO used_proofs (jti, expires) VALUES ('once', ${day - DAY})`);
    const before = await seen();
    await people.audit("refusing");
    for (const at of [0, 60_000]) expect(await run(day + at)).toBe(false);
    await people.audit("up");
    await run(day + 120_000);
    const acts = await proofs(before);
    expect(classes(acts)).toEqual(CLASSES);
    expect(acts.find(({ on }) => on === "class:used_proofs")?.detail).toMatchObject({ purged: 1, overdue_left: 0 });
  });
});
