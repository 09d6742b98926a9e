import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boundsOf, weekAt, weekBefore } from "../review-week.ts";
import { type Answer, type Person, type PeopleUnderTest, startPeople } from "./people.ts";

const ZONE = "Europe/Berlin";
const WEEK = "2026-W40";
const REVIEWS = "/privacy/v1/reviews";
const DAY = 86_400_000;
const { start, end } = boundsOf(WEEK, ZONE);

/** Joins of one caller in a week, a minute apart. */
const joins = (week: string, count: number, purpose = "identify_loyalty") =>
  Array.from({ length: count }, (_, i) => ({
    who: "identity/sessions",
    kind: "tier_join",
    when: boundsOf(week, ZONE).start + i * 60_000,
    success: true,
    from: "ForSessions.byLoyalty",
    on: "session:x",
    detail: { purpose, fields: "nickname" },
  }));
const rawRead = (when: number, humans: readonly [string, string], success = true) => ({
  who: "identity/ops",
  kind: "raw_read",
  when,
  success,
  from: "ForOps.rawRead",
  on: success ? `subject:${"ab".repeat(32)}` : "raw_read:unknown",
  detail: success
    ? {
        staff: "staff-1",
        staff_human: humans[0],
        approver: "staff-2",
        approver_human: humans[1],
        purpose: "customer_callback",
        ticket: "CRM-101",
        fields: "name",
      }
    : { code: "same_human" },
});
/** Nine steady weeks, then one with a rise, two reads, a refused one, and a read of the next week. */
const PAST = [
  ...Array.from({ length: 9 }, (_, i) => joins(weekBefore(WEEK, 9 - i), 20 + (i % 3))).flat(),
  ...joins(WEEK, 60),
  ...joins(WEEK, 5, "pairing_create"),
  rawRead(start, ["h-0001", "h-0002"]),
  rawRead(end - 1, ["h-0003", "h-0002"]),
  rawRead(start + DAY, ["h-0001", "h-0001"], false),
  rawRead(end, ["h-0001", "h-0002"]),
];

let people: PeopleUnderTest;
let reviewer: Person;
let twin: Person;

beforeAll(async () => {
  people = await startPeople();
  reviewer = await people.person("staff-6", "h-0006", ["reviewer"]);
  twin = await people.person("staff-7", "h-0003", ["reviewer"]);
  for (const each of [reviewer, twin]) expect((await people.enlist(each)).status).toBe(204);
  await people.past(PAST);
});
afterAll(() => people.room.stop());

const desk = <T>(method: string, ...args: unknown[]) => people.room.object<T>("ReviewDesk", "reviews", method, ...args);
const decide = (by: Person, item: string, body: object = { decision: "in_order" }): Promise<Answer> =>
  people.send(by, "POST", `${REVIEWS}/${WEEK}/items/${item}/decision`, body);
const review = async () => (await people.send(reviewer, "GET", `${REVIEWS}/${WEEK}`)).json;

interface Item {
  readonly id: string;
  readonly kind: string;
  readonly humans: readonly string[];
  readonly facts: Record<string, unknown>;
}

describe("the weekly review", () => {
  test("is not opened before the week is over where the cell is, and its last minutes have settled", async () => {
    expect(await desk("open", WEEK, end - 1)).toEqual({ ok: false, reason: "not_over" });
    expect(await desk("open", WEEK, end + 5 * 60_000 - 1)).toEqual({ ok: false, reason: "not_over" });
    expect((await people.send(reviewer, "GET", `${REVIEWS}/${WEEK}`)).status).toBe(404);
  });

  test("is not opened while the audit log is down", async () => {
    await people.audit("refusing");
    try {
      expect(await desk("open", WEEK, end + DAY)).toEqual({ ok: false, reason: "unavailable" });
    } finally {
      await people.audit("up");
    }
    expect((await people.send(reviewer, "GET", `${REVIEWS}/${WEEK}`)).status).toBe(404);
  });

  test("lists every human read of the week and the outliers among machine joins, and nothing of the week after", async () => {
    expect(await desk("open", WEEK, end + DAY)).toEqual({ ok: true });
    const seen = await review();
    expect(seen).toMatchObject({
      week: WEEK,
      humanReads: 2,
      refusedReads: 1,
      machineJoins: 65,
      baselineWeeks: 8,
      opened: end + DAY,
    });
    const items = seen?.["items"] as readonly Item[];
    expect(items.map(({ kind }) => kind).toSorted()).toEqual(["outlier", "raw_read", "raw_read"]);
    expect(items.find(({ kind }) => kind === "outlier")?.facts).toMatchObject({
      caller: "identity/sessions",
      purpose: "identify_loyalty",
      joins: 60,
      median: 21,
    });
    expect(
      items.filter(({ kind }) => kind === "raw_read").map(({ humans, facts }) => [humans, facts["ticket"]]),
    ).toEqual([
      [["h-0001", "h-0002"], "CRM-101"],
      [["h-0003", "h-0002"], "CRM-101"],
    ]);
    expect((await people.acts()).at(-1)).toMatchObject({
      kind: "review",
      on: `review:${WEEK}`,
      detail: { step: "opened", human_reads: 2, outliers: 1 },
    });
  });

  test("is opened once: again it is the same, and no entry is counted twice", async () => {
    const before = await review();
    expect(await desk("open", WEEK, end + 2 * DAY)).toEqual({ ok: true });
    await desk("run", end + 2 * DAY);
    expect(await review()).toEqual(before);
  });

  test("is overdue after seven days: the list says so first, and the log and the operators are told once", async () => {
    const told = async () =>
      (await people.acts()).filter(({ detail, on }) => detail?.["step"] === "overdue" && on === `review:${WEEK}`);
    await desk("run", end + 8 * DAY - 1);
    expect(await told()).toEqual([]);
    await desk("run", end + 8 * DAY + 1);
    await desk("run", end + 9 * DAY);
    expect(await told()).toMatchObject([{ kind: "review", success: false, detail: { open_items: 3 } }]);
    const { json } = await people.send(reviewer, "GET", REVIEWS);
    const [first] = (json?.["reviews"] ?? []) as object[];
    expect(first).toMatchObject({ state: "overdue" });
  });

  test("is decided item by item, by nobody who took part, under any account", async () => {
    const items = (await review())?.["items"] as readonly Item[];
    const own = items.find(({ humans }) => humans.includes("h-0003"));
    expect(await decide(twin, own?.id ?? "")).toMatchObject({ status: 403, json: { code: "own_part" } });
    expect((await people.acts()).at(-1)).toMatchObject({
      kind: "review",
      success: false,
      detail: { code: "own_part" },
    });
    expect((await decide(reviewer, own?.id ?? "", { decision: "incident" })).status).toBe(422);
    expect((await decide(reviewer, own?.id ?? "", { decision: "incident", ticket: "SEC-9" })).status).toBe(204);
    expect(await decide(reviewer, own?.id ?? "")).toMatchObject({ status: 409, json: { code: "state" } });
    expect((await decide(reviewer, `${WEEK}.r999999`)).status).toBe(404);
    expect(await review()).toMatchObject({ closed: null });
    const left = items.filter(({ id }) => id !== own?.id);
    await people.audit("refusing");
    try {
      expect((await decide(reviewer, left[0]?.id ?? "")).status).toBe(503);
    } finally {
      await people.audit("up");
    }
    for (const { id } of left) expect((await decide(twin, id)).status).toBe(204);
    expect(await review()).toMatchObject({ state: "closed" });
  });

  test("is decided by nobody whose record in the roster has not the role", async () => {
    const unknown = await people.person("staff-88", "h-0088", ["reviewer"]);
    const { json } = await people.send(reviewer, "GET", REVIEWS);
    expect(json?.["reviews"]).not.toEqual([]);
    expect((await decide(unknown, `${WEEK}.o0`)).json).toMatchObject({ code: "untrusted_record" });
  });

  test("is opened by the desk itself for each week that is over, and closed at once when there is nothing to decide", async () => {
    await desk("run", boundsOf(weekBefore("2026-W43", 0), ZONE).start + DAY);
    const { json } = await people.send(reviewer, "GET", REVIEWS);
    const weeks = json?.["reviews"] as readonly { week: string; humanReads: number; state: string }[];
    expect(weeks.find(({ week }) => week === "2026-W41")).toMatchObject({ humanReads: 1, state: "overdue" });
    expect(weeks.find(({ week }) => week === "2026-W42")).toMatchObject({ humanReads: 0, state: "closed" });
    expect(weeks.some(({ week }) => week >= "2026-W43")).toBe(false);
  });

  test("is opened for each week that was missed, even half a year ago, with its human reads", async () => {
    const missed = weekBefore(WEEK, 30);
    const late = rawRead(boundsOf(missed, ZONE).start + DAY, ["h-0001", "h-0002"]);
    await people.past([...(await people.acts()), late]);
    await desk("run", boundsOf("2026-W43", ZONE).start + DAY);
    const { json } = await people.send(reviewer, "GET", `${REVIEWS}/${missed}`);
    expect(json).toMatchObject({ humanReads: 1, closed: null });
    expect((await people.send(reviewer, "GET", `${REVIEWS}/${weekBefore(WEEK, 14)}`)).status).toBe(200);
    expect((await people.send(reviewer, "GET", `${REVIEWS}/${weekBefore(WEEK, 31)}`)).status).toBe(404);
  });

  test("is opened by the desk's alarm, which the cron only nudges", async () => {
    const lastWeek = weekBefore(weekAt(ZONE, Date.now()), 1);
    const path = `${REVIEWS}/${lastWeek}`;
    expect((await people.send(reviewer, "GET", path)).status).toBe(404);
    const worker = await people.room.miniflare.getWorker(people.room.worker);
    await worker.scheduled({ cron: "7 * * * *" });
    let status = 404;
    for (let tries = 0; tries < 100 && status === 404; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ status } = await people.send(reviewer, "GET", path));
    }
    expect(status).toBe(200);
  });

  test("and its items are gone two years after it was closed, with a proof; an open one's never", async () => {
    await desk("run", Date.now() + 740 * DAY);
    const proof = (await people.acts()).findLast(({ on }) => on === "class:reviews");
    expect(proof).toMatchObject({ kind: "purge", success: true, detail: { overdue_left: 0 } });
    expect(Number(proof?.detail?.["purged"])).toBeGreaterThan(0);
    expect((await people.send(reviewer, "GET", `${REVIEWS}/${WEEK}`)).status).toBe(404);
    expect((await people.send(reviewer, "GET", `${REVIEWS}/2026-W41`)).json).toMatchObject({ state: "overdue" });
    const db = await people.room.miniflare.getD1Database("STAFF_DB", people.room.worker);
    const left = await db.prepare("SELECT DISTINCT week FROM review_items ORDER BY week").all<{ week: string }>();
    expect(left.results).toEqual([{ week: weekBefore(WEEK, 30) }, { week: "2026-W41" }]);
  });

  test("is asked for by week in the door's own words", async () => {
    for (const [path, status] of [
      [`${REVIEWS}/2026-W54`, 422],
      [`${REVIEWS}/2020-W01`, 404],
    ] as const)
      expect((await people.send(reviewer, "GET", path)).status).toBe(status);
    expect((await people.send(reviewer, "POST", `${REVIEWS}/2099-W01/opening`, {})).json).toMatchObject({
      code: "not_over",
    });
  });
});
