import { compactDecrypt, exportJWK, generateKeyPair, type CryptoKey, type JWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Result } from "../../../protocol/result.ts";
import type { Principal, Profile } from "../../../protocol/rooms/identity.ts";
import type { Ordered, PrivacyFacts, PrivacyOrder } from "../../../protocol/rooms/privacy.ts";
import type { ListedRequests } from "../../../protocol/rooms/privacy-doors.ts";
import type { SealedNotice, StoreAnswer } from "../../../protocol/rooms/privacy-stores.ts";
import {
  type IdentityUnderTest,
  LOYALTY,
  loyaltyNumber,
  newTrip,
  person,
  startIdentity,
  STORE,
  valueOf,
} from "./room.ts";

let identity: IdentityUnderTest;
let retailerKey: CryptoKey;
let retailerJwk: JWK;
let people = 0;

const rights = <T>(method: string, ...args: unknown[]) =>
  identity.room.call<Result<T, string>>("ForRights", "rights", method, ...args);
const order = (over: Partial<PrivacyOrder> = {}): PrivacyOrder => ({
  kind: "access",
  law: null,
  correction: null,
  key: null,
  ...over,
});
const ask = (who: Principal, over: Partial<PrivacyOrder> = {}) =>
  identity.edge<Result<Ordered, string>>("createPrivacyRequest", who, order(over));
const newPerson = () => person(`privacy-${++people}`);

beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
  const pair = await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
  retailerKey = pair.privateKey;
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  retailerJwk = { kty, crv, x, y, kid: "retailer-1" } as JWK;
});
afterAll(() => identity.room.stop());
beforeEach(() => identity.audit("up"));

const register = (jwk: object = retailerJwk, store: string = STORE) =>
  identity.ops<Result<undefined, string>>("registerRecipient", { retailer: LOYALTY.retailer, store, jwk }, "pat");

async function member(serial: number, name: string): Promise<string> {
  const loyalty = loyaltyNumber(serial);
  const row = { loyalty, email: `${serial}@mail.example`, name, phone: null, nickname: null };
  expect(valueOf(await identity.ops<Result<{ added: number }, string>>("importMembers", [row])).added).toBe(1);
  return loyalty;
}
const letter = (loyalty: string, over: Partial<PrivacyOrder> = {}, receivedOn = "2026-11-02") =>
  identity.ops<Result<Ordered, string>>("createLetterRequest", loyalty, order(over), receivedOn, "pat");
async function read(jwe: string): Promise<Record<string, unknown>> {
  const { plaintext } = await compactDecrypt(jwe, retailerKey);
  return JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
}

describe("a privacy request", () => {
  test("is taken once a key, once a kind while it is open, and says nothing of the person to its object", async () => {
    const who = newPerson();
    const first = valueOf(await ask(who, { key: "key-0001" }));
    expect(valueOf(await ask(who, { key: "key-0001" }))).toEqual(first);
    expect(await ask(who, { key: "key-0001", kind: "erasure" })).toEqual({ ok: false, reason: "idempotency_mismatch" });
    expect(await ask(who)).toEqual({ ok: false, reason: "open" });
    expect(valueOf(await ask(newPerson(), { key: "key-0001" })).request).not.toBe(first.request);
    const facts = valueOf(await rights<PrivacyFacts>("facts", first.request));
    expect(facts).toMatchObject({ kind: "access", law: "gdpr", checkedBy: "token", outcome: null });
    expect(JSON.stringify(facts)).not.toContain(who.subject);
    valueOf(await rights("ended", first.request, "refused"));
    expect(valueOf(await ask(who)).request).not.toBe(first.request);
  });

  test("asked for twenty times at once is one", async () => {
    const who = newPerson();
    valueOf(await identity.edge("profile", who));
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(who)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(valueOf(await identity.edge<Result<unknown[], string>>("privacyRequests", who))).toHaveLength(1);
  });

  test.each([
    ["a correction without fields", { kind: "correction" }],
    ["a correction of nothing", { kind: "correction", correction: {} }],
    ["a field that is not one", { kind: "correction", correction: { shoe: "42" } }],
    ["fields beside another kind", { kind: "access", correction: { name: "A" } }],
    ["another cell's law", { law: "ccpa" }],
    ["no kind of ours", { kind: "portability" }],
  ])("is refused for %s", async (_what, over) => {
    expect(await ask(newPerson(), over as Partial<PrivacyOrder>)).toEqual({ ok: false, reason: "invalid" });
  });

  test("with a card number in a field is an incident and is not taken", async () => {
    const who = newPerson();
    const answer = await ask(who, { kind: "correction", correction: { name: "4242 4242 4242 4242" } });
    expect(answer).toEqual({ ok: false, reason: "pan_detected" });
    expect((await identity.acts()).at(-1)).toMatchObject({ kind: "pan_detected", on: "privacy_request" });
    expect(valueOf(await identity.edge<Result<unknown[], string>>("privacyRequests", who))).toEqual([]);
  });

  test("that the audit log does not take is not taken", async () => {
    const who = newPerson();
    valueOf(await identity.edge("profile", who));
    await identity.audit("refusing");
    expect(await ask(who)).toEqual({ ok: false, reason: "unavailable" });
    await identity.audit("up");
    expect(valueOf(await identity.edge<Result<unknown[], string>>("privacyRequests", who))).toEqual([]);
  });

  test("of another person is unknown, as one that never was", async () => {
    const { request } = valueOf(await ask(newPerson()));
    const stranger = newPerson();
    valueOf(await identity.edge("profile", stranger));
    for (const id of [request, crypto.randomUUID(), "nothing"])
      for (const method of ["privacyRequest", "accessFile"])
        expect(await identity.edge(method, stranger, id)).toEqual({ ok: false, reason: "unknown" });
  });

  test("by letter needs a number that somebody holds and a day that has been", async () => {
    const loyalty = await member(901, "Letter Writer");
    expect(await letter(loyaltyNumber(999))).toEqual({ ok: false, reason: "unknown" });
    expect(await letter(loyalty, {}, "2099-01-01")).toEqual({ ok: false, reason: "invalid" });
    await expect(letter(loyalty, {}, "2026-02-30")).rejects.toThrow("receivedOn is malformed");
    const { request } = valueOf(await letter(loyalty));
    expect(valueOf(await rights<PrivacyFacts>("facts", request))).toMatchObject({
      checkedBy: "staff",
      receivedOn: "2026-11-02",
    });
    const listed = valueOf(await identity.ops<Result<ListedRequests, string>>("privacyRequestList", null));
    expect(listed.requests).toContainEqual({ request, kind: "access", receivedOn: "2026-11-02", ended: null });
    expect(JSON.stringify(listed)).not.toContain(loyalty);
  });
});

describe("the access file", () => {
  test("is sealed where it lies, is its owner's once the request is done, and is gone after 30 days", async () => {
    const who = newPerson();
    valueOf(await identity.edge("correct", who, { name: "Sealed Name" } satisfies Partial<Profile>));
    const { request } = valueOf(await ask(who));
    for (const store of ["entities", "persons"]) {
      const answer = valueOf(await rights<StoreAnswer>("exported", request, store));
      expect(answer).toMatchObject({ store, outcome: "exported", left: 0 });
      expect(valueOf(await rights<StoreAnswer>("exported", request, store)).count).toBeGreaterThanOrEqual(answer.count);
    }
    valueOf(await rights("collect", request, "receipts", 0, JSON.stringify({ receipts: [{ item: "Sealed Item" }] })));
    expect(await identity.edge("accessFile", who, request)).toEqual({ ok: false, reason: "unknown" });
    valueOf(await rights("ended", request, "done"));
    const file = JSON.parse(valueOf(await identity.edge<Result<string, string>>("accessFile", who, request))) as Record<
      string,
      unknown[]
    >;
    expect(file["profile"]).toEqual([expect.objectContaining({ name: "Sealed Name" })]);
    expect(file["receipts"]).toEqual([{ item: "Sealed Item" }]);
    for (const text of [await identity.rows("PERSONS"), await identity.rows("ENTITIES")]) {
      expect(text).not.toContain("Sealed Name");
      expect(text).not.toContain("Sealed Item");
    }
    await identity.run("PERSONS", "UPDATE access_parts SET expires = ? WHERE request = ?", Date.now() - 1, request);
    expect(await identity.edge("accessFile", who, request)).toEqual({ ok: false, reason: "unknown" });
    // What nobody may see any more is the retention run's to delete, which proves it; a desk that looks for work leaves it.
    valueOf(await rights("unstarted"));
    expect(await identity.rows("PERSONS")).toContain(request);
    valueOf(await rights("purge", "access_files", Date.now()));
    expect(await identity.rows("PERSONS")).not.toContain(request);
  });

  test("names every look that the log has about the person, and no other's", async () => {
    const who = newPerson();
    const other = newPerson();
    for (const each of [who, other]) valueOf(await identity.edge("profile", each));
    const code = valueOf(await identity.edge<Result<{ code: string }, string>>("createPairingCode", who, STORE)).code;
    const trip = newTrip();
    await identity.sessions("byPairing", trip, code);
    valueOf(await identity.edge("confirmPairing", who, code));
    await identity.sessions("byPairing", trip, code);
    const { request } = valueOf(await ask(who));
    valueOf(await rights("exported", request, "entities"));
    valueOf(await rights("exported", request, "persons"));
    valueOf(await rights("ended", request, "done"));
    const { subject } = valueOf(await rights<PrivacyFacts>("facts", request));
    const about = (await identity.acts())
      .map((act, index) => ({ ...act, index }))
      .filter(({ kind, on }) => kind === "tier_join" && [`subject:${subject}`, `session:${trip.session}`].includes(on));
    const { looks } = JSON.parse(valueOf(await identity.edge<Result<string, string>>("accessFile", who, request))) as {
      looks: { auditIndex: number; purpose: string }[];
    };
    const exportAt = about.find(({ detail }) => detail?.["purpose"] === "privacy_export")?.index ?? -1;
    expect(looks.map(({ auditIndex }) => auditIndex)).toEqual(
      about.map(({ index }) => index).filter((index) => index <= exportAt),
    );
    expect(looks.map(({ purpose }) => purpose)).toContain("identify_pairing");
  });

  test("takes no part that is not one", async () => {
    const { request } = valueOf(await ask(newPerson()));
    for (const json of ["", "[]", "null", '{"a":1}', JSON.stringify({ a: ["x".repeat(600_000)] })])
      await expect(rights("collect", request, "receipts", 0, json)).rejects.toThrow("part is malformed");
    await expect(rights("collect", request, "persons", 0, "{}")).rejects.toThrow("part is malformed");
    expect(await rights("collect", crypto.randomUUID(), "receipts", 0, "{}")).toEqual({ ok: false, reason: "unknown" });
  });
});

describe("a recipient", () => {
  test("is registered with a public key alone", async () => {
    const { privateKey } = await generateKeyPair("ECDH-ES", { crv: "P-256", extractable: true });
    const bad = [
      { ...(await exportJWK(privateKey)), kid: "k" },
      { ...retailerJwk, kid: undefined },
      { ...retailerJwk, crv: "P-384" },
      { ...retailerJwk, x: "short" },
    ];
    for (const jwk of bad) expect(await register(jwk)).toEqual({ ok: false, reason: "invalid" });
    expect(await register(retailerJwk, "Not A Store")).toEqual({ ok: false, reason: "invalid" });
    expect(await register()).toMatchObject({ ok: true });
  });

  test("that is registered as it is already leaves no entry, and a change of it leaves one", async () => {
    const settings = async () => (await identity.acts()).filter(({ kind }) => kind === "settings_changed").length;
    valueOf(await register());
    const before = await settings();
    valueOf(await register());
    expect(await settings()).toBe(before);
    valueOf(await register({ ...retailerJwk, kid: "retailer-2" }));
    expect(await settings()).toBe(before + 1);
    valueOf(await register());
    expect(await settings()).toBe(before + 2);
  });

  test("is told of a correction in the fields that it had, sealed so that it alone can read them", async () => {
    const loyalty = await member(902, "Old Name");
    const correction = { name: "New Name", address: "Somewhere 1" };
    const { request } = valueOf(await letter(loyalty, { kind: "correction", correction }));
    expect(await identity.rows("ENTITIES")).not.toContain("New Name");
    const applied = { store: "persons", outcome: "corrected", count: 2, left: 0 };
    expect(valueOf(await rights("correct", request))).toEqual(applied);
    expect(valueOf(await rights("correct", request))).toEqual(applied);
    const notices = valueOf(await rights<SealedNotice[]>("notices", request));
    expect(notices).toHaveLength(1);
    const [notice] = notices;
    // It never had the address: telling it now would be a new disclosure.
    expect(await read(notice?.jwe ?? "")).toMatchObject({
      notice: notice?.id,
      kind: "correction",
      loyalty: [loyalty],
      fields: { name: "New Name" },
    });
    expect(Object.keys((await read(notice?.jwe ?? ""))["fields"] as object)).toEqual(["name"]);
    expect(valueOf(await rights<SealedNotice[]>("notices", request))).toEqual(notices);
    expect(valueOf(await rights("told", request))).toEqual({ store: "recipients", outcome: "told", count: 0, left: 1 });
    valueOf(await rights("noticed", notice?.id, "ack-1"));
    valueOf(await rights("noticed", notice?.id, "ack-2"));
    expect(valueOf(await rights("told", request))).toEqual({ store: "recipients", outcome: "told", count: 1, left: 0 });
    expect(await identity.rows("ENTITIES")).not.toContain(notice?.jwe);
    expect((await identity.rows("ENTITIES")).includes("ack-2")).toBe(false);
  });

  test("is told of a correction that was made in the app, too", async () => {
    const who = newPerson();
    valueOf(await identity.edge("profile", who));
    const customer = JSON.parse(await identity.rows("PERSONS")) as [string, { id: string }[]][];
    const id = customer.find(([table]) => table === "persons")?.[1].at(-1)?.id;
    await identity.run(
      "ENTITIES",
      "INSERT INTO disclosures VALUES (?, ?, ?, ?)",
      id,
      LOYALTY.retailer,
      "loyalty name",
      1,
    );
    valueOf(await identity.edge("correct", who, { phone: "+4930123456" }));
    expect(valueOf(await rights<SealedNotice[]>("owedNotices"))).toEqual([]);
    valueOf(await identity.edge("correct", who, { name: "By The App" }));
    const [notice] = valueOf(await rights<SealedNotice[]>("owedNotices"));
    expect(await read(notice?.jwe ?? "")).toMatchObject({ kind: "correction", fields: { name: "By The App" } });
    valueOf(await rights("noticed", notice?.id, "ack"));
    expect(valueOf(await rights<SealedNotice[]>("owedNotices"))).toEqual([]);
  });
});

describe("the door for rights", () => {
  test("takes no argument that is malformed, and knows no request that is not there", async () => {
    for (const method of ["facts", "started", "trips", "correct", "notices", "told"])
      await expect(rights(method, "not-an-id")).rejects.toThrow("request is malformed");
    await expect(rights("erase", crypto.randomUUID(), "vault")).rejects.toThrow("store is malformed");
    await expect(rights("exported", crypto.randomUUID(), "audit")).rejects.toThrow("store is malformed");
    await expect(rights("ended", crypto.randomUUID(), "over")).rejects.toThrow("state is malformed");
    for (const from of [7, "x".repeat(65), "nowhere"])
      await expect(rights("replayTombstones", from)).rejects.toThrow("from is malformed");
    for (const method of ["facts", "trips", "correct", "openTrips", "cardTokens"])
      expect(await rights(method, crypto.randomUUID())).toEqual({ ok: false, reason: "unknown" });
  });

  test("erases nothing for a request that is no erasure", async () => {
    const who = newPerson();
    const { request } = valueOf(await ask(who));
    for (const store of ["entities", "persons", "person_keys"])
      expect(await rights("erase", request, store)).toEqual({ ok: false, reason: "unknown" });
    expect(valueOf(await identity.edge<Result<Profile, string>>("profile", who)).email).toContain("@mail.example");
  });
});
