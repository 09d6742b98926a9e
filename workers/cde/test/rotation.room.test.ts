import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KeyStatus } from "../../../protocol/pay/key-order.ts";
import { joinShares, readShares } from "../../../protocol/pay/key-shares.ts";
import { startRoom } from "../../../tools/platform/room-under-test.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { seal, unseal } from "../vault/seal.ts";
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
let seed = 0;
const newCard = () => ({ pan: visaNumber(seed++), exp: "12/34" });
const status = async (): Promise<KeyStatus> => (await pay.order({ order: "status" }, "eu", ["A"])).body;
const rowsUnder = async (version: number) =>
  (await status()).data_keys.find((each) => each.version === version)?.rows ?? 0;
const rewrapAll = async () => {
  for (let i = 0; i < 50; i++) {
    const { done, total } = (await pay.order({ order: "rewrap" }, "eu", ["B"])).body.rewrap;
    if (done === total) return;
  }
  throw new Error("the re-wrap does not end");
};
const random32 = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");

describe("a rotation under load", () => {
  it("fails no request, seals what is new at once, shows its progress, and then lets the old key be destroyed", async () => {
    const tokens: string[] = [];
    const more = async (n: number) =>
      tokens.push(...(await Promise.all(Array.from({ length: n }, () => pay.token(newCard())))));
    for (let i = 0; i < 6; i++) await more(20);
    const load = { on: true };
    const statuses: number[] = [];
    const loop = async (work: (i: number) => Promise<number[]>) => {
      for (let i = 0; load.on; i++) statuses.push(...(await work(i)));
    };
    const loops = [
      loop(async (i) => [
        (
          await pay.tokenize(
            { ...newCard(), use: i % 2 ? "payment" : "identify", ...(i % 2 ? {} : { store: STORE }) },
            uuid(),
          )
        ).status,
      ]),
      loop(async () => {
        const once = uuid();
        const tap = { ...newCard(), store: STORE };
        const token = await pay.token(tap, once);
        const reference = await pay.post("/v1/card-references", null, { token, cell: "eu", store: STORE });
        // The same key again opens the answer that was sealed before.
        return [reference.status, (await pay.tokenize(tap, once)).status];
      }),
      loop(async (i) => [(await pay.charge(uuid(), tokens[i % tokens.length] ?? "")).status]),
      loop(async () => {
        const handoff = uuid();
        await pay.terminal().pay({ handoff, amount: 900, currency: "EUR", card: TEST_CARDS.mastercard });
        const claim = { handoff, session: uuid(), store: STORE, terminal: "T-1", amount_minor: 900, currency: "EUR" };
        return [(await pay.post("/v1/authorizations", handoff, { ...claim, reference: null })).status];
      }),
    ];
    const progress: { done: number; total: number }[] = [];
    try {
      const rotated = await pay.order({ order: "rotate" });
      expect(rotated).toMatchObject({ status: 200, body: { current: 2 } });
      await pay.token(newCard());
      expect(await rowsUnder(2)).toBeGreaterThan(0);
      const inUse = await pay.order({ order: "destroy", version: 1 });
      expect(inUse).toMatchObject({ status: 409, body: { code: "key_in_use" } });
      const detail = (inUse.body as { detail?: string }).detail ?? "";
      expect(Number(/^(\d+) rows are still sealed by data key 1$/.exec(detail)?.[1])).toBeGreaterThanOrEqual(120);
      do {
        // The load goes on between any two batches.
        const served = statuses.length;
        await expect.poll(() => statuses.length, { timeout: 10_000 }).toBeGreaterThan(served + 8);
        progress.push((await pay.order({ order: "rewrap" }, "eu", ["A"])).body.rewrap);
      } while (progress.at(-1)?.done !== progress.at(-1)?.total && progress.length < 50);
      const destroyed = await pay.order({ order: "destroy", version: 1 });
      expect(destroyed).toMatchObject({
        status: 200,
        body: { data_keys: [{ version: 1, rows: 0, destroyed: true, kek_check: null }, {}] },
      });
    } finally {
      load.on = false;
      await Promise.all(loops);
    }
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect(progress.map((each) => each.done)).toEqual(progress.map((each) => each.done).sort((a, b) => a - b));
    expect(progress[0]?.done).toBeLessThan(progress[0]?.total ?? 0);
    expect(statuses.length).toBeGreaterThan(25);
    expect(new Set(statuses)).toEqual(new Set([200, 201]));
    const again = await Promise.all(tokens.slice(0, 40).map((token) => pay.charge(uuid(), token)));
    expect(new Set(again.map((each) => each.body.state))).toEqual(new Set(["approved"]));
    expect(await pay.rows("SELECT wrapped FROM data_keys WHERE version = 1")).toEqual([{ wrapped: "" }]);
    expect(await pay.rows("SELECT version FROM rotations WHERE finished IS NOT NULL")).toEqual([{ version: 2 }]);
    expect((await status()).security_events).toBe(0);
  }, 60_000);

  it("refuses to destroy the key that seals what is new, and one that is gone or never was", async () => {
    const current = (await status()).current;
    const codeOf = async (version: number) => (await pay.order({ order: "destroy", version })).body.code;
    expect(await codeOf(current)).toBe("key_in_use");
    expect(await codeOf(1)).toBe("not_found");
    expect(await codeOf(99)).toBe("not_found");
  });

  it("is carried on by the schedule, alone", async () => {
    await pay.token(newCard());
    const before = (await pay.order({ order: "rotate" })).body;
    expect(before.rewrap.done).toBe(0);
    const worker = await pay.cde.miniflare.getWorker(pay.cde.worker);
    for (let i = 0; i < 3; i++) await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    const { rewrap, current } = await status();
    expect(rewrap).toEqual({ done: rewrap.total, total: rewrap.total });
    expect(await pay.rows(`SELECT finished IS NOT NULL AS done FROM rotations WHERE version = ${current}`)).toEqual([
      { done: 1 },
    ]);
  });

  it("destroys a key between a request's reading and its writing: nothing is written under it, nobody notices", async () => {
    const worker = await pay.cde.miniflare.getWorker(pay.cde.worker);
    await worker.scheduled({ cron: "17 * * * *", scheduledTime: new Date(Date.now() + 2 * 86_400_000) });
    const { current: old } = await status();
    let asked = 0;
    // A new card's account is asked for after the data keys were read and before anything is written.
    pay.beforeAcquirer = async (path) => {
      if (!path.includes("payment-account-references") || asked++ > 0) return;
      await pay.order({ order: "rotate" });
      await rewrapAll();
      expect((await pay.order({ order: "destroy", version: old })).status).toBe(200);
    };
    try {
      const token = await pay.token(newCard());
      expect((await pay.charge(uuid(), token)).body.state).toBe("approved");
    } finally {
      pay.beforeAcquirer = undefined;
    }
    expect(asked).toBe(2);
    expect(await status()).toMatchObject({ current: old + 1, security_events: 0 });
    expect(await rowsUnder(old)).toBe(0);
  });
});

describe("a new key-encryption key", () => {
  const ring = (custodian: "A" | "B", shares: Record<string, string>) =>
    JSON.stringify({ custodian, cell: "eu", rehearsal: false, shares });

  it("waits for both custodians, then wraps the data keys, and the old share can go", async () => {
    const { KEK_SHARE_A: a1 = "", KEK_SHARE_B: b1 = "" } = pay.keys.secrets;
    const [a2, b2] = [random32(), random32()];
    const token = await pay.token(newCard());
    const install = async (a: string, b: string) => {
      pay.keys.secrets["KEK_SHARE_A"] = a;
      pay.keys.secrets["KEK_SHARE_B"] = b;
      await pay.restart();
    };
    await install(ring("A", { 1: a1, 2: a2 }), b1);
    expect(await status()).toMatchObject({
      key_encryption_keys: [{ version: 1 }],
      waiting: [{ version: 2, missing: "B" }],
    });
    expect((await pay.charge(uuid(), token)).body.state).toBe("approved");

    await install(ring("A", { 1: a1, 2: a2 }), ring("B", { 1: b1, 2: b2 }));
    const before = await status();
    expect(before.key_encryption_keys.map((each) => each.data_keys > 0)).toEqual([true, false]);
    const after = (await pay.order({ order: "rotate" })).body;
    expect(after.key_encryption_keys.map((each) => each.data_keys > 0)).toEqual([false, true]);
    expect(after.current).toBeGreaterThan(before.current);
    expect((await pay.charge(uuid(), token)).body.state).toBe("approved");

    await install(ring("A", { 2: a2 }), ring("B", { 2: b2 }));
    expect((await pay.charge(uuid(), token)).body.state).toBe("approved");
    await rewrapAll();
    expect((await pay.charge(uuid(), token)).body.state).toBe("approved");
  });

  it("taken away from one custodian's secret while it wraps a data key stops the vault, naming whose share", async () => {
    const whole = pay.keys.secrets["KEK_SHARE_B"] ?? "";
    const { shares } = JSON.parse(whole) as { shares: Record<string, string> };
    const mine = pay.keys.secrets["KEK_SHARE_A"] ?? "";
    pay.keys.secrets["KEK_SHARE_A"] = ring("A", { ...(JSON.parse(mine) as { shares: object }).shares, 3: random32() });
    pay.keys.secrets["KEK_SHARE_B"] = ring("B", { 3: random32() });
    await pay.restart();
    const response = await pay.tokenize(newCard(), uuid());
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: "KEK_SHARE_B of version 2 is missing (share B)" });
    expect(Object.keys(shares)).toEqual(["2"]);
    pay.keys.secrets["KEK_SHARE_A"] = mine;
    pay.keys.secrets["KEK_SHARE_B"] = whole;
    await pay.restart();
    expect((await pay.tokenize(newCard(), uuid())).status).toBe(201);
  });
});

describe("a ciphertext that is not in its place", () => {
  const fingerprintOf = async () =>
    String((await pay.rows("SELECT fingerprint FROM cards ORDER BY rowid DESC LIMIT 1"))[0]?.["fingerprint"]);
  const stored = async () => {
    const token = await pay.token(newCard());
    return { token, fingerprint: await fingerprintOf() };
  };
  const refusedWithEvent = async (token: string, object: string) => {
    const handoff = uuid();
    const response = await pay.chargeRaw(handoff, token);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "vault_integrity" });
    expect(await pay.books(handoff)).toEqual([]);
    const events = await pay.rows(`SELECT kind, field, times FROM security_events WHERE object = '${object}'`);
    expect(events).toMatchObject([{ kind: "seal_broken" }]);
    return events;
  };

  it("is found when two cards' ciphertexts are swapped: neither opens, each leaves an event", async () => {
    const [one, two] = [await stored(), await stored()];
    const sealedOf = async ({ fingerprint }: { fingerprint: string }) =>
      String((await pay.rows(`SELECT pan FROM cards WHERE fingerprint = '${fingerprint}'`))[0]?.["pan"]);
    const [first, second] = [await sealedOf(one), await sealedOf(two)];
    await pay.tamper(`UPDATE cards SET pan = '${second}' WHERE fingerprint = '${one.fingerprint}'`);
    await pay.tamper(`UPDATE cards SET pan = '${first}' WHERE fingerprint = '${two.fingerprint}'`);
    await refusedWithEvent(one.token, `cards/${one.fingerprint}`);
    await refusedWithEvent(two.token, `cards/${two.fingerprint}`);
    expect(await refusedWithEvent(two.token, `cards/${two.fingerprint}`)).toMatchObject([{ field: "pan", times: 2 }]);
    await pay.tamper(`UPDATE cards SET pan = '${first}' WHERE fingerprint = '${one.fingerprint}'`);
    expect((await pay.charge(uuid(), one.token)).body.state).toBe("approved");
  });

  it("is found when its key version is flipped, to one that there is and to one that there is not", async () => {
    await pay.order({ order: "rotate" });
    const { current } = await status();
    for (const version of [current - 1, 77]) {
      const { token, fingerprint } = await stored();
      await pay.tamper(`UPDATE cards SET key_version = ${version} WHERE fingerprint = '${fingerprint}'`);
      await refusedWithEvent(token, `cards/${fingerprint}`);
    }
  });

  it("does not hold up a rotation: the others are re-wrapped, the broken one stays and stays counted", async () => {
    const good = await stored();
    const { fingerprint } = await stored();
    await pay.tamper(`UPDATE cards SET pan = 'AAAA.AAAA' WHERE fingerprint = '${fingerprint}'`);
    const { current } = (await pay.order({ order: "rotate" })).body;
    for (let i = 0; i < 12; i++) await pay.order({ order: "rewrap" }, "eu", ["A"]);
    const after = await status();
    const left = await pay.rows(
      `SELECT fingerprint FROM cards WHERE key_version <> ${current}
       UNION ALL SELECT id FROM idempotency WHERE key_version <> ${current}`,
    );
    expect(left).toContainEqual({ fingerprint });
    expect(after.rewrap.total - after.rewrap.done).toBe(left.length);
    expect(await pay.rows(`SELECT key_version FROM cards WHERE fingerprint = '${good.fingerprint}'`)).toEqual([
      { key_version: current },
    ]);
    expect(await pay.rows(`SELECT pan FROM cards WHERE fingerprint = '${fingerprint}'`)).toEqual([
      { pan: "AAAA.AAAA" },
    ]);
    expect(await pay.rows(`SELECT kind FROM security_events WHERE object = 'cards/${fingerprint}'`)).toHaveLength(1);
    expect(await pay.rows(`SELECT finished FROM rotations WHERE version = ${current}`)).toEqual([{ finished: null }]);
  });

  it("does not open in the other cell, even under the same keys and with its data key moved along", async () => {
    const us = await startRoom("cde", {
      cell: "us",
      secrets: { ...pay.keys.secrets, KEK_SHARE_A: plain("A"), KEK_SHARE_B: plain("B") },
      vars: { PAY_ORIGIN: pay.door.origin, PROCESSOR_ORIGIN: pay.acquirerDoor.origin },
    });
    try {
      const card = newCard();
      await pay.token(card);
      const here = (
        await pay.rows(`SELECT pan, key_version FROM cards WHERE fingerprint = '${await fingerprintOf()}'`)
      )[0];
      const vault = await us.miniflare.getD1Database("VAULT", us.worker);
      const there = await us.fetch("/v1/payments/tokenize", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${await pay.reader.assertion()}`,
          "idempotency-key": uuid(),
        },
        body: JSON.stringify(card),
      });
      expect(there.status).toBe(201);
      const { token } = (await there.json()) as { token: string };
      const charged = async () => {
        const handoff = uuid();
        const claim = { session: uuid(), store: STORE, terminal: "online", amount_minor: 100, currency: "EUR" };
        const body = { ...claim, handoff, token, reference: null };
        const { sealed } = await pay.seal("/v1/authorizations", handoff, body);
        return us.fetch("/v1/authorizations", {
          method: "POST",
          headers: { "content-type": "application/jose", "idempotency-key": handoff },
          body: sealed,
        });
      };
      const events = async () =>
        (await vault.prepare("SELECT field, times FROM security_events ORDER BY field").all()).results;
      expect((await charged()).status).toBe(200);

      const version = Number(here?.["key_version"]);
      const [dataKey] = await pay.rows(`SELECT wrapped, kek_check FROM data_keys WHERE version = ${version}`);
      await vault
        .prepare("INSERT INTO data_keys (version, wrapped, kek_check, created) VALUES (?, ?, ?, 1)")
        .bind(version, dataKey?.["wrapped"], dataKey?.["kek_check"])
        .run();
      await vault.prepare("UPDATE cards SET pan = ?, key_version = ?").bind(here?.["pan"], version).run();
      expect((await charged()).status).toBe(503);
      expect(await events()).toEqual([
        { field: "pan", times: 1 },
        { field: "wrapped", times: 1 },
      ]);

      // Somebody who holds both shares wraps the data key anew for this cell: the number itself still does not open.
      const check = String(dataKey?.["kek_check"]);
      const kek = await crypto.subtle.importKey("raw", bothShares(), "AES-GCM", false, ["encrypt", "decrypt"]);
      const place = { cell: "eu", record: `data_keys/${version}`, field: "wrapped", keyVersion: check };
      const raw = await unseal(kek, place, String(dataKey?.["wrapped"]));
      const moved = await seal(kek, { ...place, cell: "us" }, raw);
      await vault.prepare("UPDATE data_keys SET wrapped = ? WHERE version = ?").bind(moved, version).run();
      expect((await charged()).status).toBe(503);
      expect(await events()).toEqual([
        { field: "pan", times: 2 },
        { field: "wrapped", times: 1 },
      ]);
    } finally {
      await us.stop();
    }
  });

  const shareOf = (custodian: "A" | "B") => {
    const ring = readShares(pay.keys.secrets[`KEK_SHARE_${custodian}`] ?? "");
    const newest = ring.ok ? [...ring.value.shares.values()].at(-1) : undefined;
    if (newest === undefined) throw new Error("no share");
    return newest;
  };
  const plain = (custodian: "A" | "B") => Buffer.from(shareOf(custodian)).toString("base64");
  const bothShares = () => joinShares(shareOf("A"), shareOf("B"));
});

describe("the custodians' door", () => {
  it("needs both signatures for what changes a key, one for what does not", async () => {
    for (const command of [
      { order: "rotate" },
      { order: "destroy", version: 1 },
      { order: "record", transcript: "0".repeat(64) },
    ] as const)
      for (const signers of [["A"], ["B"], ["A", "A"]] as const)
        expect(await pay.order(command, "eu", signers)).toMatchObject({ status: 401, body: { code: "key_order" } });
    for (const custodian of ["A", "B"] as const)
      expect((await pay.order({ order: "status" }, "eu", [custodian])).status).toBe(200);
  });

  it("refuses an order of another cell, and one that came before", async () => {
    expect((await pay.order({ order: "status" }, "us")).status).toBe(401);
    const { signKeyOrder } = await import("../../../protocol/pay/key-order.ts");
    const signer = { custodian: "A", key: pay.keys.custodians.A } as const;
    const order = await signKeyOrder({ order: "status" }, "eu", signer, Date.now());
    const both = await Promise.all([pay.postOrder(order), pay.postOrder(order)]);
    expect(both.map((each) => each.status).sort((x, y) => x - y)).toEqual([200, 401]);
  });

  it("logs who ordered what, a ceremony's transcript by its hash", async () => {
    const transcript = "ab".repeat(32);
    expect((await pay.order({ order: "record", transcript })).status).toBe(200);
    expect(await pay.rows("SELECT act, object, outcome FROM access_log ORDER BY id DESC LIMIT 1")).toEqual([
      { act: "key_record", object: transcript, outcome: "granted" },
    ]);
    expect((await pay.rows("SELECT object FROM access_log WHERE act = 'key_rotate'"))[0]).toEqual({
      object: "by A and B",
    });
  });
});
