import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { visaNumber } from "./card-numbers.ts";
import { CdeUnderTest, STORE } from "./cde-under-test.ts";

let pay: CdeUnderTest;
beforeAll(async () => {
  pay = await CdeUnderTest.start();
});
afterAll(async () => {
  await pay.stop();
});

const uuid = () => crypto.randomUUID() as string;
const purgeAt = async (time: number) => {
  const worker = await pay.cde.miniflare.getWorker(pay.cde.worker);
  await worker.scheduled({ cron: "17 * * * *", scheduledTime: new Date(time) });
};
const proofs = () => pay.rows("SELECT class, purged, overdue_left, oldest_left FROM purges ORDER BY id DESC LIMIT 10");

describe("the purge", () => {
  it("proves for each class how many went, that nothing overdue is left, and how old what stays is", async () => {
    const day = 86_400_000;
    const now = Date.now();
    await pay.token({ pan: visaNumber(1), exp: "12/34", store: STORE });
    await pay.token({ pan: visaNumber(2), exp: "12/34", store: STORE });
    await pay.token({ pan: visaNumber(3), exp: "12/34" });
    await pay.token({ pan: visaNumber(1), exp: "12/34" });

    await purgeAt(now);
    const kept = Object.fromEntries((await proofs()).map((row) => [row["class"], row]));
    expect(kept["tokens"]).toMatchObject({ purged: 0, overdue_left: 0 });
    expect(Number(kept["tokens"]?.["oldest_left"])).toBeGreaterThan(now);

    // Two hours on, what identified has gone; of the two cards that did, one is needed by a payment token.
    await purgeAt(now + 7_200_000);
    const later = Object.fromEntries((await proofs()).map((row) => [row["class"], row]));
    expect(later["tokens"]).toMatchObject({ purged: 2, overdue_left: 0 });
    expect(later["card_numbers"]).toMatchObject({ purged: 1, overdue_left: 0 });
    expect(later["answers"]).toMatchObject({ purged: 2, overdue_left: 0 });
    expect(Number(later["tokens"]?.["oldest_left"])).toBeGreaterThan(now + 7_200_000);

    await purgeAt(now + 2 * day);
    const gone = Object.fromEntries((await proofs()).map((row) => [row["class"], row]));
    for (const name of ["tokens", "card_numbers", "answers"])
      expect(gone[name]).toMatchObject({ purged: 2, overdue_left: 0, oldest_left: null });
    expect(gone["used_jti"]).toMatchObject({ purged: 0, overdue_left: 0, oldest_left: null });
    expect(await pay.rows("SELECT pan FROM cards WHERE pan IS NOT NULL")).toEqual([]);
  });
});

describe("what was paid, and what proves it", () => {
  const MONTH = 31 * 86_400_000;
  const count = async (table: string) => Number((await pay.rows(`SELECT count(*) AS n FROM ${table}`))[0]?.["n"]);

  it("keeps evidence 13 months and payments 25, and lets a payment go with all that was done to it", async () => {
    const now = Date.now();
    await pay.charge(uuid(), await pay.token({ pan: visaNumber(7), exp: "12/34" }));
    await pay.rows(
      `INSERT INTO security_events (kind, object, field, key_version, first, last, times) VALUES ('seal_broken', 'cards/x', 'pan', '1', ${now}, ${now}, 1)`,
    );
    await pay.rows(`INSERT INTO forgotten (request, tokens, answers, cards, at) VALUES ('r', 1, 1, 1, ${now})`);
    await purgeAt(now + 12 * MONTH);
    for (const table of ["authorizations", "operations", "security_events", "forgotten"])
      expect(await count(table)).toBeGreaterThan(0);
    await purgeAt(now + 14 * MONTH);
    for (const table of ["security_events", "forgotten"]) expect(await count(table)).toBe(0);
    expect((await pay.rows(`SELECT at FROM access_log WHERE at < ${now + MONTH}`)).length).toBe(0);
    expect((await pay.rows(`SELECT at FROM purges WHERE at < ${now + 2 * MONTH}`)).length).toBe(0);
    expect(await count("authorizations")).toBeGreaterThan(0);
    await purgeAt(now + 26 * MONTH);
    const gone = Object.fromEntries((await proofs()).map((row) => [row["class"], row]));
    expect(gone["authorizations"]).toMatchObject({ overdue_left: 0, oldest_left: null });
    expect(Number(gone["authorizations"]?.["purged"])).toBeGreaterThan(0);
    for (const table of ["authorizations", "operations"]) expect(await count(table)).toBe(0);
  });
});

describe("the processor's events", () => {
  it("go 30 days after they came, with a proof of how many and how old the oldest that stays is", async () => {
    const now = Date.now();
    const term = 30 * 86_400_000;
    for (const [id, received] of [
      ["ev-old", now - term - 1],
      ["ev-young", now - term],
    ] as const)
      await pay.rows(
        `INSERT INTO webhook_events (id, type, state, received) VALUES ('${id}', 'payment', 'done', ${received})`,
      );
    await purgeAt(now);
    const proof = (await proofs()).find((row) => row["class"] === "webhook_events");
    expect(proof).toMatchObject({ purged: 1, overdue_left: 0, oldest_left: now - term });
    expect(await pay.rows("SELECT id FROM webhook_events WHERE id LIKE 'ev-%'")).toEqual([{ id: "ev-young" }]);
  });
});

describe("work that failed", () => {
  it("is owed, and done by the alarm of the pinned object; a cron that nobody wrote work for is an error", async () => {
    const runs = async () => (await pay.rows("SELECT id FROM purges")).length;
    const before = await runs();
    await pay.rows("ALTER TABLE purges RENAME TO purges_away");
    // The alarm comes a minute after the time of the work: a time in the past brings it near.
    await purgeAt(Date.now() - 57_000);
    await pay.rows("ALTER TABLE purges_away RENAME TO purges");
    expect(await runs()).toBe(before);
    await expect.poll(runs, { timeout: 15_000, interval: 250 }).toBeGreaterThan(before);

    const worker = await pay.cde.miniflare.getWorker(pay.cde.worker);
    const unknown = await worker.scheduled({ cron: "0 0 1 1 *", scheduledTime: new Date() });
    expect(unknown.outcome).not.toBe("ok");
  });
});

/** Finds a value that stands by itself: not digits in the middle of a longer number or word. */
const standsAlone = (value: string, text: string) =>
  new RegExp(`(?<![0-9A-Za-z+/_=-])${value}(?![0-9A-Za-z+/_=-])`).test(text);

describe("sensitive authentication data", () => {
  const CVVS = ["9073", "8642", "7519"];

  it("is in no row, no log line and no file of the CDE or the processor after the call", async () => {
    const amex = { pan: TEST_CARDS.amex.pan, exp: "12/34" };
    for (const cvv of CVVS) {
      expect((await pay.tokenizeByForm({ ...amex, cvv }, uuid())).status).toBe(201);
      expect((await pay.tokenize({ ...amex, cvv }, uuid())).status).toBe(201);
      // Refused calls leave nothing either.
      expect((await pay.tokenize({ ...amex, cvv, track2: `;${amex.pan}=3412${cvv}` }, uuid())).status).toBe(400);
      expect((await pay.tokenize({ ...amex, cvv, exp: "01/20" }, uuid())).status).toBe(422);
      await pay.charge(uuid(), await pay.token({ ...amex, cvv }));
    }
    // The search finds what it looks for: a row and a log line of the same calls.
    const tables = (await pay.rows("SELECT name FROM sqlite_master WHERE type = 'table'"))
      .map((row) => String(row["name"]))
      .filter((name) => !/^(sqlite|_|d1)/.test(name));
    const rows = JSON.stringify(await Promise.all(tables.map((name) => pay.rows(`SELECT * FROM ${name}`))));
    expect(standsAlone("amex", rows)).toBe(true);
    await pay.cde.fetch("/v1/authorizations/x", { headers: { "cwf-request": "x" } });
    expect(pay.logged.some((line) => standsAlone("forwarder_refused", line))).toBe(true);
    await pay.cde.stop();
    const files = pay.bytesOnDisk();
    expect(standsAlone("CREATE", files)).toBe(true);
    const books = pay.acquirerBytes();
    expect(books.length).toBeGreaterThan(1_000);
    await pay.startAgain();
    for (const cvv of CVVS)
      for (const text of [rows, pay.logged.join("\n"), files, books]) expect(standsAlone(cvv, text)).toBe(false);
    for (const text of [rows, pay.logged.join("\n"), files, books]) expect(text).not.toContain(`${amex.pan}=`);
  });

  it("takes no part in anything that is kept: another value under the same key is the same request", async () => {
    const card = { pan: TEST_CARDS.amex.pan, exp: "12/34" };
    const once = uuid();
    const first: unknown = await (await pay.tokenize({ ...card, cvv: "1111" }, once)).json();
    expect(await (await pay.tokenize({ ...card, cvv: "2222" }, once)).json()).toEqual(first);
    expect(await (await pay.tokenize(card, once)).json()).toEqual(first);
  });
});

describe("what is shown of a card", () => {
  /** Every text and number in an answer that is shown as such: random and keyed values are letters and digits mixed. */
  const leaves = (value: unknown): string[] =>
    typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];

  /** Places of the number that an answer tells: whole values of digits and masks, and long runs within others. */
  const told = (pan: string, text: string): Set<number> => {
    const places = new Set<number>();
    const runs = /^[\d\s*•.xX…-]+$/.test(text) ? (text.match(/\d{4,}/g) ?? []) : (text.match(/\d{6,}/g) ?? []);
    for (const run of runs)
      for (let at = pan.indexOf(run); at >= 0; at = pan.indexOf(run, at + 1))
        for (let i = at; i < at + run.length; i++) places.add(i);
    // A long run that holds the whole number, or a part of it with more around.
    for (const run of runs)
      for (let at = 0; at + 6 <= pan.length; at++)
        if (run.includes(pan.slice(at, at + 6))) for (let i = at; i < at + 6; i++) places.add(i);
    return places;
  };

  it("is found by the search wherever it is shown", () => {
    const pan = "4000001234567899";
    expect([...told(pan, "400000******7899")].length).toBe(10);
    expect(told(pan, pan).size).toBe(16);
    expect(told(pan, `card ${pan} of`).size).toBe(16);
    expect(told(pan, `x1${pan}2`).size).toBe(16);
    expect(told(pan, "7899").size).toBe(4);
    expect(told(pan, "2034").size).toBe(0);
  });

  // PCI SSC FAQ 1091: of a number of 16 digits at most the first six and the last four, in all places together.
  it.each(Array.from({ length: 12 }, (_, i) => visaNumber(712_398_641 + i * 7_654_321)))(
    "over all answers of all calls for %s never adds up to more than the first six and last four",
    async (pan) => {
      const answers: unknown[] = [];
      const keep = async (response: Response) => {
        const body: unknown = await response.clone().json();
        answers.push(body, Object.fromEntries(response.headers));
        return body as { token: string };
      };
      const { token } = await keep(await pay.tokenize({ pan, exp: "12/34" }, uuid()));
      await keep(await pay.tokenizeByForm({ pan, exp: "12/34", cvv: "123" }, uuid()));
      const tapped = await keep(await pay.tokenize({ pan, exp: "12/34", store: STORE }, uuid()));
      await keep(await pay.tokenize({ pan, exp: "01/20" }, uuid()));
      await keep(await pay.tokenize({ pan: `${pan}0`, exp: "12/34" }, uuid()));
      await keep(await pay.tokenize({ pan, exp: "12/34", note: pan }, uuid()));
      const scope = { token: tapped.token, cell: "eu", store: STORE };
      answers.push(
        await pay.post("/v1/card-references", null, scope),
        await pay.post("/v1/card-references", null, { ...scope, token: pan }),
      );
      answers.push(await pay.charge(uuid(), token), await pay.charge(uuid(), pan), await pay.charge(pan, token));
      const handoff = uuid();
      answers.push(await pay.terminal().pay({ handoff, amount: 111, currency: "EUR", card: { pan } }));
      const claim = { handoff, session: uuid(), store: STORE, terminal: "T-1", amount_minor: 111, currency: "EUR" };
      const { body } = await pay.post<PaymentAnswer>("/v1/authorizations", handoff, { ...claim, reference: null });
      expect(body.emv?.last4).toBe(pan.slice(-4));
      const money = { amount_minor: 111, currency: "EUR" };
      const at = `/v1/authorizations/${body.id}`;
      answers.push(body, await pay.get(at), await pay.post(`${at}/capture`, `${handoff}:capture`, money));
      answers.push(await pay.post(`${at}/void`, `${handoff}:void`, { reason: "amount_mismatch" }));
      answers.push(await pay.post(`${at}/refunds`, uuid(), money), await pay.order({ order: "status" }));
      const union = new Set<number>();
      for (const leaf of leaves(answers)) for (const place of told(pan, leaf)) union.add(place);
      const allowed = new Set([0, 1, 2, 3, 4, 5, ...[4, 3, 2, 1].map((back) => pan.length - back)]);
      expect(union.size).toBeGreaterThanOrEqual(4);
      expect([...union].filter((place) => !allowed.has(place))).toEqual([]);
      for (const line of pay.logged) expect(told(pan, line).size).toBe(0);
    },
  );
});
