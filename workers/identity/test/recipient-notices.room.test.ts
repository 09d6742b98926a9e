import { compactDecrypt, exportJWK, generateKeyPair, type CryptoKey, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../../../protocol/result.ts";
import type { Principal, Profile } from "../../../protocol/rooms/identity.ts";
import type { Ordered, PrivacyOrder } from "../../../protocol/rooms/privacy.ts";
import type { SealedNotice, StoreAnswer } from "../../../protocol/rooms/privacy-stores.ts";
import type { Purged } from "../../../protocol/rooms/retention.ts";
import { type IdentityUnderTest, LOYALTY, person, startIdentity, STORE, valueOf } from "./room.ts";

let identity: IdentityUnderTest;
let retailerKey: CryptoKey;
let retailerJwk: JWK;
let people = 0;

const rights = <T>(method: string, ...args: unknown[]) =>
  identity.room.call<Result<T, string>>("ForRights", "rights", method, ...args);
const owed = async () => valueOf(await rights<SealedNotice[]>("owedNotices"));
const ask = async (who: Principal, kind: PrivacyOrder["kind"], correction: Partial<Profile> | null = null) =>
  valueOf(
    await identity.edge<Result<Ordered, string>>("createPrivacyRequest", who, {
      kind,
      law: null,
      correction,
      key: null,
    } satisfies PrivacyOrder),
  ).request;
const correct = async (who: Principal, change: Partial<Profile>) =>
  valueOf(await identity.edge<Result<Profile, string>>("correct", who, change));
async function read(notice: SealedNotice | undefined): Promise<Record<string, unknown>> {
  const { plaintext } = await compactDecrypt(notice?.jwe ?? "", retailerKey);
  return JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
}
async function noticesIn(where: string): Promise<readonly Record<string, unknown>[]> {
  const db = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
  return (await db.prepare(`SELECT * FROM privacy_notices WHERE ${where} ORDER BY created, id`).all()).results;
}

beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
  const pair = await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
  retailerKey = pair.privateKey;
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  retailerJwk = { kty, crv, x, y, kid: "retailer-1" } as JWK;
  await register(LOYALTY.retailer);
});
afterAll(() => identity.room.stop());

async function register(retailer: string): Promise<void> {
  const recipient = { retailer, store: STORE, jwk: retailerJwk };
  valueOf(await identity.ops<Result<undefined, string>>("registerRecipient", recipient, "pat"));
}

/** Somebody with an account whose name and number a retailer has. */
async function known(retailer: string = LOYALTY.retailer): Promise<{ who: Principal; customer: string }> {
  const who = person(`notices-${++people}`);
  valueOf(await identity.edge("profile", who));
  const db = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
  const newest = await db.prepare("SELECT id FROM customers ORDER BY created DESC, rowid DESC LIMIT 1").first("id");
  const customer = String(newest);
  await disclose(customer, retailer);
  return { who, customer };
}
const disclose = (customer: string, retailer: string) =>
  identity.run("ENTITIES", "INSERT INTO disclosures VALUES (?, ?, ?, ?)", customer, retailer, "loyalty name", 1);

async function eraseAll(request: string): Promise<void> {
  for (const store of ["entities", "persons", "person_keys"])
    expect(valueOf(await rights<StoreAnswer>("erase", request, store)).left).toBe(0);
  valueOf(await rights("ended", request, "done"));
}

describe("a correction that a recipient has not acknowledged when the person is erased", () => {
  test("is not told any more, neither beside the erasure's notice nor after it", async () => {
    const { who, customer } = await known();
    await correct(who, { name: "Told Too Late" });
    const [late] = await owed();
    expect(await read(late)).toMatchObject({ kind: "correction" });
    const byLetter = await ask(who, "correction", { name: "By Letter" });
    valueOf(await rights("correct", byLetter));
    const request = await ask(who, "erasure");
    const notices = valueOf(await rights<SealedNotice[]>("notices", request));
    expect(await Promise.all(notices.map(read))).toMatchObject([{ kind: "erasure" }]);
    expect(await owed()).toEqual([]);
    expect(await noticesIn(`customer = '${customer}'`)).toMatchObject([{ kind: "erasure", request }]);
    await eraseAll(request);
    expect(await owed()).toEqual([]);
    valueOf(await rights("noticed", notices[0]?.id, "ack"));
    expect(valueOf(await rights<StoreAnswer>("told", request))).toMatchObject({ count: 1, left: 0 });
  });

  test("is owed to nobody once the erasure has begun, though the profile still takes it", async () => {
    const { who, customer } = await known();
    const request = await ask(who, "erasure");
    valueOf(await rights("openTrips", request));
    await correct(who, { name: "While It Goes On" });
    expect(await noticesIn(`customer = '${customer}'`)).toEqual([]);
    expect(await owed()).toEqual([]);
    await eraseAll(request);
  });

  test("is gone at the erasure's end, wherever it came from", async () => {
    const { who, customer } = await known();
    const request = await ask(who, "erasure");
    valueOf(await rights("notices", request));
    const late = crypto.randomUUID();
    await keptNotice(late, customer);
    await eraseAll(request);
    expect(await noticesIn(`id = '${late}'`)).toEqual([]);
  });

  test("and was left by an erasure of before goes with the next retention run, which leaves what is still to be told", async () => {
    const [gone, stays] = [crypto.randomUUID(), crypto.randomUUID()];
    const { who, customer } = await known();
    await keptNotice(gone, null);
    await keptNotice(stays, customer);
    expect((await owed()).map(({ id }) => id)).toEqual([stays]);
    const purged = valueOf(await rights<Purged>("purge", "privacy_notices", Date.now()));
    expect(purged).toMatchObject({ purged: 1, overdueLeft: 0 });
    expect(await noticesIn(`id IN ('${gone}', '${stays}')`)).toMatchObject([{ id: stays }]);
    valueOf(await rights("noticed", stays, "ack"));
    await correct(who, {});
  });
});

describe("what one recipient is still to be told of one person", () => {
  test("comes in the order that it was corrected in: the newer waits until the older is acknowledged", async () => {
    const { who } = await known();
    await correct(who, { name: "First" });
    const [first] = await owed();
    await correct(who, { name: "Second" });
    expect(await owed()).toEqual([first]);
    expect(await read(first)).toMatchObject({ fields: { name: "First" } });
    valueOf(await rights("noticed", first?.id, "ack"));
    const [second, ...more] = await owed();
    expect(more).toEqual([]);
    expect(await read(second)).toMatchObject({ fields: { name: "Second" } });
    valueOf(await rights("noticed", second?.id, "ack"));
    expect(await owed()).toEqual([]);
  });

  test("is not told of a request before what was corrected in the app earlier, nor the other way round", async () => {
    const { who } = await known();
    await correct(who, { name: "In The App" });
    const request = await ask(who, "correction", { name: "By Request" });
    valueOf(await rights("correct", request));
    await correct(who, { name: "In The App Again" });
    expect(await rights("notices", request)).toEqual({ ok: false, reason: "unavailable" });
    const [first] = await owed();
    valueOf(await rights("noticed", first?.id, "ack"));
    expect(await owed()).toEqual([]);
    const [second] = valueOf(await rights<SealedNotice[]>("notices", request));
    valueOf(await rights("noticed", second?.id, "ack"));
    expect(valueOf(await rights<StoreAnswer>("told", request))).toMatchObject({ left: 0 });
    const [third] = await owed();
    expect(await read(third)).toMatchObject({ fields: { name: "In The App Again" } });
    valueOf(await rights("noticed", third?.id, "ack"));
  });
});

describe("recipients that do not answer", () => {
  const DEAD = 55;
  /** Corrections that are owed to a recipient, of somebody else each. */
  async function owe(retailer: string, created: number, many = 1): Promise<void> {
    for (let each = 0; each < many; each += 1) {
      const customer = crypto.randomUUID();
      await identity.run("ENTITIES", "INSERT INTO customers (id, kind, created) VALUES (?, 'account', 1)", customer);
      await keptNotice(crypto.randomUUID(), customer, retailer, created);
    }
  }
  const forget = () => identity.run("ENTITIES", "DELETE FROM privacy_notices");

  test("take no more than five of a call each, and none without a key", async () => {
    await register("slow");
    await owe("slow", 1, 12);
    await owe("never-registered", 1, 60);
    const { who } = await known();
    await correct(who, { name: "Told In Time" });
    const notices = await owed();
    expect(notices).toHaveLength(6);
    expect(notices.filter(({ jwe }) => jwe !== "sealed")).toHaveLength(1);
    await forget();
  });

  test("keep nobody else from being told, however many they are", async () => {
    for (let each = 0; each < DEAD; each += 1) {
      await register(`dead-${each}`);
      await owe(`dead-${each}`, 1, 1);
    }
    const { who } = await known();
    await correct(who, { name: "Told In The End" });
    let told = false;
    for (let calls = 0; calls < 40 && !told; calls += 1) {
      const notices = await owed();
      expect(notices).toHaveLength(50);
      told = notices.some(({ jwe }) => jwe !== "sealed");
    }
    expect(told).toBe(true);
    await forget();
  });

  test("or a person whose record does not open keep nobody else from being told", async () => {
    const [broken, whole] = [await known(), await known()];
    await correct(broken.who, { name: "Does Not Open" });
    await correct(whole.who, { name: "Opens" });
    await identity.run("PERSONS", "UPDATE persons SET name = email WHERE id = ?", broken.customer);
    const notices = await owed();
    expect(await Promise.all(notices.map(read))).toMatchObject([{ fields: { name: "Opens" } }]);
    await forget();
  });
});

/** A correction, sealed already. */
const keptNotice = (id: string, customer: string | null, retailer = LOYALTY.retailer, created = 1) =>
  identity.run(
    "ENTITIES",
    `INSERT INTO privacy_notices (id, customer, retailer, kind, fields, jwe, created)
      VALUES (?, ?, ?, 'correction', 'name', 'sealed', ?)`,
    id,
    customer,
    retailer,
    created,
  );
